import type { KubeObject } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import type { DeleteOptions } from './access.ts';
import { type Backend, entryOf, type Target, timestamp } from './backend.ts';
import { modified } from './refusal.ts';

/** What a DELETE leaves: the object in its last state, and whether it is gone. */
export interface Deleted {
  readonly object: KubeObject;
  readonly gone: boolean;
}

/** Finalizer by which the garbage collector deletes dependents first. */
export const FOREGROUND = 'foregroundDeletion';
/** Finalizer by which the garbage collector takes the owner out of dependents first. */
export const ORPHAN = 'orphan';

/**
 * DELETE: removes the object, or marks it as being deleted while finalizers, a grace period (pods) or content (namespaces)
 * keep it. Throws 404, and 409 for a precondition that does not hold.
 */
export function deleteObject(backend: Backend, target: Target, options: DeleteOptions): Deleted {
  const { kind, key } = target;
  const { object, managers } = entryOf(backend, target);
  checkPreconditions(target, object, options);
  const finalizers = finalizersFor(object, options.propagation ?? 'Background');
  const graceSeconds = graceOf(object, options);
  const kept = finalizers.length > 0 || graceSeconds > 0 || kind.kind === 'Namespace';
  if (!kept) return { object: backend.store.remove(kind.key, key), gone: true };
  const marked = withDeletion(backend, { ...object, metadata: { ...object.metadata, finalizers } }, graceSeconds);
  if (isUnchanged(object, marked)) return { object, gone: false };
  return { object: backend.store.put(kind.key, { object: marked, managers }), gone: false };
}

function checkPreconditions({ kind }: Target, object: KubeObject, { uid, resourceVersion }: DeleteOptions): void {
  const { metadata } = object;
  const kindName = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw modified(kindName, metadata.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw modified(kindName, metadata.name, why);
  }
}

/** The newest DELETE decides how dependents are treated. */
function finalizersFor({ metadata }: KubeObject, propagation: NonNullable<DeleteOptions['propagation']>): string[] {
  const others = (metadata.finalizers ?? []).filter((name) => name !== FOREGROUND && name !== ORPHAN);
  if (propagation === 'Background') return others;
  return [...others, propagation === 'Foreground' ? FOREGROUND : ORPHAN];
}

/** Seconds a pod may take to end; it may be asked to be quicker, never to be slower. None for what never ran or has ended. */
function graceOf({ kind, spec, status, metadata }: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  if (kind !== 'Pod' || !isRecord(spec)) return 0;
  const phase = isRecord(status) ? status.phase : undefined;
  if (spec.nodeName === undefined || phase === 'Succeeded' || phase === 'Failed') return 0;
  const asked =
    gracePeriodSeconds ?? metadata.deletionGracePeriodSeconds ?? Number(spec.terminationGracePeriodSeconds ?? 30);
  return Math.min(asked, metadata.deletionGracePeriodSeconds ?? asked);
}

function withDeletion(backend: Backend, object: KubeObject, graceSeconds: number): KubeObject {
  const { metadata } = object;
  const before = metadata.deletionTimestamp;
  const sooner = before !== undefined && graceSeconds < (metadata.deletionGracePeriodSeconds ?? 0);
  const at = before === undefined || sooner ? timestamp(backend.now() + graceSeconds * 1000) : before;
  const generation =
    metadata.generation === undefined || before !== undefined ? {} : { generation: metadata.generation + 1 };
  const deletion = { deletionTimestamp: at, deletionGracePeriodSeconds: graceSeconds };
  const marked = { ...object, metadata: { ...metadata, ...deletion, ...generation } };
  return object.kind === 'Namespace' ? { ...marked, status: { phase: 'Terminating' } } : withoutNoFinalizers(marked);
}

function withoutNoFinalizers(object: KubeObject): KubeObject {
  if ((object.metadata.finalizers ?? []).length > 0) return object;
  const { finalizers: _none, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function isUnchanged(before: KubeObject, after: KubeObject): boolean {
  const told = ({ metadata }: KubeObject): string =>
    JSON.stringify([metadata.deletionTimestamp, metadata.deletionGracePeriodSeconds, metadata.finalizers ?? []]);
  return told(before) === told(after);
}

/**
 * Removes an object whose deletion waited for the finalizer that an update just took off; returns what the update answers
 * with, the updated object under its old version. Undefined when it stays.
 */
export function removedIfReleased(
  backend: Backend,
  { kind, key }: Target,
  updated: KubeObject,
): KubeObject | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers = [] } = updated.metadata;
  if (deletionTimestamp === undefined || finalizers.length > 0 || (deletionGracePeriodSeconds ?? 0) > 0)
    return undefined;
  if (kind.kind === 'Namespace' && isRecord(updated.spec) && (updated.spec.finalizers as unknown[]).length > 0) {
    return undefined;
  }
  backend.store.remove(kind.key, key);
  return updated;
}
