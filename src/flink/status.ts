import { knownValue } from '../core/fact.ts';
import { isBeingDeleted } from '../kube/object.ts';
import { bytesQuantity } from '../kube/quantity.ts';
import { failureConditions, flinkConditions } from './conditions.ts';
import { effectiveConf } from './flink-conf.ts';
import { HEALTH_KEY, healthOf } from './health.ts';
import { isTerminal, type JobFacts } from './observed.ts';
import { findTrouble, isAvailable } from './pods.ts';
import { encodeRecord, type FlinkRecord, reconciliationStateOf, recordedFailure } from './record.ts';
import { type ClusterResources, clusterResources } from './resources.ts';
import { isSpent, LAST_STATE_PATH } from './restore.ts';
import {
  type FlinkDeployment,
  type FlinkDeploymentStatus,
  type FlinkJobStatus,
  type FlinkReconciliationStatus,
  type FlinkTasks,
  type JobManagerDeploymentStatus,
  type LifecycleState,
  MAX_VERTICES_IN_STATUS,
} from './schema.ts';
import type { Intent, Situation } from './situation.ts';
import { isStable } from './stability.ts';
import { stateSizeOf } from './state-size.ts';
import { jobErrorText, type StatusError } from './status-error.ts';
import { isSession } from './validate-change.ts';

/** The only place where a FlinkDeployment's status is made: from what was before, what is seen and what is intended. */
export function flinkStatus(situation: Situation, intent: Intent): FlinkDeploymentStatus {
  const record = intent.record ?? situation.record;
  const jobStatus = jobStatusOf(situation, record, intent);
  const resources = resourcesOf(situation, record);
  const error = errorOf(situation, intent);
  const reconciliationStatus = reconciliationOf(situation, intent, jobStatus, error);
  const {
    error: _error,
    tasks: _tasks,
    clusterInfo: _clusterInfo,
    restore: _restore,
    stopping: _stopping,
    scaling: _scaling,
    autoscaler: saidBefore,
    ...before
  } = situation.status ?? {};
  const status: FlinkDeploymentStatus = {
    ...before,
    observedGeneration: situation.resource.metadata.generation ?? 0,
    jobManagerDeploymentStatus: jobManagerStatusOf(situation),
    lifecycleState: lifecycleOf(situation, intent, reconciliationStatus, jobStatus),
    jobStatus,
    reconciliationStatus,
    clusterInfo: clusterInfoOf(situation, resources),
    taskManager: taskManagerOf(situation, record, resources),
    ...intentionsOf(record),
    ...knownOf(intent),
    ...autoscalerOf(intent, saidBefore),
    ...(situation.cluster === 'current' ? tasksOf(knownValue(situation.observed.rest)?.job) : {}),
    ...(error === undefined ? {} : { error: jobErrorText(error, situation) }),
  };
  return { ...status, conditions: flinkConditions(situation, intent, status) };
}

/** The status after a pass that failed: what was known stays, error and conditions say what went wrong. */
export function failedStatus(situation: Situation, intent: Intent): FlinkDeploymentStatus {
  const error = jobErrorText({ type: intent.because, message: intent.message }, situation);
  return { ...situation.status, error, conditions: failureConditions(situation, intent) };
}

function errorOf(situation: Situation, intent: Intent): StatusError | undefined {
  if (situation.refusal !== undefined) return { type: situation.refusal.reason, message: situation.refusal.message };
  if (intent.phase === 'stalled') return { type: intent.because, message: intent.message };
  if (intent.because === 'JobRestarting') return { type: 'JobException', message: intent.message };
  const trouble = findTrouble(situation.observed);
  return trouble === undefined || intent.because !== trouble.reason
    ? undefined
    : { type: intent.because, message: intent.message };
}

function jobStatusOf(situation: Situation, record: FlinkRecord | undefined, intent: Intent): FlinkJobStatus {
  const before = situation.status?.jobStatus ?? {};
  if (record !== undefined && isSession(record.spec)) return before;
  const job = knownValue(situation.observed.rest)?.job;
  const state = jobStateOf(situation, intent, job);
  const changed = state !== before.state;
  return {
    ...before,
    ...(record?.jobId === undefined ? {} : { jobId: record.jobId }),
    ...(state === undefined ? {} : { state }),
    upgradeSavepointPath: upgradePathOf(record),
    ...intent.kept,
    ...(changed ? { updateTime: String(situation.now.getTime()) } : {}),
    ...(job === undefined ? {} : { jobName: job.name, startTime: String(job.startTime) }),
  };
}

/**
 * The incumbent's field for what a run starts from; undefined takes it away. Where nothing is left to start from it holds a
 * path that nothing starts from either, since the incumbent takes a missing one for a start without state.
 */
