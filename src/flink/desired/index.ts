import type { KubeObject } from '../../kube/object.ts';
import { isHighlyAvailable, isStandalone } from '../conf/mode.ts';
import { needsTaskManagerTemplate } from '../conf/pod-templates.ts';
import type { ClusterStart, FlinkConf } from '../flink-conf.ts';
import type { FlinkDeployment } from '../schema.ts';
import { confMap, templateMap } from './config-maps.ts';
import { hasIngress, ingress } from './ingress.ts';
import { jobManagerDeployment } from './job-manager.ts';
import { confMapName, templateMapName } from './mounts.ts';
import { type Cluster, clusterOf } from './names.ts';
import { internalService, restService, restServiceName } from './services.ts';
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
  return { jobManager: jobManagerDeployment(cluster), ...otherObjects(cluster, new Set()) };
}

/**
 * Of the same objects those besides the JobManager Deployment that are not `there`, which holds `Kind/name`. Nothing else
 * is built, so that looking at a whole cluster costs little.
 */
export function missingObjects(
  deployment: FlinkDeployment,
  conf: FlinkConf,
  start: ClusterStart,
  there: ReadonlySet<string>,
): Omit<DesiredCluster, 'jobManager'> {
  return otherObjects(clusterOf(deployment, conf, start), there);
}

/**
 * Whether all of them are `there`, told without building any from the configuration that the starts of a spec share: a start
 * adds to it nothing that says which objects a cluster has.
 */
export function isWhole(deployment: FlinkDeployment, conf: FlinkConf, there: ReadonlySet<string>): boolean {
  const { name } = deployment.metadata;
  const standalone = isStandalone(deployment.spec);
  return (
    ownedParts({ name, standalone, conf, deployment }).every(([key]) => there.has(key)) &&
    (!standalone || there.has(taskManagerKey(name))) &&
    (there.has(ingressKey(name)) || !hasIngress({ conf, deployment }))
  );
}

function otherObjects(cluster: Cluster, there: ReadonlySet<string>): Omit<DesiredCluster, 'jobManager'> {
  const { name, standalone } = cluster;
  const route = there.has(ingressKey(name)) ? undefined : ingress(cluster);
  const workers = standalone && !there.has(taskManagerKey(name));
  return {
    ...(workers ? { taskManager: taskManagerDeployment(cluster) } : {}),
    owned: ownedParts(cluster)
      .filter(([key]) => !there.has(key))
      .map(([, build]) => build(cluster)),
    ...(route === undefined ? {} : { ingress: route }),
  };
}

function ingressKey(name: string): string {
  return `Ingress/${name}`;
}

function taskManagerKey(name: string): string {
  return `Deployment/${name}-taskmanager`;
}

type Part = readonly [key: string, build: (cluster: Cluster) => KubeObject];

type Kept = Pick<Cluster, 'name' | 'standalone' | 'conf' | 'deployment'>;

function ownedParts({ name, standalone, conf, deployment }: Kept): readonly Part[] {
  // With high availability a native TaskManager reads the leader's address from a ConfigMap of Flink's own.
  const internal = standalone || !isHighlyAvailable(conf);
  const template: Part = [`ConfigMap/${templateMapName(name)}`, templateMap];
  return [
    [`ConfigMap/${confMapName(name)}`, confMap],
    ...(needsTaskManagerTemplate(deployment.spec) ? [template] : []),
    ...(internal ? [[`Service/${name}`, internalService] satisfies Part] : []),
    [`Service/${restServiceName(name)}`, restService],
  ];
}
