import type { Action } from '../../../core/plan.ts';
import type { Policy } from '../../../core/reconciler.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { hashHex } from '../../../lib/hash.ts';
import { lastFire } from '../../../lib/standard-cron.ts';
import { askedRunName, dueRunName } from '../names.ts';
import { deletion, runOf } from '../runs.ts';
import { RUN_NOW_ANNOTATION } from '../schema.ts';
import { type ScheduleIntent, type ScheduleSituation, scheduleEvent } from '../situation.ts';
import { nextRunOf, timeText, waitMsUntil } from '../times.ts';

/** A run was recorded and its SparkApplication is not there: it is made, or made room for. */
export const startRecorded: Policy<ScheduleSituation, ScheduleIntent> = (situation) => {
  const { pending, refusal } = situation;
  return pending === undefined || refusal !== undefined ? undefined : starting(situation, pending);
};

/** The annotation asks for a run: started once for each text, whatever the clock and spec.suspend say. */
export const runNow: Policy<ScheduleSituation, ScheduleIntent> = (situation) => {
  const { resource, status, spec, active } = situation;
  const token = tokenOf(resource);
  if (token === '' || token === status.runNowToken) return undefined;
  const [other] = active;
  if (other !== undefined && spec.concurrencyPolicy === 'Forbid') {
    const message = `the run asked for by ${RUN_NOW_ANNOTATION} waits until run ${other.metadata.name} is over`;
    return { because: 'WaitingForRun', message, phase: 'progressing' };
  }
  const { name, uid = '' } = resource.metadata;
  const run = askedRunName(name, uid, token);
  const change = { ...recorded(situation, run), runNowToken: token };
  return begin(situation, { run, change, why: `asked for by ${RUN_NOW_ANNOTATION}` });
};

/** Longest text that is recorded as it is: an annotation may have a quarter of a megabyte. */
const MAX_TOKEN = 100;

/** What asks for a run, a hash of it where it is long; empty where nothing does. */
function tokenOf({ metadata }: KubeObject): string {
  const text = metadata.annotations?.[RUN_NOW_ANNOTATION] ?? '';
  return text.length <= MAX_TOKEN ? text : hashHex(text, 32);
}

/** The next run is due: the newest time that has passed counts, those missed before it are not made up for. */
export const startDue: Policy<ScheduleSituation, ScheduleIntent> = (situation) => {
  const { timetable, status, now, spec, active } = situation;
  const nextMs = Date.parse(status.nextRun ?? '');
  if (timetable === undefined || !(nextMs <= now.getTime())) return undefined;
  const dueMs = lastFire(timetable.cron, nextMs, now.getTime());
  const nextRun = nextRunOf(timetable.cron, dueMs);
  const missed = dueMs === nextMs ? '' : `; what was due from ${timeText(nextMs)} on was missed`;
  const { startingDeadlineSeconds: deadline } = spec;
  if (deadline !== undefined && now.getTime() - dueMs > deadline * 1000) {
    const why = `it could not be started within spec.startingDeadlineSeconds (${deadline} s)${missed}`;
    return skipped(situation, { dueMs, nextRun, why });
  }
  const [other] = active;
  if (other !== undefined && spec.concurrencyPolicy === 'Forbid') {
    const why = `run ${other.metadata.name} is not over and spec.concurrencyPolicy is Forbid${missed}`;
    return skipped(situation, { dueMs, nextRun, why });
  }
  const run = dueRunName(situation.resource.metadata.name, dueMs, situation.settings.precision);
  const change = { ...recorded(situation, run), nextRun };
  const begun = begin(situation, { run, change, why: `due at ${timeText(dueMs)}${missed}` });
  // An event could be lost with the operator: the status that records the run says it too.
  return missed === '' ? begun : { ...begun, message: `${begun.message}, due at ${timeText(dueMs)}${missed}` };
};

interface Skipped {
  readonly dueMs: number;
  readonly nextRun: string | undefined;
  readonly why: string;
}

function skipped({ now }: ScheduleSituation, { dueMs, nextRun, why }: Skipped): ScheduleIntent {
  const message = `the run due at ${timeText(dueMs)} is skipped: ${why}`;
  return {
    because: 'Scheduled',
    message,
    phase: 'settled',
    change: { nextRun },
    events: [scheduleEvent('Warning', 'ScheduledRunSkipped', message)],
    ...(nextRun === undefined ? {} : { requeueAfterMs: waitMsUntil(nextRun, now) }),
  };
}

type Change = NonNullable<ScheduleIntent['change']>;

function recorded({ now }: ScheduleSituation, run: string): Change {
  return { lastRun: timeText(now.getTime()), lastRunName: run };
}

/** Records a run, in the pass that makes it: the status is written first. */
function begin(
  situation: ScheduleSituation,
  { run, change, why }: { readonly run: string; readonly change: Change; readonly why: string },
): ScheduleIntent {
  const event = scheduleEvent('Normal', 'ScheduledRunStarted', `run ${run} is started, ${why}`);
  return { ...starting(situation, run), change, events: [event] };
}

function starting(situation: ScheduleSituation, run: string): ScheduleIntent {
  const { spec, active, resource } = situation;
  const [other] = active;
  if (spec.concurrencyPolicy === 'Replace' && other !== undefined) {
    const actions = active.flatMap((old) => deletion(old, `replaced by run ${run}`));
    const message = `run ${run} waits until run ${other.metadata.name}, which it replaces, is gone`;
    return { because: 'WaitingForRun', message, phase: 'progressing', actions, requeueAfterMs: 5000 };
  }
  const object = runOf(resource, spec, run);
  const make: Action<never> = { kind: 'create', object, because: `run ${run}` };
  const message = `making SparkApplication ${run}`;
  return { because: 'RunStarting', message, phase: 'progressing', actions: [make], requeueAfterMs: 10_000 };
}
