import { describe, expect, it } from 'vitest';
import type { DeepPartial } from '../core/testing/merged.ts';
import type { StructuralSchema } from '../kube/structural-schema.ts';
import { jsonSchemaOf } from '../kube/structural-schema.ts';
import { isRecord } from '../lib/json.ts';
import { submissionOf } from './conf/submission.ts';
import { desiredSubmission } from './desired/index.ts';
import { type SparkApplicationSpec, SparkApplicationSpec as Spec } from './schema.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from './settings.ts';
import { effectiveConf } from './spark-conf.ts';
import { endedDriver, plan } from './testing/pass.ts';
import { aSparkApplication } from './testing.ts';
import { validateSpec } from './validate.ts';

/** Fields that say nothing a program goes by; the description of each says so. */
const WITHOUT_EFFECT = ['type', 'mode', 'failureRetries', 'retryInterval', 'executor.memoryLimit'];

/** What has to be absent for a field to count, since it wins over it or excludes it. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  image: ['driver.image', 'executor.image'],
  nodeSelector: ['driver.nodeSelector', 'executor.nodeSelector'],
  memoryOverheadFactor: ['driver.memoryOverhead', 'executor.memoryOverhead'],
  'driver.schedulerName': ['batchScheduler'],
  'executor.schedulerName': ['batchScheduler'],
  'monitoring.metricsProperties': ['monitoring.metricsPropertiesFile'],
  'monitoring.prometheus.configuration': ['monitoring.prometheus.configFile'],
};

const SERVICE = {
  servicePort: 8081,
  servicePortName: 'other',
  serviceType: 'NodePort',
  serviceAnnotations: { a: 'b' },
  serviceLabels: { a: 'b' },
  ingressAnnotations: { a: 'b' },
  ingressTLS: [{ hosts: ['jobs.example.org'], secretName: 'tls' }],
};

function role(name: 'driver' | 'executor'): object {
  return {
    template: { metadata: { labels: { from: 'template' } } },
    cores: 2,
    coreRequest: '500m',
    coreLimit: '2',
    memory: '2g',
    memoryLimit: '4g',
    memoryOverhead: '500m',
    gpu: { name: 'nvidia.com/gpu', quantity: 1 },
    image: `spark:${name}`,
    javaOptions: '-Da=b',
    env: [{ name: 'PLAIN', value: 'x' }],
    envVars: { OLD: 'style' },
    envFrom: [{ configMapRef: { name: 'env' } }],
    envSecretKeyRefs: { KEY: { name: 'secret', key: 'key' } },
    volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
    configMaps: [{ name: 'files', path: '/etc/files' }],
    secrets: [{ name: 'gcp', path: '/mnt/gcp', secretType: 'GCPServiceAccount' }],
    securityContext: { runAsNonRoot: true },
    lifecycle: { preStop: { exec: { command: ['true'] } } },
    ports: [{ name: 'admin', protocol: 'UDP', containerPort: 9000 }],
    labels: { tier: name },
    annotations: { note: name },
    affinity: { nodeAffinity: {} },
    tolerations: [{ key: 'spot', operator: 'Exists' }],
    podSecurityContext: { fsGroup: 185 },
    schedulerName: 'fast',
    sidecars: [{ name: 'side', image: 'side:1' }],
    initContainers: [{ name: 'init', image: 'init:1' }],
    hostNetwork: true,
    nodeSelector: { zone: 'b' },
    dnsConfig: { options: [{ name: 'ndots', value: '1' }] },
    terminationGracePeriodSeconds: 60,
    serviceAccount: `of-${name}`,
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['db'] }],
    shareProcessNamespace: true,
    priorityClassName: 'high',
  };
}

type Given = DeepPartial<SparkApplicationSpec>;

/** Every field there is, each with a value of its own. */
const FULL: Given = {
  suspend: true,
  type: 'Java',
  sparkVersion: '4.1.0',
  mode: 'cluster',
  proxyUser: 'alice',
  image: 'spark:any',
  imagePullPolicy: 'Always',
  imagePullSecrets: ['registry'],
  mainClass: 'org.example.Main',
  mainApplicationFile: 's3a://jobs/main.jar',
  arguments: ['a'],
  sparkConf: { 'spark.a': 'b' },
  hadoopConf: { a: 'b' },
  sparkConfigMap: 'spark-files',
  hadoopConfigMap: 'hadoop-files',
  volumes: [{ name: 'scratch', emptyDir: { medium: 'Memory' } }],
  driver: {
    ...role('driver'),
    podName: 'my-driver',
    kubernetesMaster: 'https://api:6443',
    serviceAnnotations: { a: 'b' },
    serviceLabels: { a: 'b' },
  },
  executor: { ...role('executor'), instances: 3, deleteOnTermination: false },
  deps: {
    jars: ['s3a://jobs/a.jar'],
    files: ['s3a://jobs/a.txt'],
    pyFiles: ['s3a://jobs/a.py'],
    packages: ['a:b:1'],
    excludePackages: ['c:d'],
    repositories: ['https://repo.example.org'],
    archives: ['s3a://jobs/a.zip'],
  },
  restartPolicy: {
    type: 'OnFailure',
    onSubmissionFailureRetries: 2,
    onFailureRetries: 2,
    onSubmissionFailureRetryInterval: 600,
    onFailureRetryInterval: 700,
  },
  nodeSelector: { disk: 'ssd' },
  failureRetries: 3,
  retryInterval: 4,
  pythonVersion: '3',
  memoryOverheadFactor: '0.5',
  monitoring: {
    exposeDriverMetrics: true,
    exposeExecutorMetrics: true,
    metricsProperties: 'a=b',
    metricsPropertiesFile: '/opt/metrics.properties',
    prometheus: {
      jmxExporterJar: '/opt/jmx.jar',
      port: 9100,
      portName: 'jmx',
      configFile: '/opt/jmx.yaml',
      configuration: 'rules: []',
    },
  },
  batchScheduler: 'volcano',
  timeToLiveSeconds: 3600,
  batchSchedulerOptions: { queue: 'q', priorityClassName: 'high', resources: { cpu: '7' } },
  sparkUIOptions: SERVICE,
  driverIngressOptions: [{ ...SERVICE, servicePort: 8082, ingressURLFormat: 'jobs.example.org' }],
  dynamicAllocation: {
    enabled: true,
    initialExecutors: 2,
    minExecutors: 1,
    maxExecutors: 5,
    shuffleTrackingEnabled: false,
    shuffleTrackingTimeout: 1000,
  },
  driverPodDisruptionBudget: true,
};

