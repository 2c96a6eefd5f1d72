import { dump, load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import type { DeepPartial } from '../../core/testing/merged.ts';
import type { KubeObject, ObjectMeta } from '../../kube/object.ts';
import { submissionOf } from '../conf/submission.ts';
import type { SparkApplicationSpec } from '../schema.ts';
import { effectiveConf } from '../spark-conf.ts';
import { aSparkApplication } from '../testing.ts';
import { validateSpec } from '../validate.ts';
import { type DesiredSubmission, desiredSubmission } from './index.ts';

type Spec = DeepPartial<SparkApplicationSpec>;

function build(spec: Spec, metadata: DeepPartial<ObjectMeta> = {}): DesiredSubmission {
  const application = aSparkApplication({ spec, metadata });
  const submission = submissionOf(application.metadata.uid ?? '', 1, Date.parse('2026-02-03T04:05:06Z'));
  expect(validateSpec(application.metadata, application.spec)).toEqual([]);
  return desiredSubmission(application, effectiveConf(application, submission), submission);
}

/** A file of a ConfigMap. */
function fileOf(map: KubeObject | undefined, name: string): string {
  const { [name]: text } = (map?.data ?? {}) as Record<string, string>;
  if (text === undefined) throw new Error(`there is no ${name}`);
  return text;
}

function objectsOf({ supports, driver, confFolder }: DesiredSubmission): readonly KubeObject[] {
  return [...supports, driver, confFolder];
}

const PYTHON: Spec = {
  type: 'Python',
  sparkVersion: '4.3.0',
  image: 'spark:4.3.0',
  mainClass: undefined,
  mainApplicationFile: 'local:///opt/spark/examples/src/main/python/pi.py',
  arguments: ['10'],
};

const GOLDEN: readonly [string, Spec, DeepPartial<ObjectMeta>?][] = [
  ['scala-3.5', {}],
  ['python-4.3', PYTHON],
  [
    'java-3.3-dependencies',
    {
      type: 'Java',
      sparkVersion: '3.3.4',
      image: 'spark:3.3.4',
      mainApplicationFile: 's3a://jobs/report.jar',
      arguments: ['--day', '2026-01-01', 'it is; fine'],
      deps: {
        jars: ['s3a://jobs/lib.jar'],
        files: ['https://example.org/conf.json#conf.json'],
        archives: ['s3a://jobs/model.zip#model'],
        packages: ['org.postgresql:postgresql:42.7.4'],
        excludePackages: ['org.slf4j:slf4j-api'],
        repositories: ['https://repo.example.org'],
      },
      hadoopConf: { 'fs.s3a.endpoint': 'http://minio:9000' },
    },
  ],
  [
    'r-4.0',
    {
      type: 'R',
      sparkVersion: '4.0.1',
      image: 'spark:4.0.1-r',
      mainClass: undefined,
      mainApplicationFile: 'local:///opt/job.R',
    },
  ],
  [
    'pod-templates',
    {
      sparkVersion: '3.4.4',
      driver: {
        template: {
          metadata: { labels: { team: 'orders' }, annotations: { 'prometheus.io/scrape': 'true' } },
          spec: {
            serviceAccount: 'ignored',
            restartPolicy: 'Always',
            nodeSelector: { zone: 'a' },
            containers: [
              { name: 'shipper', image: 'fluent-bit:3' },
              {
                name: 'spark-kubernetes-driver',
                image: 'ignored:1',
                env: [{ name: 'MODE', value: 'template' }],
                resources: { limits: { memory: '1Mi', 'ephemeral-storage': '1Gi' } },
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
              },
            ],
            volumes: [{ name: 'data', emptyDir: {} }],
          },
        },
      },
      executor: {
        template: {
          metadata: { labels: { team: 'orders' } },
          spec: {
            containers: [{ name: 'spark-kubernetes-executor', image: 'ignored:1', env: [{ name: 'A', value: 'b' }] }],
          },
        },
      },
    },
  ],
  [
    'every-field',
    {
      sparkVersion: '4.1.0',
      imagePullPolicy: 'Always',
      imagePullSecrets: ['registry'],
      volumes: [
        { name: 'conf', configMap: { name: 'settings' } },
        { name: 'unused', emptyDir: {} },
      ],
      driver: role('driver'),
      executor: role('executor'),
    },
    { labels: { team: 'orders', 'kueue.x-k8s.io/queue-name': 'q' } },
  ],
  [
    'conf-maps',
    {
      sparkConfigMap: 'spark-files',
      hadoopConfigMap: 'hadoop-files',
      driver: { configMaps: [{ name: 'a.b', path: '/etc/a' }] },
    },
  ],
  [
    'local-dirs',
    {
      volumes: [{ name: 'spark-local-dir-1', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }],
      driver: { volumeMounts: [{ name: 'spark-local-dir-1', mountPath: '/tmp/a' }] },
      executor: { volumeMounts: [{ name: 'spark-local-dir-1', mountPath: '/tmp/a' }] },
    },
  ],
  [
    'dynamic-allocation-4.1',
    {
      sparkVersion: '4.1.0',
      executor: { instances: undefined },
      dynamicAllocation: { enabled: true, initialExecutors: 2, minExecutors: 1, maxExecutors: 5 },
    },
  ],
  [
    'properties',
    {
      sparkConf: {
        'spark.driver.memory': '1gb',
        'spark.driver.port': '7100',
        'spark.ui.port': '4041',
        'spark.local.dir': '/scratch/a, /scratch/b',
        'spark.kubernetes.local.dirs.tmpfs': 'true',
        'spark.kubernetes.driverEnv.MODE': 'prod',
        'spark.kubernetes.driver.secretKeyRef.TOKEN': 'tokens:spark',
        'spark.kubernetes.driver.secrets.keys': '/mnt/keys',
        'spark.kubernetes.driver.label.tier': 'batch',
        'spark.kubernetes.driver.annotation.run': 'app {{APP_ID}}',
        'spark.kubernetes.driver.service.label.team': 'orders',
        'spark.kubernetes.driver.service.ipFamilyPolicy': 'PreferDualStack',
        'spark.kubernetes.driver.service.ipFamilies': 'IPv4,IPv6',
        'spark.kubernetes.node.selector.disk': 'ssd',
        'spark.kubernetes.driver.node.selector.zone': 'a',
        'spark.kubernetes.scheduler.name': 'mine',
        'spark.kubernetes.hadoop.configMapName': 'hadoop',
        'spark.kubernetes.driver.volumes.hostPath.logs.mount.path': '/logs',
        'spark.kubernetes.driver.volumes.hostPath.logs.mount.readOnly': 'true',
        'spark.kubernetes.driver.volumes.hostPath.logs.options.path': '/var/log',
        'spark.kubernetes.driver.volumes.persistentVolumeClaim.data.mount.path': '/data',
        'spark.kubernetes.driver.volumes.persistentVolumeClaim.data.mount.subPath': 'in',
        'spark.kubernetes.driver.volumes.persistentVolumeClaim.data.options.claimName': 'claim',
        'spark.driver.resource.gpu.amount': '1',
        'spark.driver.resource.gpu.vendor': 'nvidia.com',
        'not.spark': 'dropped',
      },
      driver: { memory: undefined },
    },
  ],
  [
    'exporter',
    {
      sparkConf: { 'spark.executor.extraJavaOptions': '-Da=b', 'spark.metrics.namespace': 'mine' },
      driver: { javaOptions: '-Dc=d', annotations: { 'prometheus.io/port': '1' } },
      monitoring: {
        exposeDriverMetrics: true,
        exposeExecutorMetrics: true,
        metricsProperties: '*.sink.jmx.class=org.apache.spark.metrics.sink.JmxSink',
        prometheus: { jmxExporterJar: '/opt/jmx.jar', port: 9100, portName: 'jmx', configFile: '/opt/jmx.yaml' },
      },
    },
  ],
  ['proxy-user', { proxyUser: 'alice', memoryOverheadFactor: '0.25' }],
  ['long-name', {}, { name: `a${'b'.repeat(61)}c`, uid: undefined }],
];

function role(name: 'driver' | 'executor'): object {
  return {
    cores: 2,
    coreRequest: '500m',
    coreLimit: '2',
    memory: '2g',
    memoryOverhead: '300m',
    ...(name === 'driver' ? { memoryLimit: '4g', podName: 'my-driver', kubernetesMaster: 'https://api:6443' } : {}),
    gpu: { name: 'nvidia.com/gpu', quantity: 1 },
    image: `spark:${name}`,
    javaOptions: '-Dname=value',
    env: [
      { name: 'PLAIN', value: 'x' },
      { name: 'FROM', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ],
    envVars: { OLD: 'style' },
    envFrom: [{ configMapRef: { name: 'env' } }],
    envSecretKeyRefs: { KEY: { name: 'secret', key: 'key' } },
    volumeMounts: [{ name: 'conf', mountPath: '/etc/conf', readOnly: true }],
    configMaps: [{ name: 'files', path: '/etc/files' }],
    secrets: [
      { name: 'gcp', path: '/mnt/gcp', secretType: 'GCPServiceAccount' },
      { name: 'plain', path: '/mnt/plain', secretType: 'Generic' },
    ],
    securityContext: { runAsNonRoot: true },
    podSecurityContext: { fsGroup: 185 },
    lifecycle: { preStop: { exec: { command: ['true'] } } },
    ports: [{ name: 'metrics', protocol: 'TCP', containerPort: 8090 }],
    labels: { tier: name },
    annotations: { note: name },
    affinity: { nodeAffinity: {} },
    tolerations: [{ key: 'spot', operator: 'Exists' }],
    schedulerName: 'fast',
    sidecars: [{ name: 'side', image: 'side:1' }],
    initContainers: [{ name: 'init', image: 'init:1' }],
    hostNetwork: true,
    nodeSelector: { zone: 'b' },
    dnsConfig: { options: [{ name: 'ndots', value: '1' }] },
    terminationGracePeriodSeconds: 60,
    serviceAccount: `spark-${name}`,
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['db'] }],
    shareProcessNamespace: true,
    priorityClassName: 'high',
  };
}

