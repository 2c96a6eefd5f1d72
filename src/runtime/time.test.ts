import { afterEach, expect, it, vi } from 'vitest';
import { createSchedule } from './schedule.ts';
import { createManualTime } from './testing/manual-time.ts';
import { backoffMs, sleep, systemTime } from './time.ts';

afterEach(() => void vi.useRealTimers());

it('waits longer than setTimeout can', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const fired = vi.fn();
  systemTime.after(30 * 86_400_000, fired);
  await vi.advanceTimersByTimeAsync(29 * 86_400_000);
  expect(fired).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(86_400_001);
  expect(fired).toHaveBeenCalledTimes(1);
});

it('sleeps until the signal aborts', async () => {
  const time = createManualTime();
  const controller = new AbortController();
  const done = sleep(time, 1_000_000, controller.signal);
  controller.abort();
  await done;
  expect(time.timers).toBe(0);
});

it.each([
  [0, 0, 50],
  [0, 0.999, 100],
  [3, 0.999, 800],
  [60, 0.999, 1000],
])('backs off after %i failures at chance %d by about %i', (failures, random, about) => {
  expect(backoffMs(failures, { base: 100, cap: 1000 }, random)).toBeCloseTo(about, -1);
});

it('schedules keys in order behind one timer', async () => {
  const time = createManualTime();
  const due: string[] = [];
  const schedule = createSchedule(time, (key) => due.push(key));
  for (let i = 0; i < 1000; i++) schedule.set(`k${i}`, 1000 - i);
  for (let i = 0; i < 1000; i++) schedule.set(`k${i}`, 2000 - i);
  schedule.delete('k999');
  expect(time.timers).toBe(1);
  await time.advance(2000);
  expect(due).toEqual(Array.from({ length: 999 }, (_, i) => `k${998 - i}`));
  expect(time.timers).toBe(0);
});
