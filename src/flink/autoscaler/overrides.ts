import { decodeMap } from '../conf/values.ts';

/** Parallelism of vertices as the option of Flink and the ConfigMap have it, in the order of their ids. */
export function overridesText(overrides: ReadonlyMap<string, number>): string {
  const sorted = [...overrides].sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([id, parallelism]) => `${id}:${parallelism}`).join(',');
}

/** The same read again; what names no vertex, or no whole number above 0, is left out. */
export function overridesIn(text: unknown): ReadonlyMap<string, number> {
  if (typeof text !== 'string') return new Map();
  const pairs = [...decodeMap(text)].map(([id, value]) => [id, Number(value)] as const);
  return new Map(pairs.filter(([id, value]) => isVertexId(id) && Number.isSafeInteger(value) && value > 0));
}

/** Whether a text is the id of a vertex: 32 hexadecimal digits. */
export function isVertexId(id: string): boolean {
  return /^[0-9a-f]{32}$/.test(id);
}
