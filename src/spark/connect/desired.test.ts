import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import type { DeepPartial } from '../../core/testing/merged.ts';
import type { KubeObject } from '../../kube/object.ts';
import { applicationFor } from './application.ts';
import { decideConnect } from './decide.ts';
import { UNSEEN } from './observed.ts';
import type { SparkConnectSpec } from './schema.ts';
import { connectSituation } from './situation.ts';
import { aSparkConnect } from './testing.ts';

type Spec = DeepPartial<SparkConnectSpec>;

/** What the first pass makes, in order. */
function objectsOf(spec: Spec): readonly KubeObject[] {
  const situation = connectSituation(aSparkConnect({ spec }), UNSEEN, new Date('2026-02-03T04:05:06Z'));
  expect(situation.refusal).toBeUndefined();
  return decideConnect(situation).actions.flatMap((action) => ('object' in action ? [action.object] : []));
}

function text(value: unknown): string {
  return dump(value, { lineWidth: 120, noRefs: true });
}

const GOLDEN: readonly [string, Spec][] = [
  ['plain-4.0', {}],
  [
    'packages-3.5',
    {
      sparkVersion: '3.5.9',
      image: 'apache/spark:3.5.9',
      sparkConf: { 'spark.jars.packages': 'org.apache.spark:spark-connect_2.12:3.5.9' },
      hadoopConf: { 'spark.hadoop.fs.s3a.path.style.access': 'true', 'fs.s3a.endpoint': 'http://minio:9000' },
      executor: { instances: 0 },
      dynamicAllocation: { enabled: true },
    },
  ],
  [
    'templates-4.3',
    {
      sparkVersion: '4.3.0',
      image: undefined,
      server: {
        cores: undefined,
        memory: undefined,
        serviceAccount: undefined,
        template: {
          metadata: { labels: { tier: 'sql' }, annotations: { note: 'x' } },
          spec: {
            serviceAccount: 'spark-operator-spark',
            securityContext: { fsGroup: 185 },
            containers: [
              { name: 'proxy', image: 'envoy:1' },
              {
                name: 'spark-kubernetes-driver',
                image: 'apache/spark:4.3.0',
                imagePullPolicy: 'Always',
                command: ['sleep'],
                args: ['1'],
                resources: { requests: { cpu: '1', memory: '2Gi' }, limits: { memory: '2Gi' } },
                readinessProbe: { tcpSocket: { port: 15002 }, periodSeconds: 3 },
              },
            ],
          },
        },
        service: {
          metadata: { name: 'sql', labels: { tier: 'sql' }, annotations: { lb: 'internal' } },
          spec: {
            type: 'LoadBalancer',
            ports: [
              { port: 15002, nodePort: 31002 },
              { name: 'metrics', port: 8090 },
            ] as never,
            selector: { no: 'where' },
          },
        },
      },
      executor: {
        instances: undefined,
        memory: undefined,
        template: {
          spec: { containers: [{ name: 'spark-kubernetes-executor', image: 'apache/spark:4.3.0-gpu' }] },
        },
      },
      dynamicAllocation: { enabled: true, minExecutors: 1, maxExecutors: 5 },
    },
  ],
];

describe('objects of a SparkConnect', () => {
  it.each(GOLDEN)('are as recorded: %s', async (name, spec) => {
    const objects = objectsOf(spec).map(text).join('---\n');
    await expect(objects).toMatchFileSnapshot(`__golden__/${name}.yaml`);
  });

  it.each(GOLDEN)(
    'follow from an application that stays the same, or every server would be restarted: %s',
    async (name, spec) => {
      const connect = aSparkConnect({ spec });
      const application = applicationFor(connect, connect.spec);
      expect(application.kind).toBe('SparkConnect');
      await expect(text(application.spec)).toMatchFileSnapshot(`__golden__/${name}.application.yaml`);
    },
  );

  it('have as many executors as the spec says, else sparkConf, else two', () => {
    const instances = (spec: Spec): string | undefined => {
      const map = objectsOf(spec).find(({ kind }) => kind === 'ConfigMap')?.data as Record<string, string>;
      return /^spark\.executor\.instances=(.*)$/m.exec(map['spark.properties'] ?? '')?.[1];
    };
    const none = { executor: { instances: undefined } };
    expect(instances(none)).toBe('2');
    expect(instances({ ...none, sparkConf: { 'spark.executor.instances': '4' } })).toBe('4');
    const dynamicAllocation = { enabled: true };
    const sparkConf = { 'spark.executor.instances': '4' };
    expect(instances({ executor: { instances: 0 }, sparkConf, dynamicAllocation })).toBe('0');
    expect(instances({ ...none, dynamicAllocation })).toBeUndefined();
  });

  it('have the ports of the spec in their Service, beside the four of the server', () => {
    const servicePortsOf = (type: string | undefined, ports: unknown, sparkConf: Record<string, string> = {}) => {
      const service = { spec: { ...(type === undefined ? {} : { type }), ports } } as never;
      const made = objectsOf({ server: { service }, sparkConf }).find(({ kind }) => kind === 'Service');
      return (made?.spec as { readonly ports: readonly object[] } | undefined)?.ports ?? [];
    };
    const four = servicePortsOf(undefined, undefined);
    expect(four.map((port) => (port as { name: string }).name)).toEqual([
      'driver-rpc',
      'blockmanager',
      'web-ui',
      'spark-connect-server',
    ]);
    const [rpc, blocks, ui, server] = four;
    expect(
      servicePortsOf('NodePort', [
        { port: 15002, nodePort: 31002 },
        { port: 4040, appProtocol: 'https' },
      ]),
    ).toEqual([rpc, blocks, { ...ui, appProtocol: 'https' }, { ...server, nodePort: 31002 }]);
    expect(servicePortsOf(undefined, [{ port: 15002, nodePort: 31002, name: 'grpc', targetPort: 1 }])).toEqual(four);
    const more = [
      { name: 'spark-connect-server', port: 443 },
      { name: 'metrics', port: 8090, targetPort: 'jmx' },
      { port: 53, protocol: 'UDP' },
    ];
    expect(servicePortsOf('LoadBalancer', more, { 'spark.connect.grpc.binding.port': '15003' }).slice(4)).toEqual([
      { name: 'port-443-tcp', port: 443, targetPort: 15003, protocol: 'TCP' },
      { name: 'metrics', port: 8090, targetPort: 'jmx', protocol: 'TCP' },
      { name: 'port-53-udp', port: 53, protocol: 'UDP' },
    ]);
    for (const ports of ['x', [null, 'x', { port: 0 }, { port: '80' }, { port: 80, protocol: 'HTTP' }]]) {
      expect(servicePortsOf('NodePort', ports)).toEqual(four);
    }
  });
});
