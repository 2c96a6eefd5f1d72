import { SHORTAGES } from '../core/capacity/shortages.ts';
import { POD_TROUBLES } from '../core/pod-trouble.ts';
import type { ReasonTable } from '../core/reasons.ts';

export { POD_TROUBLES, type PodTrouble } from '../core/pod-trouble.ts';
export type { ReasonMeaning, ReasonTable } from '../core/reasons.ts';

/** The reasons of the Flink Kubernetes Operator 1.15, which its events have. */
const INCUMBENT = {
  Submit: { means: 'The cluster was started.' },
  SpecChanged: { means: 'The spec changed, and its change is carried out.' },
  Suspended: {
    means: 'The job is suspended: nothing of it runs, and `status.restore` says what it will go on from.',
    remedy: 'It goes on when `spec.job.state` is `running`.',
  },
  JobStatusChanged: { means: "Flink's state of the job changed." },
  JobException: { means: 'The job threw an exception; Flink restarts it as its restart strategy says.' },
  Missing: { means: 'The JobManager Deployment is not there although it should be.' },
  RecoverDeployment: { means: 'What was lost or failed is started again, with its state.' },
  RestartUnhealthyJob: { means: 'The health check finds the job ill, and its cluster is started anew with its state.' },
  ValidationError: {
    means: 'The spec breaks a rule. What runs goes on by the last spec that was accepted.',
    remedy: 'The message names each field, its value and the rule.',
  },
  UnsupportedFlinkVersion: {
    means: '`spec.flinkVersion` is none that Weir knows.',
    remedy: 'The message lists those it knows.',
  },
  Cleanup: { means: 'The resource is being deleted, and its cluster is taken down.' },
  CleanupFailed: {
    means: 'The resource is being deleted, and something holds it.',
    remedy: 'The message names what holds it.',
  },
  Error: { means: 'A pass failed for a cause that may pass by itself; it is tried again.' },
  SavepointError: {
    means: 'A savepoint failed. The job goes on, and another one is tried where one is still needed.',
    remedy: 'The message has the cause. Check the savepoint folder and the rights of the pods on it.',
  },
  CheckpointError: { means: 'A checkpoint that was asked for failed. The job goes on.' },
  ScalingReport: {
    means:
      'The autoscaler gives vertices another parallelism, or would if it were allowed to. See [the autoscaler](../autoscaler.md).',
  },
  IneffectiveScaling: {
    means: 'A vertex gained less than expected when the autoscaler last scaled it up.',
    remedy: 'Look for what holds the vertex up besides its parallelism: skewed keys, a slow system behind it.',
  },
  ScalingLimited: {
    means:
      'The autoscaler gives a vertex less than it needs, since key groups or partitions cannot be shared out evenly.',
    remedy: 'Set `job.autoscaler.scaling.parallelism-alignment.mode`, or another maximum parallelism.',
  },
  MemoryPressure: {
    means: 'The autoscaler scales nothing, since TaskManagers are short of memory.',
    remedy: 'Give TaskManagers more memory.',
  },
  ResourceQuotaReached: {
    means: 'The autoscaler does not scale the job up, since it would take more than `job.autoscaler.quota` allows.',
    remedy: 'Raise `job.autoscaler.quota.cpu` or `job.autoscaler.quota.memory`.',
  },
  AutoscalerError: {
    means: 'The autoscaler cannot read what Flink says of the job, or what it had stored. The job goes on as it is.',
    remedy: 'The message has the cause; it is tried again by itself.',
  },
} as const satisfies ReasonTable<string>;

