import { describe, expect, it } from 'vitest';
import { specDiff } from './spec-diff.ts';

describe('specDiff', () => {
  it.each([
    ['equal specs', { image: 'a' }, { image: 'a' }],
    ['null and absent', { image: 'a', ingress: null }, { image: 'a' }],
    ['empty objects and lists and absent', { jobManager: {}, job: { args: [] } }, {}],
    [
      'defaults filled in by the incumbent',
      { mode: 'native', job: { state: 'running', upgradeMode: 'stateless' }, jobManager: { replicas: 1 } },
      {},
    ],
    [
      'nested and dotted configuration',
      { flinkConfiguration: { state: { backend: 'x' } } },
      { flinkConfiguration: { 'state.backend': 'x' } },
    ],
    [
      'a number and the same number as text',
      { flinkConfiguration: { slots: 2 } },
      { flinkConfiguration: { slots: '2' } },
    ],
    ['clearing restartNonce', { restartNonce: 1 }, {}],
  ])('sees no difference: %s', (_name, before, after) => {
    expect(specDiff(before, after)).toEqual({ kind: 'none', paths: [] });
  });

  it.each([
    ['upgradeMode', { job: { upgradeMode: 'savepoint' } }, ['job.upgradeMode']],
    ['savepoint nonce', { job: { savepointTriggerNonce: 3 } }, ['job.savepointTriggerNonce']],
    [
      'operator options',
      { flinkConfiguration: { 'kubernetes.operator.savepoint.history.max.age': '1h' } },
      ['flinkConfiguration.kubernetes.operator.savepoint.history.max.age'],
    ],
    [
      'autoscaler options',
      { flinkConfiguration: { 'job.autoscaler.enabled': 'true' } },
      ['flinkConfiguration.job.autoscaler.enabled'],
    ],
  ])('ignores %s', (_name, after, paths) => {
    expect(specDiff({}, after)).toEqual({ kind: 'ignore', paths });
  });

  it.each([
    ['parallelism', { job: { parallelism: 2 } }, { job: { parallelism: 3 } }, ['job.parallelism']],
    [
      'image and an ignored field',
      { image: 'a' },
      { image: 'b', job: { upgradeMode: 'savepoint' } },
      ['image', 'job.upgradeMode'],
    ],
    ['restartNonce', { restartNonce: 1 }, { restartNonce: 2 }, ['restartNonce']],
    ['state', { job: { state: 'running' } }, { job: { state: 'suspended' } }, ['job.state']],
    ['a removed option', { flinkConfiguration: { a: '1' } }, {}, ['flinkConfiguration.a']],
    [
      'an element of a list',
      { podTemplate: { spec: { containers: [{ name: 'a' }] } } },
      { podTemplate: { spec: { containers: [{ name: 'b' }] } } },
      ['podTemplate.spec.containers'],
    ],
  ])('upgrades for %s', (_name, before, after, paths) => {
    expect(specDiff(before, after)).toEqual({ kind: 'upgrade', paths });
  });

  const OVERRIDES = 'pipeline.jobvertex-parallelism-overrides';

  it.each([
    ['parallelism', { job: { parallelism: 2 } }, { job: { parallelism: 3 } }, ['job.parallelism']],
    ['replicas', { taskManager: { replicas: 2 } }, {}, ['taskManager.replicas']],
    [
      'both and an ignored field',
      { job: { parallelism: 2 } },
      { job: { parallelism: 3, upgradeMode: 'savepoint' }, taskManager: { replicas: 1 } },
      ['job.parallelism', 'job.upgradeMode', 'taskManager.replicas'],
    ],
  ])('scales a standalone cluster by %s', (_name, before, after, paths) => {
    const mode = 'standalone';
    expect(specDiff({ mode, ...before }, { mode, ...after })).toEqual({ kind: 'scale', paths });
    expect(specDiff(before, after).kind).toBe('upgrade');
  });

  it.each([
    ['as one value', { [OVERRIDES]: 'a:1' }, { [OVERRIDES]: 'a:2' }],
    ['key by key', {}, { [OVERRIDES]: { a: 1 } }],
  ])('scales the job of a native cluster by the parallelism of vertices, %s', (_name, before, after) => {
    const diff = (more: object) =>
      specDiff({ ...more, flinkConfiguration: before }, { ...more, flinkConfiguration: after });
    expect(diff({}).kind).toBe('scale');
    expect(diff({ mode: 'standalone' }).kind).toBe('upgrade');
  });

  it('upgrades where not all that differs is size', () => {
    const mode = 'standalone';
    const after = { mode, image: 'b', job: { parallelism: 3 } };
    expect(specDiff({ mode, image: 'a', job: { parallelism: 2 } }, after).kind).toBe('upgrade');
  });
});

const resource = (fields: object) => ({ taskManager: { resource: fields } });
const requests = (fields: object) => ({ jobManager: { resources: { requests: fields } } });
const container = (requests: object) => ({
  podTemplate: { spec: { containers: [{ name: 'sidecar', resources: { requests } }] } },
});
const option = (key: string, value: unknown) => ({ flinkConfiguration: { [key]: value } });

