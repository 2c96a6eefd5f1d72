import { SHORTAGES } from '../core/capacity/shortages.ts';
import { POD_TROUBLES } from '../core/pod-trouble.ts';
import type { ReasonTable } from '../core/reasons.ts';

const VALIDATION_ERROR = {
  means: 'The spec breaks a rule. Nothing is started from it, and what runs goes on.',
  remedy: 'The message names each field, its value and the rule; another spec is another try.',
} as const;

/** Every reason of a SparkApplication, and of the server of a SparkConnect, which is run like one. */
export const SPARK_REASONS = {
  ValidationError: VALIDATION_ERROR,
  SubmissionFailed: {
    means: 'The API server refused the submission for good. It is repeated as `spec.restartPolicy` says.',
    remedy: 'The message is the refusal. A service account that is missing: [watch scope](../watch-scope.md).',
  },
  WaitingForDriver: { means: 'The submission is recorded; its driver pod is made and does not run yet.' },
  WaitingForDriverGone: {
    means: 'What is left of the run before, or the driver pod of another application of that name, is not gone yet.',
    remedy: 'The message names it. What has finalizers of its own needs whoever set them.',
  },
  WaitingForCapacity: {
    means:
      'What is to be submitted does not fit, and `weir.dev/capacity-gate: "wait"` holds it back. What runs goes on.',
    remedy: 'Ask for less, make room, or remove the annotation. See [capacity](../capacity.md).',
  },
  DriverRunning: { means: 'The driver runs.' },
  DriverUnknown: {
    means: "The driver's node does not answer, so it is not known whether the driver runs.",
    remedy: 'It is waited for. Where the node does not come back, delete it: the run then counts as failed.',
  },
  Completed: { means: 'The application has come to its end by itself.' },
  Failed: {
    means: 'The application has failed for good.',
    remedy: 'The message has the exit code and the last words of the driver. Another spec runs it again.',
  },
  Retrying: { means: 'A run or a submission failed or ended, and waits for its time to be repeated.' },
  PendingRerun: { means: 'What is left of the run before is being deleted, and the application is submitted again.' },
  SpecChanged: { means: 'Another spec: what runs is being stopped, and the application is run anew.' },
  Suspending: { means: 'What runs is being stopped for a suspension.' },
  Suspended: {
    means: '`spec.suspend` is true, and nothing of the application runs.',
    remedy: 'It is submitted again when `spec.suspend` is taken back.',
  },
  TimeToLive: { means: 'The application has ended, its time to live is over, and it is being deleted.' },
  Deleting: { means: "The resource is being deleted. Somebody's finalizer keeps it; its driver goes all the same." },
  Error: { means: 'A pass failed for a cause that may pass by itself; it is tried again.' },
  ...POD_TROUBLES,
  OOMKilled: {
    means: 'A container used more memory than its limit and was killed.',
    remedy: 'More `memory`, or more `memoryOverhead` for what is outside the heap.',
  },
} as const satisfies ReasonTable<string>;

/** Why a pass did what it did: the one word that is said alike in condition, log line and metric. */
export type SparkReason = keyof typeof SPARK_REASONS;

/** A reason of the API server or the runtime (Forbidden, QuotaExceeded, InternalError): not ours to enumerate. */
export type ForeignReason = string & {};

/** Every reason of an event: those of the incumbent (Kubeflow Spark Operator 2.5), and Weir's own words about a spec. */
export const SPARK_EVENTS = {
  SparkApplicationSubmitted: { means: 'The driver pod was asked for.' },
  SparkApplicationSubmissionFailed: { means: 'A submission failed; the message says why.' },
  SparkApplicationCompleted: { means: 'The application has come to its end by itself.' },
  SparkApplicationFailed: { means: 'The application has failed for good.' },
  SparkApplicationPendingRerun: { means: 'A run has ended and is to be repeated.' },
  SparkApplicationSuspending: { means: 'A run is stopped for a suspension.' },
  SparkApplicationSuspended: { means: 'Nothing of the application runs any more.' },
  SparkApplicationResuming: { means: 'A suspended application is submitted again.' },
  SparkApplicationWebhookFieldsUpdated: {
    means: 'Only where executors are placed was changed; the run goes on (`--partial-restart`).',
  },
  SparkDriverNotFound: { means: 'The driver pod is gone, though nobody here deleted it.' },
  SparkDriverRunning: { means: 'The driver runs.' },
  SparkDriverCompleted: { means: 'The driver ended with exit code 0.' },
  SparkDriverFailed: { means: 'The driver failed; the message has its exit code and last words.' },
  SparkDriverUnknown: { means: "The driver's node does not answer." },
  SparkExecutorFailed: { means: 'An executor failed, other than by being deleted by its driver.' },
  ValidationError: VALIDATION_ERROR,
  FieldNotApplied: {
    means: 'A field is set that nothing is done with.',
    remedy: 'The message says why, and what to set in its place.',
  },
  ...SHORTAGES,
} as const satisfies ReasonTable<string>;

/** The reason of an event. */
export type SparkEvent = keyof typeof SPARK_EVENTS;
