import { describe, expect, it } from 'vitest';
import type { DeepPartial } from '../core/testing/merged.ts';
import { driverMemory, executorMemory } from './conf/memory.ts';
import { submissionOf } from './conf/submission.ts';
import type { SparkApplicationSpec } from './schema.ts';
import { effectiveConf, type SparkConf, type SparkProperty } from './spark-conf.ts';
import { aSparkApplication } from './testing.ts';

type Spec = DeepPartial<SparkApplicationSpec>;

function confOf(spec: Spec): SparkConf {
  const application = aSparkApplication({ spec });
  return effectiveConf(application, submissionOf('uid', 1, 1000));
}

function property(spec: Spec, key: string): SparkProperty | undefined {
  return confOf(spec).get(key);
}

describe('effectiveConf', () => {
  it('says of every property where it comes from', () => {
    const spec: Spec = { sparkConf: { 'spark.driver.cores': '4', 'spark.x': 'y' }, driver: { cores: 2 } };
    expect(property(spec, 'spark.driver.cores')).toEqual({
      value: '2',
      origin: 'spec',
      because: 'spec.driver.cores',
      overrides: [{ value: '4', origin: 'user', because: 'spec.sparkConf.spark.driver.cores' }],
    });
    expect(property(spec, 'spark.x')).toEqual({ value: 'y', origin: 'user', because: 'spec.sparkConf.spark.x' });
    expect(property(spec, 'spark.master')?.origin).toBe('weir');
  });

  it('lets sparkConf win over the few fields the incumbent gives before it', () => {
    const spec: Spec = {
      imagePullPolicy: 'Always',
      memoryOverheadFactor: '0.5',
      sparkConf: {
        'spark.kubernetes.container.image.pullPolicy': 'Never',
        'spark.kubernetes.memoryOverheadFactor': '0.2',
      },
    };
    expect(property(spec, 'spark.kubernetes.container.image.pullPolicy')?.value).toBe('Never');
    expect(property(spec, 'spark.kubernetes.memoryOverheadFactor')?.value).toBe('0.2');
  });

  it('gives hadoopConf its prefix, over the same key of sparkConf', () => {
    const spec: Spec = { sparkConf: { 'spark.hadoop.a': '1' }, hadoopConf: { a: '2' } };
    expect(property(spec, 'spark.hadoop.a')?.value).toBe('2');
  });

  it('asks for one executor where nobody says how many, and for none with dynamic allocation', () => {
    const none = { executor: { instances: undefined } };
    expect(property(none, 'spark.executor.instances')?.value).toBe('1');
    expect(property({ ...none, dynamicAllocation: { enabled: true } }, 'spark.executor.instances')).toBeUndefined();
    const byProperty = { ...none, sparkConf: { 'spark.dynamicAllocation.enabled': 'true' } };
    expect(property(byProperty, 'spark.executor.instances')).toBeUndefined();
  });

  it('names the main jar for executors beside other jars, and no file of Python', () => {
    const jar = 'local:///opt/spark/examples/jars/spark-examples.jar';
    expect(property({ deps: { jars: ['s3a://b/a.jar'] } }, 'spark.jars')?.value).toBe(`s3a://b/a.jar,${jar}`);
    expect(property({ mainApplicationFile: 'local:///a.py' }, 'spark.jars')).toBeUndefined();
  });

  it('writes the heap of the driver as the JVM reads it', () => {
    expect(property({ driver: { memory: '2GB' } }, 'spark.driver.memory')?.value).toBe('2048m');
    expect(property({ driver: { memory: '1024' } }, 'spark.driver.memory')?.value).toBe('1024m');
    expect(property({ driver: { memory: '2g' } }, 'spark.driver.memory')?.origin).toBe('spec');
  });

  it('has another id and other pod names for every submission', () => {
    const application = aSparkApplication();
    const [first, second] = [1, 2].map((attempt) => effectiveConf(application, submissionOf('uid', attempt, 1000)));
    for (const key of ['spark.app.id', 'spark.driver.host', 'spark.kubernetes.executor.podNamePrefix']) {
      expect(first?.get(key)?.value).not.toBe(second?.get(key)?.value);
    }
  });

  it('keeps names within what Spark 3.3 takes', () => {
    const application = aSparkApplication({ metadata: { name: 'a'.repeat(63) } });
    const conf = effectiveConf(application, submissionOf('uid', 1, 1000));
    expect(conf.get('spark.kubernetes.executor.podNamePrefix')?.value).toMatch(/^a{38}-[0-9a-f]{8}$/);
    expect(conf.get('spark.driver.host')?.value).toMatch(/^spark-[0-9a-f]{16}-driver-svc\.default\.svc$/);
  });
});

describe('memory', () => {
  const driver = (version: string, spec: Spec) => driverMemory(confOf({ ...spec, sparkVersion: version }), version);
  const executor = (version: string, spec: Spec) => executorMemory(confOf({ ...spec, sparkVersion: version }), version);
  const python = { mainApplicationFile: 'local:///a.py' };

  it.each<[string, string, Spec, number]>([
    ['JVM, least overhead', '3.5.9', { driver: { memory: '1g' } }, 1408],
    ['JVM, truncated', '3.5.9', { driver: { memory: '4g' } }, 4096 + 409],
    ['Python', '3.5.9', { ...python, driver: { memory: '1g' } }, 1433],
    ['R', '4.3.0', { mainApplicationFile: 'local:///a.R', driver: { memory: '1g' } }, 1433],
    ['overhead given', '3.3.4', { driver: { memory: '1g', memoryOverhead: '100' } }, 1124],
    ['factor of the spec', '3.5.9', { memoryOverheadFactor: '0.5', driver: { memory: '1g' } }, 1536],
    [
      'factor of the driver',
      '3.3.4',
      { driver: { memory: '1g' }, sparkConf: { 'spark.driver.memoryOverheadFactor': '1.0' } },
      2048,
    ],
    [
      'factor of the driver, before Spark knew it',
      '3.2.4',
      { driver: { memory: '1g' }, sparkConf: { 'spark.driver.memoryOverheadFactor': '1.0' } },
      1408,
    ],
    [
      'least overhead given',
      '4.0.1',
      { driver: { memory: '1g' }, sparkConf: { 'spark.driver.minMemoryOverhead': '200m' } },
      1224,
    ],
    [
      'least overhead given, before Spark knew it',
      '3.5.9',
      { driver: { memory: '1g' }, sparkConf: { 'spark.driver.minMemoryOverhead': '200m' } },
      1408,
    ],
  ])('of the driver: %s', (_name, version, spec, total) => {
    expect(driver(version, spec).totalMib).toBe(total);
  });

  it('of executors counts off-heap memory and Python workers', () => {
    const sparkConf = {
      'spark.memory.offHeap.enabled': 'true',
      'spark.memory.offHeap.size': '1073741824',
      'spark.executor.pyspark.memory': '512m',
    };
    const size = { executor: { memory: '2g', memoryOverhead: '400m' }, sparkConf };
    expect(executor('3.5.9', { ...python, ...size })).toEqual({
      heapMib: 2048,
      overheadMib: 400,
      moreMib: 1536,
      totalMib: 3984,
      because: 'heap 2048 + overhead 400 + off-heap 1024 + Python workers 512 = 3984 MiB',
    });
    expect(executor('3.5.9', size).totalMib).toBe(2048 + 400 + 1024);
  });
});
