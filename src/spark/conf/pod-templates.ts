import type { V1Container } from '@kubernetes/client-node';
import type { PodTemplate } from '../../kube/schema-parts.ts';
import type { DeepReadonly } from '../../lib/deep-readonly.ts';
import type { ExecutorSpec, SparkApplicationSpec } from '../schema.ts';
import { isExposed } from './monitoring.ts';

/** Names of the containers Spark runs in (Spark, Constants.scala, 3.3 to 4.3). */
export const SPARK_CONTAINERS = {
  driver: 'spark-kubernetes-driver',
  executor: 'spark-kubernetes-executor',
} as const;

/** Where the driver reads the template of its executors (PodTemplateConfigMapStep, 3.3 to 4.3). */
export const TEMPLATE_DIR = '/opt/spark/pod-template';
export const TEMPLATE_FILE = `${TEMPLATE_DIR}/pod-spec-template.yml`;

/** The container of a template that Spark runs in: the one of that name, else the first (KubernetesUtils.selectSparkContainer). */
export function sparkContainerOf(
  role: keyof typeof SPARK_CONTAINERS,
  template: PodTemplate | undefined,
): DeepReadonly<V1Container> | undefined {
  const containers = template?.spec?.containers ?? [];
  return containers.find(({ name }) => name === SPARK_CONTAINERS[role]) ?? containers[0];
}

/** Fields of an executor that no Spark property stands for. */
const TEMPLATE_FIELDS = [
  'template',
  'env',
  'envFrom',
  'volumeMounts',
  'configMaps',
  'securityContext',
  'lifecycle',
  'ports',
  'gpu',
  'affinity',
  'tolerations',
  'podSecurityContext',
  'schedulerName',
  'sidecars',
  'initContainers',
  'hostNetwork',
  'nodeSelector',
  'dnsConfig',
  'terminationGracePeriodSeconds',
  'hostAliases',
  'shareProcessNamespace',
  'priorityClassName',
] as const satisfies readonly (keyof ExecutorSpec)[];

/** Whether executors need a pod template: the driver makes their pods, and properties say only some of it. */
export function needsExecutorTemplate(spec: SparkApplicationSpec): boolean {
  const { executor = {}, sparkConfigMap, hadoopConfigMap } = spec;
  if (sparkConfigMap !== undefined || hadoopConfigMap !== undefined || isExposed(spec, 'executor')) return true;
  return TEMPLATE_FIELDS.some((field) => executor[field] !== undefined);
}
