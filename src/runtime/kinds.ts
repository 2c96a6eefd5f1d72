import type { KindRef } from '../core/ports.ts';
import type { ObjectRef } from '../kube/object.ts';

/** What must be known of a kind to address it. `plural` is its name in paths: `flinkdeployments`. */
export interface KindInfo extends KindRef {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The kinds the runtime itself uses: the lease it elects by and the events it records. */
export const runtimeKinds: readonly KindInfo[] = [
  { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', plural: 'leases', namespaced: true },
  { apiVersion: 'v1', kind: 'Event', plural: 'events', namespaced: true },
];

/** Paths on the API server of the kinds it was made with. Every method throws a plain Error for any other kind. */
export interface Kinds {
  info(kind: KindRef): KindInfo;
  /** `/apis/apps/v1/namespaces/a/deployments`; without a namespace, the collection over all namespaces. */
  collection(kind: KindRef, namespace?: string): string;
  /** The path of one object, or of its subresource (`status`). Throws when a namespaced kind comes without namespace. */
  object(ref: ObjectRef, subresource?: string): string;
}

/** The one key of a kind in maps: `apps/v1/Deployment`. */
export function kindKey(kind: KindRef): string {
  return `${kind.apiVersion}/${kind.kind}`;
}

/** A registry of kinds with their paths. */
export function createKinds(infos: readonly KindInfo[]): Kinds {
  const known = new Map(infos.map((info) => [kindKey(info), info]));
  const info = (kind: KindRef): KindInfo => {
    const found = known.get(kindKey(kind));
    if (found === undefined) throw new Error(`${kindKey(kind)} is not among the kinds the client was made with`);
    return found;
  };
  const collection = (kind: KindRef, namespace?: string): string => {
    const { apiVersion, plural } = info(kind);
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${segment(namespace)}/${plural}`;
  };
  return {
    info,
    collection,
    object(ref, subresource) {
      const { namespaced } = info(ref);
      if (namespaced && ref.namespace === undefined) throw new Error(`${ref.kind} ${ref.name} needs a namespace`);
      const path = `${collection(ref, namespaced ? ref.namespace : undefined)}/${segment(ref.name)}`;
      return subresource === undefined ? path : `${path}/${subresource}`;
    },
  };
}

/** One path segment. Throws for what could climb out of it, which no valid Kubernetes name contains. */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/?#%\s]/.test(name)) {
    throw new Error(`${JSON.stringify(name)} cannot be a Kubernetes name`);
  }
  return encodeURIComponent(name);
}