describe('desired submission', () => {
  it.each(GOLDEN)('%s', async (name, spec, metadata) => {
    const text = objectsOf(build(spec, metadata))
      .map((object) => dump(object, { lineWidth: -1, noRefs: true }))
      .join('---\n');
    await expect(text).toMatchFileSnapshot(`__golden__/${name}.yaml`);
  });

  it.each(GOLDEN)(
    '%s is told by its submission, owned, in its namespace and has nothing twice',
    (_name, spec, metadata) => {
      for (const object of objectsOf(build(spec, metadata))) {
        const { labels = {}, namespace, ownerReferences } = object.metadata;
        expect(labels['sparkoperator.k8s.io/submission-id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        expect(namespace).toBe('default');
        expect(ownerReferences?.map(({ kind, controller }) => [kind, controller])).toEqual(
          metadata !== undefined && 'uid' in metadata ? undefined : [['SparkApplication', true]],
        );
        expect(doubles(object)).toEqual([]);
      }
    },
  );
});

/** Entries of one list that have the same name or mount path. */
function doubles(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) {
    const keys = value.map(
      (item) => (item as Record<string, unknown>)?.mountPath ?? (item as Record<string, unknown>)?.name,
    );
    const found = keys.filter((key, index) => key !== undefined && keys.indexOf(key) !== index);
    return [...found.map((key) => `${path} ${String(key)}`), ...value.flatMap((item) => doubles(item, path))];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => doubles(item, `${path}.${key}`));
}

/** Properties as java.util.Properties reads them (JDK 17, Properties.load). */
function javaProperties(text: string): Record<string, string> {
  const entries = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const end = /^(?:[^=:\\ ]|\\.)*/.exec(line)?.[0].length ?? 0;
      return [unescaped(line.slice(0, end)), unescaped(line.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, ''))];
    });
  return Object.fromEntries(entries);
}

