import type { Shortage } from '../core/capacity/verdict.ts';
import type { EventDraft } from '../core/plan.ts';

/**
 * Why a pass did what it did: the one word that is said alike in condition, event, log line and metric. The first
 * group are the incumbent's event reasons (Flink Kubernetes Operator 1.15), the second Weir's own.
 */
export type FlinkReason =
  | 'Submit'
  | 'SpecChanged'
  | 'Suspended'
  | 'JobStatusChanged'
  | 'JobException'
  | 'Missing'
  | 'RecoverDeployment'
  | 'ValidationError'
  | 'UnsupportedFlinkVersion'
  | 'Cleanup'
  | 'Error'
  | PodTrouble
  | Shortage
  | 'WaitingForCapacity'
  | 'Deploying'
  | 'Upgrading'
  | 'Suspending'
  | 'Deleting'
  | 'WaitingForJobManager'
  | 'WaitingForJob'
  | 'WaitingForTasks'
  | 'JobStarting'
  | 'JobRunning'
  | 'JobRestarting'
  | 'JobFinished'
  | 'JobFailed'
  | 'JobCanceled'
  | 'SavepointError'
  | 'SavepointCompleted'
  | 'TakingSavepoint'
  | 'CancellingJob'
  | 'WaitingForCheckpoint'
  | 'WaitingForSavepoint'
  | 'ManualRestoreRequired'
  | 'RestoreFailed'
  | 'SnapshotsNotSupported'
  | 'CleanupFailed'
  | 'JobManagerReady'
  | 'ParallelismOverridden'
  | 'UnknownOption'
  | 'Canary';

/** States a container waits in that do not pass by themselves (kubelet, Kubernetes 1.34); the incumbent's event reasons. */
export const CONTAINER_TROUBLES = [
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'ErrImagePull',
  'InvalidImageName',
  'RunContainerError',
  'CreateContainerConfigError',
  'CreateContainerError',
] as const;

/** Why pods do not come up, in the words of kubelet, scheduler and controllers. */
export const POD_TROUBLES = [...CONTAINER_TROUBLES, 'OOMKilled', 'FailedCreate', 'Unschedulable'] as const;

/** One of POD_TROUBLES. */
export type PodTrouble = (typeof POD_TROUBLES)[number];

/** `source.component` of an event, as the incumbent writes it. */
export type Component = 'Operator' | 'JobManagerDeployment' | 'Job';

/** A reason of the API server or the runtime (Forbidden, QuotaExceeded, InternalError): not ours to enumerate. */
export type ForeignReason = string & {};

/** An event that tells of progress. */
export function normal(reason: FlinkReason, message: string, component: Component = 'Operator'): EventDraft {
  return { type: 'Normal', reason, message, component };
}

/** An event that asks for attention. */
export function warning(reason: FlinkReason, message: string, component: Component = 'Operator'): EventDraft {
  return { type: 'Warning', reason, message, component };
}