export function upgradePathOf(record: FlinkRecord | undefined): string | undefined {
  if (record === undefined || record.restore.mode === 'stateless') return undefined;
  const { restore } = record;
  return restore.mode === 'last-state' || isSpent(restore) ? LAST_STATE_PATH : restore.path;
}

/** The snapshots that are there, as far as they were looked into. */
export function knownOf({ ledger }: Pick<Intent, 'ledger'>): Pick<FlinkDeploymentStatus, 'snapshots'> {
  return ledger === undefined ? {} : { snapshots: ledger };
}

/** What the autoscaler says, as before where it was not asked. */
export function autoscalerOf(
  { autoscaler }: Pick<Intent, 'autoscaler'>,
  before: FlinkDeploymentStatus['autoscaler'],
): Pick<FlinkDeploymentStatus, 'autoscaler'> {
  const said = autoscaler === undefined ? before : (autoscaler ?? undefined);
  return said === undefined || Object.keys(said).length === 0 ? {} : { autoscaler: said };
}

/** What is recorded of the state a run starts from and of the stop or scaling under way, in fields of our own. */
export function intentionsOf(
  record: FlinkRecord | undefined,
): Pick<FlinkDeploymentStatus, 'restore' | 'stopping' | 'scaling' | 'statelessOnce'> {
  if (record === undefined) return {};
  const { restore, stopping, scaling, spec, jobId, once } = record;
  const declaredMode = spec.job?.upgradeMode ?? 'stateless';
  return {
    restore: { ...restore, declaredMode },
    ...(once === undefined ? {} : { statelessOnce: once }),
    ...(stopping === undefined || jobId === undefined ? {} : { stopping: { ...stopping, jobId } }),
    ...(scaling === undefined || jobId === undefined ? {} : { scaling: { ...scaling, jobId } }),
  };
}

/** A state is Flink's own word while the JobManager can be asked; a start resets it; terminal states outlive their JobManager. */
function jobStateOf(situation: Situation, intent: Intent, job: JobFacts | undefined): FlinkJobStatus['state'] {
  const record = intent.record ?? situation.record;
  if (recordedFailure(record) !== undefined) return 'FAILED';
  if (intent.record?.state === 'UPGRADING') return 'RECONCILING';
  if (job !== undefined && situation.cluster === 'current') return wasStopped(situation) ? 'FINISHED' : job.state;
  return unaskedState(situation, intent, record);
}

/**
 * Whether Flink has stopped the job with a savepoint, which it says once the job has finished (Flink 1.15 to 2.3): its state,
 * asked for a moment before that, is of before its end.
 */
function wasStopped({ observed }: Situation): boolean {
  return knownValue(observed.rest)?.stop?.progress.kind === 'completed';
}

/** Of a job that its JobManager cannot be asked for. */
function unaskedState(
  { status, record: stored }: Situation,
  { because }: Intent,
  record: FlinkRecord | undefined,
): FlinkJobStatus['state'] {
  const before = status?.jobStatus?.state;
  if (before !== undefined && isTerminal(before)) return before;
  if (because === 'Suspended' && stored !== undefined) return 'SUSPENDED';
  return record === undefined ? before : 'RECONCILING';
}

function reconciliationOf(
  situation: Situation,
  intent: Intent,
  jobStatus: FlinkJobStatus,
  error: StatusError | undefined,
): FlinkReconciliationStatus {
  const { error: _error, ...before } = situation.status?.reconciliationStatus ?? {};
  const changed = intent.record;
  const record =
    changed === undefined
      ? { state: before.state ?? ('UPGRADING' as const) }
      : {
          state: reconciliationStateOf(changed),
          lastReconciledSpec: encodeRecord(changed),
          reconciliationTimestamp: changed.timestamp,
        };
  const merged = { ...before, ...record };
  const stable = merged.lastReconciledSpec !== undefined && isStable(situation, intent, jobStatus);
  return {
    ...merged,
    ...(stable ? { lastStableSpec: merged.lastReconciledSpec } : {}),
    ...(error === undefined ? {} : { error: error.message }),
  };
}

function jobManagerStatusOf({ observed }: Situation): JobManagerDeploymentStatus {
  const { jobManager, rest } = observed;
  if (jobManager === undefined || isBeingDeleted(jobManager)) return 'MISSING';
  if (rest.kind === 'known') return 'READY';
  const trouble = findTrouble(observed);
  if (trouble?.who.startsWith('JobManager') && trouble.reason !== 'Unschedulable') return 'ERROR';
  return isAvailable(jobManager) ? 'DEPLOYED_NOT_READY' : 'DEPLOYING';
}

