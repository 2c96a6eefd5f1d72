import { schedule, timeZone } from './schedule.ts';
import { type AnyOption, duration, oneOf, openOption, option, textMap, wholeNumber, yesNo } from './types.ts';

const KEPT_ONLY = {
  is: 'honoured',
  how: 'for snapshots kept in the status, counted from the first attempt; FlinkStateSnapshots have a backoffLimit',
} as const;

/** Options about upgrades, recovery and deletion. */
const LIFE = {
  jmDeploymentRecoveryEnabled: option(
    yesNo,
    ['jm-deployment-recovery.enabled', 'true'],
    'Whether a JobManager Deployment that is missing is made again.',
    { oldNames: ['reconciler.jm-deployment-recovery.enabled'], standing: { is: 'honoured' } },
  ),
  jobRestartFailed: option(
    yesNo,
    ['job.restart.failed', 'false'],
    'Whether a job that ended as FAILED is started again.',
    {
      standing: { is: 'honoured', how: 'at most every 10 s' },
    },
  ),
  savepointOnDeletion: option(
    yesNo,
    ['job.savepoint-on-deletion', 'false'],
    'Whether deleting the resource stops the job with a savepoint.',
    { standing: { is: 'honoured' } },
  ),
  drainOnSavepointDeletion: option(
    yesNo,
    ['job.drain-on-savepoint-deletion', 'false'],
    'Whether a stop with savepoint drains the job first: watermarks go to the end and timers fire.',
    { standing: { is: 'honoured' } },
  ),
  lastStateFallbackEnabled: option(
    yesNo,
    ['job.upgrade.last-state-fallback.enabled', 'true'],
    'Whether an upgrade in mode savepoint may go on from the newest checkpoint when the job cannot take a savepoint.',
    { standing: { is: 'honoured' } },
  ),
  lastStateJobCancelEnabled: option(
    yesNo,
    ['job.upgrade.last-state.job-cancel.enabled', 'false'],
    'Whether an upgrade in mode last-state cancels the job through Flink instead of deleting its JobManager.',
    { standing: { is: 'honoured' } },
  ),
  maxAllowedCheckpointAge: openOption(
    duration,
    'job.upgrade.last-state.max.allowed.checkpoint.age',
    'Age of the newest checkpoint up to which an upgrade in mode last-state goes on from it; for an older one a savepoint is taken.',
    { standing: { is: 'honoured' } },
  ),
  ignorePendingSavepoint: option(
    yesNo,
    ['job.upgrade.ignore-pending-savepoint', 'false'],
    'Whether an upgrade starts while a savepoint is being taken.',
    { standing: { is: 'honoured', how: 'a savepoint that waits for its next attempt holds nothing up' } },
  ),
  inplaceScalingEnabled: option(
    yesNo,
    ['job.upgrade.inplace-scaling.enabled', 'true'],
    'Whether a change of parallelism alone goes through Flink (from 1.18 on) without a restart where it can.',
    { standing: { is: 'honoured', how: 'of FlinkDeployments with high availability only; see docs/scaling.md' } },
  ),
  rollbackEnabled: option(
    yesNo,
    ['deployment.rollback.enabled', 'false'],
    'Whether an upgrade that does not become stable in time is taken back to the last stable spec, from the newest checkpoint of its run or else from what that began with; at once after a restore that failed. Of session jobs, too.',
  ),
  readinessTimeout: option(
    duration,
    ['deployment.readiness.timeout', '5 min'],
    'Time in which an upgrade must become stable where rollback is enabled: its whole job runs and has completed a checkpoint, where it takes any. A job that runs and waits for its first one gets the time that may take besides.',
  ),
  jmShutdownTtl: option(
    duration,
    ['jm-deployment.shutdown-ttl', '1 d'],
    'Time after which the JobManager of a job that has ended goes.',
    { standing: { is: 'honoured' } },
  ),
  healthCheckEnabled: option(
    yesNo,
    ['cluster.health-check.enabled', 'false'],
    'Whether a cluster is started again when its job restarts too often or completes no checkpoints.',
    { standing: { is: 'honoured' } },
  ),
  healthRestartsThreshold: option(
    wholeNumber(0),
    ['cluster.health-check.restarts.threshold', '64'],
    'Restarts of the job within the window above which the cluster is unhealthy.',
    { standing: { is: 'honoured' } },
  ),
  healthRestartsWindow: option(
    duration,
    ['cluster.health-check.restarts.window', '2 min'],
    'The time over which restarts are counted.',
    { standing: { is: 'honoured' } },
  ),
  healthCheckpointProgressEnabled: option(
    yesNo,
    ['cluster.health-check.checkpoint-progress.enabled', 'true'],
    'Whether the health check also looks at completed checkpoints.',
    { standing: { is: 'honoured' } },
  ),
  healthCheckpointProgressWindow: openOption(
    duration,
    'cluster.health-check.checkpoint-progress.window',
    'Time in which a checkpoint must complete; never less than the greater of interval and timeout times tolerated failures plus two.',
    { standing: { is: 'honoured' } },
  ),
} as const satisfies Record<string, AnyOption>;

