import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { absent, known, unknown } from '../fact.ts';
import type { Demand, PodGroup } from './demand.ts';
import { limitRangeFacts, quotaFacts } from './read.ts';
import type { ClusterCapacity } from './survey.ts';
import { aCluster, aGroup, aNode, aPod } from './testing.ts';
import { capacityVerdict, type Verdict } from './verdict.ts';

const JOB_MANAGER = aGroup('JobManager', 1, { cpu: '1', memory: '2Gi' });
const NODE = aNode('n1', { cpu: '8', memory: '23.4Gi' });
const KARPENTER = known({ name: 'Karpenter', seenBy: 'it has NodePools', exhausted: false } as const);

function verdict(groups: readonly PodGroup[], capacity: ClusterCapacity, leaving: readonly string[] = []): Verdict {
  const demand: Demand = { groups, leaving: new Set(leaving) };
  return capacityVerdict(demand, capacity);
}

describe('capacity verdict', () => {
  it('fits, with the sums', () => {
    const groups = [JOB_MANAGER, aGroup('TaskManager', 2, { cpu: '1', memory: '2Gi' })];
    expect(verdict(groups, aCluster([NODE], [aPod('n1', { cpu: '500m', memory: '1Gi' })]))).toEqual({
      kind: 'fits',
      message:
        '1 JobManager pod and 2 TaskManager pods request 3 cores, 6 GiB memory; node "n1" has 7.5 cores, 22.4 GiB memory free for them',
    });
  });

  it('64 GiB per TaskManager on one node of 23.4 GiB', () => {
    const groups = [JOB_MANAGER, aGroup('TaskManager', 1, { cpu: '1', memory: '64Gi' })];
    expect(verdict(groups, aCluster([NODE]))).toEqual({
      kind: 'does-not-fit',
      reason: 'NoNodeLargeEnough',
      message:
        'a TaskManager pod requests 1 core, 64 GiB memory; the largest of 1 node it may run on, "n1", gives 23.4 GiB memory when empty: 40.6 GiB memory missing',
    });
  });

  it('the largest node is the one to which least is missing, less what DaemonSets hold', () => {
    const nodes = [aNode('small', { cpu: '64', memory: '8Gi' }), aNode('large', { cpu: '16', memory: '32Gi' })];
    const agent = aPod('large', { cpu: '100m', memory: '512Mi' }, { stays: true });
    expect(verdict([aGroup('TaskManager', 1, { cpu: '4', memory: '32Gi' })], aCluster(nodes, [agent]))).toEqual({
      kind: 'does-not-fit',
      reason: 'NoNodeLargeEnough',
      message:
        'a TaskManager pod requests 4 cores, 32 GiB memory; the largest of 2 nodes it may run on, "large", gives 31.5 GiB memory when empty (32 GiB memory allocatable, less 512 MiB memory for DaemonSets): 512 MiB memory missing',
    });
  });

  it('no node that matches, and why not', () => {
    const tainted = aNode(
      't',
      { cpu: '8' },
      { labels: { pool: 'flink' }, spec: { taints: [{ key: 'gpu', value: 'a', effect: 'NoSchedule' }] } },
    );
    const group = aGroup('TaskManager', 1, { cpu: '1' }, { nodeSelector: { pool: 'flink' } });
    expect(verdict([group], aCluster([NODE, tainted]))).toEqual({
      kind: 'does-not-fit',
      reason: 'NoMatchingNode',
      message:
        'no node takes a TaskManager pod: of 2, 1 not matching the node selector pool=flink or node affinity, 1 tainted and not tolerated (gpu=a:NoSchedule)',
    });
    expect(verdict([group], aCluster([]))).toEqual({
      kind: 'does-not-fit',
      reason: 'NoMatchingNode',
      message: 'the cluster has no node',
    });
  });

  it('not enough free for one kind of pods', () => {
    const nodes = [
      NODE,
      aNode('n2', { cpu: '4', memory: '8Gi' }),
      aNode('n3', { cpu: '4', memory: '8Gi' }, { spec: { unschedulable: true } }),
    ];
    const groups = [JOB_MANAGER, aGroup('TaskManager', 6, { cpu: '2', memory: '4Gi' })];
    expect(verdict(groups, aCluster(nodes, [aPod('n1', { cpu: '1', memory: '10Gi' })]))).toEqual({
      kind: 'does-not-fit',
      reason: 'NotEnoughFree',
      message:
        'at best 5 of 6 TaskManager pods of 2 cores, 4 GiB memory each find a place: 1 JobManager pod and 6 TaskManager pods request 13 cores, 26 GiB memory; ' +
        '2 nodes have 11 cores, 21.4 GiB memory free for them ("n1": 7 cores, 13.4 GiB memory; "n2": 4 cores, 8 GiB memory); 1 node cordoned or not ready',
    });
  });

  it('not enough free for all of them together', () => {
    const groups = [JOB_MANAGER, aGroup('TaskManager', 2, { cpu: '4', memory: '4Gi' })];
    expect(verdict(groups, aCluster([NODE]))).toEqual({
      kind: 'does-not-fit',
      reason: 'NotEnoughFree',
      message:
        'at best 1 of 2 TaskManager pods of 4 cores, 4 GiB memory each, beside 1 JobManager pod of 1 core, 2 GiB memory, find a place: ' +
        '1 JobManager pod and 2 TaskManager pods request 9 cores, 10 GiB memory; node "n1" has 8 cores, 23.4 GiB memory free for them',
    });
  });

  it('what the old run holds counts as free', () => {
    const old = aPod('n1', { cpu: '7', memory: '20Gi' });
    const groups = [aGroup('TaskManager', 1, { cpu: '8', memory: '20Gi' })];
    const cluster = aCluster([NODE], [old]);
    expect([verdict(groups, cluster).kind, verdict(groups, cluster, [old.uid]).kind]).toEqual(['does-not-fit', 'fits']);
  });

  it('a quota or LimitRange is named before any node', () => {
    const groups = [aGroup('TaskManager', 1, { cpu: '1', memory: '64Gi' })];
    const quota = quotaFacts({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q' },
      status: { hard: { pods: '0' }, used: {} },
    });
    const range = limitRangeFacts({
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'l' },
      spec: { limits: [{ type: 'Pod', max: { memory: '1Gi' } }] },
    });
    expect(verdict(groups, aCluster([NODE], [], { quotas: known([quota]) }))).toMatchObject({
      reason: 'QuotaExceeded',
    });
    expect(
      verdict(groups, aCluster([NODE], [], { quotas: known([quota]), limitRanges: known([range]) })),
    ).toMatchObject({
      reason: 'LimitRangeViolated',
    });
  });

  it('defaults of LimitRanges count before quotas are looked at', () => {
    const range = limitRangeFacts({
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'l' },
      spec: { limits: [{ type: 'Container', default: { memory: '1Gi' }, defaultRequest: { memory: '1Gi' } }] },
    });
    const quota = quotaFacts({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q' },
      status: { hard: { memory: '1Gi' }, used: { memory: '1Mi' } },
    });
    const group = aGroup('TaskManager', 1, { cpu: '1' });
    expect(
      verdict([group], aCluster([NODE], [], { quotas: known([quota]), limitRanges: known([range]) })),
    ).toMatchObject({
      message:
        'ResourceQuota "q" allows 1 GiB memory: others use 1 MiB; 1 TaskManager pod of 1 core, 1 GiB memory would add 1 GiB, 1 MiB too much',
    });
  });

  it('an autoscaler turns a lack of nodes into hope, but never a quota', () => {
    const groups = [aGroup('TaskManager', 1, { cpu: '1', memory: '64Gi' })];
    const quota = quotaFacts({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'q' },
      status: { hard: { pods: '0' }, used: {} },
    });
    expect(verdict(groups, aCluster([NODE], [], { autoscaler: KARPENTER }))).toEqual({
      kind: 'may-fit-with-autoscaler',
      reason: 'NoNodeLargeEnough',
      message:
        'a TaskManager pod requests 1 core, 64 GiB memory; the largest of 1 node it may run on, "n1", gives 23.4 GiB memory when empty: 40.6 GiB memory missing; Karpenter may add nodes (it has NodePools)',
    });
    expect(verdict(groups, aCluster([NODE], [], { autoscaler: KARPENTER, quotas: known([quota]) })).kind).toBe(
      'does-not-fit',
    );
    const full = known({ name: 'cluster-autoscaler', seenBy: 'its status', exhausted: true } as const);
    expect(verdict(groups, aCluster([], [], { autoscaler: full }))).toEqual({
      kind: 'does-not-fit',
      reason: 'NoMatchingNode',
      message:
        'the cluster has no node; cluster-autoscaler adds none, all its node groups are as large as they may be (its status)',
    });
  });

  it('what cannot be read is unknown, not a shortage', () => {
    const forbidden = unknown('nodes is forbidden');
    expect(verdict([JOB_MANAGER], aCluster([], [], { nodes: forbidden, pods: forbidden }))).toEqual({
      kind: 'unknown',
      message: 'nodes cannot be read (nodes is forbidden)',
    });
    expect(
      verdict([JOB_MANAGER], aCluster([NODE], [], { quotas: unknown('no answer'), limitRanges: unknown('no answer') })),
    ).toEqual({
      kind: 'unknown',
      message:
        'LimitRanges cannot be read (no answer); ResourceQuotas cannot be read (no answer); 1 JobManager pod requests 1 core, 2 GiB memory; node "n1" has 8 cores, 23.4 GiB memory free for them',
    });
    const large = aGroup('TaskManager', 1, { cpu: '1', memory: '64Gi' });
    expect(verdict([large], aCluster([NODE], [], { autoscaler: unknown('no answer') }))).toMatchObject({
      kind: 'unknown',
    });
    expect(verdict([large], aCluster([NODE], [], { quotas: unknown('no answer'), autoscaler: absent }))).toMatchObject({
      kind: 'does-not-fit',
    });
  });

  it('rules nobody works out make a fit uncertain, and a shortage no less certain', () => {
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] } };
    const spread = (memory: string): PodGroup => aGroup('TaskManager', 1, { cpu: '1', memory }, { affinity });
    expect(verdict([spread('1Gi')], aCluster([NODE]))).toEqual({
      kind: 'unknown',
      message:
        '1 TaskManager pod requests 1 core, 1 GiB memory; node "n1" has 8 cores, 23.4 GiB memory free for them, but rules of pod anti-affinity are not worked out here',
    });
    expect(verdict([spread('64Gi')], aCluster([NODE])).kind).toBe('does-not-fit');
  });

  it('more capacity never turns a fit into a shortage', () => {
    const size = fc.record({ cpu: fc.integer({ min: 1, max: 8 }), memory: fc.integer({ min: 1, max: 8 }) });
    const group = fc.record({ count: fc.integer({ min: 0, max: 3 }), size });
    const quantities = ({ cpu, memory }: { cpu: number; memory: number }) => ({ cpu: `${cpu}`, memory: `${memory}Gi` });
    fc.assert(
      fc.property(
        fc.array(size, { minLength: 1, maxLength: 4 }),
        fc.array(group, { minLength: 1, maxLength: 3 }),
        size,
        fc.nat(3),
        (nodes, groups, extra, at) => {
          const pods = groups.map(({ count, size }, index) => aGroup(`r${index}`, count, quantities(size)));
          const cluster = (sizes: typeof nodes) =>
            aCluster(sizes.map((each, index) => aNode(`n${index}`, quantities(each))));
          if (verdict(pods, cluster(nodes)).kind !== 'fits') return;
          const grown = nodes.map((node, index) =>
            index === at % nodes.length ? { cpu: node.cpu + extra.cpu, memory: node.memory + extra.memory } : node,
          );
          expect(verdict(pods, cluster(grown)).kind).toBe('fits');
          expect(verdict(pods, cluster([extra, ...nodes])).kind).toBe('fits');
        },
      ),
    );
  });
});