/** What a reason says of the lifecycle by itself, before and after something was ever started. */
const LIFECYCLE_UNSTARTED = { Deleting: 'DELETING', Cleanup: 'DELETING', CleanupFailed: 'DELETING' } as const;
const LIFECYCLE_STARTED = {
  ...LIFECYCLE_UNSTARTED,
  Suspending: 'UPGRADING',
  Suspended: 'SUSPENDED',
  ManualRestoreRequired: 'FAILED',
  RestoreFailed: 'FAILED',
  TakingSavepoint: 'UPGRADING',
  CancellingJob: 'UPGRADING',
} as const;

/** First match wins, in the incumbent's order (anchor §2.7), with SUSPENDED only once nothing of the cluster is left. */
function lifecycleOf(
  situation: Situation,
  intent: Intent,
  reconciliation: FlinkReconciliationStatus,
  job: FlinkJobStatus,
): LifecycleState {
  const started = reconciliation.lastReconciledSpec !== undefined;
  if (!started && situation.refusal !== undefined) return 'FAILED';
  const byReason: Readonly<Record<string, LifecycleState>> = started ? LIFECYCLE_STARTED : LIFECYCLE_UNSTARTED;
  const said = byReason[intent.because];
  if (isRollingBack(reconciliation, said)) return 'ROLLING_BACK';
  return said ?? (started ? standingWord(reconciliation, job) : 'CREATED');
}

/** Whether a rollback is under way, and the pass has no stronger word for the lifecycle. */
export function isRollingBack({ state }: FlinkReconciliationStatus, said: LifecycleState | undefined): boolean {
  return state === 'ROLLING_BACK' && (said === undefined || said === 'UPGRADING');
}

/** The lifecycle's word where the pass itself has none, of what was started before. */
export function standingWord(reconciliation: FlinkReconciliationStatus, job: FlinkJobStatus): LifecycleState {
  if (reconciliation.state === 'UPGRADING') return 'UPGRADING';
  if (job.state === 'FAILED') return 'FAILED';
  if (reconciliation.state === 'ROLLED_BACK') return 'ROLLED_BACK';
  return reconciliation.lastStableSpec === reconciliation.lastReconciledSpec ? 'STABLE' : 'DEPLOYED';
}

function resourcesOf(situation: Situation, record: FlinkRecord | undefined): ClusterResources | undefined {
  if (record === undefined) return undefined;
  const deployment = { ...situation.resource, spec: record.spec } as FlinkDeployment;
  return clusterResources(record.spec, effectiveConf(deployment, situation.defaults));
}

function clusterInfoOf(situation: Situation, resources: ClusterResources | undefined): Record<string, string> {
  const answer = knownValue(situation.observed.rest);
  const kept = situation.cluster === 'current' ? (situation.status?.clusterInfo ?? {}) : {};
  if (answer === undefined || resources === undefined) return { ...kept };
  const health = healthOf(situation);
  return {
    ...kept,
    ...(health === undefined ? {} : { [HEALTH_KEY]: health.info }),
    'flink-version': answer.flinkVersion,
    'flink-revision': answer.flinkRevision,
    'total-cpu': String(resources.total.cpu),
    'total-memory': String(resources.total.memoryBytes),
    ...stateSizeOf(answer),
  };
}

function taskManagerOf(
  situation: Situation,
  record: FlinkRecord | undefined,
  resources: ClusterResources | undefined,
): NonNullable<FlinkDeploymentStatus['taskManager']> {
  const suspended = record?.state === 'DEPLOYED' && record.jobState === 'suspended';
  if (resources === undefined || suspended) return { labelSelector: '', replicas: 0 };
  const { taskManagers, slotsPerTaskManager, totalTaskManagers } = resources;
  return {
    labelSelector: `component=taskmanager,app=${situation.resource.metadata.name}`,
    replicas: taskManagers,
    slotsPerTaskManager,
    totalSlots: taskManagers * slotsPerTaskManager,
    totalCpu: totalTaskManagers.cpu,
    totalMemory: bytesQuantity(totalTaskManagers.memoryBytes),
  };
}

/** The tasks of a job as the status shows them; nothing of a job that is not there. */
export function tasksOf(job: JobFacts | undefined): { tasks?: FlinkTasks } {
  if (job === undefined) return {};
  const shown = job.vertices.slice(0, MAX_VERTICES_IN_STATUS);
  const omitted = job.vertices.length - shown.length;
  const tasks: FlinkTasks = {
    total: job.vertices.reduce((sum, vertex) => sum + vertex.parallelism, 0),
    running: job.tasks.active,
    maxParallelism: Math.max(0, ...job.vertices.map((vertex) => vertex.parallelism)),
    perVertex: shown.map(({ name, parallelism, active }) => ({ name, parallelism, running: active })),
    ...(omitted > 0 ? { omitted } : {}),
  };
  return { tasks };
}
