import { describe, expect, it } from 'vitest';
import { unknown } from '../core/fact.ts';
import { describeIssue } from '../core/issue.ts';
import { type KubeObject, refOf } from '../kube/object.ts';
import { submissionOf } from './conf/submission.ts';
import { desiredSubmission } from './desired/index.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { situationOf } from './situation.ts';
import { effectiveConf } from './spark-conf.ts';
import { aSparkApplication } from './testing.ts';
import { validateSpec } from './validate.ts';

const NOTHING = { drivers: [], namesakes: [], executors: [], supports: [], capacity: unknown('not looked at') };
const EVIL = 'x\nspark.kubernetes.namespace=kube-system\r\nspark.master=k8s://evil\\';
const SETTINGS = {
  ...DEFAULT_SETTINGS,
  ingress: { ...DEFAULT_SETTINGS.ingress, urlFormat: 'spark.example.org/{{$appNamespace}}/{{$appName}}' },
};

/** An application that has every kind of object, with a hostile sparkConf. */
function application(sparkConf: Record<string, string>) {
  return aSparkApplication({
    metadata: { labels: { 'sparkoperator.k8s.io/app-name': 'other', 'sparkoperator.k8s.io/submission-id': 'other' } },
    spec: {
      sparkConf,
      batchScheduler: 'volcano',
      driverPodDisruptionBudget: true,
      driverIngressOptions: [{ servicePort: 8080, ingressURLFormat: '{{$appName}}.example.org' }],
      sparkUIOptions: { serviceLabels: { 'sparkoperator.k8s.io/app-name': 'other' } },
      monitoring: {
        exposeDriverMetrics: true,
        exposeExecutorMetrics: true,
        metricsProperties: EVIL,
        prometheus: { jmxExporterJar: '/opt/jmx.jar', configuration: EVIL },
      },
    },
  });
}

function problems(sparkConf: Record<string, string>): string[] {
  const { metadata, spec } = application(sparkConf);
  return validateSpec(metadata, spec).map(describeIssue);
}

function objects(sparkConf: Record<string, string>): {
  conf: ReadonlyMap<string, { value: string }>;
  all: KubeObject[];
} {
  const resource = application(sparkConf);
  const submission = submissionOf('uid', 1, 0);
  const conf = effectiveConf(resource, submission, SETTINGS);
  const { supports, around, driver, confFolder } = desiredSubmission(resource, conf, submission, SETTINGS);
  return { conf, all: [...supports, ...around, driver, confFolder] };
}

describe('a hostile sparkConf is refused', () => {
  const refused = (key: string, rule: string) => (value: string) => [
    `spec.sparkConf["${key}"]: ${JSON.stringify(value)} is not valid, it must ${rule}`,
  ];
  const podName = "be a pod name: at most 253 lower-case letters, digits, '-' and '.'";
  const port = 'be a port from 1 to 65535';
  const image = 'not be set; use spec.driver.image';
  it.each([
    ['spark.kubernetes.driver.pod.name', '../../kube-system/pods/x', podName],
    ['spark.kubernetes.driver.pod.name', 'a/../b', podName],
    ['spark.kubernetes.driver.pod.name', '', podName],
    ['spark.ui.port', '4040; rm -rf /', port],
    ['spark.ui.port', '0', port],
    ['spark.driver.port', '-1', port],
    ['spark.driver.blockManager.port', '65536', port],
    ['spark.connect.grpc.binding.port', '1e3', port],
    ['spark.kubernetes.namespace', 'kube-system', 'be the namespace of the resource, default'],
    ['spark.kubernetes.namespace', 'default ', 'be the namespace of the resource, default'],
    ['spark.kubernetes.driver.container.image', 'evil:1', image],
  ])('where %s is %j', (key, value, rule) => {
    expect(problems({ [key]: value })).toEqual(refused(key, rule)(value));
  });
});

