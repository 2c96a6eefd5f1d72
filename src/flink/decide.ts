import { isMereFit } from '../core/capacity/condition.ts';
import { knownValue } from '../core/fact.ts';
import type { Failure } from '../core/failure.ts';
import { lifecycle } from '../core/lifecycle.ts';
import type { Plan } from '../core/plan.ts';
import { firstMatch, type Policy } from '../core/reconciler.ts';
import { canaryPlan, isCanary } from './canary.ts';
import { changeEvents } from './change-events.ts';
import { forgetLearnt, withAutoscaler } from './policies/autoscaler.ts';
import { holdBack } from './policies/capacity.ts';
import { cleanUp } from './policies/cleanup.ts';
import { shutDownEnded } from './policies/ended.ts';
import { restartUnhealthy } from './policies/health.ts';
import { awaitSavepoint } from './policies/pending-savepoint.ts';
import { recoverCluster, restartFailed } from './policies/recover.ts';
import { refuse } from './policies/refuse.ts';
import { failRestore, stayFailed } from './policies/restore-failure.ts';
import { rolledBack, withRollback } from './policies/rollback.ts';
import { run } from './policies/run.ts';
import { scaleInPlace } from './policies/scale.ts';
import { upgradeSession } from './policies/session.ts';
import { withDeletionSavepoint, withSnapshots } from './policies/snapshots.ts';
import { restartStale } from './policies/stale-classes.ts';
import { beginStart, continueStart, noteDeployed } from './policies/start.ts';
import { stopJob } from './policies/stop.ts';
import { beginSuspend, staySuspended, stayUnstarted } from './policies/suspend.ts';
import { unrecorded } from './policies/unrecorded.ts';
import { runs } from './record.ts';
import type { FlinkDeploymentStatus } from './schema.ts';
import { FLINK_FINALIZER, type FlinkEffect, type Intent, type Situation } from './situation.ts';
import { asksForRestart } from './spec-diff.ts';
import { isMereSize } from './state-size.ts';
import { failedStatus, flinkStatus } from './status.ts';

/** What one pass over a FlinkDeployment wants done. */
export interface FlinkPlan extends Plan<FlinkDeploymentStatus, FlinkEffect>, Pick<Intent, 'looked'> {}

/*
 *                   spec wanted               recorded                      next
 *   refuse          any, cannot be acted on   nothing                       wait for an edit
 *   stayUnstarted   suspended                 nothing                       rest
 *   unrecorded      running                   nothing, but state there   ask the user what to start from
 *   forgetLearnt    asks to forget            any, ConfigMap there  remove what the autoscaler has learnt
 *   holdBack        running, does not fit     nothing                       wait, where the gate is set; what runs goes on
 *                                                                           by its recorded spec
 *   stayFailed      any                       UPGRADING, restore failed     take down the rest; wait for an edit
 *   noteDeployed    any                       UPGRADING, JobManager made    record DEPLOYED
 *   upgradeSession  session differs           DEPLOYED                      record UPGRADING, take down, create
 *   scaleInPlace    differs in size alone     DEPLOYED, running             record it with its size, ask for that until it is had
 *   failRestore     any                       DEPLOYED, cannot be restored  record that its restore failed, take down
 *   stopJob         differs                   DEPLOYED, running             stop it so that its state is kept, then record
 *                                                                           UPGRADING or suspended and what comes next
 *   beginStart      running, differs          nothing that runs             record UPGRADING, take down, create
 *   beginSuspend    suspended, differs        nothing that runs             record suspended, take down
 *   continueStart   as recorded               UPGRADING                     take down the rest, create
 *   staySuspended   as recorded               DEPLOYED, suspended           take down the rest, rest
 *   recoverCluster  as recorded               DEPLOYED, running, JM gone    record UPGRADING, take down, create
 *   restartFailed   as recorded               DEPLOYED, running, FAILED     the same, where the user asked for it
 *   restartUnhealthy  as recorded             DEPLOYED, running, ill   the same, where its health check is on
 *   restartStale    as recorded               DEPLOYED, running, classes  the same, after a while
 *   shutDownEnded   as recorded               DEPLOYED, ended long ago  take the cluster down, keep what it left
 *   run             as recorded               DEPLOYED, running             keep whole, report
 */
const POLICIES: readonly Policy<Situation, Intent>[] = [
  refuse,
  stayUnstarted,
  unrecorded,
  forgetLearnt,
  holdBack,
  stayFailed,
  noteDeployed,
  upgradeSession,
  failRestore,
  awaitSavepoint,
  scaleInPlace,
  stopJob,
  beginStart,
  beginSuspend,
  continueStart,
  staySuspended,
  recoverCluster,
  restartFailed,
  restartStale,
  restartUnhealthy,
  shutDownEnded,
  run,
];

