import type { KubeObject } from '../../kube/object.ts';
import { isHighlyAvailable } from '../conf/mode.ts';
import { needsTaskManagerTemplate } from '../conf/pod-templates.ts';
import type { ClusterStart, FlinkConf } from '../flink-conf.ts';
import type { FlinkDeployment } from '../schema.ts';
import { confMap, templateMap } from './config-maps.ts';
import { ingress } from './ingress.ts';
import { jobManagerDeployment } from './job-manager.ts';
import { type Cluster, clusterOf } from './names.ts';
import { internalService, restService } from './services.ts';
import { taskManagerDeployment } from './task-manager.ts';

/** Every object of one start of a cluster, as applied. */
export interface DesiredCluster {
  /** Owned by the FlinkDeployment. */
  readonly jobManager: KubeObject;
  /** Standalone only; owned by the FlinkDeployment. */
  readonly taskManager?: KubeObject;
  /** Owned by the JobManager Deployment, whose uid only its apply gives: ConfigMaps, Services. */
  readonly owned: readonly KubeObject[];
  /** Owned by the FlinkDeployment. */
  readonly ingress?: KubeObject;
}

/**
 * The objects that run a FlinkDeployment, named and labelled as Flink and the incumbent do, from its effective
 * configuration for this start. Same input, same bytes.
 */
export function desiredCluster(deployment: FlinkDeployment, conf: FlinkConf, start: ClusterStart): DesiredCluster {
  const cluster = clusterOf(deployment, conf, start);
  const route = ingress(cluster);
  return {
    jobManager: jobManagerDeployment(cluster),
    ...(cluster.standalone ? { taskManager: taskManagerDeployment(cluster) } : {}),
    owned: ownedObjects(cluster),
    ...(route === undefined ? {} : { ingress: route }),
  };
}

function ownedObjects(cluster: Cluster): readonly KubeObject[] {
  // With high availability a native TaskManager reads the leader's address from a ConfigMap of Flink's own.
  const internal = cluster.standalone || !isHighlyAvailable(cluster.conf);
  return [
    confMap(cluster),
    ...(needsTaskManagerTemplate(cluster.deployment.spec) ? [templateMap(cluster)] : []),
    ...(internal ? [internalService(cluster)] : []),
    restService(cluster),
  ];
}
