import type { Failure } from '../../core/failure.ts';
import type { EventDraft, Plan } from '../../core/plan.ts';
import { firstMatch, type Policy } from '../../core/reconciler.ts';
import { isBeingDeleted, isOwnedBy } from '../../kube/object.ts';
import { runNow, startDue, startRecorded } from './policies/start.ts';
import { planNext, refuse, suspend, wait } from './policies/wait.ts';
import { deletion, historyOf } from './runs.ts';
import type { ScheduledSparkApplicationStatus } from './schema.ts';
import { type ScheduleIntent, type ScheduleSituation, scheduleEvent } from './situation.ts';
import { failedStatus, scheduleStatus } from './status.ts';

/** What one pass over a ScheduledSparkApplication wants done. */
export type SchedulePlan = Plan<ScheduledSparkApplicationStatus, never>;

/*
 *   startRecorded   a run is recorded that was never seen       make it, once those it replaces are gone
 *   refuse          the spec cannot be acted on                 FailedValidation, wait for an edit
 *   runNow          the annotation has a new text               record a run and make it, or wait for the one that runs
 *   suspend         spec.suspend                                no time is planned
 *   planNext        no time is planned, or by another schedule  plan the first one after now
 *   startDue        the planned time has come                   record a run and make it, or skip it; plan the next time
 *   wait            it has not                                  look again then
 */
const POLICIES: readonly Policy<ScheduleSituation, ScheduleIntent>[] = [
  startRecorded,
  refuse,
  runNow,
  suspend,
  planNext,
  startDue,
  wait,
];

/** Decides one pass. Pure: the same situation gives the same plan. */
export function decideSchedule(situation: ScheduleSituation): SchedulePlan {
  const { resource, observed, spec, refusal } = situation;
  // Its runs go with it, by their owner reference.
  if (isBeingDeleted(resource)) return { because: 'Deleting', status: undefined, actions: [], events: [] };
  const intent = firstMatch(POLICIES, situation) ?? uncovered;
  const history = historyOf(observed.runs, spec);
  // A spec that cannot be read says nothing of how many are kept.
  const surplus = refusal === undefined ? history.surplus : [];
  return {
    because: intent.because,
    status: scheduleStatus(situation, intent, history),
    actions: [
      ...(intent.actions ?? []),
      ...surplus.flatMap((run) => deletion(run, 'the history is limited by the spec')),
    ],
    events: [...(intent.events ?? []), ...refusalEvents(situation), ...nameEvents(situation)],
    ...(intent.requeueAfterMs === undefined ? {} : { requeueAfterMs: intent.requeueAfterMs }),
  };
}

const uncovered: ScheduleIntent = {
  because: 'Error',
  message: 'no rule covers this state; this is a bug of Weir',
  phase: 'stalled',
};

function refusalEvents({ refusal, status }: ScheduleSituation): readonly EventDraft[] {
  if (refusal === undefined || status.reason === refusal.message) return [];
  return [scheduleEvent('Warning', 'ValidationError', refusal.message)];
}

/** The run's name belongs to something else, which is left alone: that run does not come about. */
function nameEvents({ observed: { last }, resource, status }: ScheduleSituation): readonly EventDraft[] {
  if (last === undefined || status.lastRunSeen === status.lastRunName) return [];
  if (isOwnedBy(last, resource.metadata.uid)) return [];
  const { name } = last.metadata;
  return [scheduleEvent('Warning', 'NameTaken', `run ${name} is not started: SparkApplication ${name} is not its own`)];
}

/** What a pass that failed says of itself, nothing done: it is shown in the conditions and tried again by the runtime. */
export function decideScheduleFailed(situation: ScheduleSituation, failure: Failure): SchedulePlan | undefined {
  if (failure.kind === 'conflict') return undefined;
  const because = failure.kind === 'transient' ? 'Error' : failure.reason;
  const phase = failure.kind === 'stalled' ? 'stalled' : 'progressing';
  const { message } = failure;
  return { because, status: failedStatus(situation, { because, message, phase }), actions: [], events: [] };
}
