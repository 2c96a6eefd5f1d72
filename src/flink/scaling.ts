import { isStandalone } from './conf/mode.ts';
import { isReactive } from './conf/scheduling.ts';
import { effectiveConf, type FlinkConf, isHighlyAvailable } from './flink-conf.ts';
import type { Scaling } from './record.ts';
import { clusterResources } from './resources.ts';
import type { FlinkDeployment, FlinkDeploymentSpec } from './schema.ts';
import type { Situation } from './situation.ts';
import { canRescale, vertexSizes } from './vertex-sizes.ts';

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
  return isStandalone(target.spec) ? reactiveSize(wanted) : nativeSize(sized(situation, record.spec), wanted);
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
 * 2.3); without that a JobManager that starts anew would run the job in the size its configuration has.
 */
function nativeSize(running: Sized, { spec, conf }: Sized): Size | undefined {
  if (!canRescale(spec, conf) || !isHighlyAvailable(conf)) return undefined;
  const vertices = vertexSizes(running.conf, conf);
  return vertices === undefined ? undefined : { vertices };
}
