import { knownValue } from '../../core/fact.ts';
import { drafter, STANDING, standingConditions } from '../../core/standing.ts';
import { type Condition, mergeConditions } from '../../kube/conditions.ts';
import { runningCondition } from '../conditions.ts';
import { isTerminal, type JobFacts } from '../observed.ts';
import { encodeRecord, reconciliationStateOf, recordedFailure } from '../record.ts';
import type { FlinkJobStatus, FlinkReconciliationStatus, LifecycleState } from '../schema.ts';
import { provesItself } from '../stability.ts';
import { autoscalerOf, intentionsOf, isRollingBack, knownOf, standingWord, tasksOf, upgradePathOf } from '../status.ts';
import { jobErrorText, type StatusError } from '../status-error.ts';
import type { SessionJobRecord } from './record.ts';
import type { FlinkSessionJobStatus } from './schema.ts';
import { type Intent, recordedConf, type Situation } from './situation.ts';

/** The only place where a FlinkSessionJob's status is made: from what was before, what is seen and what is intended. */
export function sessionJobStatus(situation: Situation, intent: Intent): FlinkSessionJobStatus {
  const record = intent.record ?? situation.record;
  const jobStatus = jobStatusOf(situation, record, intent);
  const error = errorOf(situation, intent);
  const reconciliationStatus = reconciliationOf(situation, intent, { jobStatus, error });
  const {
    error: _error,
    tasks: _tasks,
    restore: _restore,
    stopping: _stopping,
    scaling: _scaling,
    autoscaler: saidBefore,
    ...before
  } = situation.status ?? {};
  const status: FlinkSessionJobStatus = {
    ...before,
    observedGeneration: situation.resource.metadata.generation ?? 0,
    lifecycleState: lifecycleOf(situation, intent, { reconciliationStatus, jobStatus }),
    jobStatus,
    reconciliationStatus,
    ...intentionsOf(record),
    ...knownOf(intent),
    ...autoscalerOf(intent, saidBefore),
    ...tasksOf(knownValue(situation.observed.rest)?.job),
    ...(error === undefined ? {} : { error: jobErrorText(error, situation) }),
  };
  return { ...status, conditions: conditionsOf(situation, intent, status) };
}

/** The status after a pass that failed: what was known stays, error and conditions say what went wrong. */
export function failedStatus(situation: Situation, intent: Intent): FlinkSessionJobStatus {
  const error = jobErrorText({ type: intent.because, message: intent.message }, situation);
  const drafts = standingConditions(situation, intent, drafter(situation));
  const conditions = mergeConditions(conditionsBefore(situation), drafts, STANDING, situation.now);
  return { ...situation.status, error, conditions };
}

function conditionsBefore({ status }: Situation): readonly Condition[] {
  return (status?.conditions ?? []) as readonly Condition[];
}

function conditionsOf(situation: Situation, intent: Intent, status: FlinkSessionJobStatus): readonly Condition[] {
  const draft = drafter(situation);
  const drafts = [...standingConditions(situation, intent, draft), runningCondition(status, draft)];
  return mergeConditions(conditionsBefore(situation), drafts, [...STANDING, 'Running'], situation.now);
}

function errorOf({ refusal }: Situation, { phase, because, message }: Intent): StatusError | undefined {
  if (refusal !== undefined) return { type: refusal.reason, message: refusal.message };
  if (phase === 'stalled') return { type: because, message };
  return because === 'JobRestarting' ? { type: 'JobException', message } : undefined;
}

function jobStatusOf(situation: Situation, record: SessionJobRecord | undefined, intent: Intent): FlinkJobStatus {
  const before = situation.status?.jobStatus ?? {};
  const job = knownValue(situation.observed.rest)?.job;
  const state = jobStateOf(situation, intent, job);
  return {
    ...before,
    ...(record?.jobId === undefined ? {} : { jobId: record.jobId }),
    ...(state === undefined ? {} : { state }),
    upgradeSavepointPath: upgradePathOf(record),
    ...intent.kept,
    ...(state === before.state ? {} : { updateTime: String(situation.now.getTime()) }),
    ...(job === undefined ? {} : { jobName: job.name, startTime: String(job.startTime) }),
  };
}

