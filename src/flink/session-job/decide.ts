import { knownValue } from '../../core/fact.ts';
import type { Failure } from '../../core/failure.ts';
import { lifecycle } from '../../core/lifecycle.ts';
import type { EventDraft, Plan } from '../../core/plan.ts';
import { firstMatch, type Policy } from '../../core/reconciler.ts';
import { canaryPlan } from '../canary.ts';
import type { ProbeIntervals } from '../decide.ts';
import { exceptionEvents } from '../exception-events.ts';
import { noticeEvents } from '../notice.ts';
import { forgetLearnt } from '../policies/autoscaler.ts';
import { normal, SUBMISSION_FAILURES, warning } from './events.ts';
import { isCanary, labelPlan } from './labels.ts';
import { sessionJobNotices } from './notices.ts';
import { withAutoscaler } from './policies/autoscaler.ts';
import { cleanUp } from './policies/cleanup.ts';
import { awaitSavepoint } from './policies/pending-savepoint.ts';
import { recoverLost, restartFailed } from './policies/recover.ts';
import { refuse } from './policies/refuse.ts';
import { failRestore, stayFailed } from './policies/restore-failure.ts';
import { rolledBack, submissionEndsInMs, withRollback } from './policies/rollback.ts';
import { run } from './policies/run.ts';
import { scaleInPlace } from './policies/scale.ts';
import { withDeletionSavepoint, withSnapshots } from './policies/snapshots.ts';
import { beginStart, continueStart, noteStarted } from './policies/start.ts';
import { staySuspended, stayUnstarted, stopJob, suspendUnstarted } from './policies/stop.ts';
import { type FlinkSessionJobStatus, SESSION_JOB_FINALIZER } from './schema.ts';
import { type Intent, recordedConf, type SessionJobEffect, type Situation } from './situation.ts';
import { failedStatus, sessionJobStatus } from './status.ts';

/** What one pass over a FlinkSessionJob wants done. */
export interface SessionJobPlan extends Plan<FlinkSessionJobStatus, SessionJobEffect>, Pick<Intent, 'looked'> {}

/*
 *                     spec wanted                 recorded                  next
 *   refuse            any, cannot be acted on     nothing                   wait for an edit
 *   stayUnstarted     suspended                   nothing                   rest
 *   forgetLearnt      asks to forget              any, ConfigMap there      remove what the autoscaler has learnt
 *   stayFailed        any                         UPGRADING, not restored   cancel what is left; wait for an edit
 *   noteStarted       any                         UPGRADING, job seen       record DEPLOYED
 *   suspendUnstarted  suspended                   UPGRADING, job not there  record suspended
 *   beginStart        running, differs            nothing runs              record UPGRADING with a job id, submit
 *   continueStart     as recorded                 UPGRADING                 submit
 *   awaitSavepoint    differs                     DEPLOYED, running         wait for a savepoint that somebody asked for
 *   failRestore       any                         DEPLOYED, not restorable  record that its restore failed
 *   scaleInPlace      differs in size alone       DEPLOYED, running         record it with its sizes, ask for those until they are had
 *   stopJob           differs                     DEPLOYED, running         record how, stop; then suspended or UPGRADING
 *   staySuspended     suspended                   DEPLOYED, suspended       rest
 *   recoverLost       as recorded                 DEPLOYED, job not there   record UPGRADING, or ask the user
 *   restartFailed     as recorded                 DEPLOYED, job FAILED      record UPGRADING if asked for
 *   run               as recorded                 DEPLOYED, running         report
 */
const POLICIES: readonly Policy<Situation, Intent>[] = [
  refuse,
  stayUnstarted,
  forgetLearnt,
  stayFailed,
  noteStarted,
  suspendUnstarted,
  beginStart,
  continueStart,
  failRestore,
  awaitSavepoint,
  scaleInPlace,
  stopJob,
  staySuspended,
  recoverLost,
  restartFailed,
  run,
];

/** Decides one pass. Pure: the same situation gives the same plan. */
export function decide(situation: Situation, intervals: ProbeIntervals): SessionJobPlan {
  if (isCanary(situation)) return canaryPlan(situation, SESSION_JOB_FINALIZER);
  return labelPlan(situation) ?? decideJob(situation, intervals);
}

