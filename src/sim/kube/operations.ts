import { type KubeObject, keyOf } from '../../kube/object.ts';
import { deepEqual, isRecord } from '../../lib/json.ts';
import { applyMergePatch } from '../../lib/merge-patch.ts';
import { validate, withDefaults } from './admission.ts';
import { type Backend, entryOf, nameSuffix, plain, type Target, timestamp } from './backend.ts';
import { removedIfReleased } from './deletion.ts';
import {
  applyFields,
  areSameManagers,
  type FieldManager,
  managersAfterUpdate,
  type WriterIdentity,
} from './managed-fields.ts';
import type { Entry } from './object-store.ts';
import { checkQuotas } from './quota.ts';
import { invalid, modified, notFound, Refusal } from './refusal.ts';
import { definedKinds, type SimKind } from './sim-kinds.ts';

function writerOf(
  backend: Backend,
  target: Target,
  operation: WriterIdentity['operation'],
): WriterIdentity | undefined {
  if (target.manager === undefined) return undefined;
  const time = timestamp(backend.now());
  return { manager: target.manager, operation, subresource: target.subresource ?? '', time };
}

/** POST. Throws 409 AlreadyExists, 403 for a namespace that ends and for quotas, 404 for one that is not there, 422. */
export function createObject(
  backend: Backend,
  target: Omit<Target, 'key'>,
  given: KubeObject,
  managers?: readonly FieldManager[],
): KubeObject {
  const { kind } = target;
  const object = named(backend, plain(given));
  const { name, namespace, resourceVersion } = object.metadata;
  checkNamespace(backend, kind, object);
  const key = keyOf(object.metadata);
  if (backend.store.get(kind.key, key) !== undefined) {
    throw new Refusal(409, 'AlreadyExists', `${kind.resource} "${name}" already exists`);
  }
  if (resourceVersion !== undefined) {
    throw new Refusal(500, 'InternalError', 'resourceVersion should not be set on objects to be created');
  }
  const made = newObject(backend, kind, object);
  if (kind.kind === 'Pod') {
    checkAccount(backend, made);
    checkPodQuota(backend, made, namespace ?? '');
  }
  const writer = writerOf(backend, { ...target, key }, 'Update');
  const change = { before: undefined, after: object };
  const updated = writer === undefined ? [] : managersAfterUpdate(kind, [], writer, change);
  return stored(backend, kind, { object: made, managers: managers ?? updated });
}

function named(backend: Backend, object: KubeObject): KubeObject {
  const { generateName } = object.metadata as { generateName?: string };
  if (object.metadata.name !== undefined || generateName === undefined) return object;
  return { ...object, metadata: { ...object.metadata, name: `${generateName}${nameSuffix(backend.random)}` } };
}

