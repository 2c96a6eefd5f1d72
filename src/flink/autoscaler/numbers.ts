import type { Sample, VertexSample } from './model.ts';

/** A number of a vertex that samples hold. */
export type Measured = keyof VertexSample;

/**
 * How fast a counter of a vertex grew over the samples, a second; undefined where fewer than two of them have it. Negative
 * where it fell.
 */
export function rateOf(samples: readonly Sample[], vertex: string, counter: Measured): number | undefined {
  const known = samples.flatMap(({ at, vertices }) => {
    const value = vertices.get(vertex)?.[counter];
    return value === undefined ? [] : [{ at, value }];
  });
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  return ((last.value - first.value) * 1000) / Math.max(1, last.at - first.at);
}

/**
 * The average of what samples hold, infinite values aside: infinite where there are no others, undefined where there are
 * fewer than `least`.
 */
export function averageOf(values: readonly (number | undefined)[], least = 1): number | undefined {
  const known = values.filter((value) => value !== undefined);
  const finite = known.filter(Number.isFinite);
  if (finite.length === 0) return known.length === 0 ? undefined : Number.POSITIVE_INFINITY;
  if (finite.length < least) return undefined;
  return finite.reduce((sum, value) => sum + value, 0) / finite.length;
}

/** What the samples hold of a vertex, in their order. */
export function valuesOf(samples: readonly Sample[], vertex: string, what: Measured): readonly (number | undefined)[] {
  return samples.map(({ vertices }) => vertices.get(vertex)?.[what]);
}

/** A number without the noise of binary fractions, so that 0.7 of a thousand needs no 1001st. */
export function noiseless(value: number): number {
  return Number.isFinite(value) ? Number(value.toPrecision(9)) : value;
}
