import {
  type AnyOption,
  duration,
  freeText,
  notYet,
  oneOf,
  openOption,
  option,
  textMap,
  wholeNumber,
  yesNo,
} from './types.ts';

const UNTIL_STATE = notYet('upgrades that keep state, snapshots and recovery are being built');
const UNTIL_SESSIONS = notYet('session clusters are being built');
const UNTIL_ROLLBACK = notYet('rollback is being built');

/** Options about upgrades, recovery and deletion. */
const LIFE = {
  jmDeploymentRecoveryEnabled: option(
    yesNo,
    ['jm-deployment-recovery.enabled', 'true'],
    'Whether a JobManager Deployment that is missing is made again.',
    { oldNames: ['reconciler.jm-deployment-recovery.enabled'], standing: UNTIL_STATE },
  ),
  jobRestartFailed: option(
    yesNo,
    ['job.restart.failed', 'false'],
    'Whether a job that ended as FAILED is started again.',
    {
      standing: UNTIL_STATE,
    },
  ),
  savepointOnDeletion: option(
    yesNo,
    ['job.savepoint-on-deletion', 'false'],
    'Whether deleting the resource stops the job with a savepoint.',
    { standing: UNTIL_STATE },
  ),
  drainOnSavepointDeletion: option(
    yesNo,
    ['job.drain-on-savepoint-deletion', 'false'],
    'Whether a stop with savepoint drains the job first: watermarks go to the end and timers fire.',
    { standing: UNTIL_STATE },
  ),
  lastStateFallbackEnabled: option(
    yesNo,
    ['job.upgrade.last-state-fallback.enabled', 'true'],
    'Whether an upgrade in mode savepoint may go on from the newest checkpoint when the job cannot take a savepoint.',
    { standing: UNTIL_STATE },
  ),
  lastStateJobCancelEnabled: option(
    yesNo,
    ['job.upgrade.last-state.job-cancel.enabled', 'false'],
    'Whether an upgrade in mode last-state cancels the job through Flink instead of deleting its JobManager.',
    { standing: UNTIL_STATE },
  ),
  maxAllowedCheckpointAge: openOption(
    duration,
    'job.upgrade.last-state.max.allowed.checkpoint.age',
    'Age of the newest checkpoint up to which an upgrade in mode last-state goes on from it; for an older one a savepoint is taken.',
    { standing: UNTIL_STATE },
  ),
  ignorePendingSavepoint: option(
    yesNo,
    ['job.upgrade.ignore-pending-savepoint', 'false'],
    'Whether an upgrade starts while a savepoint is being taken.',
    { standing: UNTIL_STATE },
  ),
  inplaceScalingEnabled: option(
    yesNo,
    ['job.upgrade.inplace-scaling.enabled', 'true'],
    'Whether a change of parallelism alone goes through Flink (from 1.18 on) without a restart where it can.',
    { standing: notYet('a change of parallelism restarts the job') },
  ),
  rollbackEnabled: option(
    yesNo,
    ['deployment.rollback.enabled', 'false'],
    'Whether an upgrade that does not become stable in time is taken back to the last stable spec.',
    { standing: UNTIL_ROLLBACK },
  ),
  readinessTimeout: option(
    duration,
    ['deployment.readiness.timeout', '5 min'],
    'Time in which an upgrade must become stable where rollback is enabled.',
    { standing: UNTIL_ROLLBACK },
  ),
  jmShutdownTtl: option(
    duration,
    ['jm-deployment.shutdown-ttl', '1 d'],
    'Time after which the JobManager of a job that has ended goes.',
    { standing: UNTIL_STATE },
  ),
  healthCheckEnabled: option(
    yesNo,
    ['cluster.health-check.enabled', 'false'],
    'Whether a cluster is started again when its job restarts too often or completes no checkpoints.',
    { standing: UNTIL_STATE },
  ),
  healthRestartsThreshold: option(
    wholeNumber(0),
    ['cluster.health-check.restarts.threshold', '64'],
    'Restarts of the job within the window above which the cluster is unhealthy.',
    { standing: UNTIL_STATE },
  ),
  healthRestartsWindow: option(
    duration,
    ['cluster.health-check.restarts.window', '2 min'],
    'The time over which restarts are counted.',
    { standing: UNTIL_STATE },
  ),
  healthCheckpointProgressEnabled: option(
    yesNo,
    ['cluster.health-check.checkpoint-progress.enabled', 'true'],
    'Whether the health check also looks at completed checkpoints.',
    { standing: UNTIL_STATE },
  ),
  healthCheckpointProgressWindow: openOption(
    duration,
    'cluster.health-check.checkpoint-progress.window',
    'Time in which a checkpoint must complete; never less than the greater of interval and timeout times tolerated failures plus two.',
    { standing: UNTIL_STATE },
  ),
} as const satisfies Record<string, AnyOption>;

