import type { Policy } from '../../../core/reconciler.ts';
import { followedSchedule, type ScheduleIntent, type ScheduleSituation } from '../situation.ts';
import { nextRunOf, waitMsUntil } from '../times.ts';

/** Nothing is started from a spec that cannot be acted on; what runs goes on. Another spec is another chance. */
export const refuse: Policy<ScheduleSituation, ScheduleIntent> = ({ refusal }) =>
  refusal === undefined
    ? undefined
    : {
        because: refusal.reason,
        message: refusal.message,
        phase: 'stalled',
        change: { nextRun: undefined, observedSchedule: undefined },
      };

/** spec.suspend: no time is planned, so that none that passes is made up for afterwards. */
export const suspend: Policy<ScheduleSituation, ScheduleIntent> = ({ spec }) =>
  spec.suspend === true
    ? {
        because: 'Suspended',
        message: 'spec.suspend is true',
        phase: 'settled',
        change: { nextRun: undefined, observedSchedule: undefined },
      }
    : undefined;

/** A new schedule, or one that is not suspended any more: the first time from now on is planned. */
export const planNext: Policy<ScheduleSituation, ScheduleIntent> = (situation) => {
  const { timetable, status, now } = situation;
  if (timetable === undefined) return undefined;
  const planned = !Number.isNaN(Date.parse(status.nextRun ?? ''));
  if (planned && followedSchedule(situation) === timetable.text) return undefined;
  return waiting(nextRunOf(timetable.cron, now.getTime()), now, timetable.text);
};

/** Nothing is due: waits for the next time. */
export const wait: Policy<ScheduleSituation, ScheduleIntent> = ({ timetable, status, now }) =>
  timetable === undefined ? undefined : waiting(status.nextRun ?? undefined, now, timetable.text);

function waiting(nextRun: string | undefined, now: Date, observedSchedule: string): ScheduleIntent {
  if (nextRun === undefined) {
    const message = 'the schedule has no time after now';
    return { because: 'Scheduled', message, phase: 'stalled', change: { observedSchedule, nextRun } };
  }
  return {
    because: 'Scheduled',
    message: `the next run is due at ${nextRun}`,
    phase: 'settled',
    change: { observedSchedule, nextRun },
    requeueAfterMs: waitMsUntil(nextRun, now),
  };
}