/** Options about savepoints and checkpoints. */
const SNAPSHOTS = {
  snapshotResourceEnabled: option(
    yesNo,
    ['snapshot.resource.enabled', 'true'],
    'Whether snapshots are kept as FlinkStateSnapshot objects instead of in the status; false in the operator configuration holds for all.',
    { standing: { is: 'honoured' } },
  ),
  savepointFormat: option(
    oneOf('CANONICAL', 'NATIVE'),
    ['savepoint.format.type', 'CANONICAL'],
    'Format of savepoints.',
    { standing: { is: 'honoured' } },
  ),
  checkpointType: option(
    oneOf('FULL', 'INCREMENTAL'),
    ['checkpoint.type', 'FULL'],
    'Kind of checkpoints that are asked for.',
    { standing: { is: 'honoured', how: 'of those kept in the status; a FlinkStateSnapshot is always FULL, as there' } },
  ),
  savepointTriggerGrace: option(
    duration,
    ['savepoint.trigger.grace-period', '1 min'],
    'Time in which errors of a savepoint asked for by nonce or period are tried again.',
    { oldNames: ['observer.savepoint.trigger.grace-period'], standing: KEPT_ONLY },
  ),
  checkpointTriggerGrace: option(
    duration,
    ['checkpoint.trigger.grace-period', '1 min'],
    'Time in which errors of a checkpoint asked for by nonce or period are tried again.',
    { standing: KEPT_ONLY },
  ),
  periodicSavepointInterval: openOption(
    schedule,
    'periodic.savepoint.interval',
    'How often, or when, savepoints are taken. In a cron expression seconds come first, 1 is Sunday and one of the days is ?.',
    { standing: { is: 'honoured', how: 'a cron expression goes by periodic.time-zone; L, W and # not in lists' } },
  ),
  periodicCheckpointInterval: openOption(
    schedule,
    'periodic.checkpoint.interval',
    'How often, or when, checkpoints are asked for, besides those Flink takes itself; as periodic.savepoint.interval.',
    { standing: { is: 'honoured', how: 'a cron expression goes by periodic.time-zone; L, W and # not in lists' } },
  ),
  periodicTimeZone: option(timeZone, ['periodic.time-zone', 'UTC'], 'The time zone of cron expressions.', {
    standing: { is: 'honoured', how: 'added by Weir; the incumbent goes by the time zone of its JVM' },
  }),
  savepointCleanupEnabled: option(
    yesNo,
    ['savepoint.cleanup.enabled', 'true'],
    'Whether savepoints beyond age and count leave the history.',
    { standing: { is: 'honoured' } },
  ),
  savepointDisposeOnDelete: option(
    yesNo,
    ['savepoint.dispose-on-delete', 'false'],
    'Whether the data of savepoints taken by the operator goes when their FlinkStateSnapshot is deleted.',
    { standing: { is: 'honoured' } },
  ),
  savepointHistoryMaxAge: option(
    duration,
    ['savepoint.history.max.age', '1 d'],
    'Age up to which savepoints stay in the history.',
    { standing: { is: 'honoured' } },
  ),
  savepointHistoryMaxCount: option(
    wholeNumber(0),
    ['savepoint.history.max.count', '10'],
    'How many savepoints stay in the history; one always does.',
    { standing: { is: 'honoured' } },
  ),
} as const satisfies Record<string, AnyOption>;

/** Options about session clusters, pods and other objects. */
const OBJECTS = {
  sessionBlockOnJobs: option(
    yesNo,
    ['session.deletion.block-on-session-jobs', 'true'],
    'Whether a session cluster stays while FlinkSessionJobs use it.',
  ),
  sessionBlockOnUnmanagedJobs: option(
    yesNo,
    ['session.deletion.block-on-unmanaged-jobs', 'true'],
    'Whether a session cluster stays while jobs run on it that no FlinkSessionJob stands for; read only where the option above is true.',
    { oldNames: ['session.block-on-unmanaged-jobs'] },
  ),
  artifactHttpHeaders: openOption(
    textMap,
    'user.artifacts.http.header',
    "Headers of the request that fetches a session job's jar.",
  ),
  jmStartupProbeEnabled: option(
    yesNo,
    ['jm-deployment.startup.probe.enabled', 'true'],
    'Whether JobManager pods get a startup probe that asks for the REST API.',
  ),
  manageIngress: option(yesNo, ['ingress.manage', 'true'], 'Whether Ingress objects are made from spec.ingress.', {
    standing: { is: 'honoured', how: 'on single resources too' },
  }),
  mergeArraysByName: option(
    yesNo,
    ['pod-template.merge-arrays-by-name', 'true'],
    "Whether lists of a component's pod template are merged with the common one's by the items' names instead of by position.",
    {
      standing: {
        is: 'honoured',
        how: 'the Flink Kubernetes Operator has false, under which a sidecar of one template merges into the main container of the other',
      },
    },
  ),
} as const satisfies Record<string, AnyOption>;

/** Options that may be set for each resource, by the name code reads them under. */
export const RESOURCE_OPTIONS = { ...LIFE, ...SNAPSHOTS, ...OBJECTS } as const;
