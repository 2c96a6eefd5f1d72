import { withAccountHint } from '../core/account-hint.ts';
import type { Failure } from '../core/failure.ts';
import type { Plan } from '../core/plan.ts';
import { firstMatch, type Policy } from '../core/reconciler.ts';
import { isBeingDeleted } from '../kube/object.ts';
import { changeEvents } from './change-events.ts';
import { concluded, retrySubmission, revive } from './policies/conclude.ts';
import { refuse } from './policies/refuse.ts';
import { replace } from './policies/replace.ts';
import { rest } from './policies/rest.ts';
import { run } from './policies/run.ts';
import { deletion } from './policies/stop.ts';
import { begin, rerun } from './policies/submit.ts';
import { resume, suspend } from './policies/suspend.ts';
import { adopt } from './policies/unrecorded.ts';
import type { SparkApplicationStatus } from './schema.ts';
import type { Intent, Situation } from './situation.ts';
import { failedStatus, sparkStatus } from './status.ts';

/** What one pass over a SparkApplication wants done. */
export type SparkPlan = Plan<SparkApplicationStatus, never>;

/*
 *                    spec wanted                state                            next
 *   adopt            any                        a driver nobody recorded         record SUBMITTED, follow it
 *   refuse           cannot be acted on         nothing runs                     FAILED, wait for an edit
 *   suspend          suspend: true              any; what has ended rests        SUSPENDING until nothing runs, SUSPENDED
 *   replace          another one                any but new and suspended        INVALIDATING until nothing runs, submit
 *   resume           suspend: false             SUSPENDED                        submit
 *   begin            any                        new                              record SUBMITTED, make the driver pod
 *   rerun            as recorded                PENDING_RERUN                    submit once nothing runs
 *   retrySubmission  as recorded                SUBMISSION_FAILED                submit, or FAILED
 *   run              as recorded                SUBMITTED, RUNNING, UNKNOWN      follow the driver pod
 *   concluded        as recorded                FAILING, SUCCEEDING              PENDING_RERUN, COMPLETED or FAILED
 *   revive           Always, as recorded        FAILED                           PENDING_RERUN
 *   rest             as recorded                COMPLETED, FAILED                rest until the time to live is over
 */
const POLICIES: readonly Policy<Situation, Intent>[] = [
  adopt,
  refuse,
  suspend,
  resume,
  replace,
  begin,
  rerun,
  retrySubmission,
  run,
  concluded,
  revive,
  rest,
];

/** Decides one pass. Pure: the same situation gives the same plan. */
export function decide(situation: Situation): SparkPlan {
  if (isBeingDeleted(situation.resource)) return deletionPlan(situation);
  const intent = firstMatch(POLICIES, situation) ?? uncovered;
  const status = intent.because === 'TimeToLive' ? undefined : sparkStatus(situation, intent);
  return {
    because: situation.check.held === undefined ? intent.because : 'WaitingForCapacity',
    status,
    actions: intent.actions ?? [],
    events: [...(intent.events ?? []), ...(status === undefined ? [] : changeEvents(situation, status))],
    ...lookAgain(situation, intent),
  };
}

/** How often what waits for capacity looks whether it fits by now. */
const HELD_MS = 10_000;

/** When to look again, and whether what the cluster can give must be known by then. */
function lookAgain(
  { check: { held, surveyNewerThan } }: Situation,
  { requeueAfterMs }: Intent,
): Pick<SparkPlan, 'requeueAfterMs' | 'surveyNewerThan'> {
  const waits = [requeueAfterMs, held === undefined ? undefined : HELD_MS].filter((ms) => ms !== undefined);
  return {
    ...(waits.length === 0 ? {} : { requeueAfterMs: Math.min(...waits) }),
    ...(surveyNewerThan === undefined ? {} : { surveyNewerThan }),
  };
}

const uncovered: Intent = {
  because: 'Error',
  message: 'no rule covers this state; this is a bug of Weir',
  phase: 'stalled',
};

/** Somebody's finalizer keeps the resource: its driver goes all the same. Without one, all goes with its owner. */
function deletionPlan({ observed }: Situation): SparkPlan {
  const actions = observed.drivers.flatMap((driver) => deletion(driver, 'the application is being deleted'));
  return { because: 'Deleting', status: undefined, actions, events: [] };
}

/**
 * What a pass that failed says of itself. A submission that the API server refused for good before its driver was seen is a
 * failed submission; everything else is said in the conditions alone and tried again.
 */
export function decideFailed(situation: Situation, failure: Failure): SparkPlan | undefined {
  if (failure.kind === 'conflict') return undefined;
  const because = failure.kind === 'transient' ? 'Error' : failure.reason;
  const message = withAccountHint(failure.message, 'spec.driver.serviceAccount');
  const { record } = situation;
  if (failure.kind === 'stalled' && record.state === 'SUBMITTED' && !record.seen) {
    const executionAttempts = Math.max(0, record.executionAttempts - 1);
    const refused = { ...record, state: 'SUBMISSION_FAILED', message, executionAttempts } as const;
    const status = sparkStatus(situation, {
      because: 'SubmissionFailed',
      message,
      phase: 'progressing',
      record: refused,
    });
    return { because: 'SubmissionFailed', status, actions: [], events: changeEvents(situation, status) };
  }
  const phase = failure.kind === 'stalled' ? 'stalled' : 'progressing';
  return { because, status: failedStatus(situation, { because, message, phase }), actions: [], events: [] };
}
