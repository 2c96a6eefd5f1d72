import { CAPACITY_CONDITION } from '../../../core/capacity/condition.ts';
import type { KindRef } from '../../../core/ports.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { canonicalJson, isRecord } from '../../../lib/json.ts';
import type { KubeAccess } from '../../kube/access.ts';

const KINDS = [
  ['sparkoperator.k8s.io/v1beta2', 'SparkApplication'],
  ['v1', 'Pod'],
  ['v1', 'Service'],
  ['v1', 'ConfigMap'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['policy/v1', 'PodDisruptionBudget'],
] as const;

/** What is stored of a scenario's applications and their runs, and of its `own` kind. */
export function applicationObjects(
  user: KubeAccess,
  namespace: string,
  ...own: readonly KindRef[]
): readonly KubeObject[] {
  const kinds = [...KINDS.map(([apiVersion, kind]) => ({ apiVersion, kind })), ...own];
  return kinds.flatMap((kind) => user.list(kind, namespace));
}

/**
 * Everything there is, as text lines that two runs to the same end share: without uids, versions, times and ids of
 * submissions. Of pods only the role and the phase count.
 */
export function applicationEnd(objects: readonly KubeObject[]): readonly string[] {
  const counted = objects.some(wasRefused) ? objects.filter(({ kind }) => kind !== 'Service') : objects;
  return counted.map(describe).sort();
}

/** Its driver pod was refused: which of the Services sent beside that were made is chance, for any of them may fail too. */
function wasRefused({ kind, status }: KubeObject): boolean {
  const { applicationState } = (status ?? {}) as { readonly applicationState?: { readonly errorMessage?: string } };
  return kind === 'SparkApplication' && applicationState?.errorMessage?.startsWith('create Pod ') === true;
}

function describe(object: KubeObject): string {
  const { kind, metadata, status } = object;
  const { phase } = (status ?? {}) as { readonly phase?: string };
  if (kind === 'Pod') return `Pod ${metadata.labels?.['spark-role'] ?? metadata.name} ${phase}`;
  return canonicalJson(masked(object));
}

/**
 * executorState and driverSeen tell of what was seen: whoever was away meanwhile has seen less. stoppedRuns depends on whether a
 * run was over when an edit was seen that would have stopped it.
 */
const VARYING =
  /^(uid|resourceVersion|generation|creationTimestamp|deletionTimestamp|observedGeneration|managedFields|clusterIP|clusterIPs|podIp|executorState|driverSeen|stoppedRuns)$/;

/** How a deletion is told depends on whether the pod was still there when it was looked for, and on whether it was seen to go. */
const DELETED =
  /driver pod not found: it was deleted(; [^"]*)?|driver container failed with ExitCode: 143, Reason: Error; [^"]*/g;

/** Whether there is room is told by what was free when somebody looked, and by pods that were seen to find their place. */
function tellsOfRoom(value: unknown): boolean {
  return isRecord(value) && value.type === CAPACITY_CONDITION;
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !tellsOfRoom(item)).map(masked);
  if (typeof value === 'string') return maskedText(value);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !VARYING.test(key));
  return Object.fromEntries(kept.map(([key, item]) => [key, masked(item)]));
}

function maskedText(text: string): string {
  return text
    .replace(DELETED, 'driver deleted')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '…')
    .replace(/[0-9a-f]{12,}/g, '…')
    .replace(/-[0-9a-f]{8}\b/g, '-…')
    .replace(/(submitTime=)\d+/g, '$1…')
    .replace(/\b10\.96\.\d+\.\d+\b/g, '…')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '…');
}
