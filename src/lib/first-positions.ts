/** Where each value comes first. In linear time: users write lists of any length. */
export function firstPositions<T>(values: readonly T[]): ReadonlyMap<T, number> {
  const first = new Map<T, number>();
  for (const [index, value] of values.entries()) if (!first.has(value)) first.set(value, index);
  return first;
}
