import { describe, expect, it } from 'vitest';
import { describeIssue } from '../core/issue.ts';
import type { DeepPartial } from '../core/testing/merged.ts';
import type { ObjectMeta } from '../kube/object.ts';
import { parseSparkApplicationSpec, type SparkApplicationSpec } from './schema.ts';
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

  it.each<[string, DeepPartial<SparkApplicationSpec>, string]>([
    [
      'memory 12xb',
      { driver: { memory: '12xb' } },
      'spec.driver.memory: "12xb" is not valid, it must be a whole number with a unit b, k, m, g, t or p and at least 1m, such as 512m or 4g',
    ],
    [
      'memory with a fraction',
      { executor: { memory: '1.5g' } },
      'spec.executor.memory: "1.5g" is not valid, it must be a whole number with a unit b, k, m, g, t or p and at least 1m, such as 512m or 4g',
    ],
    ['cores 0', { driver: { cores: 0 } }, 'spec.driver.cores: 0 is not valid, it must be a whole number of at least 1'],
    [
      'instances -1',
      { executor: { instances: -1 } },
      'spec.executor.instances: -1 is not valid, it must be at least 1',
    ],
    ['unknown type', { type: 'Go' as never }, 'spec.type: "Go" is not valid, it must be one of Java, Python, Scala, R'],
    [
      'client mode',
      { mode: 'client' },
      'spec.mode: "client" is not valid, it must be cluster, since in client mode the driver would run inside the operator',
    ],
    [
      'no main file',
      { mainApplicationFile: undefined },
      'spec.mainApplicationFile: is missing, it must name the jar, Python or R file to run',
    ],
    [
      'a main file of the machine that submits',
      { mainApplicationFile: '/opt/job.jar' },
      'spec.mainApplicationFile: "/opt/job.jar" is not valid, it must be in the image (local:///…) or a URI that the driver can read (https, s3a, hdfs, …)',
    ],
    [
      'no main class for a jar of the image',
      { mainClass: undefined },
      'spec.mainClass: is missing, it must name the main class, which Spark does not look up in a jar of the image',
    ],
    [
      'no version',
      { sparkVersion: undefined },
      'spec.sparkVersion: is missing, it must be the Spark version in the image, 3.0 or newer, such as 3.5.9',
    ],
    [
      'Spark 2',
      { sparkVersion: '2.4.5' },
      'spec.sparkVersion: "2.4.5" is not valid, it must be the Spark version in the image, 3.0 or newer, such as 3.5.9',
    ],
    [
      'two Spark containers',
      {
        driver: {
          template: {
            spec: { containers: [{ name: 'spark-kubernetes-driver' }, { name: 'spark-kubernetes-driver' }] },
          },
        },
      },
      'spec.driver.template.spec.containers[1].name: "spark-kubernetes-driver" is not valid, it must be different from the names before it',
    ],
    [
      'a limit below the request',
      { executor: { cores: 2, coreLimit: '1' } },
      'spec.executor.coreLimit: "1" is not valid, it must be at least cores, which is 2',
    ],
    [
      'a dependency of the machine that submits',
      { deps: { jars: ['local:///a.jar', 'file:///b.jar'] } },
      'spec.deps.jars[1]: "file:///b.jar" is not valid, it must be in the image (local:///…) or a URI that the driver can read (https, s3a, hdfs, …)',
    ],
    [
      'negative retries',
      { restartPolicy: { type: 'OnFailure', onFailureRetries: -1 } },
      'spec.restartPolicy.onFailureRetries: -1 is not valid, it must be at least 0',
    ],
    [
      'fewer executors at most than at least',
      { dynamicAllocation: { enabled: true, minExecutors: 3, maxExecutors: 2 } },
      'spec.dynamicAllocation.minExecutors: 3 is not valid, it must be at most maxExecutors, which is 2',
    ],
    [
      'node selectors at both places',
      { nodeSelector: { a: 'b' }, driver: { nodeSelector: { c: 'd' } } },
      'spec.driver.nodeSelector: {"c":"d"} is not valid, it must not be set beside spec.nodeSelector, which is for both roles',
    ],
    [
      "a label of Spark's own",
      { executor: { labels: { 'spark-role': 'driver' } } },
      'spec.executor.labels.spark-role: "driver" is not valid, it must not be set, since Spark sets this label itself',
    ],
    [
      'a mount of no volume',
      { driver: { volumeMounts: [{ name: 'data', mountPath: '/data' }] } },
      'spec.driver.volumeMounts[0].name: "data" is not valid, it must name a volume of spec.volumes',
    ],
    [
      'a batch scheduler',
      { batchScheduler: 'volcano' },
      'spec.batchScheduler: "volcano" is not valid, it must not be set, since batch schedulers are not supported yet',
    ],
  ])('refuses %s', (_name, spec, message) => {
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

  it('finds the image in the template', () => {
    const template = { spec: { containers: [{ name: 'spark-kubernetes-executor', image: 'spark:4' }] } };
    expect(problems({ image: undefined, driver: { image: 'spark:3' }, executor: { template } })).toEqual([]);
    expect(problems({ image: undefined, executor: { template } })).toEqual([
      'spec.driver.image: is missing, it must name the image, here or in spec.image',
    ]);
  });
});

describe('sparkConf', () => {
  it.each([
    ['spark.master', 'not be set, since the operator sets it'],
    ['spark.kubernetes.driver.master', 'not be set; use spec.driver.kubernetesMaster'],
    ['spark.kubernetes.container.image', 'not be set; use spec.image'],
    ['spark.kubernetes.driver.container.image', 'not be set; use spec.driver.image'],
    ['spark.kubernetes.executor.container.image', 'not be set; use spec.executor.image'],
    ['spark.kubernetes.authenticate.driver.serviceAccountName', 'not be set; use spec.driver.serviceAccount'],
    ['spark.kubernetes.authenticate.executor.serviceAccountName', 'not be set; use spec.executor.serviceAccount'],
    ...['', 'driver.', 'executor.'].flatMap((role) =>
      ['oauthToken', 'oauthTokenFile'].map((name): [string, string] => [
        `spark.kubernetes.authenticate.${role}${name}`,
        'not be set: driver and executors use the token of their service account',
      ]),
    ),
    ['spark.driver.host', "not be set, since executors reach the driver by its Service's name"],
    ['spark.driver.bindAddress', "not be set, since executors reach the driver by its Service's name"],
    ['spark.kubernetes.driver.pod.featureSteps', 'not be set, since it works only where a JVM submits the application'],
    ['spark.kubernetes.executor.podTemplateFile', 'not be set; use spec.executor.template'],
  ])('refuses %s', (key, rule) => {
    expect(conf(key, 'x')).toEqual([`spec.sparkConf["${key}"]: "x" is not valid, it must ${rule}`]);
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
