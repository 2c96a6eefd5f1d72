import type { Shortage } from '../core/capacity/verdict.ts';
import type { EventDraft } from '../core/plan.ts';
import type { PodTrouble } from '../core/pod-trouble.ts';

/** Event reasons of the incumbent (Kubeflow Spark Operator 2.5), and Weir's own words about a spec. */
export type SparkEvent =
  | 'SparkApplicationSubmitted'
  | 'SparkApplicationSubmissionFailed'
  | 'SparkApplicationCompleted'
  | 'SparkApplicationFailed'
  | 'SparkApplicationPendingRerun'
  | 'SparkApplicationSuspending'
  | 'SparkApplicationSuspended'
  | 'SparkApplicationResuming'
  | 'SparkApplicationWebhookFieldsUpdated'
  | 'SparkDriverNotFound'
  | 'SparkDriverRunning'
  | 'SparkDriverCompleted'
  | 'SparkDriverFailed'
  | 'SparkDriverUnknown'
  | 'SparkExecutorFailed'
  | 'ValidationError'
  | 'FieldNotApplied'
  | Shortage;

/** Why a pass did what it did: the one word that is said alike in condition, log line and metric. */
export type SparkReason =
  | PodTrouble
  | 'ValidationError'
  | 'Submitting'
  | 'SubmissionFailed'
  | 'WaitingForDriver'
  | 'WaitingForDriverGone'
  | 'WaitingForCapacity'
  | 'DriverRunning'
  | 'DriverUnknown'
  | 'DriverDeleted'
  | 'Completed'
  | 'Failed'
  | 'Retrying'
  | 'PendingRerun'
  | 'SpecChanged'
  | 'Suspending'
  | 'Suspended'
  | 'TimeToLive'
  | 'Deleting'
  | 'Error';

/** A reason of the API server or the runtime (Forbidden, QuotaExceeded, InternalError): not ours to enumerate. */
export type ForeignReason = string & {};

/** An event that tells of progress. */
export function normal(reason: SparkEvent, message: string): EventDraft {
  return { type: 'Normal', reason, message, component: 'Operator' };
}

/** An event that asks for attention. */
export function warning(reason: SparkEvent, message: string): EventDraft {
  return { type: 'Warning', reason, message, component: 'Operator' };
}