/** What is not refused, since it is harmless or no more than text. */
const TAKEN: Record<string, string> = {
  'spark.app.name': EVIL,
  'spark.submit.deployMode': 'client',
  'spark.kubernetes.submitInDriver': 'false',
  'spark.kubernetes.driver.label.sparkoperator.k8s.io/app-name': 'other',
  'spark.kubernetes.driver.service.label.sparkoperator.k8s.io/app-name': 'other',
  'spark.kubernetes.driver.service.label.sparkoperator.k8s.io/submission-id': 'other',
  'spark.kubernetes.executor.label.sparkoperator.k8s.io/launched-by-spark-operator': 'false',
  'spark.kubernetes.driver.annotation.scheduling.k8s.io/group-name': 'group-of-another',
  'spark.kubernetes.driver.scheduler.name': 'another',
  'spark.metrics.namespace': EVIL,
  'spark.ui.proxyBase': EVIL,
  'spark.driver.extraJavaOptions': EVIL,
};

describe('whatever else sparkConf holds', () => {
  const { conf, all } = objects(TAKEN);

  it('is taken', () => {
    expect(problems(TAKEN)).toEqual([]);
  });

  it.each(all.map((object) => [`${object.kind} ${object.metadata.name}`, object] as const))(
    '%s stays in its namespace, with the application as its owner and the labels Weir tells it by',
    (_name, object) => {
      expect(refOf(object).namespace).toBe('default');
      expect(object.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
      expect(object.metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
        'SparkApplication pi',
      ]);
      expect(object.metadata.labels).toMatchObject({
        'sparkoperator.k8s.io/app-name': 'pi',
        'sparkoperator.k8s.io/launched-by-spark-operator': 'true',
        'sparkoperator.k8s.io/submission-id': submissionOf('uid', 1, 0).submissionId,
      });
    },
  );

  it('leaves where executors are made, by whom and in which group', () => {
    const value = (key: string) => conf.get(key)?.value;
    expect(value('spark.kubernetes.namespace')).toBe('default');
    expect(value('spark.master')).toBe('k8s://https://kubernetes.default.svc');
    expect(value('spark.submit.deployMode')).toBe('cluster');
    expect(value('spark.kubernetes.submitInDriver')).toBe('true');
    expect(value('spark.app.name')).toBe('pi');
    expect(value('spark.metrics.namespace')).toBe('default.pi');
    for (const role of ['driver', 'executor']) {
      expect(value(`spark.kubernetes.${role}.label.sparkoperator.k8s.io/app-name`)).toBe('pi');
      expect(value(`spark.kubernetes.${role}.annotation.scheduling.k8s.io/group-name`)).toBe('spark-pi-pg');
      expect(value(`spark.kubernetes.${role}.scheduler.name`)).toBe('volcano');
    }
  });

  it('makes no line of spark.properties that is not its own', () => {
    const { 'spark.properties': text = '' } = (all.at(-1)?.data ?? {}) as Record<string, string>;
    const keys = text
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(0, line.indexOf('=')));
    expect(keys).toEqual([...conf.keys()]);
    expect(text).not.toContain('\r');
  });
});

/** Lists whose reading took the square of their length: such a spec does not end within a test's time then. */
describe('long lists', () => {
  const many = Array.from({ length: 90_000 }, (_, index) => ({ name: `c${index}` }));

  it('of containers are read in linear time', () => {
    const spec = { driver: { template: { spec: { containers: many } } } };
    const { metadata, spec: checked } = aSparkApplication({ spec });
    expect(validateSpec(metadata, checked)).toEqual([]);
  });

  it('nested more deeply than any are refused', () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 5000; level++) deep = [deep];
    const plain = aSparkApplication();
    const resource = { ...plain, spec: { ...plain.spec, volumes: deep } } as never;
    expect(situationOf(resource, NOTHING, new Date(0)).refusal?.issues).toEqual([
      { path: 'spec', value: 'the nesting', rule: 'be at most 64 levels deep' },
    ]);
  });
});
