import type { ObjectMeta } from '../../kube/object.ts';
import { encodeSpec } from '../record.ts';
import type { FlinkDeployment } from '../schema.ts';
import { aFlinkDeployment, type FlinkDeploymentOverrides } from '../testing.ts';
import {
  type FlinkStateSnapshot,
  type FlinkStateSnapshotSpec,
  type FlinkStateSnapshotStatus,
  SNAPSHOT_KIND,
} from './schema.ts';
import { SNAPSHOT_FINALIZER } from './situation.ts';

/** The id of the job that `aRunningJob` runs. */
export const JOB_ID = 'a'.repeat(32);

/** What a test wants to be different from an ordinary FlinkStateSnapshot. */
export interface SnapshotOverrides {
  readonly metadata?: Partial<ObjectMeta>;
  /** The whole spec. */
  readonly spec?: FlinkStateSnapshotSpec;
  readonly status?: FlinkStateSnapshotStatus;
}

/** A savepoint of FlinkDeployment orders, named default/nightly, seen before, nothing asked of Flink yet. */
export function aSnapshot({ metadata, spec, status }: SnapshotOverrides = {}): FlinkStateSnapshot {
  return {
    ...SNAPSHOT_KIND,
    metadata: {
      name: 'nightly',
      namespace: 'default',
      uid: 'snapshot-uid',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      finalizers: [SNAPSHOT_FINALIZER],
      ...metadata,
    },
    spec: spec ?? { jobReference: { kind: 'FlinkDeployment', name: 'orders' }, savepoint: {} },
    ...(status === undefined ? {} : { status }),
  };
}

/** FlinkDeployment default/orders, deployed with a savepoint folder, its job RUNNING. */
export function aRunningJob({ metadata = {}, spec = {}, status = {} }: FlinkDeploymentOverrides = {}): FlinkDeployment {
  const flinkConfiguration = { 'state.savepoints.dir': 's3://state/savepoints' };
  const deployment = aFlinkDeployment({ metadata, spec: { flinkConfiguration, ...spec } });
  const lastReconciledSpec = encodeSpec(deployment.spec, 'running', true);
  return aFlinkDeployment({
    metadata,
    spec: { flinkConfiguration, ...spec },
    status: {
      jobStatus: { jobId: JOB_ID, state: 'RUNNING' },
      reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec },
      ...status,
    },
  });
}
