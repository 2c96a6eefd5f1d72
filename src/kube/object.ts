/** The metadata every Kubernetes object carries; only what Weir reads or writes is named. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly finalizers?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

/** metadata.ownerReferences[] (meta/v1). */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Any Kubernetes object as JSON; kinds with a known body extend it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** Names one object of a kind. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** `namespace/name`, or `name` alone for cluster-scoped objects: what queues and stores are keyed by. */
export type ObjectKey = string;

/** The key of an object or reference. */
export function keyOf(meta: { readonly namespace?: string; readonly name: string }): ObjectKey {
  return meta.namespace === undefined ? meta.name : `${meta.namespace}/${meta.name}`;
}

/** Takes a key apart again. */
export function parseKey(key: ObjectKey): { readonly namespace?: string; readonly name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The reference that names an object. */
export function refOf(object: KubeObject): ObjectRef {
  const { apiVersion, kind, metadata } = object;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  };
}

/** `Kind namespace/name`, for messages. */
export function describeRef(ref: ObjectRef): string {
  return `${ref.kind} ${keyOf(ref)}`;
}

/** An owner reference to a live object. Throws if the object has no uid, since Kubernetes would refuse the reference. */
export function ownerReference(
  owner: KubeObject,
  flags: { controller: boolean; blockOwnerDeletion?: boolean },
): OwnerReference {
  const { uid, name } = owner.metadata;
  if (uid === undefined) throw new Error(`${describeRef(refOf(owner))} has no uid, so nothing can be owned by it`);
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name,
    uid,
    controller: flags.controller,
    blockOwnerDeletion: flags.blockOwnerDeletion ?? true,
  };
}

/** Whether `object` is owned (any owner reference) by the object with this uid. */
export function isOwnedBy(object: KubeObject, uid: string | undefined): boolean {
  return uid !== undefined && (object.metadata.ownerReferences ?? []).some((owner) => owner.uid === uid);
}

/** Whether deletion of the object was asked for and waits for finalizers. */
export function isBeingDeleted(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** Whether nothing keeps an object from going whose deletion has begun: the API server removes it with the last finalizer. */
export function isReleased(object: KubeObject): boolean {
  return isBeingDeleted(object) && (object.metadata.finalizers ?? []).length === 0;
}
