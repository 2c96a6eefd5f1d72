import type { Time } from './time.ts';

/** How often it is looked at what the process does. */
const LOOK_MS = 10_000;
/** Shares of the time that the event loop was at work: from one on it was a busy time, below the other it is quiet. */
const BUSY = 0.2;
const QUIET = 0.05;

/** What memory is tidied with. */
export interface TidyOptions {
  readonly time: Time;
  /** Collects all garbage, which holds the process up: see `collectAll`. */
  readonly collect: () => void;
  /** The share of the time since it was asked before that the event loop was at work, 0 to 1. */
  readonly share: () => number;
}

/**
 * Collects garbage once it is quiet after a busy time, of which the start is one; returns what ends that. V8 collects as
 * memory is asked for, so that who asks for little keeps what a burst has left: a third of the heap and more (Node 24).
 */
export function tidyWhenQuiet({ time, collect, share }: TidyOptions): () => void {
  let due = true;
  const look = (): void => {
    const now = share();
    if (due && now < QUIET) collect();
    due = now >= BUSY || (due && now >= QUIET);
    cancel = time.after(LOOK_MS, look);
  };
  let cancel = time.after(LOOK_MS, look);
  return () => cancel();
}

/** MiB of heap up to which pages are given back too: at most half a second. */
const GIVEN_BACK_MIB = 128;

/**
 * Collects all garbage with what Node offers as `gc` under --expose-gc, given the MiB of heap in use. A regular collection takes
 * about a millisecond for each MiB that lives and keeps the pages it empties; one of last resort gives them back and takes
 * four times as long (Node 24), so that it is left to heaps that are small.
 */
export function collectAll(gc: NonNullable<typeof globalThis.gc>, heapMiB: number): void {
  gc({ type: 'major', flavor: heapMiB > GIVEN_BACK_MIB ? 'regular' : 'last-resort', execution: 'sync' });
}

/** The share of the time since the last call that this process' event loop was at work. */
export function eventLoopShare(): () => number {
  let before = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  };
}
