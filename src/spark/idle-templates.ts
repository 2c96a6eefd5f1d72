import { fieldPath } from '../kube/parse.ts';
import { isRecord } from '../lib/json.ts';
import { SPARK_CONTAINERS } from './conf/pod-templates.ts';
import { asked, idle } from './notice.ts';
import type { SparkApplicationSpec } from './schema.ts';

type Role = 'driver' | 'executor';
type Fields = Readonly<Record<string, unknown>>;

/**
 * A sentence about each field of a role's pod template that Spark sets over it (Basic{Driver,Executor}FeatureStep, Spark 3.3
 * to 4.3). The template may hold anything.
 */
export function idleInTemplate(role: Role, spec: SparkApplicationSpec): readonly string[] {
  const pod = recordOf(spec[role]?.template?.spec);
  const at = `spec.${role}.template.spec`;
  const { restartPolicy } = pod;
  return [
    ...idle(
      restartPolicy === 'Never' ? [] : asked(at, { restartPolicy }),
      role === 'driver'
        ? 'spec.restartPolicy says when it is run again'
        : 'Spark makes another executor for one that ended',
    ),
    ...containerNotices(role, spec, Array.isArray(pod.containers) ? pod.containers.filter(isRecord) : []),
  ];
}

function containerNotices(role: Role, spec: SparkApplicationSpec, containers: readonly Fields[]): readonly string[] {
  const named = containers.findIndex(({ name }) => name === SPARK_CONTAINERS[role]);
  const index = Math.max(named, 0);
  const at = fieldPath(['spec', role, 'template', 'spec', 'containers', index]);
  const { image, resources } = containers[index] ?? {};
  const winner = spec[role]?.image === undefined ? 'spec.image' : `spec.${role}.image`;
  const wins = spec[role]?.image ?? spec.image ?? image;
  return [
    ...idle(image === wins ? [] : asked(at, { image }), `${winner} wins over it`),
    ...idle(
      asked(`${at}.resources`, sized(recordOf(resources))),
      `cores, memory and memoryOverhead of spec.${role} say how large the pod is`,
    ),
  ];
}

/** A limit of cpu stays where no field has one. */
function sized(resources: Fields): Fields {
  const [requests, limits] = [recordOf(resources.requests), recordOf(resources.limits)];
  return { 'requests.cpu': requests.cpu, 'requests.memory': requests.memory, 'limits.memory': limits.memory };
}

function recordOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}
