import { describe, expect, it } from 'vitest';
import { checkQuotas } from './quota.ts';
import { quotaFacts } from './read.ts';
import { aGroup, aPod } from './testing.ts';

type Map = Readonly<Record<string, string>>;

function quota(hard: Map, used: Map, spec: object = {}) {
  return quotaFacts({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'team' },
    spec,
    status: { hard, used },
  });
}

const GROUPS = [
  aGroup('JobManager', 1, { cpu: '1', memory: '2Gi' }),
  aGroup('TaskManager', 2, { cpu: '2', memory: '64Gi' }),
];

describe('ResourceQuota', () => {
  it.each([
    [
      { 'requests.memory': '20Gi' },
      { 'requests.memory': '6Gi' },
      'ResourceQuota "team" allows 20 GiB of requests.memory: others use 6 GiB; 1 JobManager pod of 1 core, 2 GiB memory and 2 TaskManager pods of 2 cores, 64 GiB memory each would add 130 GiB, 116 GiB too much',
    ],
    [{ memory: '136Gi' }, { memory: '6Gi' }, undefined],
    [
      { pods: '5' },
      { pods: '3' },
      'ResourceQuota "team" allows 5 pods: others use 3 pods; 1 JobManager pod of 1 core, 2 GiB memory and 2 TaskManager pods of 2 cores, 64 GiB memory each would add 3 pods, 1 pod too much',
    ],
    [{ 'count/pods': '6', services: '0' }, { 'count/pods': '3', services: '0' }, undefined],
    [
      { 'limits.cpu': '5' },
      { 'limits.cpu': '1' },
      'ResourceQuota "team" allows 5 cores of limits.cpu: others use 1 core; 1 JobManager pod of 1 core, 2 GiB memory and 2 TaskManager pods of 2 cores, 64 GiB memory each would add 5 cores, 1 core too much',
    ],
    [{ 'requests.nvidia.com/gpu': '0' }, {}, undefined],
  ])('allows %j, used %j', (hard, used, exceeded) => {
    expect(checkQuotas(GROUPS, [quota(hard, used)], [])).toEqual({ exceeded, doubts: [] });
  });

  it('counts extended resources under requests.', () => {
    const groups = [aGroup('TaskManager', 1, { 'nvidia.com/gpu': '2' })];
    expect(checkQuotas(groups, [quota({ 'requests.nvidia.com/gpu': '1' }, {})], []).exceeded).toBe(
      'ResourceQuota "team" allows 1 requests.nvidia.com/gpu: others use 0; 1 TaskManager pod of 2 nvidia.com/gpu would add 2, 1 too much',
    );
  });

  it('gives back what the leaving pods use', () => {
    const used = { 'requests.memory': '100Gi', 'limits.memory': '100Gi', pods: '3' };
    const quotas = [quota({ 'requests.memory': '140Gi', 'limits.memory': '140Gi', pods: '5' }, used)];
    const old = [aPod('n', { cpu: '1', memory: '90Gi' }), aPod('n', { cpu: '1', memory: '2Gi' })];
    expect(checkQuotas(GROUPS, quotas, old).exceeded).toBeUndefined();
    expect(checkQuotas(GROUPS, quotas, []).exceeded).toContain('others use 100 GiB; 1 JobManager pod');
  });

  it('demands cpu and memory of every container where it has them', () => {
    const groups = [aGroup('TaskManager', 1, { cpu: '1' })];
    expect(checkQuotas(groups, [quota({ 'limits.memory': '10Gi' }, {})], []).exceeded).toBe(
      'ResourceQuota "team" demands limits.memory of every container, container "main" of the TaskManager pod says none',
    );
  });

  it.each([
    [{ scopes: ['Terminating'] }, false, undefined],
    [{ scopes: ['NotTerminating'] }, true, undefined],
    [{ scopes: ['BestEffort'] }, false, undefined],
    [{ scopes: ['NotBestEffort', 'NotTerminating'] }, true, undefined],
    [
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } },
      true,
      undefined,
    ],
    [
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'NotIn', values: ['high'] }] } },
      false,
      undefined,
    ],
    [{ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists' }] } }, true, undefined],
    [
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'DoesNotExist' }] } },
      false,
      undefined,
    ],
    [
      { scopes: ['CrossNamespacePodAffinity'] },
      false,
      'ResourceQuota "team" is limited to scope CrossNamespacePodAffinity, which is not worked out here',
    ],
  ])('of scope %j counts: %s', (spec, counts, doubt) => {
    const groups = [aGroup('TaskManager', 1, { cpu: '1' }, { priorityClassName: 'high' })];
    const finding = checkQuotas(groups, [quota({ cpu: '0' }, {}, spec)], []);
    expect([finding.exceeded !== undefined, finding.doubts]).toEqual([counts, doubt === undefined ? [] : [doubt]]);
  });

  it('does not guess the default priority class', () => {
    const spec = { scopes: ['PriorityClass'] };
    expect(checkQuotas(GROUPS, [quota({ cpu: '0' }, {}, spec)], [])).toEqual({
      exceeded: undefined,
      doubts: [
        'ResourceQuota "team" is limited to priority classes, and the pods name none, so the default one decides',
      ],
    });
  });
});
