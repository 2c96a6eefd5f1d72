import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, percentile, round, spread } from './stats.ts';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [0, 1],
    [1, 1],
    [50, 50],
    [99, 99],
    [99.1, 100],
    [100, 100],
  ])('takes the nearest rank: p%d of 1 to 100 is %d', (percent, expected) => {
    expect(percentile(hundred, percent)).toBe(expected);
  });

  it('is the one value of one, and no number of none', () => {
    expect(percentile([7], 99)).toBe(7);
    expect(percentile([], 50)).toBeNaN();
  });

  it('is always one of the values, and at least the asked share does not exceed it', () => {
    const values = fc.array(fc.integer(), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 100 }), (all, percent) => {
        const found = percentile(all, percent);
        expect(all).toContain(found);
        expect(all.filter((value) => value <= found).length).toBeGreaterThanOrEqual((percent / 100) * all.length);
      }),
    );
  });

  it('leaves its input as it is', () => {
    const values = [3, 1, 2];
    percentile(values, 50);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('spread', () => {
  it('is sorted by size and rounded', () => {
    expect(spread([3.46, 1, 2], 1)).toEqual({ n: 3, min: 1, p50: 2, p90: 3.5, p99: 3.5, max: 3.5 });
  });
});

describe('median and round', () => {
  it('take the lower middle, and decimals', () => {
    expect(median([4, 1, 3, 2])).toBe(2);
    expect([round(1.005, 1), round(2.346)]).toEqual([1, 2.35]);
  });
});
