import type { Action } from '../../core/plan.ts';
import { isOwnedBy, type KubeObject, ownerReference, refOf } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import { remembered } from '../../lib/remembered.ts';
import type { AutoscalerState } from './model.ts';
import { readStoredState, type StoredState, storedData } from './stored-state.ts';

/** Labels of every ConfigMap with what an autoscaler remembers; `app` is the name of its resource. */
export const AUTOSCALER_SELECTOR = 'component=autoscaler';

/** Whose ConfigMap one is, by its label and name; undefined for any other. */
export function autoscaledName({ metadata }: KubeObject): string | undefined {
  const { component, app } = metadata.labels ?? {};
  return component === 'autoscaler' && app !== undefined && metadata.name === mapName(app) ? app : undefined;
}

/** The name of the ConfigMap of a resource (Flink Kubernetes Operator 1.15). */
export function mapName(resource: string): string {
  return `autoscaler-${resource}`;
}

/** The ConfigMap if it is the resource's own: a FlinkDeployment and a FlinkSessionJob of one name would share theirs. */
export function ownMap(found: KubeObject | undefined, { metadata }: KubeObject): KubeObject | undefined {
  return found !== undefined && isOwnedBy(found, metadata.uid) ? found : undefined;
}

/** What a ConfigMap holds. */
export const storedIn: (map: KubeObject) => StoredState = remembered(({ data }: KubeObject) =>
  readStoredState(isRecord(data) ? data : {}),
);

/**
 * Stores a state. A ConfigMap that is there is changed as it was seen only, so that what another operator stored meanwhile is
 * not lost, and keys that are not ours stay.
 */
export function storeState(
  resource: KubeObject,
  map: KubeObject | undefined,
  { state, because }: { readonly state: AutoscalerState; readonly because: string },
): Action<never> {
  const data = storedData(state);
  if (map !== undefined) return { kind: 'patch', object: map, patch: { data }, because };
  const { name, namespace = '' } = resource.metadata;
  const metadata = {
    name: mapName(name),
    namespace,
    labels: { component: 'autoscaler', app: name },
    ownerReferences: [ownerReference(resource, { controller: false, blockOwnerDeletion: false })],
  };
  return { kind: 'create', object: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }, because };
}

/** Removes what is remembered. */
export function forgetState(map: KubeObject, because: string): Action<never> {
  const { uid = '' } = map.metadata;
  return { kind: 'delete', ref: refOf(map), uid, propagation: 'Background', because };
}
