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
});
