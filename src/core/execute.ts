import {
  describeRef,
  isOwnedBy,
  type KubeObject,
  keyOf,
  type ObjectRef,
  ownerReference,
  refOf,
} from '../kube/object.ts';
import { FailureError } from './failure.ts';
import type { Action, Plan } from './plan.ts';
import type { EventRecorder, Writer } from './ports.ts';

/** The doors a plan is carried out through. */
export interface ExecutePorts<Effect> {
  readonly write: Writer;
  readonly events: EventRecorder;
  perform(resource: KubeObject, effect: Effect): Promise<void>;
}

/** What was really done, for the log line. */
export interface Executed {
  /** The resource as last stored. */
  readonly resource: KubeObject;
  /** One phrase per write, in order; empty when the plan changed nothing. */
  readonly did: readonly string[];
}

/**
 * Carries out a plan: finalizer first, then status, then the other actions in order, then events. Stops at the first
 * failure, which it throws (FailureError); what was done before stays done and the next pass sees it.
 */
export async function execute<Status, Effect>(
  resource: KubeObject,
  plan: Plan<Status, Effect>,
  ports: ExecutePorts<Effect>,
): Promise<Executed> {
  const did: string[] = [];
  let current = resource;
  for (const action of plan.actions) {
    if (action.kind !== 'finalizer' || action.op !== 'add') continue;
    current = await ports.write.finalizer(current, 'add', action.finalizer);
    did.push(`add finalizer (${action.because})`);
  }
  if (plan.status !== undefined) {
    const stored = await ports.write.status(current, plan.status);
    if (stored !== current) did.push('write status');
    current = stored;
  }
  current = await performActions(current, plan.actions, ports, did);
  for (const event of plan.events) ports.events.record(current, event);
  return { resource: current, did };
}

async function performActions<Effect>(
  resource: KubeObject,
  actions: readonly Action<Effect>[],
  ports: ExecutePorts<Effect>,
  did: string[],
): Promise<KubeObject> {
  const made = new Map<string, KubeObject>();
  let current = resource;
  for (const action of actions) {
    switch (action.kind) {
      case 'apply': {
        const stored = await ports.write.apply(withOwner(action.object, action.owner, made));
        made.set(refKey(refOf(stored)), stored);
        did.push(`apply ${describeRef(refOf(action.object))} (${action.because})`);
        break;
      }
      case 'create': {
        const stored = await ports.write.create(action.object);
        made.set(refKey(refOf(stored)), stored);
        did.push(`create ${describeRef(refOf(action.object))} (${action.because})`);
        break;
      }
      case 'delete':
        await ports.write.delete(action.ref, action.uid, action.propagation, action.resourceVersion);
        did.push(`delete ${describeRef(action.ref)} (${action.because})`);
        break;
      case 'patch':
        await ports.write.patch(action.object, action.patch);
        did.push(`patch ${describeRef(refOf(action.object))} (${action.because})`);
        break;
      case 'finalizer':
        if (action.op === 'add') break; // done before the status
        current = await ports.write.finalizer(current, 'remove', action.finalizer);
        did.push(`remove finalizer (${action.because})`);
        break;
      case 'effect':
        await ports.perform(current, action.effect);
        did.push(action.because);
        break;
    }
  }
  return current;
}

function refKey(ref: ObjectRef): string {
  return `${ref.apiVersion}/${ref.kind}/${keyOf(ref)}`;
}

function withOwner(
  object: KubeObject,
  owner: ObjectRef | undefined,
  made: ReadonlyMap<string, KubeObject>,
): KubeObject {
  if (owner === undefined) return object;
  const live = made.get(refKey(owner));
  if (live === undefined) {
    const message = `${describeRef(refOf(object))} is to be owned by ${describeRef(owner)}, which this plan did not make before it`;
    throw new FailureError({ kind: 'stalled', reason: 'InternalError', message });
  }
  if (isOwnedBy(object, live.metadata.uid)) return object;
  const references = [...(object.metadata.ownerReferences ?? []), ownerReference(live, { controller: true })];
  return { ...object, metadata: { ...object.metadata, ownerReferences: references } };
}
