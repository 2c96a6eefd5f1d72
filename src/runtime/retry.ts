import type { Failure } from '../core/failure.ts';
import type { ObjectKey } from '../kube/object.ts';
import type { WorkQueue } from './work-queue.ts';

/**
 * Waits after a failure: a conflict is read again at once, a stalled resource waits for an edit, and an API server that
 * failed for a while is not made to be missed for long after.
 */
const RETRY = {
  conflict: { base: 5, cap: 10_000 },
  transient: { base: 200, cap: 30_000 },
  stalled: { base: 5_000, cap: 600_000 },
  panic: { base: 1_000, cap: 300_000 },
} as const;

/** Plans the next pass after a failure; returns the wait, which is never shorter than what was asked for. */
export function retry(queue: WorkQueue, key: ObjectKey, failure: Failure): number {
  // A retry comes after half to all of its time, so twice the time asked for keeps it whole.
  if (failure.kind === 'waiting') {
    const { retryAfterMs, upToMs = retryAfterMs } = failure;
    return queue.retry(key, { base: 2 * retryAfterMs, cap: 2 * upToMs });
  }
  const limits = RETRY[failure.kind];
  const asked = failure.kind === 'transient' ? 2 * (failure.retryAfterMs ?? 0) : 0;
  return queue.retry(key, { base: Math.max(limits.base, asked), cap: Math.max(limits.cap, asked) });
}

/** The same after a programming error. */
export function retryPanic(queue: WorkQueue, key: ObjectKey): number {
  return queue.retry(key, RETRY.panic);
}

/** Failures in a row after which a failure that mostly passes by itself is told to the user. */
const TELL_PASSING_AFTER = 3;

/**
 * Whether the user is told of a failure that is the so many-eth in a row: a lost connection, or an object that is gone and
 * whose deletion the watch is about to tell, mostly passes by itself.
 */
export function isWorthTelling(failure: Failure, failures: number): boolean {
  const passing = failure.kind === 'transient' || (failure.kind === 'waiting' && failure.reason === 'NotFound');
  return !passing || failures >= TELL_PASSING_AFTER;
}
