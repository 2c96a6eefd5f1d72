import type { z } from 'zod';
import {
  choice,
  condition,
  field,
  flag,
  group,
  integer,
  integerMap,
  list,
  number,
  text,
  textMap,
} from '../kube/schema-parts.ts';
import type { DeepReadonly } from '../lib/deep-readonly.ts';
import { FlinkAutoscalerStatus } from './autoscaler/status-schema.ts';
import { UNDISPOSED } from './undisposed-schema.ts';

/** status.jobStatus.state: Flink's job states, and RECONCILING while the JobManager cannot be asked. */
export const FlinkJobStatusState = choice([
  'CANCELED',
  'CANCELLING',
  'CREATED',
  'FAILED',
  'FAILING',
  'FINISHED',
  'INITIALIZING',
  'RECONCILING',
  'RESTARTING',
  'RUNNING',
  'SUSPENDED',
]);
export type FlinkJobStatusState = z.infer<typeof FlinkJobStatusState>;

/** status.lifecycleState. */
export const LifecycleState = choice([
  'CREATED',
  'DELETED',
  'DELETING',
  'DEPLOYED',
  'FAILED',
  'ROLLED_BACK',
  'ROLLING_BACK',
  'STABLE',
  'SUSPENDED',
  'UPGRADING',
]);
export type LifecycleState = z.infer<typeof LifecycleState>;

/** status.jobManagerDeploymentStatus. */
export const JobManagerDeploymentStatus = choice(['DEPLOYED_NOT_READY', 'DEPLOYING', 'ERROR', 'MISSING', 'READY']);
export type JobManagerDeploymentStatus = z.infer<typeof JobManagerDeploymentStatus>;

/** status.reconciliationStatus.state. */
export const ReconciliationState = choice(['DEPLOYED', 'ROLLED_BACK', 'ROLLING_BACK', 'UPGRADING']);
export type ReconciliationState = z.infer<typeof ReconciliationState>;

/** Who asked for a snapshot. */
export const SnapshotTriggerType = choice(['MANUAL', 'PERIODIC', 'UNKNOWN', 'UPGRADE']);
export type SnapshotTriggerType = z.infer<typeof SnapshotTriggerType>;

/** The format of a savepoint. */
export const SavepointFormatType = choice(['CANONICAL', 'NATIVE', 'UNKNOWN']);
export type SavepointFormatType = z.infer<typeof SavepointFormatType>;

/** The format of a checkpoint. */
export const CheckpointFormatType = choice(['FULL', 'INCREMENTAL', 'UNKNOWN']);
export type CheckpointFormatType = z.infer<typeof CheckpointFormatType>;

/** A savepoint that was taken. */
export const SavepointRecord = group({
  timeStamp: field(integer(), 'When, in milliseconds since the epoch.'),
  location: field(text(), 'Its path.'),
  triggerType: field(SnapshotTriggerType, 'Who asked for it.'),
  formatType: field(SavepointFormatType, 'Its format.'),
  triggerNonce: field(integer(), 'The nonce that asked for it.'),
});
export type SavepointRecord = DeepReadonly<z.infer<typeof SavepointRecord>>;

/** What is added about a snapshot under way. */
const UNDER_WAY = {
  triggerNonce: field(integer(), 'The nonce that asked for the one under way.', { added: true }),
  retryAt: field(integer(), 'When an attempt that failed is repeated, in milliseconds since the epoch.', {
    added: true,
  }),
} as const;

/** status.jobStatus.savepointInfo. */
export const SavepointInfo = group({
  lastSavepoint: field(SavepointRecord, 'The newest savepoint.'),
  triggerId: field(text(), "Flink's id of the savepoint under way."),
  triggerTimestamp: field(integer(), 'When it was asked for, in milliseconds since the epoch.'),
  triggerType: field(SnapshotTriggerType, 'Who asked for it.'),
  formatType: field(SavepointFormatType, 'Its format.'),
  savepointHistory: field(list(SavepointRecord), 'Savepoints that were taken, oldest first.'),
  lastPeriodicSavepointTimestamp: field(integer(), 'When the last periodic one was asked for; 0 before the first.'),
  ...UNDER_WAY,
  ...UNDISPOSED,
});
export type SavepointInfo = DeepReadonly<z.infer<typeof SavepointInfo>>;

