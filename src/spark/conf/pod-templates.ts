import type { V1Container } from '@kubernetes/client-node';
import type { PodTemplate } from '../../kube/schema-parts.ts';
import type { DeepReadonly } from '../../lib/deep-readonly.ts';

/** Names of the containers Spark runs in (Spark, Constants.scala, 3.3 to 4.3). */
export const SPARK_CONTAINERS = {
  driver: 'spark-kubernetes-driver',
  executor: 'spark-kubernetes-executor',
} as const;

/** The container of a template that Spark runs in: the one of that name, else the first (KubernetesUtils.selectSparkContainer). */
export function sparkContainerOf(
  role: keyof typeof SPARK_CONTAINERS,
  template: PodTemplate | undefined,
): DeepReadonly<V1Container> | undefined {
  const containers = template?.spec?.containers ?? [];
  return containers.find(({ name }) => name === SPARK_CONTAINERS[role]) ?? containers[0];
}