function decideJob(seen: Situation, intervals: ProbeIntervals): SessionJobPlan {
  const situation = rolledBack(seen);
  const stage = lifecycle(situation.resource.metadata, SESSION_JOB_FINALIZER);
  if (stage === 'gone') return { because: 'Cleanup', status: undefined, actions: [], events: [] };
  const intent =
    stage === 'cleaning-up'
      ? withDeletionSavepoint(situation, cleanUp(situation))
      : withAutoscaler(situation, withRollback(situation, withSnapshots(situation, liveIntent(situation))));
  const removing = intent.actions?.some((action) => action.kind === 'finalizer' && action.op === 'remove') === true;
  const status = removing || intent.keepsStatus === true ? undefined : sessionJobStatus(situation, intent);
  return {
    because: intent.because,
    status,
    actions: intent.actions ?? [],
    events: [...(intent.events ?? []), ...(status === undefined ? [] : changeEvents(situation, status))],
    ...(intent.requeueAfterMs === undefined ? {} : { requeueAfterMs: intent.requeueAfterMs }),
    ...(intent.probe === 'off' ? {} : { probeEveryMs: intervals[intent.probe] }),
    ...(intent.looked === undefined ? {} : { looked: intent.looked }),
  };
}

/** What a pass that failed says of itself: its reason in the conditions and an event, nothing done. */
export function decideFailed(situation: Situation, failure: Failure): SessionJobPlan | undefined {
  if (failure.kind === 'conflict') return undefined;
  const because = failure.kind === 'transient' ? 'Error' : failure.reason;
  const { message } = failure;
  const phase = failure.kind === 'stalled' ? 'stalled' : 'progressing';
  const told = situation.status?.conditions?.some((told) => told.reason === because && told.message === message);
  const event: EventDraft = { type: 'Warning', reason: because, message, component: 'Job' };
  const endsMs = Object.hasOwn(SUBMISSION_FAILURES, because) ? submissionEndsInMs(situation) : undefined;
  return {
    because,
    status: failedStatus(situation, { because, message, phase, probe: 'off' }),
    actions: [],
    events: told === true ? [] : [event],
    ...(endsMs === undefined ? {} : { requeueAfterMs: endsMs }),
  };
}

function liveIntent(situation: Situation): Intent {
  const intent = firstMatch(POLICIES, situation);
  if (intent !== undefined) return intent;
  const message = 'no rule covers this state; this is a bug of Weir';
  return { because: 'Error', message, phase: 'stalled', probe: 'off' };
}

/** Events for what this pass found changed against the stored status: once per change. */
function changeEvents(situation: Situation, status: FlinkSessionJobStatus): EventDraft[] {
  const { status: before, observed, record, defaults } = situation;
  const job = knownValue(observed.rest)?.job;
  return [
    ...stateEvents(before, status),
    ...stalledEvents(before, status),
    ...(record === undefined ? [] : exceptionEvents(job, () => recordedConf(situation, record))),
    ...noticeEvents(situation, () => sessionJobNotices(situation.resource, observed.session, defaults)),
  ];
}

function stateEvents(before: FlinkSessionJobStatus | undefined, { jobStatus }: FlinkSessionJobStatus): EventDraft[] {
  const [old, now] = [before?.jobStatus?.state, jobStatus?.state];
  if (now === undefined || now === old || now === 'RECONCILING') return [];
  const message = `Job status changed from ${old ?? 'none'} to ${now}`;
  const event = now === 'FAILED' ? warning('JobStatusChanged', message) : normal('JobStatusChanged', message);
  return [{ ...event, dedupe: `${jobStatus?.jobId ?? ''}/${message}/${jobStatus?.updateTime ?? ''}` }];
}

function stalledEvents(before: FlinkSessionJobStatus | undefined, { conditions }: FlinkSessionJobStatus): EventDraft[] {
  const now = conditions?.find(({ type }) => type === 'Stalled');
  const old = before?.conditions?.find(({ type }) => type === 'Stalled');
  if (now === undefined || (old?.reason === now.reason && old.message === now.message)) return [];
  return [{ type: 'Warning', reason: now.reason, message: now.message, component: 'Job' }];
}
