import { describe, expect, it } from 'vitest';
import { describeIssue } from '../core/issue.ts';
import type { DeepPartial } from '../core/testing/merged.ts';
import type { ObjectMeta } from '../kube/object.ts';
import { parseSparkApplicationSpec, type SparkApplicationSpec } from './schema.ts';
import { DENIED_PROPERTIES, REFUSED_SPECS } from './testing/refused.ts';
import { aSparkApplication } from './testing.ts';
import { validateSpec } from './validate.ts';

function problems(spec: DeepPartial<SparkApplicationSpec>, metadata: DeepPartial<ObjectMeta> = {}): string[] {
  const application = aSparkApplication({ spec, metadata });
  const parsed = parseSparkApplicationSpec(application.spec);
  const issues = parsed.ok ? validateSpec(application.metadata, parsed.value) : parsed.error;
  return issues.map(describeIssue);
}

const conf = (key: string, value: string) => problems({ sparkConf: { [key]: value } });

describe('validateSpec', () => {
  it('takes an ordinary application, and the amounts Spark takes', () => {
    expect(problems({})).toEqual([]);
    expect(
      problems({ driver: { memory: '2GB', memoryOverhead: '512', coreRequest: '100m', coreLimit: '1200m' } }),
    ).toEqual([]);
    expect(
      problems({ sparkConf: { 'spark.driver.memory': '1t', 'spark.executor.memoryOverheadFactor': '0' } }),
    ).toEqual([]);
  });

  it.each(REFUSED_SPECS)('refuses %s', (_name, spec, message) => {
    expect(problems(spec)).toEqual([message]);
  });

  it('names everything that is wrong at once', () => {
    const both = problems({ driver: { cores: 0 }, executor: { instances: 0, memory: '' } });
    expect(both.map((line) => line.split(':')[0])).toEqual([
      'spec.executor.instances',
      'spec.driver.cores',
      'spec.executor.memory',
    ]);
  });

  it('refuses a name too long for a Service, and labels of Spark on the resource', () => {
    const rule = "it must be at most 63 lower-case letters, digits and '-', start with a letter and not end with '-'";
    const long = 'a'.repeat(64);
    expect(problems({}, { name: long })).toEqual([`metadata.name: "${long}" is not valid, ${rule}`]);
    expect(problems({}, { name: '1st' })).toEqual([`metadata.name: "1st" is not valid, ${rule}`]);
    expect(problems({}, { labels: { 'spark-app-selector': 'x' } })).toEqual([
      'metadata.labels.spark-app-selector: "x" is not valid, it must not be set, since Spark sets this label itself',
    ]);
  });

  it('takes empty text where Kubernetes does, capitals in the domain of an annotation and placeholders in labels', () => {
    const ports = [{ name: '', protocol: '', containerPort: 8090 }];
    const annotations = { 'Example.org/Note': 'x' };
    const labels = { run: 'app-{{APP_ID}}', empty: '' };
    expect(problems({ executor: { ports, annotations, labels, serviceAccount: '' } })).toEqual([]);
    expect(problems({ executor: { labels: { 'Example.org/Note': 'x' } } })).toHaveLength(1);
  });

  it('takes containers that the template has already, and versions with words behind them', () => {
    const template = { spec: { containers: [{ name: 'spark-kubernetes-driver' }, { name: 'side', image: 'side:1' }] } };
    const sidecars = [{ name: 'side', image: 'side:1' }];
    expect(problems({ driver: { template, sidecars } })).toEqual([]);
    expect(problems({ driver: { template, sidecars: [{ name: 'side', image: 'side:2' }] } })).toHaveLength(1);
    expect(problems({ sparkVersion: '4' })).toEqual([]);
  });

  it('takes fewer executors at the start than at least, which Spark raises, and not more than at most', () => {
    const between = { enabled: true, minExecutors: 3, maxExecutors: 6 };
    expect(problems({ dynamicAllocation: { ...between, initialExecutors: 1 } })).toEqual([]);
    expect(problems({ dynamicAllocation: { ...between, initialExecutors: 7 } })).toEqual([
      'spec.dynamicAllocation.initialExecutors: 7 is not valid, it must be at most maxExecutors, which is 6',
    ]);
  });

  it('finds the image in the template', () => {
    const template = { spec: { containers: [{ name: 'spark-kubernetes-executor', image: 'spark:4' }] } };
    expect(problems({ image: undefined, driver: { image: 'spark:3' }, executor: { template } })).toEqual([]);
    expect(problems({ image: undefined, executor: { template } })).toEqual([
      'spec.driver.image: is missing, it must name the image, here or in spec.image',
    ]);
  });
});

describe('sparkConf', () => {
  it.each(DENIED_PROPERTIES)('refuses %s', (key, rule) => {
    const shown = key.endsWith('oauthToken') ? '***' : 'x';
    expect(conf(key, 'x')).toEqual([`spec.sparkConf["${key}"]: "${shown}" is not valid, it must ${rule}`]);
  });

  it('takes the namespace of the resource and no other', () => {
    expect(conf('spark.kubernetes.namespace', 'default')).toEqual([]);
    expect(conf('spark.kubernetes.namespace', 'kube-system')).toEqual([
      'spec.sparkConf["spark.kubernetes.namespace"]: "kube-system" is not valid, it must be the namespace of the resource, default',
    ]);
  });

  it.each(['spark.kubernetes.namespace ', '\tspark.x', 'spark.x\nspark.kubernetes.namespace=kube-system', ''])(
    'refuses the key %j, which could be read as another one',
    (key) => {
      expect(conf(key, 'kube-system')).toEqual([
        expect.stringMatching(/^spec\.sparkConf\[.*it must be a key of visible ASCII characters$/),
      ]);
    },
  );

  it('judges amounts as it judges the fields', () => {
    expect(conf('spark.executor.memory', '12xb')).toHaveLength(1);
    expect(conf('spark.driver.cores', '0')).toEqual([
      'spec.sparkConf["spark.driver.cores"]: "0" is not valid, it must be a whole number of at least 1',
    ]);
    expect(conf('spark.kubernetes.driver.secretKeyRef.TOKEN', 'a:b:c')).toEqual([
      'spec.sparkConf["spark.kubernetes.driver.secretKeyRef.TOKEN"]: "a:b:c" is not valid, it must be a Secret and its key, with one colon between them',
    ]);
  });
});