/** status.jobStatus.checkpointInfo. */
export const CheckpointInfo = group({
  lastCheckpoint: field(
    group({
      timeStamp: field(integer(), 'When, in milliseconds since the epoch.'),
      triggerType: field(SnapshotTriggerType, 'Who asked for it.'),
      formatType: field(CheckpointFormatType, 'Its format.'),
      triggerNonce: field(integer(), 'The nonce that asked for it.'),
    }),
    'The newest checkpoint the operator asked for.',
  ),
  triggerId: field(text(), "Flink's id of the checkpoint under way."),
  triggerTimestamp: field(integer(), 'When it was asked for, in milliseconds since the epoch.'),
  triggerType: field(SnapshotTriggerType, 'Who asked for it.'),
  formatType: field(CheckpointFormatType, 'Its format.'),
  lastPeriodicCheckpointTimestamp: field(integer(), 'When the last periodic one was asked for; 0 before the first.'),
  ...UNDER_WAY,
});
export type CheckpointInfo = DeepReadonly<z.infer<typeof CheckpointInfo>>;

/** status.jobStatus. */
export const FlinkJobStatus = group({
  jobName: field(text(), "The job's name, as Flink reports it."),
  jobId: field(text(), "The job's id, 32 hexadecimal digits; fixed before the job is submitted."),
  state: field(FlinkJobStatusState, "The job's state, as Flink reports it."),
  startTime: field(text(), 'When the job started, in milliseconds since the epoch, as text.'),
  updateTime: field(text(), 'When the state last changed, in milliseconds since the epoch, as text.'),
  upgradeSavepointPath: field(text(), 'What the next deployment starts from.'),
  savepointInfo: field(SavepointInfo, 'Savepoints.'),
  checkpointInfo: field(CheckpointInfo, 'Checkpoints.'),
});
export type FlinkJobStatus = DeepReadonly<z.infer<typeof FlinkJobStatus>>;

/** status.reconciliationStatus. */
export const FlinkReconciliationStatus = group({
  reconciliationTimestamp: field(integer(), 'When the spec was last acted on, in milliseconds since the epoch.'),
  lastReconciledSpec: field(text(), 'The spec last acted on, as JSON.'),
  lastStableSpec: field(text(), 'The spec that last ran well, as JSON.'),
  state: field(ReconciliationState, 'How far acting on it has come.'),
  error: field(text(), "The same as status.error in plain words, where Argo CD's health check looks.", { added: true }),
});
export type FlinkReconciliationStatus = DeepReadonly<z.infer<typeof FlinkReconciliationStatus>>;

/** status.taskManager: the count the scale subresource shows, and what that count amounts to. */
export const FlinkTaskManagerStatus = group({
  labelSelector: field(text(), 'Selects the TaskManager pods; for the scale subresource.'),
  replicas: field(integer(), 'TaskManagers the deployed spec amounts to.'),
  slotsPerTaskManager: field(integer(), 'Task slots of one TaskManager.', { added: true }),
  totalSlots: field(integer(), 'Task slots of all TaskManagers.', { added: true }),
  totalCpu: field(number(), 'Cores all TaskManagers ask for.', { added: true }),
  totalMemory: field(text(), 'Memory all TaskManagers ask for, as a Kubernetes quantity.', { added: true }),
});
export type FlinkTaskManagerStatus = DeepReadonly<z.infer<typeof FlinkTaskManagerStatus>>;

/** Most entries in status.tasks.perVertex: a status stays small whatever the job graph. */
export const MAX_VERTICES_IN_STATUS = 50;

