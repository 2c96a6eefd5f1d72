import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { type ClusterStart, effectiveConf } from '../flink-conf.ts';
import { aFlinkDeployment, aSessionCluster, type FlinkDeploymentOverrides } from '../testing.ts';
import { type DesiredCluster, desiredCluster } from './index.ts';

const START: ClusterStart = {
  startId: '7-3f2a9c',
  jobId: '0123456789abcdef0123456789abcdef',
  generation: 7,
  haResultStoreId: '3f2a9c',
};

type Spec = NonNullable<FlinkDeploymentOverrides['spec']>;

const PLAIN: Spec = { image: 'localhost/flink:2.3.0', flinkVersion: 'v2_3' };

const JOB = {
  jarURI: 'local:///opt/flink/examples/streaming/StateMachineExample.jar',
  entryClass: 'org.apache.flink.streaming.examples.statemachine.StateMachineExample',
  args: ['--error-rate', '0.05', '--note', "it's; fine"],
  parallelism: 4,
};

const HA = {
  'high-availability.type': 'kubernetes',
  'high-availability.storageDir': 's3://flink/ha',
  'execution.checkpointing.dir': 's3://flink/checkpoints',
};

const TEMPLATE = {
  metadata: { labels: { team: 'orders' }, annotations: { 'prometheus.io/scrape': 'true' } },
  spec: {
    serviceAccount: 'ignored',
    nodeSelector: { zone: 'a' },
    initContainers: [{ name: 'fetch', image: 'busybox:1', command: ['wget', 'https://example.org/job.jar'] }],
    containers: [
      { name: 'shipper', image: 'fluent-bit:3', resources: { limits: { memory: '1024Mi' } } },
      {
        name: 'flink-main-container',
        image: 'ignored:1',
        env: [
          { name: 'MODE', value: 'template' },
          { name: 'KEPT', value: 'yes' },
        ],
        ports: [{ name: 'prom', containerPort: 9249 }],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
    volumes: [{ name: 'data', emptyDir: {} }],
  },
};

function cluster(spec: Spec, start: Partial<ClusterStart> = {}): DesiredCluster {
  return build(aFlinkDeployment({ metadata: { generation: 7 }, spec: { ...PLAIN, ...spec } }), start);
}

function session(spec: Spec): DesiredCluster {
  return build(aSessionCluster({ metadata: { generation: 7 }, spec: { ...PLAIN, ...spec } }), {});
}

function build(deployment: Parameters<typeof desiredCluster>[0], overrides: Partial<ClusterStart>): DesiredCluster {
  const start = { ...START, ...overrides };
  return desiredCluster(deployment, effectiveConf(deployment, { flinkConfiguration: {} }, start), start);
}

function objectsOf(desired: DesiredCluster): KubeObject[] {
  const { jobManager, taskManager, owned, ingress } = desired;
  return [jobManager, taskManager, ...owned, ingress].filter((object) => object !== undefined);
}

function yamlOf(desired: DesiredCluster): string {
  return objectsOf(desired)
    .map((object) => dump(object, { lineWidth: -1, noRefs: true }))
    .join('---\n');
}

const GOLDEN: readonly (readonly [string, () => DesiredCluster])[] = [
  ['application-native-2.3', () => cluster({ job: JOB, flinkConfiguration: { 'taskmanager.numberOfTaskSlots': '2' } })],
  ['application-native-1.20', () => cluster({ job: JOB, flinkVersion: 'v1_20', image: 'flink:1.20' })],
  [
    'application-native-1.16',
    () => cluster({ job: JOB, flinkVersion: 'v1_16', image: 'flink:1.16', serviceAccount: 'jobs' }),
  ],
  ['session-native-2.3', () => session({})],
  [
    'standalone-2.3',
    () =>
      cluster(
        {
          mode: 'standalone',
          job: { ...JOB, allowNonRestoredState: true },
          flinkConfiguration: { 'taskmanager.numberOfTaskSlots': '2' },
        },
        { restorePath: 's3://flink/savepoints/sp-1' },
      ),
  ],
  [
    'standalone-session-2.3',
    () => session({ mode: 'standalone', taskManager: { replicas: 3 }, flinkConfiguration: HA }),
  ],
  [
    'ha-replicas-2',
    () =>
      cluster(
        { job: { ...JOB, upgradeMode: 'last-state' }, jobManager: { replicas: 2 }, flinkConfiguration: HA },
        { restorePath: 'KUBERNETES_OPERATOR_LAST_STATE' },
      ),
  ],
  [
    'pod-templates',
    () =>
      cluster({
        podTemplate: TEMPLATE,
        jobManager: {
          resource: { cpu: 0.5, memory: '2048m', ephemeralStorage: '2048Mi' },
          podTemplate: {
            spec: { containers: [{ name: 'flink-main-container', env: [{ name: 'MODE', value: 'jobmanager' }] }] },
          },
        },
        taskManager: {
          resource: undefined,
          resources: {
            requests: { cpu: '500m', memory: '2Gi' },
            limits: { cpu: 2, memory: '3Gi', 'nvidia.com/gpu': 1 },
          },
          podTemplate: { spec: { tolerations: [{ key: 'gpu', operator: 'Exists' }] } },
        },
        ingress: {
          template: 'https://flink.example.org/{{namespace}}/{{name}}(/|$)(.*)',
          className: 'nginx',
          annotations: { 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' },
          tls: [{ hosts: ['flink.example.org'], secretName: 'flink-tls' }],
        },
      }),
  ],
  [
    'kubernetes-options',
    () =>
      cluster({
        imagePullPolicy: 'Always',
        logConfiguration: { 'log4j-console.properties': 'rootLogger.level = DEBUG\n' },
        flinkConfiguration: {
          'kubernetes.container.image.pull-secrets': 'one;two',
          'kubernetes.jobmanager.labels': 'team:orders,app:ignored',
          'kubernetes.jobmanager.annotations': { 'prometheus.io/scrape': 'true' },
          'kubernetes.jobmanager.node-selector': 'disk:ssd',
          'kubernetes.jobmanager.tolerations':
            'key:k1,operator:Equal,value:v1,effect:NoExecute,tolerationSeconds:60;key:k2,operator:Exists',
          'kubernetes.jobmanager.service-account': 'jm',
          'kubernetes.jobmanager.entrypoint.args': '-Dkey=value',
          'kubernetes.env.secretKeyRef': 'env:TOKEN,secret:tokens,key:flink',
          'kubernetes.secrets': 'keys:/opt/keys,more.keys:/opt/more',
          'kubernetes.persistent-volume-claims': 'shared:/shared',
          'kubernetes.hadoop.conf.config-map.name': 'hadoop',
          'kubernetes.flink.log.dir': '/var/log/flink',
          'kubernetes.rest-service.annotations': 'a:1',
          'kubernetes.rest-service.exposed.type': 'Headless_ClusterIP',
          'kubernetes.internal-service.annotations': 'b:2',
          'containerized.master.env.MODE': 'prod',
          'rest.port': '9000',
          'blob.server.port': '7124',
        },
      }),
  ],
  ['host-network', () => cluster({ flinkConfiguration: { 'kubernetes.hostnetwork.enabled': 'true' } })],
];

describe('desired cluster', () => {
  it.each(GOLDEN)('%s', async (name, make) => {
    const text = yamlOf(make());
    expect(yamlOf(make())).toBe(text);
    await expect(text).toMatchFileSnapshot(`__golden__/${name}.yaml`);
  });

  it.each(GOLDEN)('%s has nothing twice and says for which start it is', (_name, make) => {
    for (const object of objectsOf(make())) {
      expect(object.metadata.annotations?.['weir.dev/start-id']).toBe(START.startId);
      expect(doubles(object)).toEqual([]);
    }
  });

  it('has no owner references in a plan made from a file', () => {
    const deployment = aFlinkDeployment({ metadata: { uid: undefined } });
    const { jobManager } = desiredCluster(deployment, effectiveConf(deployment, { flinkConfiguration: {} }), START);
    expect(jobManager.metadata.ownerReferences).toBeUndefined();
  });

  it('makes no Ingress when the operator is to keep off them', () => {
    const ingress = { template: '{{name}}.example.org' };
    expect(cluster({ ingress }).ingress).toBeDefined();
    expect(
      cluster({ ingress, flinkConfiguration: { 'kubernetes.operator.ingress.manage': 'false' } }).ingress,
    ).toBeUndefined();
  });

  it('leaves a folder alone that the template mounts for jars', () => {
    const volumeMounts = [{ name: 'jars', mountPath: '/opt/flink/usrlib' }];
    const podTemplate = { spec: { containers: [{ name: 'flink-main-container', volumeMounts }] } };
    expect(yamlOf(cluster({ mode: 'standalone', podTemplate }))).not.toContain('user-lib-dir');
  });

  it('keeps the image of a template only when nothing else names one', () => {
    const podTemplate = { spec: { containers: [{ name: 'flink-main-container', image: 'own:1' }] } };
    const imageOf = (spec: Spec) => /image: (\S+)/.exec(dump(cluster(spec).jobManager))?.[1];
    expect(imageOf({ podTemplate, image: undefined })).toBe('own:1');
    expect(imageOf({ taskManager: { podTemplate }, image: undefined })).toBe('flink:2.3');
    expect(imageOf({ podTemplate })).toBe('localhost/flink:2.3.0');
    expect(imageOf({ image: undefined })).toBe('flink:2.3');
  });
});

/** Entries of a list that server-side apply would take for the same one. */
function doubles(value: unknown, field = ''): string[] {
  if (Array.isArray(value)) {
    const key = field === 'volumeMounts' ? 'mountPath' : field === 'ports' ? 'containerPort' : 'name';
    const keys = value
      .map((item) => (item as Record<string, unknown> | null)?.[key])
      .filter((item) => item !== undefined);
    const own = keys.filter((item, index) => keys.indexOf(item) !== index).map((item) => `${field}: ${item}`);
    return [...own, ...value.flatMap((item) => doubles(item, field))];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => doubles(item, name));
}
