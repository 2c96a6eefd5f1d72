import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import type { Observed } from './observed.ts';
import { CONTAINER_TROUBLES, type PodTrouble } from './reasons.ts';

/** Why a cluster does not come up, in the words of scheduler, kubelet or controller. */
export interface Trouble {
  readonly reason: PodTrouble;
  /** `JobManager pod basic-xyz`, `TaskManager Deployment basic-taskmanager`. */
  readonly who: string;
  readonly message: string;
  /** Whether a JobManager container runs all the same, so that asking it makes sense. */
  readonly jobManagerRuns: boolean;
}

const WAITING: ReadonlySet<string> = new Set(Object.keys(CONTAINER_TROUBLES));

interface ContainerStatus {
  readonly name?: string;
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly state?: {
    readonly running?: object;
    readonly waiting?: { readonly reason?: string; readonly message?: string };
  };
  readonly lastState?: {
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number; readonly message?: string };
  };
}

interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason?: string;
    readonly message?: string;
  }[];
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
}

/** One line: who is in trouble, which, and what Kubernetes says of it. */
export function describeTrouble({ reason, who, message }: Trouble): string {
  return message === '' ? `${who}: ${reason}` : `${who}: ${reason}: ${message}`;
}

/** The first trouble in the order JobManager Deployment, JobManager pods, TaskManager Deployment, TaskManager pods. */
export function findTrouble(observed: Observed): Trouble | undefined {
  const jobManagerRuns = observed.pods.some((pod) => isJobManager(pod) && isRunning(pod));
  const candidates = [
    deploymentTrouble(observed.jobManager, 'JobManager'),
    ...observed.pods.filter(isJobManager).map((pod) => podTrouble(pod, 'JobManager')),
    deploymentTrouble(observed.taskManager, 'TaskManager'),
    ...observed.pods.filter((pod) => !isJobManager(pod)).map((pod) => podTrouble(pod, 'TaskManager')),
  ];
  const found = candidates.find((trouble) => trouble !== undefined);
  return found === undefined ? undefined : { ...found, jobManagerRuns };
}

/** Why pods go, or are gone, that nobody here deleted: one line each. Empty when none does. */
export function findLosses(pods: readonly KubeObject[]): readonly string[] {
  return pods.flatMap((pod) => {
    const { phase, reason, message, conditions } = statusOf(pod);
    const evicted = conditions?.find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
    if (evicted !== undefined) return [told(`pod ${pod.metadata.name} is taken away`, evicted)];
    return phase === 'Failed' ? [told(`pod ${pod.metadata.name} has failed`, { reason, message })] : [];
  });
}

function told(
  what: string,
  { reason, message }: { readonly reason?: string | undefined; readonly message?: string | undefined },
): string {
  return [what, reason, message].filter((part) => part !== undefined && part !== '').join(': ');
}

/** Whether a pod is a JobManager's (label `component`, both modes). */
export function isJobManager(pod: KubeObject): boolean {
  return pod.metadata.labels?.component === 'jobmanager';
}

/** Whether a container of the pod runs. */
export function isRunning(pod: KubeObject): boolean {
  return (statusOf(pod).containerStatuses ?? []).some((container) => container.state?.running !== undefined);
}

/** Whether a Deployment has a replica that is ready, which for a JobManager usually means that its REST server answers. */
export function isAvailable({ status }: KubeObject): boolean {
  return isRecord(status) && typeof status.availableReplicas === 'number' && status.availableReplicas > 0;
}

function statusOf(object: KubeObject): PodStatus {
  return isRecord(object.status) ? (object.status as PodStatus) : {};
}

type Finding = Omit<Trouble, 'jobManagerRuns'>;

/** A Deployment whose pods the API server refuses to create (quota, admission). */
function deploymentTrouble(deployment: KubeObject | undefined, role: string): Finding | undefined {
  if (deployment === undefined) return undefined;
  const failure = statusOf(deployment).conditions?.find(
    (condition) => condition.type === 'ReplicaFailure' && condition.status === 'True',
  );
  if (failure === undefined) return undefined;
  return {
    reason: 'FailedCreate',
    who: `${role} Deployment ${deployment.metadata.name}`,
    message: failure.message ?? '',
  };
}

function podTrouble(pod: KubeObject, role: string): Finding | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined;
  const who = `${role} pod ${pod.metadata.name}`;
  const status = statusOf(pod);
  const unscheduled = status.conditions?.find(
    (condition) => condition.type === 'PodScheduled' && condition.reason === 'Unschedulable',
  );
  if (unscheduled !== undefined) return { reason: 'Unschedulable', who, message: unscheduled.message ?? '' };
  for (const container of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
    const finding = containerTrouble(container);
    if (finding !== undefined) return { ...finding, who: `${who} container ${container.name ?? '?'}` };
  }
  return undefined;
}

function containerTrouble(container: ContainerStatus): Omit<Finding, 'who'> | undefined {
  const waiting = container.state?.waiting;
  const reason = waiting?.reason;
  if (reason === undefined || !WAITING.has(reason)) return undefined;
  const last = container.lastState?.terminated;
  const exit = last === undefined ? '' : `, last exit code ${last.exitCode ?? '?'} (${last.reason ?? 'unknown'})`;
  return {
    reason: last?.reason === 'OOMKilled' ? 'OOMKilled' : (reason as PodTrouble),
    message: `${waiting?.message ?? ''}${exit}`,
  };
}
