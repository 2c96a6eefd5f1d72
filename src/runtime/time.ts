import type { Clock } from '../lib/clock.ts';

/** Stops a timer; calling it again, or after it fired, does nothing. */
export type Cancel = () => void;

/** Everything the runtime knows of time and chance; tests give a hand-moved one. */
export interface Time extends Clock {
  /** Milliseconds that only grow, unaffected by changes of the wall clock. */
  monotonic(): number;
  /** Calls back once after `delayMs`; any delay works, also above 2^31 ms where setTimeout fires at once. */
  after(delayMs: number, callback: () => void): Cancel;
  /** A number in [0, 1). */
  random(): number;
}

const MAX_TIMEOUT = 2 ** 31 - 1;

/** The real clock. Its timers keep the process alive. */
export const systemTime: Time = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  after(delayMs, callback) {
    const end = performance.now() + delayMs;
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const left = end - performance.now();
      timer = left > MAX_TIMEOUT ? setTimeout(arm, MAX_TIMEOUT) : setTimeout(callback, Math.max(0, left));
    };
    arm();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or as soon as the signal aborts; never rejects. */
export function sleep(time: Time, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = time.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/** `value` spread evenly over ± `fraction` of itself. */
export function jittered(time: Time, value: number, fraction: number): number {
  return value * (1 + fraction * (2 * time.random() - 1));
}

/** Exponential back-off: `base * 2^failures` up to `cap`, then taken at random between half and all of it. */
export function backoffMs(failures: number, limits: { base: number; cap: number }, random: number): number {
  const full = Math.min(limits.cap, limits.base * 2 ** Math.min(failures, 40));
  return full * (0.5 + random / 2);
}