function checkNamespace(backend: Backend, kind: SimKind, { metadata }: KubeObject): void {
  if (!kind.namespaced) return;
  const namespace = metadata.namespace ?? '';
  const found = backend.store.get('v1/Namespace', namespace)?.object;
  if (found === undefined) throw notFound('namespaces', namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw new Refusal(403, 'Forbidden', `${kind.resource} "${metadata.name}" is forbidden: ${why}`);
}

function newObject(backend: Backend, kind: SimKind, object: KubeObject): KubeObject {
  const { status: _status, ...body } = object;
  const { deletionTimestamp: _at, deletionGracePeriodSeconds: _grace, ...metadata } = object.metadata;
  const count = ++backend.made;
  const serviceIp = (): string => `10.96.${(count >> 8) & 255}.${count & 255}`;
  const full = withDefaults((kind.status ? body : object) as KubeObject, serviceIp);
  validate(full, undefined);
  return {
    ...full,
    metadata: {
      ...metadata,
      uid: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
      creationTimestamp: timestamp(backend.now()),
      ...(kind.generation === 'never' ? {} : { generation: 1 }),
    },
    ...firstStatus(kind),
  };
}

function firstStatus(kind: SimKind): { readonly status?: object } {
  if (kind.kind === 'Pod') return { status: { phase: 'Pending' } };
  if (kind.kind === 'Namespace') return { status: { phase: 'Active' } };
  return kind.builtIn && kind.status ? { status: {} } : {};
}

/** As the ServiceAccount admission plugin, where the simulation has it. Every namespace has the account `default`. */
function checkAccount({ store, checksAccounts }: Backend, { metadata, spec }: KubeObject): void {
  if (!checksAccounts) return;
  const { serviceAccountName = 'default' } = (spec ?? {}) as { readonly serviceAccountName?: string };
  const key = keyOf({ ...metadata, name: serviceAccountName });
  if (serviceAccountName === 'default' || store.get('v1/ServiceAccount', key) !== undefined) return;
  const why = `error looking up service account ${key}: serviceaccount "${serviceAccountName}" not found`;
  throw new Refusal(403, 'Forbidden', `pods "${metadata.name}" is forbidden: ${why}`);
}

function checkPodQuota({ store }: Backend, pod: KubeObject, namespace: string): void {
  const within = (kind: string): readonly KubeObject[] =>
    store
      .list(kind)
      .map(({ object }) => object)
      .filter((object) => object.metadata.namespace === namespace);
  const quotas = within('v1/ResourceQuota');
  if (quotas.length > 0) checkQuotas(pod, quotas, within('v1/Pod'));
}

function stored(backend: Backend, kind: SimKind, entry: Entry): KubeObject {
  const object = backend.store.put(kind.key, entry);
  if (kind.kind === 'CustomResourceDefinition') for (const defined of definedKinds(object)) backend.kinds.add(defined);
  return object;
}

/** PUT. The object's resourceVersion and uid, if it has them, must be the stored ones (409). */
export function replaceObject(backend: Backend, target: Target, given: KubeObject): KubeObject {
  const { uid } = given.metadata;
  const current = entryOf(backend, target).object.metadata.uid;
  if (uid !== undefined && uid !== current) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${current}`;
    throw new Refusal(409, 'Conflict', why);
  }
  return update(backend, target, plain(given));
}

/** PATCH as JSON merge patch. A resourceVersion in it must be the stored one (409). */
export function patchObject(backend: Backend, target: Target, patch: unknown): KubeObject {
  const { object } = entryOf(backend, target);
  return update(backend, target, applyMergePatch(object, plain(patch)) as KubeObject);
}

/** PATCH as server-side apply; creates what is not there. Throws 409 for fields of others unless forced. */
export function applyObject(
  backend: Backend,
  target: Target,
  given: KubeObject,
  force: boolean,
): { readonly object: KubeObject; readonly created: boolean } {
  const { kind, key } = target;
  const entry = backend.store.get(kind.key, key);
  const writer = writerOf(backend, target, 'Apply');
  if (writer === undefined)
    throw new Refusal(422, 'Invalid', 'fieldManager: Required value: is required for apply patch');
  const { status, ...body } = plain(given);
  const applied = (target.subresource === 'status' ? { ...headOf(given), status } : body) as KubeObject;
  const application = { live: entry?.object, applied, managers: entry?.managers ?? [], writer, force };
  if (entry === undefined) {
    if (target.subresource !== undefined) throw notFound(kind.resource, given.metadata.name);
    const { managers } = applyFields(kind, application);
    return { object: createObject(backend, { kind }, applied, managers), created: true };
  }
  const { object, managers } = applyFields(kind, application);
  return { object: update(backend, target, object, managers), created: false };
}

function headOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

function update(backend: Backend, target: Target, wanted: KubeObject, managers?: readonly FieldManager[]): KubeObject {
  const { kind } = target;
  const { object: current, managers: before } = entryOf(backend, target);
  checkPreconditions(kind, current, wanted);
  const next = withSystemFields(target, current, wanted);
  validate(target.subresource === 'binding' ? current : next, current);
  const writer = writerOf(backend, target, 'Update');
  const after =
    managers ??
    (writer === undefined ? before : managersAfterUpdate(kind, before, writer, { before: current, after: next }));
  if (deepEqual(next, current) && areSameManagers(before, after)) return current;
  const object = withGeneration(kind, current, next);
  return removedIfReleased(backend, target, object) ?? stored(backend, kind, { object, managers: after });
}

function checkPreconditions(kind: SimKind, current: KubeObject, wanted: KubeObject): void {
  const { uid, resourceVersion, name } = wanted.metadata;
  if (resourceVersion !== undefined && resourceVersion !== current.metadata.resourceVersion) {
    throw modified(kind.resource, name);
  }
  if (uid !== undefined && uid !== current.metadata.uid) {
    throw invalid(kind.kind, name, `metadata.uid: Invalid value: "${uid}": field is immutable`);
  }
  const { deletionTimestamp: at } = wanted.metadata;
  if (at !== undefined && at !== current.metadata.deletionTimestamp) {
    throw invalid(kind.kind, name, `metadata.deletionTimestamp: Invalid value: "${at}": field is immutable`);
  }
}

/** What a write may change: the status only through its subresource, and nothing that belongs to the server. */
function withSystemFields({ kind, subresource }: Target, current: KubeObject, wanted: KubeObject): KubeObject {
  const status = (object: KubeObject): object => (object.status === undefined ? {} : { status: object.status });
  if (subresource === 'status') {
    const { status: _status, ...rest } = current;
    return { ...rest, ...status(wanted) } as KubeObject;
  }
  const { metadata } = current;
  const own = [
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
  ];
  const system = Object.fromEntries(
    Object.entries(metadata).filter(([name, value]) => own.includes(name) && value !== undefined),
  );
  const { status: _status, ...body } = wanted;
  const { managedFields: _managed, ...given } = wanted.metadata as KubeObject['metadata'] & { managedFields?: unknown };
  const full = { ...(kind.status ? body : wanted), metadata: withoutEmpty({ ...given, ...system }) };
  return { ...full, ...(kind.status ? status(current) : {}) } as KubeObject;
}

/** Empty lists and maps of metadata are not stored. */
function withoutEmpty(metadata: KubeObject['metadata']): KubeObject['metadata'] {
  const entries = Object.entries(metadata).filter(([, value]) => {
    if (Array.isArray(value)) return value.length > 0;
    return !isRecord(value) || Object.keys(value).length > 0;
  });
  return Object.fromEntries(entries) as unknown as KubeObject['metadata'];
}

function withGeneration(kind: SimKind, current: KubeObject, next: KubeObject): KubeObject {
  if (kind.generation === 'never') return next;
  const annotations = (object: KubeObject): unknown =>
    kind.generation === 'body-or-annotations' ? (object.metadata.annotations ?? {}) : {};
  if (deepEqual(bodyOf(current), bodyOf(next)) && deepEqual(annotations(current), annotations(next))) return next;
  return { ...next, metadata: { ...next.metadata, generation: (current.metadata.generation ?? 0) + 1 } };
}

function bodyOf({ metadata: _metadata, status: _status, ...body }: KubeObject): unknown {
  return body;
}
