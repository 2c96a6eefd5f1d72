import type { Reader } from '../../core/ports.ts';
import type { KubeObject, OwnerReference } from '../../kube/object.ts';
import { LEFT_GENERATION, LEFT_JOB, LEFT_UID } from './incumbent.ts';

/*
 * The objects of a cluster as the Flink Kubernetes Operator 1.10 to 1.15 makes them: in native mode through Flink's own
 * client, in standalone mode through its module flink-kubernetes-standalone. Flink itself makes the high-availability
 * ConfigMaps, and in native mode the TaskManager pods.
 */

/** What differs from a native cluster without high availability whose JobManager is available. */
export interface LeftCluster {
  readonly standalone?: boolean;
  /** With this newest checkpoint in the high-availability data; `empty` before the first. */
  readonly checkpoint?: number | 'empty';
  /** The generation the JobManager was deployed for. */
  readonly generation?: number;
  /** A template of TaskManager pods was given. */
  readonly template?: boolean;
  /** Pods are up; in a session no TaskManagers need to be. */
  readonly pods?: 'all' | 'jobmanager' | 'none';
}

const JOB_MANAGER_UID = 'uid-orders';

/** Every object of a cluster named default/orders. */
export function leftCluster(cluster: LeftCluster = {}): readonly KubeObject[] {
  const { standalone = false, checkpoint, template = false, pods = 'all' } = cluster;
  const ha = checkpoint !== undefined;
  const owned = { ownerReferences: [reference('apps/v1', 'Deployment', 'orders', JOB_MANAGER_UID, true)] };
  const labels = commonLabels(standalone);
  const object = (apiVersion: string, kind: string, name: string): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace: 'default', uid: `uid-${kind}-${name}`, labels, ...owned },
  });
  return [
    deployment('orders', 'jobmanager', cluster),
    ...(standalone ? [deployment('orders-taskmanager', 'taskmanager', cluster)] : []),
    object('v1', 'Service', 'orders-rest'),
    ...(standalone || !ha ? [object('v1', 'Service', 'orders')] : []),
    object('v1', 'ConfigMap', 'flink-config-orders'),
    ...(template && !standalone ? [object('v1', 'ConfigMap', 'pod-template-orders')] : []),
    ...(pods === 'none' ? [] : [pod('orders-5d8f7c9b6-x2x4q', 'jobmanager', standalone)]),
    ...(pods === 'all'
      ? [pod(standalone ? 'orders-taskmanager-7b9f-abcde' : 'orders-taskmanager-1-1', 'taskmanager', standalone)]
      : []),
    ...(ha ? highAvailability(checkpoint) : []),
  ];
}

/** What is left of it once its Deployments are gone: the high-availability data has no owner. */
export function highAvailability(checkpoint: number | 'empty', jobId = LEFT_JOB): readonly KubeObject[] {
  // In standalone mode too: Flink's own label, whoever made the Deployment.
  const labels = { ...commonLabels(false), 'configmap-type': 'high-availability' };
  const map = (name: string, data: Record<string, string>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, labels },
    data,
  });
  const pointer =
    checkpoint === 'empty' ? {} : { [`checkpointID-${String(checkpoint).padStart(19, '0')}`]: 'rO0ABXNy' };
  return [
    map('orders-cluster-config-map', { 'org.apache.flink.k8s.leader.restserver': 'x,http://10.0.0.7:8081' }),
    map(`orders-${jobId}-config-map`, { counter: '8', ...pointer }),
  ];
}

/** What the autoscaler keeps of an application: never part of a cluster. */
export const AUTOSCALER_STATE: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'autoscaler-orders',
    namespace: 'default',
    uid: 'uid-autoscaler',
    labels: { app: 'orders', component: 'autoscaler' },
    ownerReferences: [reference('flink.apache.org/v1beta1', 'FlinkDeployment', 'orders', LEFT_UID, false)],
  },
  data: { parallelismOverrides: 'bc764cd8ddf7a0cff126f51c16239658:4' },
};

/** Reads from these objects. */
export function readerOf(objects: readonly KubeObject[]): Reader {
  return {
    get: ({ kind, namespace, name }) =>
      objects.find(
        (object) => object.kind === kind && object.metadata.name === name && object.metadata.namespace === namespace,
      ),
    list: ({ kind }, namespace, labels) =>
      objects.filter(
        ({ kind: found, metadata }) =>
          found === kind &&
          metadata.namespace === namespace &&
          Object.entries(labels).every(([key, value]) => metadata.labels?.[key] === value),
      ),
  };
}

function commonLabels(standalone: boolean): Record<string, string> {
  return { app: 'orders', type: standalone ? 'flink-standalone-kubernetes' : 'flink-native-kubernetes' };
}

function reference(apiVersion: string, kind: string, name: string, uid: string, controller: boolean): OwnerReference {
  return { apiVersion, kind, name, uid, controller, blockOwnerDeletion: true };
}

function deployment(
  name: string,
  component: string,
  { standalone = false, generation = LEFT_GENERATION }: LeftCluster,
): KubeObject {
  const labels = { ...commonLabels(standalone), component };
  const annotations = { 'flinkdeployment.flink.apache.org/generation': String(generation) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      creationTimestamp: '2026-02-01T10:00:01Z',
      labels,
      annotations,
      ownerReferences: [reference('flink.apache.org/v1beta1', 'FlinkDeployment', 'orders', LEFT_UID, false)],
    },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels, annotations } } },
    status: {
      replicas: 1,
      readyReplicas: 1,
      availableReplicas: 1,
      conditions: [{ type: 'Available', status: 'True', lastTransitionTime: '2026-02-01T10:00:10Z' }],
    },
  };
}

function pod(name: string, component: string, standalone: boolean): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, labels: { ...commonLabels(standalone), component } },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'flink-main-container', ready: true, state: { running: {} } }],
    },
  };
}
