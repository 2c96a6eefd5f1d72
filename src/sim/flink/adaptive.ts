import { isRecord } from '../../lib/json.ts';
import { type Options, optionOf } from './conf.ts';

/** One vertex as it runs. */
export interface GraphVertex {
  readonly id: string;
  readonly name: string;
  readonly parallelism: number;
}

/** What of a job says how many slots it takes. */
export interface Schedule {
  /** As they last ran, or are to run. */
  readonly vertices: readonly GraphVertex[];
  /** The widest vertex: the slots it asks for, since vertices share them. */
  readonly slots: number;
  readonly adaptive: Adaptive | undefined;
}

/** The most tasks of one vertex. */
export function widest(vertices: readonly GraphVertex[]): number {
  return Math.max(...vertices.map(({ parallelism }) => parallelism));
}

/** Fewest and most tasks of one vertex. */
export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** A scheduler that fits a job to its slots: to all there are, or within bounds for each vertex that REST can change. */
export type Adaptive =
  | { readonly kind: 'reactive' }
  | { readonly kind: 'declared'; readonly bounds: Readonly<Record<string, Bounds>> };

/** A vertex's maximum parallelism, where nobody sets it (KeyGroupRangeAssignment). */
export const MAX_PARALLELISM = 128;

/** The scheduler that the options choose (SchedulerNGFactoryFactory); undefined: one that runs a job as it was submitted. */
export function adaptiveOf(options: Options, vertices: readonly GraphVertex[]): Adaptive | undefined {
  if (optionOf(options, 'scheduler-mode')?.toLowerCase() === 'reactive') return { kind: 'reactive' };
  if (optionOf(options, 'jobmanager.scheduler')?.toLowerCase() !== 'adaptive') return undefined;
  const bounds = vertices.map(({ id, parallelism }) => [id, { lower: 1, upper: parallelism }] as const);
  return { kind: 'declared', bounds: Object.fromEntries(bounds) };
}

/** Parallelism of vertices by id that the options set over what the program says (Dispatcher.applyParallelismOverrides). */
export function overridesOf(options: Options): ReadonlyMap<string, number> {
  const pairs = optionOf(options, OVERRIDES)?.split(',') ?? [];
  const nested = [...options].filter(([key]) => key.startsWith(`${OVERRIDES}.`));
  return new Map([
    ...pairs.map((pair) => [pair.split(':')[0]?.trim() ?? '', Number(pair.split(':')[1])] as const),
    ...nested.map(([key, value]) => [key.slice(OVERRIDES.length + 1), Number(value)] as const),
  ]);
}

const OVERRIDES = 'pipeline.jobvertex-parallelism-overrides';

/** The vertices as they run with so many slots; undefined when those are too few. */
export function fitted(
  { adaptive, vertices, slots: needed }: Schedule,
  slots: number,
): readonly GraphVertex[] | undefined {
  if (adaptive === undefined) return slots >= needed ? vertices : undefined;
  const bounds = vertices.map(({ id }) =>
    adaptive.kind === 'reactive'
      ? { lower: 1, upper: MAX_PARALLELISM }
      : (adaptive.bounds[id] ?? { lower: 1, upper: 1 }),
  );
  if (bounds.some(({ lower }) => lower > slots)) return undefined;
  return vertices.map((vertex, index) => ({ ...vertex, parallelism: Math.min(bounds[index]?.upper ?? 1, slots) }));
}

/** A job graph with other bounds. */
export function withBounds<Graph extends Schedule>(graph: Graph, bounds: Readonly<Record<string, Bounds>>): Graph {
  const slots = Math.max(...Object.values(bounds).map(({ upper }) => upper));
  return { ...graph, adaptive: { kind: 'declared', bounds }, slots };
}

/** The body of GET /jobs/:id/resource-requirements. */
export function requirementsBody(bounds: Readonly<Record<string, Bounds>>): object {
  return Object.fromEntries(
    Object.entries(bounds).map(([id, { lower, upper }]) => [
      id,
      { parallelism: { lowerBound: lower, upperBound: upper } },
    ]),
  );
}

/** The bounds in the body of a PUT, or what is wrong with it (JobResourceRequirements.validate). */
export function boundsIn(
  body: Readonly<Record<string, unknown>>,
  graph: Schedule,
): Readonly<Record<string, Bounds>> | string {
  const bounds: Record<string, Bounds> = {};
  for (const { id } of graph.vertices) {
    const { parallelism } = isRecord(body[id]) ? body[id] : {};
    const { lowerBound: lower, upperBound: upper } = isRecord(parallelism) ? parallelism : {};
    if (typeof lower !== 'number' || typeof upper !== 'number')
      return `The request is incomplete, missing job vertex [${id}] resource requirements.`;
    if (lower < 1 || upper < lower || upper > MAX_PARALLELISM)
      return `The requested bounds [${lower}, ${upper}] of job vertex [${id}] are not valid.`;
    bounds[id] = { lower, upper };
  }
  return bounds;
}
