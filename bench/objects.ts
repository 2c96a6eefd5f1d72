import { desiredCluster } from '../src/flink/desired/index.ts';
import { effectiveConf } from '../src/flink/flink-conf.ts';
import { FLINK_API_VERSION, type FlinkDeployment } from '../src/flink/schema.ts';
import type { KubeObject, ObjectRef } from '../src/kube/object.ts';
import { NAMESPACE } from './api.ts';

/** Where a FlinkDeployment of the bench's namespace is. */
export function flinkRef(name: string): ObjectRef {
  return { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment', namespace: NAMESPACE, name };
}

/** A ConfigMap of about 1 kB. */
export function smallConfigMap(name: string, labels: Readonly<Record<string, string>> = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: NAMESPACE, labels },
    data: { text: filler(900) },
  };
}

/** A small application cluster whose JobManager answers on `restPort`: what a user would write, about 1 kB. */
export function flinkApplication(name: string, restPort: number): FlinkDeployment {
  return {
    apiVersion: FLINK_API_VERSION,
    kind: 'FlinkDeployment',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      image: 'flink:2.0',
      flinkVersion: 'v2_0',
      serviceAccount: 'flink',
      flinkConfiguration: { 'taskmanager.numberOfTaskSlots': '2', 'rest.port': String(restPort) },
      jobManager: { resource: { cpu: 1, memory: '1600m' } },
      taskManager: { resource: { cpu: 1, memory: '2048m' } },
      job: {
        jarURI: 'local:///opt/flink/examples/streaming/StateMachineExample.jar',
        parallelism: 4,
        upgradeMode: 'stateless',
      },
    },
  };
}

/** A FlinkDeployment of about 8 kB. */
export function bigFlinkApplication(name: string): FlinkDeployment {
  const small = flinkApplication(name, 8081);
  const env = Array.from({ length: 60 }, (_, index) => ({ name: `SETTING_${index}`, value: filler(80) }));
  const podTemplate = { spec: { containers: [{ name: 'flink-main-container', env }] } };
  return { ...small, spec: { ...small.spec, podTemplate } };
}

/** The objects Weir makes for a small application, all owned by `owner` instead, the Deployment last. */
export function applicationObjects(name: string, owner: KubeObject): readonly KubeObject[] {
  const application = flinkApplication(name, 8081);
  const start = { startId: 'floor', jobId: '0'.repeat(32), generation: 1, haResultStoreId: 'floor' };
  const conf = effectiveConf(application, { flinkConfiguration: {} }, start);
  const { owned, jobManager } = desiredCluster(application, conf, start);
  const { apiVersion, kind, metadata } = owner;
  const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' };
  return [...owned, jobManager].map((object) => ({
    ...object,
    metadata: { ...object.metadata, ownerReferences: [reference] },
  }));
}

function filler(length: number): string {
  return 'lorem ipsum dolor sit amet '.repeat(Math.ceil(length / 27)).slice(0, length);
}
