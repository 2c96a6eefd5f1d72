import type { KubeObject, OwnerReference } from '../../kube/object.ts';
import { ownerReference } from '../../kube/object.ts';
import { isStandalone } from '../conf/mode.ts';
import type { ClusterStart, FlinkConf } from '../flink-conf.ts';
import { deployedConf } from '../flink-conf.ts';
import type { FlinkDeployment } from '../schema.ts';

/** The annotation that says for which start an object was made; on every object of a cluster and on its pods. */
export const START_ID_ANNOTATION = 'weir.dev/start-id';

/** The annotation on a JobManager Deployment that holds the id of the job it runs. */
export const JOB_ID_ANNOTATION = 'weir.dev/job-id';

/** The incumbent's annotation on the JobManager Deployment and its pods: generation of the resource it was made for. */
export const GENERATION_ANNOTATION = 'flinkdeployment.flink.apache.org/generation';

/** What every builder of an object needs. */
export interface Cluster {
  readonly deployment: FlinkDeployment;
  readonly name: string;
  readonly namespace: string;
  readonly standalone: boolean;
  /** Everything that was configured, the operator's own options among it. */
  readonly conf: FlinkConf;
  /** What the cluster gets to see of it. */
  readonly deployed: FlinkConf;
  readonly start: ClusterStart;
}

/** Gathers what the builders need. */
export function clusterOf(deployment: FlinkDeployment, conf: FlinkConf, start: ClusterStart): Cluster {
  const { name, namespace = 'default' } = deployment.metadata;
  const standalone = isStandalone(deployment.spec);
  return { deployment, name, namespace, standalone, conf, deployed: deployedConf(conf), start };
}

/** Labels of all of a cluster's objects (Flink KubernetesUtils.getCommonLabels; incumbent StandaloneKubernetesUtils). */
export function commonLabels({ name, standalone }: Cluster): Record<string, string> {
  return { app: name, type: standalone ? 'flink-standalone-kubernetes' : 'flink-native-kubernetes' };
}

/** Labels that select a component's pods. */
export function selectorLabels(cluster: Cluster, component: 'jobmanager' | 'taskmanager'): Record<string, string> {
  return { ...commonLabels(cluster), component };
}

/** metadata of an object of the cluster. */
export function metadataOf(
  cluster: Cluster,
  name: string,
  more: {
    readonly labels?: Iterable<readonly [string, string]>;
    readonly annotations?: Iterable<readonly [string, string]>;
  },
): KubeObject['metadata'] {
  const { namespace, start } = cluster;
  return {
    name,
    namespace,
    labels: { ...Object.fromEntries(more.labels ?? []), ...commonLabels(cluster) },
    annotations: { ...Object.fromEntries(more.annotations ?? []), [START_ID_ANNOTATION]: start.startId },
  };
}

/** Owner references to the FlinkDeployment; none while it has no uid (a plan made from a file). */
export function ownedByDeployment(
  { deployment }: Cluster,
  controller: boolean,
): { ownerReferences?: OwnerReference[] } {
  return deployment.metadata.uid === undefined ? {} : { ownerReferences: [ownerReference(deployment, { controller })] };
}
