import type { Cancel, Time } from '../runtime/time.ts';
import { createRandom, type Random } from './random.ts';

/** Time that moves only when told to, and then from timer to timer. */
export interface VirtualTime {
  /** The clock of the world. Its chance is not the operator's. */
  readonly world: Time;
  /** A clock for something that may end: the same hands, its own chance, its own timers. */
  life(name: string): Life;
  /** Puts the wall clock of all lives off by this much from that of the world; monotonic time and timers stay. */
  skew(ms: number): void;
  /** Moves on, firing timers in order; after each, everything that waits for no timer happens. */
  advance(ms: number): Promise<void>;
  /** Fires the next timer, if it is due within `ms`; otherwise moves on by `ms`. Returns whether one fired. */
  step(ms: number): Promise<boolean>;
}

/** The time of one process. */
export interface Life {
  readonly time: Time;
  readonly ended: boolean;
  /** How many of its timers are set. */
  readonly timers: number;
  /** None of its timers fires any more, and none can be set. */
  end(): void;
  /** Called when it ends, in the order they were given. */
  onEnd(callback: () => void): void;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  /** Undefined once cancelled. */
  callback: (() => void) | undefined;
}

interface State {
  readonly start: number;
  readonly heap: Timer[];
  now: number;
  order: number;
  skewMs: number;
}

/** A clock that stands at `start` (milliseconds since the epoch). */
export function createVirtualTime(seed: number, start: number): VirtualTime {
  const state: State = { start, heap: [], now: 0, order: 0, skewMs: 0 };
  const step = async (ms: number): Promise<boolean> => {
    await drained();
    const end = state.now + ms;
    const timer = firstOf(state.heap);
    if (timer === undefined || timer.at > end) {
      state.now = end;
      return false;
    }
    fire(state, timer);
    await drained();
    return true;
  };
  return {
    world: clockOf(state, createRandom(seed, 'world')),
    life: (name) => createLife(state, createRandom(seed, name)),
    step,
    skew(ms) {
      state.skewMs = ms;
    },
    async advance(ms) {
      const end = state.now + ms;
      await drained();
      for (let timer = firstOf(state.heap); timer !== undefined && timer.at <= end; timer = firstOf(state.heap)) {
        fire(state, timer);
        await drained();
      }
      state.now = end;
    },
  };
}

/** Resolves when no promise has anything left to do: a turn of the event loop comes after all of them. */
function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function clockOf(state: State, random: Random): Time {
  return {
    now: () => state.start + state.now,
    monotonic: () => state.now,
    random,
    after: (delayMs, callback) => schedule(state, delayMs, callback),
  };
}

function createLife(state: State, random: Random): Life {
  const timers = new Set<Timer>();
  const callbacks: (() => void)[] = [];
  let ended = false;
  const after = (delayMs: number, callback: () => void): Cancel => {
    if (ended) return () => {};
    const run = (): void => {
      timers.delete(timer);
      callback();
    };
    const timer = push(state, delayMs, run);
    timers.add(timer);
    return () => {
      timer.callback = undefined;
      timers.delete(timer);
    };
  };
  return {
    time: { ...clockOf(state, random), now: () => state.start + state.now + state.skewMs, after },
    get ended() {
      return ended;
    },
    get timers() {
      return timers.size;
    },
    end() {
      if (ended) return;
      ended = true;
      for (const timer of timers) timer.callback = undefined;
      timers.clear();
      for (const callback of callbacks.splice(0)) callback();
    },
    onEnd: (callback) => void callbacks.push(callback),
  };
}

function schedule(state: State, delayMs: number, callback: () => void): Cancel {
  const timer = push(state, delayMs, callback);
  return () => {
    timer.callback = undefined;
  };
}

function fire(state: State, timer: Timer): void {
  pop(state.heap);
  state.now = timer.at;
  const { callback } = timer;
  timer.callback = undefined;
  callback?.();
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** The next timer that still wants to fire. */
function firstOf(heap: Timer[]): Timer | undefined {
  while (heap[0] !== undefined && heap[0].callback === undefined) pop(heap);
  return heap[0];
}

function push(state: State, delayMs: number, callback: () => void): Timer {
  const timer: Timer = { at: state.now + Math.max(0, delayMs), order: state.order++, callback };
  const { heap } = state;
  let index = heap.length;
  while (index > 0) {
    const above = (index - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || isBefore(parent, timer)) break;
    heap[index] = parent;
    index = above;
  }
  heap[index] = timer;
  return timer;
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = 2 * index + 1;
    const [a, b] = [heap[left], heap[left + 1]];
    const child = b !== undefined && a !== undefined && isBefore(b, a) ? b : a;
    if (child === undefined || isBefore(last, child)) break;
    heap[index] = child;
    index = child === a ? left : left + 1;
  }
  heap[index] = last;
}