/** One job vertex: operators that Flink runs chained as one task. */
export const FlinkVertexTasks = group({
  name: field(text(), 'The vertex, as Flink names it.'),
  parallelism: field(integer(), 'Its parallelism: how many tasks it has.'),
  running: field(integer(), 'How many of its tasks run.'),
});
export type FlinkVertexTasks = DeepReadonly<z.infer<typeof FlinkVertexTasks>>;

/** status.tasks: what the job really consists of, as the JobManager reports it. */
export const FlinkTasks = group({
  total: field(integer(), 'Tasks of all vertices.'),
  running: field(integer(), 'How many of them run.'),
  maxParallelism: field(integer(), 'The largest parallelism of a vertex: the slots the job needs.'),
  perVertex: field(list(FlinkVertexTasks), `The vertices in the job graph's order, at most ${MAX_VERTICES_IN_STATUS}.`),
  omitted: field(integer(), 'Vertices left out of perVertex.', { fallback: '0' }),
});
export type FlinkTasks = DeepReadonly<z.infer<typeof FlinkTasks>>;

/** Most entries in status.snapshots. */
export const MAX_SNAPSHOTS_IN_STATUS = 10;

const RUN = {
  jobId: field(text(), 'Its job.'),
  startId: field(
    text(),
    'Its start, as the annotation weir.dev/start-id of its objects names it; absent where not known.',
  ),
} as const;

/** One of status.snapshots: a savepoint or checkpoint that is there, and where it comes from. */
export const KnownSnapshot = group({
  path: field(text(), 'Where it is.'),
  kind: field(choice(['checkpoint', 'savepoint']), 'What it is.'),
  triggerType: field(SnapshotTriggerType, 'Who asked for it.'),
  timeStamp: field(integer(), 'When it was asked for, in milliseconds since the epoch.'),
  sizeBytes: field(integer(), 'Bytes of state in it, where Flink said so.'),
  resource: field(text(), 'The FlinkStateSnapshot that stands for it, if one does.'),
  takenBy: field(group(RUN), 'The run it was taken of.'),
  startedRun: field(group(RUN), 'The newest run that started from it.'),
});
export type KnownSnapshot = DeepReadonly<z.infer<typeof KnownSnapshot>>;
/** status.restore.failure: what Flink says of state that it cannot restore. */
export const FlinkRestoreFailure = group({
  kind: field(
    choice(['unmapped-state', 'missing-state', 'incompatible-state']),
    'unmapped-state: the program lacks an operator that has state. missing-state: nothing is there. incompatible-state: the program cannot read it.',
  ),
  operators: field(list(text()), 'Operators that Flink names, by the hashes of their uids.'),
  path: field(text(), 'Where the state was looked for.'),
  cause: field(text(), 'What Flink says, in one line.'),
});
export type FlinkRestoreFailure = DeepReadonly<z.infer<typeof FlinkRestoreFailure>>;

/** status.restore: what a run starts from, recorded before anything of the run before it is taken down. */
export const FlinkRestoreStatus = group({
  mode: field(
    choice(['last-state', 'savepoint', 'stateless']),
    'savepoint: from path. last-state: from the high-availability data. stateless: empty.',
  ),
  path: field(text(), 'The savepoint or retained checkpoint, as far as it is known.'),
  checkpointId: field(integer(), "Flink's number of the checkpoint at path, or of the oldest that is looked for."),
  startedEmpty: field(flag(), 'For last-state: the run before started empty, so there may be no checkpoint yet.'),
  leftBy: field(text(), 'The job that left this state.'),
  askedAt: field(
    integer(),
    "When the savepoint at path was asked for, which stopped the job; until it is kept among the job's snapshots.",
  ),
  failure: field(
    FlinkRestoreFailure,
    'Why no job can be started from this; only after a restore that failed for good.',
  ),
  declaredMode: field(
    choice(['last-state', 'savepoint', 'stateless']),
    'spec.job.upgradeMode of the spec this was decided for.',
  ),
  why: field(text(), 'Why this and nothing else.'),
});
export type FlinkRestoreStatus = DeepReadonly<z.infer<typeof FlinkRestoreStatus>>;

