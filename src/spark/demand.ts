import type { PodGroup } from '../core/capacity/demand.ts';
import { podShapeOf } from '../core/capacity/pod-shape.ts';
import { optionOf } from '../core/properties.ts';
import { prefixed, type SparkConf } from './conf/entry.ts';
import { submissionOf } from './conf/submission.ts';
import { driverPod } from './desired/driver-pod.ts';
import { type Build, buildOf, type Fields, mapOf } from './desired/names.ts';
import { rolePod } from './desired/role-pod.ts';
import { applicationResources, type PodAmount } from './resources.ts';
import type { SparkApplication } from './schema.ts';
import type { SparkSettings } from './settings.ts';
import { effectiveConf } from './spark-conf.ts';

/**
 * The pods an application starts as, with what each requests: the driver that Weir makes, and the executors, which the
 * driver makes from the same template and properties (BasicExecutorFeatureStep, Spark 3.3 to 4.3).
 */
export function applicationPods(application: SparkApplication, settings: SparkSettings): readonly PodGroup[] {
  // Ids and times are in no pod's shape.
  const submission = submissionOf('any', 1, 0, settings.defaults);
  const conf = effectiveConf(application, submission, settings);
  const build = buildOf(application, conf, submission, settings);
  const { executor, executors } = applicationResources(application.spec, conf);
  return [
    { role: 'driver', count: 1, shape: podShapeOf(driverPod(build).spec) },
    { role: 'executor', count: executors, shape: podShapeOf(executorSpec(build, executor)) },
  ];
}

function executorSpec(build: Build, amount: PodAmount): Fields {
  const resources = executorResources(build.conf, amount);
  const { spec } = rolePod(build, 'executor', { env: [], mounts: [], ports: [], container: { resources } });
  const nodeSelector = {
    ...mapOf(build, 'spark.kubernetes.node.selector.'),
    ...mapOf(build, 'spark.kubernetes.executor.node.selector.'),
    ...(spec.nodeSelector as Fields | undefined),
  };
  return { ...spec, nodeSelector };
}

function executorResources(conf: SparkConf, { cpu, memoryBytes, limits }: PodAmount): Fields {
  const limited = optionOf(conf, 'spark.kubernetes.executor.limit.cores') !== undefined;
  const devices = prefixed(conf, 'spark.executor.resource.').flatMap(([key, amount]) => {
    const name = /^(.+)\.amount$/.exec(key)?.[1];
    const vendor = name === undefined ? undefined : optionOf(conf, `spark.executor.resource.${name}.vendor`);
    return vendor === undefined ? [] : [[`${vendor}/${name}`, amount] as const];
  });
  return {
    requests: { cpu, memory: memoryBytes },
    limits: { memory: memoryBytes, ...(limited ? { cpu: limits.cpu } : {}), ...Object.fromEntries(devices) },
  };
}
