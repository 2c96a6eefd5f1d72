import type { QueueGauges, QueueMetrics } from '../metrics/metrics.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { backoffMs, type Time } from './time.ts';

/** Bounds of the wait before a retry. */
export interface RetryLimits {
  /** Before the first retry, doubled for each further one. */
  readonly base: number;
  readonly cap: number;
}

/**
 * Keys to work on. A key is handed to one worker at a time; what is added meanwhile runs after it. Adding a key that
 * already waits keeps the earlier of both times. Due keys are handed out in the order they became due.
 */
export interface WorkQueue {
  /** Keys due and not yet handed out. */
  readonly depth: number;
  add(key: string): void;
  addAfter(key: string, delayMs: number): void;
  /** The next due key, waiting for one; undefined once it is closed. The caller must call done(key). */
  next(): Promise<string | undefined>;
  done(key: string): void;
  /** Adds a key after a failed pass with a wait that grows with each failure until forget(key). Returns the wait. */
  retry(key: string, limits?: RetryLimits): number;
  /** Ends the key's series of failures. */
  forget(key: string): void;
  /** Failures in a row. */
  failures(key: string): number;
  /** Every key of which anything is kept: due, worked on, waiting for its time or in a series of failures. */
  keys(): Iterable<string>;
  /** Drops all keys and timers; nothing is handed out any more, and whoever waits for a key is told. */
  close(): void;
}

/** What a queue is made with. `metrics` gets the gauges the metrics may ask for. */
export interface WorkQueueOptions {
  readonly time: Time;
  readonly metrics?: (gauges: QueueGauges) => QueueMetrics;
}

const RETRY: RetryLimits = { base: 100, cap: 300_000 };

interface State {
  readonly time: Time;
  /** Due keys and since when, in order. */
  readonly ready: Map<string, number>;
  readonly working: Map<string, { readonly since: number; again: number | undefined }>;
  readonly failures: Map<string, number>;
  readonly later: Schedule;
  readonly waiters: Set<(key: string | undefined) => void>;
  /** Due keys are about to be handed to those who wait. */
  handing: boolean;
  metrics: QueueMetrics | undefined;
  closed: boolean;
}

/** An empty work queue. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { time } = options;
  const state: State = {
    time,
    ready: new Map(),
    working: new Map(),
    failures: new Map(),
    later: createSchedule(time, (key) => makeReady(state, key)),
    waiters: new Set(),
    handing: false,
    metrics: undefined,
    closed: false,
  };
  state.metrics = options.metrics?.(gaugesOf(state));
  return {
    get depth() {
      return state.ready.size;
    },
    add: (key) => addAt(state, key, time.monotonic()),
    addAfter: (key, delayMs) => addAt(state, key, time.monotonic() + delayMs),
    next: () => next(state),
    done(key) {
      const work = state.working.get(key);
      if (!state.working.delete(key) || work === undefined) return;
      state.metrics?.worked((time.monotonic() - work.since) / 1000);
      if (work.again !== undefined) addAt(state, key, work.again);
    },
    retry(key, limits = RETRY) {
      const failures = state.failures.get(key) ?? 0;
      state.failures.set(key, failures + 1);
      state.metrics?.retried();
      const delay = backoffMs(failures, limits, time.random());
      addAt(state, key, time.monotonic() + delay);
      return delay;
    },
    forget: (key) => void state.failures.delete(key),
    failures: (key) => state.failures.get(key) ?? 0,
    *keys() {
      const { ready, working, failures, later } = state;
      for (const part of [ready, working, failures, later]) yield* part.keys();
    },
    close() {
      state.closed = true;
      state.later.clear();
      state.ready.clear();
      for (const resolve of state.waiters) resolve(undefined);
      state.waiters.clear();
    },
  };
}

function addAt(state: State, key: string, at: number): void {
  if (state.closed || state.ready.has(key)) return;
  const work = state.working.get(key);
  if (work !== undefined) work.again = Math.min(work.again ?? at, at);
  else if (at <= state.time.monotonic()) makeReady(state, key);
  else state.later.set(key, Math.min(state.later.at(key) ?? at, at));
}

function makeReady(state: State, key: string): void {
  state.later.delete(key);
  state.ready.set(key, state.time.monotonic());
  state.metrics?.added();
  if (state.handing || state.waiters.size === 0) return;
  state.handing = true;
  queueMicrotask(() => handOut(state));
}

/**
 * Only once whoever adds keys is done for now: a key added again by what came with it, such as the next line of a watch, would
 * be worked on twice, though the first worker begins after both and sees all.
 */
function handOut(state: State): void {
  state.handing = false;
  for (const waiter of state.waiters) {
    const key = take(state);
    if (key === undefined) return;
    state.waiters.delete(waiter);
    waiter(key);
  }
}

function take(state: State): string | undefined {
  const [first] = state.ready;
  if (first === undefined) return undefined;
  const [key, since] = first;
  const now = state.time.monotonic();
  state.ready.delete(key);
  state.working.set(key, { since: now, again: undefined });
  state.metrics?.waited((now - since) / 1000);
  return key;
}

function next(state: State): Promise<string | undefined> {
  if (state.closed) return Promise.resolve(undefined);
  const key = take(state);
  if (key !== undefined) return Promise.resolve(key);
  return new Promise((resolve) => state.waiters.add(resolve));
}

function gaugesOf(state: State): QueueGauges {
  const ages = (): number[] => {
    const now = state.time.monotonic();
    return [...state.working.values()].map(({ since }) => (now - since) / 1000);
  };
  return {
    depth: () => state.ready.size,
    unfinishedSeconds: () => ages().reduce((sum, age) => sum + age, 0),
    longestSeconds: () => Math.max(0, ...ages()),
  };
}
