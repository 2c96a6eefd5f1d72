import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Alignable, aligned } from './align.ts';
import type { Alignment } from './settings.ts';

const KEYED: Alignable = {
  current: 1,
  target: 1,
  least: 1,
  most: 200,
  maxParallelism: 128,
  sourcePartitions: 0,
  keyed: true,
};

describe('aligned', () => {
  it.each<[mode: Alignment, what: string, given: Partial<Alignable>, to: number]>([
    ['BALANCED', 'a divisor as it is', { current: 2, target: 4 }, 4],
    ['BALANCED', 'to the next that gives each less: 128 / 7 is 18, 128 / 8 is 16', { current: 2, target: 7 }, 8],
    ['BALANCED', 'to the next that gives each less: 128 / 33 is 3, 128 / 43 is 2', { current: 2, target: 33 }, 43],
    ['EVENLY_SPREAD', 'to the next divisor', { current: 2, target: 33 }, 64],
    [
      'EVENLY_SPREAD',
      'not at all where the limit lies before the next divisor',
      { current: 2, target: 33, most: 60 },
      33,
    ],
    ['OFF', 'not at all', { current: 2, target: 7 }, 7],
    ['BALANCED', 'not at all where it is neither keyed nor has partitions', { current: 2, target: 7, keyed: false }, 7],
    ['BALANCED', 'a scale-down up to no more than what there is', { current: 60, target: 44 }, 44],
    ['EVENLY_SPREAD', 'a scale-down to a divisor above it', { current: 100, target: 40 }, 64],
    [
      'EVENLY_SPREAD',
      'a scale-down to its target where no divisor lies below what there is',
      { current: 60, target: 40 },
      40,
    ],
    [
      'BALANCED',
      'to partitions rather than key groups: 10 / 3 is 3, 10 / 4 is 2',
      { current: 1, target: 3, sourcePartitions: 10 },
      4,
    ],
    ['EVENLY_SPREAD', 'to partitions', { current: 1, target: 3, sourcePartitions: 10 }, 5],
    ['STRICT_EVENLY_SPREAD', 'to the next divisor', { current: 2, target: 33 }, 64],
    [
      'STRICT_EVENLY_SPREAD',
      'down to the divisor below where the limit leaves none above',
      { current: 2, target: 33, most: 60 },
      32,
    ],
    ['STRICT_EVENLY_SPREAD', 'nothing where that would be a scale-down', { current: 32, target: 33, most: 60 }, 32],
    ['STRICT_EVENLY_SPREAD', 'a scale-down to the one below where none lies above', { current: 60, target: 40 }, 32],
    ['STRICT_MAXIMIZE_UTILISATION', 'to the next that gives each less', { current: 2, target: 33 }, 43],
    [
      'STRICT_MAXIMIZE_UTILISATION',
      'to the partitions where there are more subtasks',
      { current: 2, target: 15, sourcePartitions: 10 },
      10,
    ],
  ])('%s fits %s', (mode, _what, given, to) => {
    expect(aligned({ ...KEYED, ...given }, mode)).toBe(to);
  });

  it('never turns a scale-up into a scale-down, or the other way round, and stays within the limits', () => {
    const size = fc.integer({ min: 1, max: 200 });
    const mode = fc.constantFrom<Alignment>(
      'BALANCED',
      'EVENLY_SPREAD',
      'STRICT_EVENLY_SPREAD',
      'STRICT_MAXIMIZE_UTILISATION',
    );
    fc.assert(
      fc.property(
        size,
        size,
        size,
        fc.integer({ min: 0, max: 300 }),
        mode,
        (current, target, groups, partitions, by) => {
          const maxParallelism = Math.max(groups, current, target);
          const found = aligned({ ...KEYED, current, target, maxParallelism, sourcePartitions: partitions }, by);
          if (target > current) expect(found).toBeGreaterThanOrEqual(current);
          else expect(found).toBeLessThanOrEqual(current);
          expect(found).toBeGreaterThanOrEqual(1);
          expect(found).toBeLessThanOrEqual(maxParallelism);
        },
      ),
    );
  });
});