/** A field with its description, by its path: `driver.ports[].name`. */
type Fields = Readonly<Record<string, string>>;

/** Every field that holds something itself, not only further fields. */
function fieldsOf(node: StructuralSchema, path = ''): Fields {
  const { properties, items, description = '' } = node as StructuralSchema & { description?: string };
  if (items?.properties !== undefined) return fieldsOf(items, `${path}[]`);
  if (properties === undefined || Object.keys(properties).length === 0) return { [path]: description };
  const below = Object.entries(properties).map(([name, child]) =>
    fieldsOf(child, path === '' ? name : `${path}.${name}`),
  );
  return Object.assign({}, ...below) as Fields;
}

const FIELDS = fieldsOf(jsonSchemaOf(Spec) as StructuralSchema);

function valueAt(value: unknown, path: readonly string[]): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  return valueAt(Array.isArray(value) ? value[0]?.[step] : isRecord(value) ? value[step] : undefined, rest);
}

/** The same without one field, in each item of a list. */
function without(value: unknown, path: readonly string[]): unknown {
  const [step = '', ...rest] = path;
  if (Array.isArray(value)) return value.map((item) => without(item, path));
  if (!isRecord(value)) return value;
  const { [step]: taken, ...others } = value;
  return rest.length === 0 ? others : { ...others, [step]: without(taken, rest) };
}

const stepsOf = (path: string): readonly string[] => path.replaceAll('[]', '').split('.');

const SETTINGS: SparkSettings = {
  ...DEFAULT_SETTINGS,
  ingress: { ...DEFAULT_SETTINGS.ingress, urlFormat: 'spark.example.org/{{$appName}}' },
};
const SUBMISSION = submissionOf('uid', 1, 0);
const FAILED = { drivers: [endedDriver({ exitCode: 1, reason: 'Error' })] };

/** What is refused of a spec, and made of it. */
function madeOf(spec: Given): string {
  const application = aSparkApplication({ spec });
  const issues = validateSpec(application.metadata, application.spec);
  const conf = effectiveConf(application, SUBMISSION, SETTINGS);
  return JSON.stringify({ issues, objects: desiredSubmission(application, conf, SUBMISSION, SETTINGS) });
}

/** What is done in the states in which fields say what is done. */
function doneFor(spec: Given): string {
  const running = { ...spec, suspend: false };
  const passes = [
    plan({ spec }),
    plan({ spec: running, observed: FAILED }),
    plan({ spec: running, state: 'SUBMISSION_FAILED' }),
    plan({ spec: running, state: 'COMPLETED', status: { terminationTime: '2026-02-03T04:05:30Z' } }),
  ];
  return JSON.stringify(
    passes.map(({ because, status, requeueAfterMs }) => [because, status?.applicationState, requeueAfterMs]),
  );
}

/** Whether anything comes of a field beside all others but those that exclude it. */
function hasEffect(path: string): boolean {
  const excluded = [...(BESIDE[path] ?? []), ...(path === 'nodeSelector' ? [] : ['nodeSelector'])];
  const whole = excluded.reduce<unknown>((spec, other) => without(spec, stepsOf(other)), FULL) as Given;
  const rest = without(whole, stepsOf(path)) as Given;
  return madeOf(rest) !== madeOf(whole) || doneFor(rest) !== doneFor(whole);
}

describe('every field of a SparkApplication', () => {
  it('is in the spec of this test, which is valid but for what excludes each other', () => {
    const missing = Object.keys(FIELDS).filter((path) => valueAt(FULL, stepsOf(path)) === undefined);
    expect(missing).toEqual([]);
    const { metadata, spec } = aSparkApplication({ spec: without(FULL, ['nodeSelector']) as Given });
    expect(validateSpec(metadata, spec)).toEqual([]);
  });

  it.each(Object.keys(FIELDS).filter((path) => !WITHOUT_EFFECT.includes(path)))('%s has an effect', (path) => {
    expect(hasEffect(path)).toBe(true);
  });

  it.each(WITHOUT_EFFECT)('%s has none, and its description says so', (path) => {
    expect(hasEffect(path)).toBe(false);
    expect(FIELDS[path]).toMatch(/^Not (read|applied)|Spark goes by|client is not supported/);
  });
});