describe('spellings of one amount', () => {
  it.each([
    ['cores', resource({ cpu: 1 }), resource({ cpu: '1' })],
    ['cores with a fraction', resource({ cpu: '1.0' }), resource({ cpu: 1 })],
    ['cores in thousandths', requests({ cpu: '1000m' }), requests({ cpu: 1 })],
    ['memory as Flink writes it', resource({ memory: '2048m' }), resource({ memory: '2g' })],
    ['memory as Kubernetes writes it', resource({ memory: '2048m' }), resource({ memory: '2Gi' })],
    ['memory with and without a blank', resource({ memory: '2 gb' }), resource({ memory: '2048 MiB' })],
    ['memory of requests', requests({ memory: '2Gi' }), requests({ memory: '2147483648' })],
    ['disk', resource({ ephemeralStorage: '1Gi' }), resource({ ephemeralStorage: '1024Mi' })],
    ['devices', requests({ 'nvidia.com/gpu': 1 }), requests({ 'nvidia.com/gpu': '1' })],
    [
      'a memory option',
      option('taskmanager.memory.process.size', '2048m'),
      option('taskmanager.memory.process.size', '2 gb'),
    ],
    [
      'a core option',
      option('kubernetes.taskmanager.cpu.amount', '1.0'),
      option('kubernetes.taskmanager.cpu.amount', 1),
    ],
    [
      'a memory limit',
      option('kubernetes.jobmanager.memory.limit-factor', '1.50'),
      option('kubernetes.jobmanager.memory.limit-factor', 1.5),
    ],
    ['a container of a template', container({ cpu: 1, memory: '1Gi' }), container({ cpu: '1000m', memory: '1024Mi' })],
  ])('are no difference: %s', (_name, before, after) => {
    expect(specDiff(before, after)).toEqual({ kind: 'none', paths: [] });
    expect(specDiff(after, before)).toEqual({ kind: 'none', paths: [] });
  });

  it.each([
    ['cores', resource({ cpu: 1 }), resource({ cpu: 1.5 }), 'taskManager.resource.cpu'],
    ['memory', resource({ memory: '2g' }), resource({ memory: '2000m' }), 'taskManager.resource.memory'],
    [
      'disk, where m is thousandths',
      resource({ ephemeralStorage: '2048m' }),
      resource({ ephemeralStorage: '2Gi' }),
      'taskManager.resource.ephemeralStorage',
    ],
    [
      'an option that holds no amount',
      option('env.java.opts.all', '2048m'),
      option('env.java.opts.all', '2g'),
      'flinkConfiguration.env.java.opts.all',
    ],
    [
      'text that is no amount',
      resource({ memory: 'lots' }),
      resource({ memory: 'more' }),
      'taskManager.resource.memory',
    ],
    ['a container of a template', container({ cpu: 1 }), container({ cpu: 2 }), 'podTemplate.spec.containers'],
  ])('another amount is a difference: %s', (_name, before, after, path) => {
    expect(specDiff(before, after)).toEqual({ kind: 'upgrade', paths: [path] });
  });
});

describe('the class of each field (Flink Kubernetes Operator 1.15, @SpecDiff)', () => {
  it.each([
    [{ job: { savepointTriggerNonce: 1 } }, 'ignore'],
    [{ job: { checkpointTriggerNonce: 1 } }, 'ignore'],
    [{ job: { initialSavepointPath: 's3://b/s' } }, 'ignore'],
    [{ job: { upgradeMode: 'last-state' } }, 'ignore'],
    [{ job: { allowNonRestoredState: true } }, 'ignore'],
    [{ job: { autoscalerResetNonce: 1 } }, 'ignore'],
    [option('job.autoscaler.metrics.window', '1 h'), 'ignore'],
    [option('kubernetes.operator.job.restart.failed', 'true'), 'ignore'],
    [option('parallelism.default', '4'), 'ignore'],
    [{ image: 'a' }, 'upgrade'],
    [{ flinkVersion: 'v2_0' }, 'upgrade'],
    [{ serviceAccount: 'flink' }, 'upgrade'],
    [{ podTemplate: { metadata: { labels: { a: 'b' } } } }, 'upgrade'],
    [{ logConfiguration: { 'log4j-console.properties': 'x' } }, 'upgrade'],
    [{ ingress: { template: 'x' } }, 'upgrade'],
    [{ restartNonce: 1 }, 'upgrade'],
    [{ job: { jarURI: 'local:///a.jar' } }, 'upgrade'],
    [{ job: { args: ['a'] } }, 'upgrade'],
    [{ job: { entryClass: 'a.B' } }, 'upgrade'],
    [{ job: { state: 'suspended' } }, 'upgrade'],
    [option('state.backend.type', 'rocksdb'), 'upgrade'],
    [{ job: { savepointRedeployNonce: 1 } }, 'redeploy'],
    [{ image: 'a', job: { savepointRedeployNonce: 1, upgradeMode: 'savepoint' } }, 'redeploy'],
  ])('%j: %s', (change, kind) => {
    expect(specDiff({}, change).kind).toBe(kind);
  });

  it('a savepointRedeployNonce that is taken away asks for nothing', () => {
    expect(specDiff({ job: { savepointRedeployNonce: 1 } }, {}).kind).toBe('ignore');
  });
});
