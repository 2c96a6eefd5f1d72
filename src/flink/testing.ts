import { type DeepPartial, merged } from '../core/testing/merged.ts';

export { type DeepPartial, merged } from '../core/testing/merged.ts';

import type { ObjectMeta } from '../kube/object.ts';
import {
  FLINK_API_VERSION,
  type FlinkDeployment,
  type FlinkDeploymentSpec,
  type FlinkDeploymentStatus,
} from './schema.ts';

/** What a test wants to be different from an ordinary FlinkDeployment. */
export interface FlinkDeploymentOverrides {
  readonly metadata?: DeepPartial<ObjectMeta>;
  readonly spec?: DeepPartial<FlinkDeploymentSpec>;
  readonly status?: DeepPartial<FlinkDeploymentStatus>;
}

const METADATA: ObjectMeta = {
  name: 'orders',
  namespace: 'default',
  uid: '0b6f8f5e-7c1a-4f0e-9d43-6d2f1c3a9b10',
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-01-01T00:00:00Z',
};

const SPEC: FlinkDeploymentSpec = {
  image: 'flink:2.0',
  flinkVersion: 'v2_0',
  serviceAccount: 'flink',
  jobManager: { resource: { cpu: 1, memory: '2048m' } },
  taskManager: { resource: { cpu: 1, memory: '2048m' } },
  job: { jarURI: 'local:///opt/flink/examples/streaming/StateMachineExample.jar', parallelism: 2 },
};

/** A valid application cluster named default/orders, freshly created, with the given differences. */
export function aFlinkDeployment(overrides: FlinkDeploymentOverrides = {}): FlinkDeployment {
  return {
    apiVersion: FLINK_API_VERSION,
    kind: 'FlinkDeployment',
    metadata: merged<ObjectMeta>(METADATA, overrides.metadata),
    spec: merged<FlinkDeploymentSpec>(SPEC, overrides.spec),
    ...(overrides.status === undefined ? {} : { status: merged<FlinkDeploymentStatus>({}, overrides.status) }),
  };
}

/** The spec of `aFlinkDeployment`. */
export function aFlinkDeploymentSpec(overrides: DeepPartial<FlinkDeploymentSpec> = {}): FlinkDeploymentSpec {
  return merged<FlinkDeploymentSpec>(SPEC, overrides);
}

/** A valid session cluster named default/orders, with the given differences. */
export function aSessionCluster(overrides: FlinkDeploymentOverrides = {}): FlinkDeployment {
  return aFlinkDeployment({ ...overrides, spec: { ...overrides.spec, job: undefined } });
}
