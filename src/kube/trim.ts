import { isRecord } from '../lib/json.ts';
import type { KubeObject } from './object.ts';

/** An object of which only the metadata is read. */
export function withoutBody({ apiVersion, kind, metadata }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata };
}

/** A pod, of which only metadata is read and how it stands: not on which node, nor what its containers were made of. */
export function withStanding({ apiVersion, kind, metadata, status }: KubeObject): KubeObject {
  if (!isRecord(status)) return { apiVersion, kind, metadata };
  const { phase, reason, message, conditions, podIP, containerStatuses, initContainerStatuses } = status;
  const standing = { phase, reason, message, conditions, podIP };
  const containers = {
    containerStatuses: containersOf(containerStatuses),
    initContainerStatuses: containersOf(initContainerStatuses),
  };
  return { apiVersion, kind, metadata, status: { ...standing, ...containers } };
}

/** Of a Deployment, whose pods are looked at themselves, how many replicas it is to have and has, and the conditions of these types. */
export function withReplicas(types: readonly string[]): (deployment: KubeObject) => KubeObject {
  return ({ apiVersion, kind, metadata, spec, status }) => {
    const { replicas } = isRecord(spec) ? spec : {};
    const { readyReplicas, availableReplicas, conditions } = isRecord(status) ? status : {};
    const kept = Array.isArray(conditions)
      ? { conditions: conditions.filter((condition) => isRecord(condition) && types.includes(String(condition.type))) }
      : {};
    return { apiVersion, kind, metadata, spec: { replicas }, status: { readyReplicas, availableReplicas, ...kept } };
  };
}

function containersOf(statuses: unknown): unknown {
  if (!Array.isArray(statuses)) return undefined;
  return statuses.filter(isRecord).map(({ name, ready, started, state, lastState }) => ({
    name,
    ready,
    started,
    state,
    lastState,
  }));
}