/** A state is Flink's own word while the session can be asked; a start resets it; a terminal one stays. */
function jobStateOf({ status, record }: Situation, intent: Intent, job: JobFacts | undefined): FlinkJobStatus['state'] {
  if (recordedFailure(intent.record ?? record) !== undefined) return 'FAILED';
  if (intent.record?.state === 'UPGRADING') return 'RECONCILING';
  if (job !== undefined) return job.state;
  const before = status?.jobStatus?.state;
  if (before !== undefined && isTerminal(before)) return before;
  if (intent.because === 'Suspended' && record !== undefined) return 'SUSPENDED';
  return record === undefined && intent.record === undefined ? before : 'RECONCILING';
}

interface Found {
  readonly jobStatus: FlinkJobStatus;
  readonly error: StatusError | undefined;
}

function reconciliationOf(
  situation: Situation,
  intent: Intent,
  { jobStatus, error }: Found,
): FlinkReconciliationStatus {
  const { error: _error, ...before } = situation.status?.reconciliationStatus ?? {};
  const { record: changed } = intent;
  const record =
    changed === undefined
      ? { state: before.state ?? ('UPGRADING' as const) }
      : {
          state: reconciliationStateOf(changed),
          lastReconciledSpec: encodeRecord(changed),
          reconciliationTimestamp: changed.timestamp,
        };
  const merged = { ...before, ...record };
  const stable = isStable(situation, intent, jobStatus) && merged.lastReconciledSpec !== undefined;
  return {
    ...merged,
    ...(stable ? { lastStableSpec: merged.lastReconciledSpec } : {}),
    ...(error === undefined ? {} : { error: error.message }),
  };
}

/** Whether the recorded spec is proven, as of a FlinkDeployment: never one that was rejected. */
function isStable(situation: Situation, intent: Intent, { state }: FlinkJobStatus): boolean {
  const { record, observed } = situation;
  const { rejected, scaling } = intent.record ?? record ?? {};
  if (intent.record?.state === 'UPGRADING' || rejected !== undefined || scaling !== undefined) return false;
  if (intent.because === 'Suspended') return true;
  if (record?.state !== 'DEPLOYED') return false;
  const answer = knownValue(observed.rest);
  return state === 'FINISHED' || (answer !== undefined && provesItself(answer, recordedConf(situation, record)));
}

/** What a reason says of the lifecycle by itself, before and after something was ever submitted. */
const LIFECYCLE_UNSTARTED = { Deleting: 'DELETING', Cleanup: 'DELETING' } as const;
const LIFECYCLE_STARTED = {
  ...LIFECYCLE_UNSTARTED,
  Suspended: 'SUSPENDED',
  ManualRestoreRequired: 'FAILED',
  RestoreFailed: 'FAILED',
  TakingSavepoint: 'UPGRADING',
  CancellingJob: 'UPGRADING',
} as const;

interface Standing {
  readonly reconciliationStatus: FlinkReconciliationStatus;
  readonly jobStatus: FlinkJobStatus;
}

/** First match wins, in the incumbent's order (ResourceLifecycleState). */
function lifecycleOf(situation: Situation, intent: Intent, standing: Standing): LifecycleState {
  const { reconciliationStatus, jobStatus } = standing;
  const started = reconciliationStatus.lastReconciledSpec !== undefined;
  if (situation.resource.metadata.deletionTimestamp !== undefined) return 'DELETING';
  if (!started && situation.refusal !== undefined) return 'FAILED';
  const byReason: Readonly<Record<string, LifecycleState>> = started ? LIFECYCLE_STARTED : LIFECYCLE_UNSTARTED;
  const said = byReason[intent.because];
  if (isRollingBack(reconciliationStatus, said)) return 'ROLLING_BACK';
  return said ?? (started ? standingWord(reconciliationStatus, jobStatus) : 'CREATED');
}
