import type { Time } from '../time.ts';

/** A clock that stands still until it is moved. */
export interface ManualTime extends Time {
  /** Moves both clocks on, firing timers in order; lets promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Lets everything settle that needs no time. */
  settle(): Promise<void>;
  /** Sets the wall clock alone. */
  setWall(ms: number): void;
  readonly timers: number;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock at `start` (ms since the epoch), giving `random` as chance (0.5 unless given). */
export function createManualTime(start = 1_700_000_000_000, random: () => number = () => 0.5): ManualTime {
  const timers = new Set<Timer>();
  let [monotonic, wall, order] = [0, start, 0];
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 30; i++) await Promise.resolve();
  };
  const firstBefore = (end: number): Timer | undefined =>
    [...timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0];
  return {
    now: () => wall,
    monotonic: () => monotonic,
    random,
    after(delayMs, callback) {
      const timer = { at: monotonic + Math.max(0, delayMs), order: order++, callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const end = monotonic + ms;
      await settle();
      for (let timer = firstBefore(end); timer !== undefined; timer = firstBefore(end)) {
        timers.delete(timer);
        wall += timer.at - monotonic;
        monotonic = timer.at;
        timer.callback();
        await settle();
      }
      wall += end - monotonic;
      monotonic = end;
      await settle();
    },
    settle,
    setWall(ms) {
      wall = ms;
    },
    get timers() {
      return timers.size;
    },
  };
}
