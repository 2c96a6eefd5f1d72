import { type FlinkConf, optionOf } from './entry.ts';
import { mapOption } from './values.ts';

/** The option that sets the parallelism of vertices by their id. */
export const VERTEX_PARALLELISM = 'pipeline.jobvertex-parallelism-overrides';

/** Whether the job takes all the slots there are, however many those become (`scheduler-mode`, Flink 1.13 to 2.3). */
export function isReactive(conf: FlinkConf): boolean {
  return optionOf(conf, 'scheduler-mode')?.toLowerCase() === 'reactive';
}

/** Whether the scheduler can give a running job another parallelism (`jobmanager.scheduler`). */
export function isAdaptive(conf: FlinkConf): boolean {
  return optionOf(conf, 'jobmanager.scheduler')?.toLowerCase() === 'adaptive';
}

/** The parallelism of vertices by their id, where the configuration sets it; what is no whole number above 0 is left out. */
export function vertexParallelism(conf: FlinkConf): ReadonlyMap<string, number> {
  const numbers = [...mapOption(conf, VERTEX_PARALLELISM)].map(([id, value]) => [id, Number(value)] as const);
  return new Map(numbers.filter(([, value]) => Number.isSafeInteger(value) && value > 0));
}

/** The largest of them; 0 when there is none. */
export function largestVertexParallelism(conf: FlinkConf): number {
  return Math.max(0, ...vertexParallelism(conf).values());
}
