import type { Alignment } from './settings.ts';

/** What a parallelism is fitted to. */
export interface Alignable {
  readonly current: number;
  /** What the load asks for, within the limits and not the current one. */
  readonly target: number;
  readonly least: number;
  readonly most: number;
  readonly maxParallelism: number;
  /** 0 where the vertex is no source that knows them. */
  readonly sourcePartitions: number;
  /** One of its inputs is partitioned by key. */
  readonly keyed: boolean;
}

/**
 * The parallelism fitted to the number of partitions of a source, or else of key groups behind keyBy, so that no subtask has
 * much more to do than others; the current one where a strict mode finds none in the direction of the target.
 */
export function aligned(vertex: Alignable, mode: Alignment): number {
  const { target, current, sourcePartitions, keyed } = vertex;
  if (mode === 'OFF' || (sourcePartitions <= 0 && !keyed)) return target;
  const spread = mode === 'EVENLY_SPREAD' || mode === 'STRICT_EVENLY_SPREAD';
  const found = firstFitting(vertex, spread);
  if (found !== undefined) return found;
  if (mode === 'BALANCED' || mode === 'EVENLY_SPREAD') return target;
  const below = nextBelow(vertex);
  return target > current ? Math.max(below, current) : Math.min(below, current);
}

/** What is shared out: partitions, else key groups. */
function shares({ sourcePartitions, maxParallelism }: Alignable): number {
  return sourcePartitions > 0 ? sourcePartitions : maxParallelism;
}

/** Upwards from the target; for a scale-down no further than where it is now. */
function firstFitting(vertex: Alignable, evenly: boolean): number | undefined {
  const { target, current, most, maxParallelism } = vertex;
  const count = shares(vertex);
  const top = Math.min(count, most, maxParallelism);
  const end = target > current ? top : Math.min(current, top);
  const perTask = Math.floor(count / target);
  for (let parallelism = target; parallelism <= end; parallelism += 1) {
    if (count % parallelism === 0 || (!evenly && Math.floor(count / parallelism) < perTask)) return parallelism;
  }
  return undefined;
}

/** Downwards from the target: the least that gives no subtask more than the target would. */
function nextBelow(vertex: Alignable): number {
  const { target, least } = vertex;
  const count = shares(vertex);
  const perTask = Math.floor(count / target);
  let parallelism = target;
  while (parallelism > 1 && Math.floor(count / parallelism) <= perTask) parallelism -= 1;
  const more = Math.floor(count / parallelism) > perTask && count % parallelism !== 0;
  return Math.max(more ? parallelism + 1 : parallelism, least);
}
