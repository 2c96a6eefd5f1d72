import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bandOf } from './capacity.ts';
import type { EvaluatedVertex, Scaling } from './model.ts';
import { type Target, targetOf } from './target.ts';
import { vertexOf } from './testing/numbers.ts';
import { settingsOf } from './testing/settings.ts';

interface Given {
  readonly parallelism?: number;
  /** Records a second it can do. */
  readonly trueRate?: number | undefined;
  readonly targetRate?: number;
  readonly catchUpRate?: number;
  readonly partitions?: number;
  readonly maxParallelism?: number;
  readonly history?: readonly Scaling[];
  readonly options?: Readonly<Record<string, string>> | undefined;
  readonly at?: number;
  readonly before?: Target | undefined;
}

/** Without a delay of scale-downs, and without a restart, so that 700 a second of 1000 are exactly right. */
const PLAIN = { 'scale-down.interval': '0', 'restart.time': '0' };

function target(given: Given): Target {
  const { parallelism = 10, targetRate = 700, catchUpRate = 0, partitions = 0, maxParallelism = 1000, at = 0 } = given;
  const settings = settingsOf({ ...PLAIN, ...given.options });
  const { expected: restart } = settings.restart;
  const vertex = vertexOf('map', ['source'], { parallelism, maxParallelism });
  const demand = { targetRate, catchUpRate };
  const evaluated: EvaluatedVertex = {
    parallelism,
    maxParallelism,
    sourcePartitions: partitions,
    ...('trueRate' in given ? { trueRate: given.trueRate } : { trueRate: 1000 }),
    ...demand,
    ...bandOf(demand, settings, restart, false),
  };
  return targetOf({
    vertex,
    evaluated,
    history: given.history ?? [],
    delayed: given.before?.delayed,
    settings,
    restart,
    at,
  });
}

const to = (given: Given): number => target(given).parallelism;

describe('targetOf', () => {
  it.each<[what: string, given: Given, to: number]>([
    ['leaves 700 of 1000', {}, 10],
    ['gives 1400 twice as much', { targetRate: 1400 }, 20],
    ['rounds up', { targetRate: 701 }, 11],
    ['halves for 350', { targetRate: 350 }, 5],
    ['goes by another target', { options: { 'utilization.target': '0.5' } }, 14],
    ['adds what the backlog takes', { catchUpRate: 500 }, 15],
    ['adds what comes in during a restart of 5 of 30 minutes', { options: { 'restart.time': '5 min' } }, 12],
    [
      'adds nothing for a restart where there is no time to catch up',
      { options: { 'restart.time': '5 min', 'catch-up.duration': '0' } },
      10,
    ],
    ['takes at most 60 % away', { targetRate: 7 }, 4],
    ['takes at most as much away as is said', { targetRate: 7, options: { 'scale-down.max-factor': '0.3' } }, 7],
    ['adds at most as much as is said', { targetRate: 7000, options: { 'scale-up.max-factor': '1.5' } }, 25],
    ['takes at most 60 % away of what gets nothing', { targetRate: 0, trueRate: Number.POSITIVE_INFINITY }, 4],
    ['leaves what it knows nothing of', { trueRate: undefined, targetRate: 5000 }, 10],
    ['stays below the most', { targetRate: 7000, options: { 'vertex.max-parallelism': '64' } }, 64],
    ['leaves what is above the most already', { targetRate: 7000, options: { 'vertex.max-parallelism': '8' } }, 10],
    ['stays above the least', { targetRate: 7, options: { 'vertex.min-parallelism': '6' } }, 6],
    ['leaves what is below the least already', { targetRate: 350, options: { 'vertex.min-parallelism': '12' } }, 10],
    ['stays within the key groups', { targetRate: 7000, maxParallelism: 32 }, 32],
    ['gives a source no more than its partitions', { targetRate: 7000, partitions: 24 }, 24],
    ['leaves a source that has more than its partitions', { targetRate: 7000, partitions: 6 }, 10],
    ['never goes below 1', { parallelism: 1, targetRate: 1, options: { 'vertex.min-parallelism': '0' } }, 1],
    [
      'never goes below 1, wherever the limits are',
      {
        targetRate: 0,
        trueRate: Number.POSITIVE_INFINITY,
        options: { 'vertex.min-parallelism': '0', 'scale-down.max-factor': '1' },
      },
      1,
    ],
    [
      'leaves what gets nothing where no share is wanted',
      { trueRate: Number.POSITIVE_INFINITY, options: { 'utilization.target': '0' } },
      10,
    ],
    ['does without a number of key groups', { targetRate: 1400, maxParallelism: -1 }, 20],
    ['does not round the rates of a slow job away', { parallelism: 2, trueRate: 0.5, targetRate: 0.49 }, 3],
  ])('%s', (_what, given, expected) => {
    expect(to(given)).toBe(expected);
  });

  it.each([
    [399, true],
    [401, false],
    [999, false],
    [1001, true],
  ])('says whether %d a second of 1000 is outside of 40 to 100 %%: %s', (targetRate, outside) => {
    expect(target({ targetRate }).outside).toBe(outside);
  });

  it('says so by another band', () => {
    const outside = (targetRate: number, options: Given['options']) => target({ targetRate, options }).outside;
    expect(outside(801, { 'utilization.max': '0.8' })).toBe(true);
    expect(outside(801, { 'target.utilization.boundary': '0.2' })).toBe(false);
    expect(outside(599, { 'utilization.min': '0.6' })).toBe(true);
  });

  it('follows the load in one direction, within the limits', () => {
    const rate = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(rate, rate, fc.integer({ min: 1, max: 200 }), (one, other, parallelism) => {
        const [less, more] = [Math.min(one, other), Math.max(one, other)].map((targetRate) =>
          to({ parallelism, targetRate }),
        );
        expect(less).toBeLessThanOrEqual(more ?? 0);
        expect(less).toBeGreaterThanOrEqual(Math.ceil(parallelism * 0.4 - 1e-9));
        expect(more).toBeLessThanOrEqual(200);
      }),
    );
  });
});

