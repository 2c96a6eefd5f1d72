import { type DeepPartial, merged } from '../../core/testing/merged.ts';
import type { ObjectMeta } from '../../kube/object.ts';
import { SPARK_CONNECT_KIND, type SparkConnect, type SparkConnectSpec, type SparkConnectStatus } from './schema.ts';

/** What a test wants to be different from an ordinary SparkConnect. */
export interface ConnectOverrides {
  readonly metadata?: DeepPartial<ObjectMeta>;
  readonly spec?: DeepPartial<SparkConnectSpec>;
  readonly status?: SparkConnectStatus;
}

const METADATA: ObjectMeta = {
  name: 'query',
  namespace: 'default',
  uid: '0d1f3a52-90f4-4c39-8d6a-2a1a3f0c7d22',
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-01-01T00:00:00Z',
  labels: { team: 'a' },
};

const SPEC: SparkConnectSpec = {
  sparkVersion: '4.0.1',
  image: 'apache/spark:4.0.1',
  server: { cores: 1, memory: '1g', serviceAccount: 'spark' },
  executor: { cores: 1, memory: '512m', instances: 2 },
};

/** A valid SparkConnect named default/query, freshly created, with the given differences. */
export function aSparkConnect({ metadata, spec, status }: ConnectOverrides = {}): SparkConnect {
  return {
    ...SPARK_CONNECT_KIND,
    metadata: merged<ObjectMeta>(METADATA, metadata),
    spec: merged<SparkConnectSpec>(SPEC, spec),
    ...(status === undefined ? {} : { status }),
  };
}
