import { withAccountHint } from '../core/account-hint.ts';
import { describeFinding, type Finding, podTrouble, troubledStatus } from '../core/pod-trouble.ts';
import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import type { Observed } from './observed.ts';

/** Why a cluster does not come up, in the words of scheduler, kubelet or controller. */
export interface Trouble extends Finding {
  /** Whether a JobManager container runs all the same, so that asking it makes sense. */
  readonly jobManagerRuns: boolean;
}

/** One line: who is in trouble, which, and what Kubernetes says of it. */
export { describeFinding as describeTrouble };

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
    const { phase, reason, message, conditions } = troubledStatus(pod);
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
  return (troubledStatus(pod).containerStatuses ?? []).some((container) => container.state?.running !== undefined);
}

/** Whether a Deployment has a replica that is ready, which for a JobManager usually means that its REST server answers. */
export function isAvailable({ status }: KubeObject): boolean {
  return isRecord(status) && typeof status.availableReplicas === 'number' && status.availableReplicas > 0;
}

/** Types of the conditions of a Deployment that anything here reads. */
export const DEPLOYMENT_CONDITIONS: readonly string[] = ['Available', 'ReplicaFailure'];

/** The Deployment controller says so when it first sees a Deployment; later it says it again only after a change. */
const FIRST_WORD_MS = 5000;

/** Whether a Deployment has not been available since it was made. */
export function wasNeverAvailable({ status, metadata }: KubeObject): boolean {
  if (!isRecord(status) || !Array.isArray(status.conditions)) return false;
  const created = Date.parse(metadata.creationTimestamp ?? '');
  return status.conditions.some(
    (condition: { type?: string; status?: string; lastTransitionTime?: string }) =>
      condition.type === 'Available' &&
      condition.status === 'False' &&
      Date.parse(condition.lastTransitionTime ?? '') - created <= FIRST_WORD_MS,
  );
}

/** A Deployment whose pods the API server refuses to create (quota, admission). */
function deploymentTrouble(deployment: KubeObject | undefined, role: string): Finding | undefined {
  if (deployment === undefined) return undefined;
  const failure = troubledStatus(deployment).conditions?.find(
    (condition) => condition.type === 'ReplicaFailure' && condition.status === 'True',
  );
  if (failure === undefined) return undefined;
  return {
    reason: 'FailedCreate',
    who: `${role} Deployment ${deployment.metadata.name}`,
    message: withAccountHint(failure.message ?? '', 'spec.serviceAccount'),
  };
}

/** What the containers of JobManager pods said when they ended, where their kubelet knows. */
export function terminationMessages(pods: readonly KubeObject[]): readonly string[] {
  const containers = pods.filter(isJobManager).flatMap((pod) => troubledStatus(pod).containerStatuses ?? []);
  return containers
    .flatMap(({ state, lastState }) => [state?.terminated?.message, lastState?.terminated?.message])
    .filter((message) => message !== undefined);
}
