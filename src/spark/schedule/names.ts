import { hashHex } from '../../lib/hash.ts';

/** How finely the time in the names of runs is written (the incumbent's --scheduled-spark-application-timestamp-precision). */
export type TimestampPrecision = 'nanos' | 'micros' | 'millis' | 'seconds' | 'minutes';

/** What is appended to the milliseconds of a time that is a whole second, or cut off its seconds. */
const BEHIND_SECONDS: Readonly<Record<Exclude<TimestampPrecision, 'minutes'>, number>> = {
  nanos: 9,
  micros: 6,
  millis: 3,
  seconds: 0,
};

/** Longest name of a SparkApplication: it becomes the value of a label. */
const MAX_NAME = 63;

/**
 * The name of the run that is due at a time, in milliseconds since the epoch: the schedule's name and the time since the epoch in
 * the precision. The same time gives the same name, so that nothing can be started twice for it.
 */
export function dueRunName(schedule: string, dueMs: number, precision: TimestampPrecision): string {
  const seconds = Math.floor(dueMs / 1000);
  const time =
    precision === 'minutes' ? String(Math.floor(seconds / 60)) : `${seconds}${'0'.repeat(BEHIND_SECONDS[precision])}`;
  return runName(schedule, time);
}

/** The name of the run that a token asks for. The same token of the same resource gives the same name. */
export function askedRunName(schedule: string, uid: string, token: string): string {
  return runName(schedule, `now-${hashHex(`${uid}/${token}`, 10)}`);
}

/** A schedule's name that is too long for what comes behind it is cut, and a hash of the whole put in. */
function runName(schedule: string, behind: string): string {
  const whole = `${schedule}-${behind}`;
  if (whole.length <= MAX_NAME) return whole;
  const end = `-${hashHex(schedule, 8)}-${behind}`;
  return `${schedule.slice(0, MAX_NAME - end.length).replace(/-+$/, '')}${end}`;
}
