import type { KubeObject } from '../../kube/object.ts';

/** What a scenario's FlinkDeployment is like. */
export interface Variant {
  readonly mode: 'native' | 'standalone';
  readonly upgradeMode: 'stateless' | 'last-state' | 'savepoint';
  /** High availability; on unless said otherwise, since the other modes live on it. */
  readonly ha?: boolean;
  readonly flinkVersion?: string;
  readonly job?: Readonly<Record<string, unknown>>;
  /** Options of the FlinkDeployment, or of the FlinkSessionJob. */
  readonly options?: Readonly<Record<string, string>>;
  /** Options of the session a FlinkSessionJob is on. */
  readonly sessionOptions?: Readonly<Record<string, string>>;
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

/** A session cluster and a job for it, named default/orders and default/clicks; the job's arguments stand for its version. */
export function sessionJob({ upgradeMode, job, options, sessionOptions = {}, ...variant }: Variant): {
  readonly session: KubeObject;
  readonly resource: KubeObject;
} {
  const { spec, ...session } = flinkDeployment({ ...variant, upgradeMode, options: sessionOptions });
  const { job: _job, ...cluster } = spec as Record<string, unknown>;
  const entryClass = 'dev.weir.Count';
  return {
    session: { ...session, spec: cluster },
    resource: {
      apiVersion: 'flink.apache.org/v1beta1',
      kind: 'FlinkSessionJob',
      metadata: { name: 'clicks', namespace: 'default' },
      spec: {
        deploymentName: 'orders',
        ...(options === undefined ? {} : { flinkConfiguration: options }),
        job: { entryClass, args: ['1'], parallelism: 2, upgradeMode, ...job },
      },
    },
  };
}
