import type { KubeObject } from '../../kube/object.ts';

/** What a scenario's FlinkDeployment is like. */
export interface Variant {
  readonly mode: 'native' | 'standalone';
  readonly upgradeMode: 'stateless' | 'last-state' | 'savepoint';
  /** High availability; on unless said otherwise, since the other modes live on it. */
  readonly ha?: boolean;
  readonly flinkVersion?: string;
  readonly job?: Readonly<Record<string, unknown>>;
  readonly options?: Readonly<Record<string, string>>;
}

const STATE = {
  'execution.checkpointing.interval': '10 s',
  'execution.checkpointing.dir': 's3://state/checkpoints',
  'execution.checkpointing.savepoint-dir': 's3://state/savepoints',
};

const HA = { 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 's3://state/ha' };

/** A small job that counts, named default/orders, from an image named after the version of its code. */
export function flinkDeployment({ mode, upgradeMode, ha = true, flinkVersion, job, options }: Variant): KubeObject {
  return {
    apiVersion: 'flink.apache.org/v1beta1',
    kind: 'FlinkDeployment',
    metadata: { name: 'orders', namespace: 'default' },
    spec: {
      image: 'jobs:1',
      flinkVersion: flinkVersion ?? 'v2_3',
      mode,
      serviceAccount: 'flink',
      flinkConfiguration: { 'taskmanager.numberOfTaskSlots': '2', ...STATE, ...(ha ? HA : {}), ...options },
      jobManager: { resource: { cpu: 1, memory: '2048m' } },
      taskManager: { resource: { cpu: 1, memory: '2048m' } },
      job: { jarURI: 'local:///opt/flink/usrlib/count.jar', parallelism: 2, upgradeMode, ...job },
    },
  };
}
