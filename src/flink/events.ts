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
  | 'RecoveryNotSupported'
  | 'UpgradeModeNotSupported'
  | 'SessionClusterNotSupported'
  | 'ParallelismOverridden'
  | 'Unschedulable';

/** Pod trouble, in the words of kubelet and controllers, as the incumbent reports it. */
export type PodTrouble =
  | 'CrashLoopBackOff'
  | 'ImagePullBackOff'
  | 'ErrImagePull'
  | 'InvalidImageName'
  | 'RunContainerError'
  | 'CreateContainerConfigError'
  | 'CreateContainerError'
  | 'OOMKilled'
  | 'FailedCreate';

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
