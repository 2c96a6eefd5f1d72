import { isStandalone } from './conf/mode.ts';
import { isAdaptive, isReactive, vertexParallelism } from './conf/scheduling.ts';
import { atLeast, flinkVersionOf } from './conf/versions.ts';
import { effectiveConf, type FlinkConf, isHighlyAvailable } from './flink-conf.ts';
import type { VertexBounds } from './observed.ts';
import { jobOptions } from './options.ts';
import type { Scaling } from './record.ts';
import { clusterResources } from './resources.ts';
import type { FlinkDeployment, FlinkDeploymentSpec } from './schema.ts';
import type { Situation } from './situation.ts';

/** The size that what runs is to have. */
export type Size = Pick<Scaling, 'taskManagers' | 'vertices'>;

interface Sized {
  readonly spec: FlinkDeploymentSpec;
  readonly conf: FlinkConf;
}

/**
 * The size to give what runs so that it is as its user wants it, where the spec differs in size alone; undefined where only
 * a start can do that (the rules of the Flink Kubernetes Operator 1.15, and high availability).
 */
export function sizeInPlace(situation: Situation): Size | undefined {
  const { record, target } = situation;
  if (record === undefined || target?.diff.kind !== 'scale' || target.spec.job === undefined) return undefined;
  const wanted = sized(situation, target.spec);
  return isStandalone(target.spec) ? reactiveSize(wanted) : vertexSizes(sized(situation, record.spec), wanted);
}

function sized({ resource, defaults }: Situation, spec: FlinkDeploymentSpec): Sized {
  return { spec, conf: effectiveConf({ ...resource, spec } as FlinkDeployment, defaults) };
}

/** A job in reactive mode takes the slots there are. */
function reactiveSize({ spec, conf }: Sized): Size | undefined {
  return isReactive(conf) ? { taskManagers: clusterResources(spec, conf).taskManagers } : undefined;
}

/**
 * Flink keeps what was asked of it in its high-availability data (JobGraphStore.putJobResourceRequirements, Flink 1.18 to
 * 2.3); without that a JobManager that starts anew would run the job in the size its configuration has. A vertex whose size
 * is not set any more has the one its program gives it, which only a start can tell.
 */
function vertexSizes(running: Sized, { spec, conf }: Sized): Size | undefined {
  const able = atLeast(flinkVersionOf(spec), 'v1_18') && isAdaptive(conf) && isHighlyAvailable(conf);
  if (!able || !jobOptions(conf).inplaceScalingEnabled) return undefined;
  const sizes = vertexParallelism(conf);
  const kept = [...vertexParallelism(running.conf).keys()].every((id) => sizes.has(id));
  return kept && sizes.size > 0 ? { vertices: Object.fromEntries(sizes) } : undefined;
}

/** Whether Flink runs a job, or will once there are slots, with these sizes. A vertex it does not have is nobody's concern. */
export function hasSizes(bounds: VertexBounds, sizes: NonNullable<Size['vertices']>): boolean {
  return Object.entries(sizes).every(([id, size]) => bounds[id] === undefined || bounds[id].upper === size);
}

/**
 * The bounds that give vertices their sizes: never fewer tasks than before, as slots for more may not be had; the others stay
 * as they are.
 */
export function boundsFor(bounds: VertexBounds, sizes: NonNullable<Size['vertices']>): VertexBounds {
  const changed = Object.entries(bounds).map(([id, { lower, upper }]) => {
    const size = sizes[id];
    return [id, size === undefined ? { lower, upper } : { lower: Math.min(lower, size), upper: size }] as const;
  });
  return Object.fromEntries(changed);
}