function unescaped(text: string): string {
  const named: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f' };
  return text.replace(/\\(u[0-9a-f]{4}|.)/g, (_all, code: string) =>
    code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (named[code] ?? code),
  );
}

describe('a hostile sparkConf', () => {
  const evil = 'x\nspark.kubernetes.namespace=kube-system\r\nspark.master=k8s://evil\\';
  const spec: Spec = {
    arguments: [evil, '--conf', 'spark.kubernetes.namespace=kube-system'],
    sparkConf: {
      'spark.a': evil,
      'spark.b': ' leading, trailing and \\u0041\\',
      'spark.c\\': '=:#!',
      'spark.d=spark.kubernetes.namespace': 'kube-system',
      'spark.app.id': 'stolen',
      'spark.kubernetes.driver.label.sparkoperator.k8s.io/app-name': 'other',
      'spark.kubernetes.driver.label.sparkoperator.k8s.io/mine': 'x',
      'spark.kubernetes.executor.label.sparkoperator.k8s.io/submission-id': 'other',
      'spark.e': 'é😀',
    },
  };

  it('stays what it is: text of one property', () => {
    const properties = javaProperties(fileOf(build(spec).confFolder, 'spark.properties'));
    expect(properties).toMatchObject({
      'spark.a': evil,
      'spark.b': ' leading, trailing and \\u0041\\',
      'spark.c\\': '=:#!',
      'spark.d=spark.kubernetes.namespace': 'kube-system',
      'spark.e': 'é😀',
      'spark.kubernetes.namespace': 'default',
      'spark.master': 'k8s://https://kubernetes.default.svc',
      'spark.kubernetes.executor.label.sparkoperator.k8s.io/app-name': 'pi',
    });
    expect(properties['spark.app.id']).toMatch(/^spark-[0-9a-f]{32}$/);
    expect(properties['spark.kubernetes.executor.label.sparkoperator.k8s.io/submission-id']).toMatch(/^[0-9a-f]{8}-/);
  });

  it('cannot change the labels by which the operator tells its objects, nor where they are', () => {
    const desired = build(spec);
    for (const object of objectsOf(desired)) {
      expect(object.metadata.namespace).toBe('default');
      expect(object.metadata.labels).toMatchObject({ 'sparkoperator.k8s.io/app-name': 'pi' });
      expect(object.metadata.labels).not.toHaveProperty(['sparkoperator.k8s.io/mine']);
    }
  });

  it('cannot add a word to the command line of the driver', () => {
    const { driver } = build(spec);
    const { containers } = driver.spec as { containers: { args: string[] }[] };
    expect(containers.at(-1)?.args).toEqual([
      'driver',
      '--properties-file',
      '/opt/spark/conf/spark.properties',
      '--class',
      'org.apache.spark.examples.SparkPi',
      'local:///opt/spark/examples/jars/spark-examples.jar',
      evil,
      '--conf',
      'spark.kubernetes.namespace=kube-system',
    ]);
  });
});

describe('the executor template', () => {
  it('is a pod the driver can read, and there only where it is needed', () => {
    const { supports } = build({ executor: { tolerations: [{ key: 'spot', operator: 'Exists' }] } });
    const map = supports.find(({ metadata }) => metadata.name.endsWith('-podspec-conf-map'));
    expect(load(fileOf(map, 'pod-spec-template.yml'))).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { labels: {}, annotations: {} },
      spec: {
        tolerations: [{ key: 'spot', operator: 'Exists' }],
        containers: [{ name: 'spark-kubernetes-executor' }],
      },
    });
    expect(build({}).supports.map(({ kind }) => kind)).toEqual(['Service']);
  });
});