const OWN = {
  WaitingForCapacity: {
    means: 'What is to be started does not fit, and `weir.dev/capacity-gate: "wait"` holds it back. What runs goes on.',
    remedy: 'Ask for less, make room, or remove the annotation. See [capacity](../capacity.md).',
  },
  Deploying: { means: 'The objects of the cluster are being created.' },
  Upgrading: { means: 'What is left of the cluster before is taken down, then the new one is created.' },
  Suspending: { means: 'The cluster is taken down for a suspension; the state is recorded already.' },
  Deleting: { means: 'The cluster is taken down because the resource is being deleted.' },
  WaitingForJobManager: {
    means: 'The JobManager does not answer yet, or was not asked yet.',
    remedy: 'Where it lasts, its log says why: `kubectl logs deployment/NAME`.',
  },
  WaitingForJob: { means: 'The job is not in a state in which what is to be done can be done.' },
  WaitingForTasks: {
    means: 'The job is RUNNING, but not all of its tasks are.',
    remedy: 'Where it lasts, TaskManagers find no room (see [capacity](../capacity.md)) or end again (see their logs).',
  },
  JobStarting: { means: 'Flink is starting the job.' },
  JobRunning: { means: 'All tasks of the job run.' },
  JobRestarting: {
    means: 'Flink is restarting the job after an exception, which the message has.',
    remedy: 'Where it does not pass, mend the cause: an edit is acted on at any time.',
  },
  TaskManagersLost: {
    means: 'TaskManagers of a job that ran are gone. Flink waits for others and restarts the job on them.',
    remedy: 'The message says what became of them, where Kubernetes says so.',
  },
  JobFinished: { means: 'The job has come to its end by itself.' },
  JobFailed: {
    means: 'The job has failed for good.',
    remedy:
      'The message has the cause. A changed spec or `restartNonce` starts it again; `kubernetes.operator.job.restart.failed` does so by itself.',
  },
  JobUnhealthy: {
    means: 'The health check finds the job ill, and it cannot be started anew without losing state. It goes on.',
    remedy: 'The message says what is wrong. High availability lets Weir start it anew by itself.',
  },
  JobCanceled: {
    means: 'Somebody cancelled the job through Flink.',
    remedy: 'A changed spec or `restartNonce` starts it again.',
  },
  SavepointCompleted: { means: 'The savepoint that stops the job is complete, and recorded in `status.restore`.' },
  TakingSavepoint: { means: 'The job is being stopped with a savepoint.' },
  CancellingJob: { means: 'The job is being cancelled; it will go on from its newest checkpoint.' },
  WaitingForCheckpoint: { means: 'An upgrade waits for a checkpoint that is under way.' },
  WaitingForSavepoint: {
    means: 'An upgrade waits for a savepoint that somebody asked for.',
    remedy: '`kubernetes.operator.job.upgrade.ignore-pending-savepoint: true` lets it go on.',
  },
  WaitingForSessionJobs: {
    means: 'A session is to be started anew, and jobs that keep state run on it which it could not recover.',
    remedy: 'Suspend the jobs that the message names. See [sessions](../upgrades/README.md#sessions).',
  },
  ManualRestoreRequired: {
    means: 'The newest state of the job is not known and will not become known by waiting, so nothing is started.',
    remedy: 'See [recovery](../recovery.md#manualrestorerequired).',
  },
  RestoreFailed: {
    means: 'The job cannot be started from the state it is to go on from. It is not tried again and again.',
    remedy: 'See [recovery](../recovery.md#restorefailed).',
  },
  Rollback: {
    means: 'The spec did not become stable in time, and the last stable one is started in its place.',
  },
  RolledBack: {
    means: 'The job runs by the last stable spec, since the one its user wants did not become stable in time.',
    remedy: 'Edit the spec: a new one is tried at once. See [rollback](../state-and-rollback.md#rollback).',
  },
  SnapshotsNotSupported: {
    means:
      'Snapshots that are asked for will not come: this Flink cannot be asked for them, or their schedule is over.',
    remedy: 'The message says which.',
  },
  JobManagerReady: { means: 'The JobManager of a session cluster answers.' },
  ParallelismOverridden: {
    means: "The job's code sets a parallelism of its own and needs more slots than the spec asks for.",
    remedy: 'Remove `setParallelism` from the code, or set the same number in `spec.job.parallelism`.',
  },
  Scaling: {
    means: 'What runs is being given another size in place, without a restart. See [scaling](../scaling.md).',
  },
  ScalingFailed: {
    means: 'Flink does not give the job another size in place, so it is started anew by `upgradeMode`.',
    remedy: 'The message says why; `kubernetes.operator.job.upgrade.inplace-scaling.enabled: false` does not try.',
  },
  AutoscalerReset: {
    means: 'What the autoscaler has learnt is removed, since `spec.job.autoscalerResetNonce` has another number.',
  },
  UnknownOption: {
    means:
      'A key of the resource does nothing: it names no option of the operator, only its own configuration can set it, or it asks for what the autoscaler does not have.',
    remedy: 'Check its spelling against [the options](flink-operator-options.md).',
  },
  FieldNotApplied: {
    means: 'A field or an option is set that nothing is done with.',
    remedy: 'The message says what wins over it, or why.',
  },
  SpecWarning: {
    means:
      'The spec works and should be looked at: something in it is deprecated, no image is named, a value is cut short by an older Flink, or state goes with the pods.',
    remedy: 'The message says which.',
  },
  Canary: {
    means: 'The resource is a canary: it shows that the operator looks at resources, and nothing is made of it.',
  },
} as const satisfies ReasonTable<string>;

/** Every reason of a FlinkDeployment. */
export const FLINK_REASONS = {
  ...INCUMBENT,
  ...OWN,
  ...POD_TROUBLES,
  ...SHORTAGES,
} as const satisfies ReasonTable<string>;

/**
 * Why a pass did what it did: the one word that is said alike in condition, event, log line and metric. Those of the
 * Flink Kubernetes Operator 1.15 and Weir's own.
 */
export type FlinkReason = keyof typeof FLINK_REASONS;
