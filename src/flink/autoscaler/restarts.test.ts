import { describe, expect, it } from 'vitest';
import type { Restart, Scaling } from './model.ts';
import { keptHistory, keptRestarts, restartSeconds } from './restarts.ts';
import { jobOf, vertexOf } from './testing/numbers.ts';
import { settingsOf } from './testing/settings.ts';

const HOUR = 3_600_000;
const settings = settingsOf({ 'history.max.count': '2', 'history.max.age': '10 h' });
const scaling = (hour: number, to = 2): Scaling => ({ at: hour * HOUR, from: 1, to, trueRate: 1, expectedRate: 2 });

describe('keptHistory', () => {
  const kept = (hours: readonly number[], at: number) => {
    const history = new Map([['map', hours.map((hour) => scaling(hour))]]);
    const found = keptHistory(history, [vertexOf('map')], settings, at * HOUR);
    return found.get('map')?.map((entry) => entry.at / HOUR);
  };

  it('has the last few that are not too old', () => {
    expect(kept([1, 2, 3], 4)).toEqual([2, 3]);
    expect(kept([1, 2, 3], 12)).toEqual([2, 3]);
    expect(kept([1, 2, 3], 12.5)).toEqual([3]);
    expect(kept([1, 2, 3], 14)).toBeUndefined();
  });

  it('has none of vertices that are gone', () => {
    expect(keptHistory(new Map([['gone', [scaling(1)]]]), [vertexOf('map')], settings, HOUR)).toEqual(new Map());
  });
});

describe('keptRestarts', () => {
  const job = { ...jobOf(vertexOf('map', [], { parallelism: 2 })), runningSince: 3.5 * HOUR };
  const kept = (restarts: readonly Restart[], at: number, history: readonly Scaling[] = [], running = job) =>
    keptRestarts(restarts, running, new Map([['map', history]]), { at: at * HOUR, settings });
  const done = (hour: number): Restart => ({ at: hour * HOUR, tookMs: 1000 });

  it('has the last few that are not too old, and the last one in any case', () => {
    expect(kept([], 4)).toEqual([]);
    expect(kept([done(1), done(2), done(3)], 4)).toEqual([done(2), done(3)]);
    expect(kept([done(1), done(3)], 12)).toEqual([done(3)]);
    expect(kept([done(3)], 99)).toEqual([done(3)]);
  });

  it('says how long the last took once the job runs as it was to', () => {
    const begun = { at: 3 * HOUR };
    expect(kept([begun], 4, [scaling(3)])).toEqual([{ at: 3 * HOUR, tookMs: HOUR / 2 }]);
    expect(kept([begun], 4, [scaling(3, 5)])).toEqual([begun]);
    expect(kept([begun], 4, [scaling(2, 5)])).toEqual([{ at: 3 * HOUR, tookMs: HOUR / 2 }]);
    expect(kept([begun], 4, [scaling(3)], { ...job, runningSince: 3 * HOUR })).toEqual([begun]);
    expect(kept([done(3)], 4, [scaling(3)])).toEqual([done(3)]);
  });
});

it.each([
  [{}, [60_000], 300],
  [{ 'restart.time': '30 s' }, [60_000], 30],
  [{ 'restart.time-tracking.enabled': 'true' }, [], 300],
  [{ 'restart.time-tracking.enabled': 'true' }, [60_000, 90_500, 70_000], 90],
  [{ 'restart.time-tracking.enabled': 'true' }, [3_600_000], 900],
  [{ 'restart.time-tracking.enabled': 'true', 'restart.time-tracking.limit': '2 h' }, [3_600_000], 3600],
])('with %o and restarts of %o ms a restart takes %d s', (options, took, seconds) => {
  const restarts = [...took.map((tookMs, at) => ({ at, tookMs })), { at: 99 }];
  expect(restartSeconds(restarts, settingsOf(options))).toBe(seconds);
});
