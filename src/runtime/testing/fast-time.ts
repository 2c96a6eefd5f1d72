import { systemTime, type Time } from '../time.ts';

/** A clock that runs `factor` times as fast as the real one, for tests that need real sockets. */
export function createFastTime(factor = 100): Time {
  const origin = systemTime.monotonic();
  const started = systemTime.now();
  const monotonic = (): number => (systemTime.monotonic() - origin) * factor;
  return {
    now: () => started + monotonic(),
    monotonic,
    random: () => systemTime.random(),
    after: (delayMs, callback) => systemTime.after(delayMs / factor, callback),
  };
}
