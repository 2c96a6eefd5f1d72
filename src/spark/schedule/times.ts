import { nextFire, type StandardCron } from '../../lib/standard-cron.ts';

/** RFC 3339 in whole seconds, as Kubernetes stores times. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The first time after another, as the status has it; undefined when there is none. */
export function nextRunOf(cron: StandardCron, afterMs: number): string | undefined {
  const next = nextFire(cron, afterMs);
  return next === undefined ? undefined : timeText(next);
}

/** Longest time until a schedule is looked at again, so that a change of the operator's clock does no harm. */
const MAX_WAIT_MS = 3_600_000;

/** How long to wait for a time, in milliseconds, at least one. */
export function waitMsUntil(time: string, now: Date): number {
  return Math.min(MAX_WAIT_MS, Math.max(1, Date.parse(time) - now.getTime()));
}
