/** How a set of measurements is spread. */
export interface Spread {
  readonly n: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** The smallest value that at least `percent` of all values do not exceed (nearest rank, no interpolation). NaN for none. */
export function percentile(values: readonly number[], percent: number): number {
  return rank([...values].sort(ascending), percent);
}

/** The middle value; of an even number of values the lower of the two middle ones. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** All figures of a spread, rounded to `digits` decimals (2 unless given). */
export function spread(values: readonly number[], digits = 2): Spread {
  const sorted = [...values].sort(ascending);
  const at = (percent: number): number => round(rank(sorted, percent), digits);
  return { n: sorted.length, min: at(0), p50: at(50), p90: at(90), p99: at(99), max: at(100) };
}

/** Rounds to decimals. */
export function round(value: number, digits = 2): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

function rank(sorted: readonly number[], percent: number): number {
  const index = Math.ceil((percent / 100) * sorted.length) - 1;
  return sorted[Math.min(sorted.length - 1, Math.max(0, index))] ?? Number.NaN;
}

function ascending(a: number, b: number): number {
  return a - b;
}
