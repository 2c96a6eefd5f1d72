import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { JAVA_MODULE_FLAGS } from './conf/versions.ts';
import { type ClusterStart, deployedConf, effectiveConf, renderConf, renderIssues } from './flink-conf.ts';
import type { FlinkVersion } from './schema.ts';
import { aFlinkDeployment, aSessionCluster, type FlinkDeploymentOverrides } from './testing.ts';

const NONE = { flinkConfiguration: {} };

const START: ClusterStart = {
  startId: 's1',
  jobId: '0123456789abcdef0123456789abcdef',
  generation: 3,
  haResultStoreId: 'r1',
};

function values(overrides: FlinkDeploymentOverrides, start?: ClusterStart): Record<string, string> {
  const conf = effectiveConf(aFlinkDeployment(overrides), NONE, start);
  return Object.fromEntries([...conf].map(([key, { value }]) => [key, value]));
}

function userConf(flinkConfiguration: Record<string, never> | Record<string, unknown>): FlinkDeploymentOverrides {
  return { spec: { flinkConfiguration: flinkConfiguration as Record<string, string> } };
}

describe('layers', () => {
  const defaults = {
    flinkConfiguration: {
      'a.key': 'operator',
      'b.key': 'operator',
      'kubernetes.operator.reconcile.interval': '15 s',
      'kubernetes.operator.default-configuration.namespace.default.a.key': 'namespace',
      'kubernetes.operator.default-configuration.namespace.other.a.key': 'other namespace',
      'kubernetes.operator.default-configuration.flink-version.v1_18+.a.key': '1.18+',
      'kubernetes.operator.default-configuration.flink-version.v2_0+.a.key': '2.0+',
      'kubernetes.operator.default-configuration.flink-version.v2_1+.a.key': '2.1+',
      'kubernetes.operator.default-configuration.flink-version.v2_0.b.key': '2.0',
    },
  };

  it('lets the later one win and remembers the others', () => {
    const conf = effectiveConf(aFlinkDeployment(userConf({ a: { key: 'user' } })), defaults);
    expect(conf.get('a.key')).toEqual({
      value: 'user',
      origin: 'user',
      because: 'spec.flinkConfiguration.a.key',
      overrides: [
        expect.objectContaining({ value: '2.0+', origin: 'version default' }),
        expect.objectContaining({ value: '1.18+', origin: 'version default' }),
        expect.objectContaining({ value: 'namespace', origin: 'namespace default' }),
        expect.objectContaining({ value: 'operator', origin: 'operator default' }),
      ],
    });
    expect(conf.get('b.key')?.value).toBe('2.0');
  });

  it('does not show the layer definitions, and shows the operator options only to the operator', () => {
    const conf = effectiveConf(aFlinkDeployment(), defaults);
    expect([...conf.keys()].filter((key) => key.includes('default-configuration'))).toEqual([]);
    expect(conf.get('kubernetes.operator.reconcile.interval')?.value).toBe('15 s');
    const deployed = deployedConf(
      effectiveConf(
        aFlinkDeployment(userConf({ 'job.autoscaler.enabled': true, 'jobmanager.bind-host': 'localhost' })),
        defaults,
      ),
    );
    const hidden = /^kubernetes\.operator\.|^job\.autoscaler\.|bind-host/;
    expect([...deployed.keys()].filter((key) => hidden.test(key))).toEqual([]);
  });

  it('keeps keys in order, and keys that look like properties of Object harmless', () => {
    const flinkConfiguration = JSON.parse('{"__proto__": {"polluted": "yes"}, "constructor.prototype.x": "1"}');
    const conf = effectiveConf(aFlinkDeployment(userConf(flinkConfiguration)), NONE);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(conf.get('__proto__.polluted')?.value).toBe('yes');
    expect([...conf.keys()]).toEqual([...conf.keys()].sort());
    const { text } = renderConf(conf, 'v2_3');
    expect(text).toContain('__proto__');
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('Java flags', () => {
  it.each([
    ['v1_17', undefined, undefined],
    ['v1_18', JAVA_MODULE_FLAGS, undefined],
    ['v1_19', undefined, JAVA_MODULE_FLAGS],
    ['v2_3', undefined, JAVA_MODULE_FLAGS],
  ] as const)('%s', (flinkVersion, all, byDefault) => {
    const conf = values({ spec: { flinkVersion } });
    expect([conf['env.java.opts.all'], conf['env.java.default-opts.all']]).toEqual([all, byDefault]);
  });

  it.each(['env.java.opts.all', 'env.java.opts'])('stay beside what a user of 1.18 sets as %s', (key) => {
    const conf = values({ spec: { flinkVersion: 'v1_18', flinkConfiguration: { [key]: '-Dx=y' } } });
    expect(conf['env.java.opts.all']).toBe(`-Dx=y ${JAVA_MODULE_FLAGS}`);
  });

  it('are not doubled', () => {
    const own = `-Dx=y ${JAVA_MODULE_FLAGS}`;
    const conf = values({ spec: { flinkVersion: 'v1_18', flinkConfiguration: { 'env.java.opts.all': own } } });
    expect(conf['env.java.opts.all']).toBe(own);
  });
});

describe('derived options', () => {
  it('of an application', () => {
    expect(values({})).toMatchObject({
      'kubernetes.cluster-id': 'orders',
      'kubernetes.namespace': 'default',
      'kubernetes.container.image.ref': 'flink:2.0',
      'kubernetes.service-account': 'flink',
      'jobmanager.memory.process.size': '2048m',
      'kubernetes.jobmanager.cpu.amount': '1.0',
      'parallelism.default': '2',
      'execution.target': 'kubernetes-application',
      'pipeline.jars': 'local:///opt/flink/examples/streaming/StateMachineExample.jar',
      'pipeline.name': 'orders',
      'execution.shutdown-on-application-finish': 'false',
      'web.cancel.enable': 'false',
      'jobmanager.rpc.address': 'orders.default',
      'blob.server.port': '6124',
      'taskmanager.rpc.port': '6122',
    });
  });

  it('of a session cluster', () => {
    const conf = effectiveConf(aSessionCluster({ spec: { mode: 'standalone' } }), NONE, START);
    expect(conf.get('execution.target')?.value).toBe('remote');
    expect(conf.get('kubernetes.internal.cluster-mode')?.value).toBe('SESSION');
    expect(conf.has('$internal.pipeline.job-id')).toBe(false);
    expect(conf.has('parallelism.default')).toBe(false);
  });

  it('carry the legacy names below 1.17', () => {
    const conf = values({ spec: { flinkVersion: 'v1_16' } });
    expect(conf['kubernetes.container.image']).toBe('flink:2.0');
    expect(conf['kubernetes.jobmanager.cpu']).toBe('1.0');
    expect(conf).not.toHaveProperty(['kubernetes.container.image.ref']);
  });

  it('win over the same option of a user, under whatever name', () => {
    const flinkConfiguration = {
      'kubernetes.container.image': 'other',
      'jobmanager.memory.process.size': '1g',
      'parallelism.default': 9,
      'kubernetes.taskmanager.cpu': 7,
    };
    const conf = effectiveConf(aFlinkDeployment(userConf(flinkConfiguration)), NONE);
    expect(conf.get('jobmanager.memory.process.size')).toEqual({
      value: '2048m',
      origin: 'spec',
      because: 'spec.jobManager.resource.memory',
      overrides: [{ value: '1g', origin: 'user', because: 'spec.flinkConfiguration.jobmanager.memory.process.size' }],
    });
    expect(conf.get('parallelism.default')?.value).toBe('2');
    expect(conf.has('kubernetes.container.image')).toBe(false);
    expect(conf.has('kubernetes.taskmanager.cpu')).toBe(false);
  });

  it('that are only defaults do not', () => {
    const flinkConfiguration = { 'web.cancel.enable': true, 'pipeline.name': 'mine', 'blob.server.port': 7000 };
    expect(values(userConf(flinkConfiguration))).toMatchObject({
      'web.cancel.enable': 'true',
      'pipeline.name': 'mine',
      'blob.server.port': '7000',
    });
  });

  it('give limits as factors of requests', () => {
    const resources = { requests: { cpu: '500m', memory: '2Gi' }, limits: { cpu: 2, memory: '3Gi' } };
    expect(values({ spec: { taskManager: { resource: undefined, resources } } })).toMatchObject({
      'taskmanager.memory.process.size': '2g',
      'kubernetes.taskmanager.cpu.amount': '0.5',
      'kubernetes.taskmanager.cpu.limit-factor': '4.0',
      'kubernetes.taskmanager.memory.limit-factor': '1.5',
    });
  });

  it.each([
    [{ parallelism: 10 }, {}, '10'],
    [{ parallelism: undefined }, {}, undefined],
    [{ parallelism: 0 }, { 'parallelism.default': 4 }, '4'],
    [{ parallelism: undefined }, { parallelism: { default: 4 } }, '4'],
  ])('parallelism of %j with %j', (job, flinkConfiguration, expected) => {
    expect(values({ spec: { job, flinkConfiguration } })['parallelism.default']).toBe(expected);
  });

  it('parallelism of fixed TaskManagers and, standalone, of overrides', () => {
    const slots = { 'taskmanager.numberOfTaskSlots': '3' };
    expect(values({ spec: { taskManager: { replicas: 4 }, flinkConfiguration: slots } })['parallelism.default']).toBe(
      '12',
    );
    const overrides = { ...slots, 'pipeline.jobvertex-parallelism-overrides': 'a:5,b:8' };
    const standalone = values({ spec: { mode: 'standalone', flinkConfiguration: overrides } });
    expect(standalone['parallelism.default']).toBe('8');
    expect(standalone['kubernetes.internal.taskmanager.replicas']).toBe('3');
    expect(values({ spec: { flinkConfiguration: overrides } })['parallelism.default']).toBe('2');
  });

  it('arguments survive in the notation of the version', () => {
    const args = ['--a', "it's", 'x;y', '', 'k: v', '[b]'];
    const key = '$internal.application.program-args';
    expect(values({ spec: { flinkVersion: 'v1_20', job: { args } } })[key]).toBe("--a;'it''s';'x;y';'';'k: v';'[b]'");
    const conf = effectiveConf(aFlinkDeployment({ spec: { job: { args } } }), NONE);
    expect(load(renderConf(conf, 'v2_0').text)).toMatchObject({ $internal: { application: { 'program-args': args } } });
  });
});

describe('a start', () => {
  const ha = { 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 's3://bucket/ha/' };

  it('has its own job id and result store', () => {
    expect(values({ spec: { flinkConfiguration: ha } }, START)).toMatchObject({
      '$internal.pipeline.job-id': START.jobId,
      'job-result-store.storage-path': 's3://bucket/ha/job-result-store/orders/r1',
      'job-result-store.delete-on-commit': 'false',
      'high-availability.cluster-id': 'orders',
      'high-availability.jobmanager.port': '6123',
    });
  });

  it('has its own store for results of applications, where Flink has one', () => {
    const key = 'application-result-store.storage-path';
    const pathOf = (flinkVersion: FlinkVersion) =>
      values({ spec: { flinkVersion, flinkConfiguration: ha } }, START)[key];
    expect([pathOf('v2_2'), pathOf('v2_3')]).toEqual([undefined, 's3://bucket/ha/application-result-store/orders/r1']);
  });

  it('goes on from the state it is told, never from what a user left in the configuration', () => {
    const flinkConfiguration = { 'execution.savepoint.path': 's3://old', 'execution.state-recovery.path': 's3://old' };
    const without = values({ spec: { flinkConfiguration } }, START);
    expect(Object.keys(without).filter((key) => without[key] === 's3://old')).toEqual([]);
    const given = values({ spec: { flinkConfiguration } }, { ...START, restorePath: 's3://new' });
    expect(given['execution.savepoint.path']).toBe('s3://new');
  });

  it('keeps a job id set by the user', () => {
    const flinkConfiguration = { '$internal.pipeline.job-id': 'f'.repeat(32) };
    expect(values({ spec: { flinkConfiguration } }, START)['$internal.pipeline.job-id']).toBe('f'.repeat(32));
  });
});

describe('configuration file', () => {
  const conf = (flinkConfiguration: Record<string, unknown>) =>
    deployedConf(effectiveConf(aFlinkDeployment(userConf(flinkConfiguration)), NONE));

  it('is flat below 2.0', () => {
    const { fileName, text } = renderConf(conf({ a: { b: 'x' }, empty: '', lines: 'one\n  two\n' }), 'v1_20');
    expect(fileName).toBe('flink-conf.yaml');
    expect(text.split('\n')).toEqual(expect.arrayContaining(['a.b: x', 'lines: one two']));
    expect(text).not.toContain('empty');
  });

  it('is nested from 2.0 on, every value a text', () => {
    const { fileName, text } = renderConf(conf({ a: { b: 1, c: true, d: 'k:v,q:r', e: '# no comment' } }), 'v2_0');
    expect(fileName).toBe('config.yaml');
    expect(load(text)).toMatchObject({ a: { b: '1', c: 'true', d: 'k:v,q:r', e: '# no comment' } });
  });

  it('keeps a key that continues another one dotted, and says so', () => {
    const overlapping = conf({ 'high-availability': 'kubernetes', 'high-availability.storageDir': 's3://x' });
    expect(load(renderConf(overlapping, 'v2_0').text)).toMatchObject({
      'high-availability': 'kubernetes',
      'high-availability.storageDir': 's3://x',
    });
    expect(renderIssues(overlapping, 'v2_0').map((issue) => issue.path)).toContain(
      'spec.flinkConfiguration.high-availability',
    );
    expect(renderIssues(overlapping, 'v1_20')).toEqual([]);
  });

  it('says what a flat file cannot carry', () => {
    const issues = renderIssues(conf({ a: 'x#y', b: 'one\ntwo' }), 'v1_20');
    expect(issues.map((issue) => issue.path)).toEqual(['spec.flinkConfiguration.a', 'spec.flinkConfiguration.b']);
    expect(renderIssues(conf({ a: 'x#y', b: 'one\ntwo' }), 'v2_0')).toEqual([]);
    const withArgs = effectiveConf(aFlinkDeployment({ spec: { flinkVersion: 'v1_20', job: { args: ['a#b'] } } }), NONE);
    expect(renderIssues(withArgs, 'v1_20').map((issue) => issue.path)).toEqual(['spec.job.args']);
  });

  it('does not depend on the order it was written in', () => {
    const [one, two] = [conf({ b: 1, a: { y: 2, x: 3 } }), conf({ 'a.x': 3, 'a.y': 2, b: 1 })];
    expect(renderConf(one, 'v2_0')).toEqual(renderConf(two, 'v2_0'));
    expect(renderConf(one, 'v1_20')).toEqual(renderConf(two, 'v1_20'));
  });
});