/** status.statelessOnce: the last start without state that an annotation asked for. */
export const FlinkStatelessOnceStatus = group({
  token: field(text(), 'The value of weir.dev/stateless-once that was used; it asks for nothing any more.'),
  args: field(list(text()), 'Arguments from weir.dev/once-args that this start got.'),
  at: field(integer(), 'When this was decided, in milliseconds since the epoch.'),
});

/** status.stopping: how Flink was asked to stop the job for an upgrade, a suspension or a deletion. */
export const FlinkStoppingStatus = group({
  by: field(
    choice(['cancel', 'savepoint']),
    'By a savepoint, or by cancelling the job and going on from its newest checkpoint.',
  ),
  jobId: field(text(), 'The job that is stopped.'),
  triggerId: field(text(), "The id the savepoint was asked for with; Flink's REST API tells of it by this id."),
  since: field(integer(), 'When this was decided, in milliseconds since the epoch.'),
  failures: field(integer(), 'Savepoints that failed so far.'),
  retryAt: field(integer(), 'When the next one is asked for, in milliseconds since the epoch.'),
  why: field(text(), 'Why the job is stopped in this way.'),
});
export type FlinkStoppingStatus = DeepReadonly<z.infer<typeof FlinkStoppingStatus>>;

/** status.scaling: the size that what runs is being given without a restart. */
export const FlinkScalingStatus = group({
  jobId: field(text(), 'The job that is scaled.'),
  taskManagers: field(integer(), 'TaskManagers of a standalone cluster.'),
  vertices: field(integerMap(), 'Parallelism of the vertices of the job, by their id.'),
  askedAt: field(integer(), 'When it was asked for last, in milliseconds since the epoch.'),
  attempts: field(integer(), 'How often it was asked for.'),
  failed: field(text(), 'Why the job is started anew instead.'),
});
export type FlinkScalingStatus = DeepReadonly<z.infer<typeof FlinkScalingStatus>>;

/** FlinkDeployment.status: the incumbent's fields and, marked as added, Weir's own. */
export const FlinkDeploymentStatus = group({
  jobStatus: field(FlinkJobStatus, 'The job.'),
  error: field(text(), 'What is wrong, as JSON with type and message.'),
  observedGeneration: field(integer(), 'The generation of the spec this status is about.'),
  lifecycleState: field(LifecycleState, 'Where the resource stands, in one word.'),
  clusterInfo: field(
    textMap(),
    'What the cluster says of itself: flink-version, flink-revision, total-cpu, total-memory, state-size (bytes, as of the last change of the status).',
  ),
  jobManagerDeploymentStatus: field(JobManagerDeploymentStatus, "The JobManager's Deployment."),
  reconciliationStatus: field(FlinkReconciliationStatus, 'What the operator did with the spec.'),
  taskManager: field(FlinkTaskManagerStatus, 'The TaskManagers.'),
  restore: field(FlinkRestoreStatus, 'What the run under way, or the next one, starts from.', { added: true }),
  stopping: field(FlinkStoppingStatus, 'How the job is being stopped; only while it is.', { added: true }),
  scaling: field(FlinkScalingStatus, 'The size that was asked for; only until what runs has it.', { added: true }),
  autoscaler: field(FlinkAutoscalerStatus, 'What the autoscaler says; only where it is on.', { added: true }),
  snapshots: field(
    list(KnownSnapshot),
    `Its newest snapshots, newest first, at most ${MAX_SNAPSHOTS_IN_STATUS}; the one a run started from is always among them.`,
    { added: true },
  ),
  statelessOnce: field(FlinkStatelessOnceStatus, 'The last start without state, by annotation.', { added: true }),
  tasks: field(FlinkTasks, 'The tasks of the running job.', { added: true }),
  conditions: field(list(condition()), 'Ready, Reconciling, Stalled, Running: for kubectl wait, Flux and Helm.'),
});
export type FlinkDeploymentStatus = DeepReadonly<z.infer<typeof FlinkDeploymentStatus>>;
