import { isAdaptive, vertexParallelism } from './conf/scheduling.ts';
import { atLeast, flinkVersionOf } from './conf/versions.ts';
import type { FlinkConf } from './flink-conf.ts';
import type { VertexBounds } from './observed.ts';
import { jobOptions } from './options.ts';
import type { FlinkDeploymentSpec } from './schema.ts';

/** Parallelism of vertices of a job, by their id. */
export type VertexSizes = Readonly<Record<string, number>>;

/** Asks Flink to give vertices of a job that runs their sizes. Asking for the same again asks for nothing new. */
export interface RescaleEffect {
  readonly kind: 'rescale';
  readonly jobId: string;
  readonly vertices: VertexSizes;
}

/** Whether the JobManager of a cluster can give a running job other sizes (resource requirements, Flink 1.18 to 2.3). */
export function canRescale(cluster: FlinkDeploymentSpec, conf: FlinkConf): boolean {
  return atLeast(flinkVersionOf(cluster), 'v1_18') && isAdaptive(conf);
}

/**
 * The sizes to give a job that runs with one configuration so that it is as another says; undefined where that is not to be
 * done, or where a size is not set any more: that vertex has the one its program gives it, which only a start can tell.
 */
export function vertexSizes(running: FlinkConf, wanted: FlinkConf): VertexSizes | undefined {
  if (!jobOptions(wanted).inplaceScalingEnabled) return undefined;
  const sizes = vertexParallelism(wanted);
  const kept = [...vertexParallelism(running).keys()].every((id) => sizes.has(id));
  return kept && sizes.size > 0 ? Object.fromEntries(sizes) : undefined;
}

/** Whether Flink runs a job, or will once there are slots, with these sizes. A vertex it does not have is nobody's concern. */
export function hasSizes(bounds: VertexBounds, sizes: VertexSizes): boolean {
  return Object.entries(sizes).every(([id, size]) => bounds[id] === undefined || bounds[id].upper === size);
}

/**
 * The bounds that give vertices their sizes: never fewer tasks than before, as slots for more may not be had; the others stay
 * as they are.
 */
export function boundsFor(bounds: VertexBounds, sizes: VertexSizes): VertexBounds {
  const changed = Object.entries(bounds).map(([id, { lower, upper }]) => {
    const size = sizes[id];
    return [id, size === undefined ? { lower, upper } : { lower: Math.min(lower, size), upper: size }] as const;
  });
  return Object.fromEntries(changed);
}