/** Options about savepoints and checkpoints. */
const SNAPSHOTS = {
  snapshotResourceEnabled: option(
    yesNo,
    ['snapshot.resource.enabled', 'true'],
    'Whether snapshots are kept as FlinkStateSnapshot objects instead of in the status; false in the operator configuration holds for all.',
    { standing: UNTIL_STATE },
  ),
  savepointFormat: option(
    oneOf('CANONICAL', 'NATIVE'),
    ['savepoint.format.type', 'CANONICAL'],
    'Format of savepoints.',
    { standing: UNTIL_STATE },
  ),
  checkpointType: option(
    oneOf('FULL', 'INCREMENTAL'),
    ['checkpoint.type', 'FULL'],
    'Kind of checkpoints that are asked for.',
    { standing: UNTIL_STATE },
  ),
  savepointTriggerGrace: option(
    duration,
    ['savepoint.trigger.grace-period', '1 min'],
    'Time in which errors of a savepoint asked for by nonce or period are tried again.',
    { oldNames: ['observer.savepoint.trigger.grace-period'], standing: UNTIL_STATE },
  ),
  checkpointTriggerGrace: option(
    duration,
    ['checkpoint.trigger.grace-period', '1 min'],
    'Time in which errors of a checkpoint asked for by nonce or period are tried again.',
    { standing: UNTIL_STATE },
  ),
  periodicSavepointInterval: openOption(
    freeText,
    'periodic.savepoint.interval',
    'How often a savepoint is taken: a duration or a Quartz cron expression.',
    { standing: UNTIL_STATE },
  ),
  periodicCheckpointInterval: openOption(
    freeText,
    'periodic.checkpoint.interval',
    'How often a checkpoint is asked for, besides those Flink takes itself: a duration or a Quartz cron expression.',
    { standing: UNTIL_STATE },
  ),
  savepointCleanupEnabled: option(
    yesNo,
    ['savepoint.cleanup.enabled', 'true'],
    'Whether savepoints beyond age and count leave the history.',
    { standing: UNTIL_STATE },
  ),
  savepointDisposeOnDelete: option(
    yesNo,
    ['savepoint.dispose-on-delete', 'false'],
    'Whether the data of savepoints taken by the operator goes when their FlinkStateSnapshot is deleted.',
    { standing: UNTIL_STATE },
  ),
  savepointHistoryMaxAge: option(
    duration,
    ['savepoint.history.max.age', '1 d'],
    'Age up to which savepoints stay in the history.',
    { standing: UNTIL_STATE },
  ),
  savepointHistoryMaxCount: option(
    wholeNumber(0),
    ['savepoint.history.max.count', '10'],
    'How many savepoints stay in the history; one always does.',
    { standing: UNTIL_STATE },
  ),
} as const satisfies Record<string, AnyOption>;

/** Options about session clusters, pods and other objects. */
const OBJECTS = {
  sessionBlockOnJobs: option(
    yesNo,
    ['session.deletion.block-on-session-jobs', 'true'],
    'Whether a session cluster stays while FlinkSessionJobs use it.',
    { standing: UNTIL_SESSIONS },
  ),
  sessionBlockOnUnmanagedJobs: option(
    yesNo,
    ['session.deletion.block-on-unmanaged-jobs', 'true'],
    'Whether a session cluster stays while jobs run on it that no FlinkSessionJob stands for; read only where the option above is true.',
    { oldNames: ['session.block-on-unmanaged-jobs'], standing: UNTIL_SESSIONS },
  ),
  artifactHttpHeaders: openOption(
    textMap,
    'user.artifacts.http.header',
    "Headers of the request that fetches a session job's jar.",
    { standing: UNTIL_SESSIONS },
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
