import { parseFlinkDuration } from '../../lib/duration.ts';
import { nextFire, parseQuartzCron, type QuartzCron } from '../../lib/quartz-cron.ts';
import { ok, type Result } from '../../lib/result.ts';
import { isTimeZone } from '../../lib/time-zone.ts';
import type { OptionType } from './types.ts';

/** When something is done again and again: at the times of a Quartz cron expression, or so long after the last time. */
export type Schedule =
  | { readonly kind: 'cron'; readonly text: string; readonly cron: QuartzCron }
  /** 0: never. */
  | { readonly kind: 'every'; readonly ms: number };

/** A duration or a Quartz cron expression, as the incumbent tells them apart: by which of them can be read. */
export const schedule: OptionType<Schedule> = {
  name: 'duration or Quartz cron expression',
  rule: 'be a duration such as 6 h or a Quartz cron expression such as 0 0 3 * * ?',
  parse: (text) => {
    const read = readSchedule(text);
    return read.ok ? read.value : undefined;
  },
  problem: (text) => {
    const read = readSchedule(text);
    return read.ok ? undefined : read.error;
  },
};

function readSchedule(text: string): Result<Schedule, string> {
  const ms = parseFlinkDuration(text);
  if (ms !== undefined) return ok({ kind: 'every', ms });
  const cron = parseQuartzCron(text);
  return cron.ok ? ok({ kind: 'cron', text, cron: cron.value }) : cron;
}

/** The latest time that a date can stand for, in milliseconds since the epoch. */
const LAST_DATE_MS = 8.64e15;

/**
 * When it is done next, given when it was done last, in milliseconds since the epoch; cron expressions go by the clocks of
 * `timeZone`. Undefined when never again.
 */
export function nextTime(wanted: Schedule, timeZone: string, lastMs: number): number | undefined {
  if (wanted.kind === 'every') return wanted.ms === 0 ? undefined : lastMs + wanted.ms;
  return lastMs > LAST_DATE_MS ? undefined : nextFire(wanted.cron, timeZone, lastMs);
}

/** A time zone of the IANA database that this machine knows. */
export const timeZone: OptionType<string> = {
  name: 'time zone',
  rule: 'be a time zone such as UTC or Europe/Berlin',
  parse: (text) => (isTimeZone(text) ? text : undefined),
};
