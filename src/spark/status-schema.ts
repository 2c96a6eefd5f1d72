import type { z } from 'zod';
import { condition, field, group, integer, list, nullableText, text, textMap } from '../kube/schema-parts.ts';
import type { DeepReadonly } from '../lib/deep-readonly.ts';

/** status.applicationState.state, in the incumbent's words; the empty text is a new application. */
export const APPLICATION_STATES = [
  '',
  'SUBMITTED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'SUBMISSION_FAILED',
  'PENDING_RERUN',
  'INVALIDATING',
  'SUCCEEDING',
  'FAILING',
  'SUSPENDING',
  'SUSPENDED',
  'RESUMING',
  'UNKNOWN',
] as const;

/** One of APPLICATION_STATES. */
export type ApplicationState = (typeof APPLICATION_STATES)[number];

/** status.driverInfo. */
export const DriverInfo = group({
  podName: field(text(), 'Name of the driver pod.'),
  webUIServiceName: field(text(), 'Service of the Spark UI.'),
  webUIAddress: field(text(), 'Address of the Spark UI in the cluster.'),
  webUIPort: field(integer(), 'Port of the Spark UI.'),
  webUIIngressName: field(text(), 'Ingress of the Spark UI.'),
  webUIIngressAddress: field(text(), 'Address of the Spark UI outside the cluster.'),
});
export type DriverInfo = DeepReadonly<z.infer<typeof DriverInfo>>;

/** status.executors: how many executor pods of this run are in which state. */
export const ExecutorCounts = group({
  pending: field(integer(), 'Made and not running yet.'),
  running: field(integer(), 'Running.'),
  completed: field(integer(), 'Ended well and still there.'),
  failed: field(integer(), 'Failed and still there.'),
});
export type ExecutorCounts = DeepReadonly<z.infer<typeof ExecutorCounts>>;

/** SparkApplication.status: the incumbent's fields and, marked as added, Weir's own. */
export const SparkApplicationStatus = group({
  sparkApplicationId: field(text(), "Spark's id of the run, the label spark-app-selector of its pods."),
  submissionID: field(text(), 'The id of the submission; a new one for each.'),
  lastSubmissionAttemptTime: field(nullableText(), 'When it was last submitted.'),
  terminationTime: field(nullableText(), 'When it was seen to have ended.'),
  driverInfo: field(DriverInfo, 'The driver.'),
  applicationState: field(
    group({
      state: field(text(), 'Where the application stands, in one word.'),
      errorMessage: field(text(), 'What went wrong.'),
    }),
    'Where the application stands.',
  ),
  executorState: field(textMap(), 'States of executors by pod name: those that run first, at most 100.'),
  executionAttempts: field(integer(), 'Runs so far.'),
  submissionAttempts: field(integer(), 'Submissions so far, failed ones included.'),
  stoppedRuns: field(integer(), 'Runs that an edit or spec.suspend stopped; none of them uses up a retry.', {
    added: true,
  }),
  executors: field(ExecutorCounts, 'Executor pods of this run.', { added: true }),
  driverSeen: field(text(), 'The submission whose driver pod was seen, and is not made again.', { added: true }),
  submittedSpec: field(text(), 'Hash of the spec last acted on; another one is another run.', { added: true }),
  submittedProgram: field(text(), 'Hash of that spec without where executors are placed.', { added: true }),
  submittedDefaults: field(textMap(), "The operator's default properties as they were at the last submission.", {
    added: true,
  }),
  observedGeneration: field(integer(), 'The generation of the spec this status is about.', { added: true }),
  conditions: field(list(condition()), 'Ready, Reconciling, Stalled: for kubectl wait, Flux and Helm.', {
    added: true,
  }),
});
export type SparkApplicationStatus = DeepReadonly<z.infer<typeof SparkApplicationStatus>>;