/** How often a JobManager is asked, in milliseconds: in a transition, and at rest. */
export interface ProbeIntervals {
  readonly fast: number;
  readonly slow: number;
}

/** Decides one pass. Pure: the same situation gives the same plan. */
export function decide(seen: Situation, intervals: ProbeIntervals): FlinkPlan {
  const situation = rolledBack(seen);
  if (isCanary(situation)) return canaryPlan(situation, FLINK_FINALIZER);
  const stage = lifecycle(situation.resource.metadata, FLINK_FINALIZER);
  if (stage === 'gone') return { because: 'Cleanup', status: undefined, actions: [], events: [] };
  const intent = stage === 'cleaning-up' ? withDeletionSavepoint(situation, cleanUp(situation)) : liveIntent(situation);
  const removing = intent.actions?.some((action) => action.kind === 'finalizer' && action.op === 'remove') === true;
  const status =
    removing || intent.keepsStatus === true ? undefined : newsOf(situation, flinkStatus(situation, intent));
  return {
    because: situation.start.held === undefined ? intent.because : 'WaitingForCapacity',
    status,
    actions: intent.actions ?? [],
    events: [...(intent.events ?? []), ...(status === undefined ? [] : changeEvents(situation, status))],
    ...lookAgain(situation, intent),
    ...(interrupts(situation, intent) ? { interrupts: true } : {}),
    ...watching(intent, intervals),
  };
}

function watching({ probe, looked }: Intent, intervals: ProbeIntervals): Pick<FlinkPlan, 'probeEveryMs' | 'looked'> {
  return {
    ...(probe === 'off' ? {} : { probeEveryMs: intervals[probe] }),
    ...(looked === undefined ? {} : { looked }),
  };
}

/** That a start fits, as the one before did, and how large the state is by now is told with the next thing that happens to it. */
function newsOf({ status: before }: Situation, status: FlinkDeploymentStatus): FlinkDeploymentStatus | undefined {
  return isMereFit(before, status) || isMereSize(before, status) ? undefined : status;
}

/** When to look again, and whether what the cluster can give must be known by then. */
function lookAgain(
  { start }: Situation,
  { requeueAfterMs }: Intent,
): Pick<FlinkPlan, 'requeueAfterMs' | 'surveyNewerThan'> {
  const waits = [requeueAfterMs, start.held === undefined ? undefined : HELD_MS].filter((ms) => ms !== undefined);
  return {
    ...(waits.length === 0 ? {} : { requeueAfterMs: Math.min(...waits) }),
    ...(start.surveyNewerThan === undefined ? {} : { surveyNewerThan: start.surveyNewerThan }),
  };
}

/** Whether the job runs and this pass is the first to do anything about its user wanting another spec or none. */
function interrupts({ record, observed, target }: Situation, intent: Intent): boolean {
  if (record === undefined || !runs(record) || record.stopping !== undefined || intent.record === undefined)
    return false;
  if (target === undefined || !asksForRestart(target.diff)) return false;
  const ends = intent.record.stopping !== undefined || !runs(intent.record);
  return ends && knownValue(observed.rest)?.job?.state === 'RUNNING';
}

/** How often what waits for capacity looks whether it fits by now. */
const HELD_MS = 10_000;

/**
 * What a pass that failed says of itself: its reason in the conditions and an event, nothing done. Only failures a user
 * should know come here; the runtime retries them all.
 */
export function decideFailed(situation: Situation, failure: Failure): FlinkPlan | undefined {
  if (failure.kind === 'conflict') return undefined;
  const reason = failure.kind === 'transient' ? 'Error' : failure.reason;
  const phase = failure.kind === 'stalled' ? 'stalled' : 'progressing';
  const intent: Intent = { because: reason, message: failure.message, phase, probe: 'off' };
  const told = situation.status?.conditions?.some(
    (condition) => condition.reason === reason && condition.message === failure.message,
  );
  const event = { type: 'Warning', reason, message: failure.message, component: 'Operator' } as const;
  return {
    because: reason,
    status: failedStatus(situation, intent),
    actions: [],
    events: told === true ? [] : [event],
  };
}

function liveIntent(situation: Situation): Intent {
  const intent = firstMatch(POLICIES, situation);
  if (intent !== undefined) return withAutoscaler(situation, withRollback(situation, withSnapshots(situation, intent)));
  return {
    because: 'Error',
    message: 'no rule covers this state; this is a bug of Weir',
    phase: 'stalled',
    probe: 'off',
  };
}