it('does what the example in docs/autoscaler.md says', () => {
  const settings = settingsOf();
  const demand = { targetRate: 960, catchUpRate: 50 };
  const band = bandOf(demand, settings, settings.restart.expected, false);
  expect(band.scaleUpBelow).toBe(1010);
  const options = { 'restart.time': '5 min', 'scale-down.interval': '1 h' };
  expect(target({ parallelism: 2, ...demand, options })).toMatchObject({ parallelism: 4, outside: true });
});

describe('a scale-down', () => {
  const MINUTE = 60_000;
  const options = { 'scale-down.interval': '10 min' };
  const at = (minute: number, targetRate: number, before?: Target) =>
    target({ options, at: minute * MINUTE, targetRate, before });

  it('waits, and is to the largest that came out meanwhile', () => {
    const first = at(0, 280);
    expect(first).toMatchObject({ parallelism: 10, recommended: 4 });
    const second = at(4, 420, first);
    const third = at(8, 210, second);
    expect(third).toMatchObject({ parallelism: 10, recommended: 4 });
    const fourth = at(10, 210, third);
    expect(fourth).toMatchObject({ parallelism: 6, recommended: 4 });
    // Nothing was done; four minutes later the larger one is too old to count.
    const fifth = at(15, 280, fourth);
    expect(fifth).toMatchObject({ parallelism: 4, recommended: 4 });
    expect(fifth.delayed?.recommendations).toHaveLength(1);
  });

  it('is as little asked for as the largest was', () => {
    const within = at(0, 600);
    expect(within).toMatchObject({ recommended: 9, outside: false });
    expect(at(10, 280, within)).toMatchObject({ parallelism: 9, recommended: 4, outside: false });
  });

  it('is forgotten once the vertex needs all it has again', () => {
    const waiting = at(9, 280, at(0, 280));
    expect(waiting.delayed?.since).toBe(0);
    const needed = at(9.5, 700, waiting);
    expect(needed.delayed).toBeUndefined();
    expect(at(10, 280, needed).delayed?.since).toBe(10 * MINUTE);
    expect(at(9.5, 1400, waiting).delayed).toBeUndefined();
  });

  it('is not to more than there is, where the vertex was made smaller otherwise', () => {
    const before = at(0, 560);
    expect(before.delayed?.recommendations[0]?.parallelism).toBe(8);
    const later = target({ options, at: 10 * MINUTE, parallelism: 6, targetRate: 400, before });
    expect(later).toMatchObject({ parallelism: 6, recommended: 4 });
  });
});

