import type { JobVertex, RunningJob, Sample, VertexSample } from '../model.ts';

/** A vertex; the first of its inputs has the strategy, others REBALANCE. */
export function vertexOf(id: string, inputs: readonly string[] = [], over: Partial<JobVertex> = {}): JobVertex {
  return {
    id,
    name: id,
    parallelism: 1,
    maxParallelism: 128,
    inputs: inputs.map((input) => ({ id: input, shipStrategy: 'REBALANCE' })),
    finished: false,
    ...over,
  };
}

/** A job that runs since the epoch. */
export function jobOf(...vertices: readonly JobVertex[]): RunningJob {
  return { runningSince: 0, vertices, taskManager: { slots: 1 } };
}

/** Samples at seconds. */
export function samplesAt(
  ...samples: readonly (readonly [seconds: number, vertices: Readonly<Record<string, VertexSample>>])[]
): readonly Sample[] {
  return samples.map(([seconds, vertices]) => ({ at: seconds * 1000, vertices: new Map(Object.entries(vertices)) }));
}
