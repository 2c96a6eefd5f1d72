import type { ObjectMeta } from '../../kube/object.ts';
import type { DeepPartial } from '../testing.ts';
import { merged } from '../testing.ts';
import {
  type FlinkSessionJob,
  type FlinkSessionJobSpec,
  type FlinkSessionJobStatus,
  SESSION_JOB_KIND,
} from './schema.ts';

/** What a test wants to be different from an ordinary FlinkSessionJob. */
export interface SessionJobOverrides {
  readonly metadata?: DeepPartial<ObjectMeta>;
  readonly spec?: DeepPartial<FlinkSessionJobSpec>;
  readonly status?: DeepPartial<FlinkSessionJobStatus>;
}

const METADATA: ObjectMeta = {
  name: 'clicks',
  namespace: 'default',
  uid: '6d2f1c3a-7c1a-4f0e-9d43-0b6f8f5e9b10',
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-01-01T00:00:00Z',
  labels: { 'target.session': 'orders' },
};

const SPEC: FlinkSessionJobSpec = {
  deploymentName: 'orders',
  job: { jarURI: 'https://jars.example.com/clicks.jar', parallelism: 2 },
};

/** A valid session job default/clicks on the session default/orders, freshly created, with the given differences. */
export function aSessionJob(overrides: SessionJobOverrides = {}): FlinkSessionJob {
  return {
    ...SESSION_JOB_KIND,
    metadata: merged<ObjectMeta>(METADATA, overrides.metadata),
    spec: merged<FlinkSessionJobSpec>(SPEC, overrides.spec),
    ...(overrides.status === undefined ? {} : { status: merged<FlinkSessionJobStatus>({}, overrides.status) }),
  };
}
