import { type DeepPartial, merged } from '../core/testing/merged.ts';
import type { ObjectMeta } from '../kube/object.ts';
import {
  SPARK_APPLICATION_KIND,
  type SparkApplication,
  type SparkApplicationSpec,
  type SparkApplicationStatus,
} from './schema.ts';

/** What a test wants to be different from an ordinary SparkApplication. */
export interface SparkApplicationOverrides {
  readonly metadata?: DeepPartial<ObjectMeta>;
  readonly spec?: DeepPartial<SparkApplicationSpec>;
  readonly status?: DeepPartial<SparkApplicationStatus>;
}

const METADATA: ObjectMeta = {
  name: 'pi',
  namespace: 'default',
  uid: '5c8f3a52-90f4-4c39-8d6a-2a1a3f0c7d11',
  resourceVersion: '1',
  generation: 1,
  creationTimestamp: '2026-01-01T00:00:00Z',
};

const SPEC: SparkApplicationSpec = {
  type: 'Scala',
  mode: 'cluster',
  sparkVersion: '3.5.9',
  image: 'spark:3.5.9',
  mainClass: 'org.apache.spark.examples.SparkPi',
  mainApplicationFile: 'local:///opt/spark/examples/jars/spark-examples.jar',
  driver: { cores: 1, memory: '512m', serviceAccount: 'spark' },
  executor: { instances: 2, cores: 1, memory: '512m' },
};

/** A valid application named default/pi, freshly created, with the given differences. */
export function aSparkApplication(overrides: SparkApplicationOverrides = {}): SparkApplication {
  return {
    ...SPARK_APPLICATION_KIND,
    metadata: merged<ObjectMeta>(METADATA, overrides.metadata),
    spec: merged<SparkApplicationSpec>(SPEC, overrides.spec),
    ...(overrides.status === undefined ? {} : { status: merged<SparkApplicationStatus>({}, overrides.status) }),
  };
}