describe('past scalings', () => {
  const scaling = (from: number, upTo: number, trueRate: number): Scaling => ({
    at: from,
    from,
    to: upTo,
    trueRate,
    expectedRate: (trueRate / from) * upTo,
  });

  it('tell that the last scale-up brought too little', () => {
    const history = [scaling(5, 10, 990)]; // was to bring 990 more, and brought 10
    const told = target({ targetRate: 1400, history });
    expect(told.parallelism).toBe(20);
    expect(told.notes).toEqual([
      {
        reason: 'IneffectiveScaling',
        vertex: 'map',
        message:
          'the last scale-up of map was to bring 990 records/s and brought 10; job.autoscaler.scaling.effectiveness.detection.enabled would keep it from being scaled up further',
      },
    ]);
    const options = { 'scaling.effectiveness.detection.enabled': 'true' };
    expect(to({ targetRate: 1400, history, options })).toBe(10);
    expect(to({ targetRate: 350, history, options })).toBe(5);
    expect(to({ targetRate: 1400, history: [scaling(5, 10, 500)], options })).toBe(20);
    expect(to({ targetRate: 1400, history: [scaling(5, 9, 990)], options })).toBe(20);
    expect(to({ targetRate: 1400, history: [scaling(20, 10, 990)], options })).toBe(20);
    expect(to({ targetRate: 1400, history, options: { ...options, 'scaling.effectiveness.threshold': '0.01' } })).toBe(
      20,
    );
  });

  it('tell what each further subtask brings, once there are enough of them', () => {
    // 100, 160 and 240 for 1, 2 and 4: (100 + 320 + 960) / (21 × 100) = 0.657, rounded up 0.66.
    const history = [scaling(1, 2, 100), scaling(2, 4, 160), scaling(4, 10, 240)];
    const options = { 'observed-scalability.enabled': 'true' };
    expect(to({ targetRate: 1400, history })).toBe(20);
    expect(to({ targetRate: 1400, history, options })).toBe(31); // 20 / 0.66
    expect(to({ targetRate: 1400, history: history.slice(1), options })).toBe(20);
    // Of two with the fewest the later one: (200 + 400 + 960) / (24 × 100) = 0.65.
    const again = [scaling(2, 4, 100), scaling(2, 4, 200), scaling(4, 10, 240)];
    expect(to({ targetRate: 1400, history: again, options })).toBe(31);
    // More than the first brings none: (100 + 600 + 2800) / (21 × 100) = 1.67.
    const better = [scaling(1, 2, 100), scaling(2, 4, 300), scaling(4, 10, 700)];
    expect(to({ targetRate: 1400, history: better, options })).toBe(20);
    expect(
      to({ targetRate: 1400, history, options: { ...options, 'observed-scalability.coefficient-min': '0.8' } }),
    ).toBe(25);
  });
});

it('says what a strict alignment leaves undone', () => {
  const options = { 'scaling.key-group.partitions.adjust.mode': 'EVENLY_SPREAD' };
  const limited = target({ targetRate: 2100, partitions: 64, options: { ...options, 'vertex.max-parallelism': '40' } });
  expect(limited.parallelism).toBe(32);
  expect(limited.notes).toEqual([]);
  const stays = target({
    parallelism: 32,
    targetRate: 770,
    partitions: 64,
    options: { ...options, 'vertex.max-parallelism': '40' },
  });
  expect(stays.parallelism).toBe(32);
  expect(stays.notes).toMatchObject([{ reason: 'ScalingLimited', vertex: 'map' }]);
  expect(stays.notes[0]?.message).toContain('map stays at 32 instead of 36');
});
