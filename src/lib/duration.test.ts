import { describe, expect, it } from 'vitest';
import { parseFlinkDuration, parseGoDuration } from './duration.ts';

describe('Flink duration', () => {
  it.each([
    ['5m', 300_000],
    ['5 min', 300_000],
    ['5M', 300_000],
    ['10', 10],
    ['1 d', 86_400_000],
    ['2 days', 172_800_000],
    ['3hours', 10_800_000],
    ['15 s', 15_000],
    ['1µs', 0.001],
    ['PT5M', 300_000],
    ['pt5m', 300_000],
    ['P1D', 86_400_000],
    ['P1DT2H', 93_600_000],
    ['PT1.5S', 1500],
  ])('reads %j', (text, milliseconds) => {
    expect(parseFlinkDuration(text)).toBe(milliseconds);
  });

  it.each(['', 'm', '1.5s', '-5s', '+5s', '5 mins', 'PT-5M', 'P2W', 'P', 'PT', '1 us', '5m10s'])(
    'refuses %j',
    (text) => {
      expect(parseFlinkDuration(text)).toBeUndefined();
    },
  );
});

describe('Go duration', () => {
  it.each([
    ['0', 0],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['.5s', 500],
    ['1.s', 1000],
    ['-2m', -120_000],
    ['100ms', 100],
    ['1us', 0.001],
  ])('reads %j', (text, milliseconds) => {
    expect(parseGoDuration(text)).toBe(milliseconds);
  });

  it.each(['', '5', '1d', 'h', '1h 30m', '1 h', '.s'])('refuses %j', (text) => {
    expect(parseGoDuration(text)).toBeUndefined();
  });
});
