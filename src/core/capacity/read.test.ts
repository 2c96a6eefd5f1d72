import { describe, expect, it } from 'vitest';
import { autoscalerOf, nodeFacts, podFacts, quotaFacts } from './read.ts';
import { aNode } from './testing.ts';

const TEXT_STATUS = (target: number): string => `Cluster-autoscaler status at 2021-10-19 19:06:40
Cluster-wide:
  Health:      Healthy (ready=4 unready=0 registered=4 longUnregistered=0)
NodeGroups:
  Name:        workers-a
  Health:      Healthy (ready=3 registered=3 longUnregistered=0 cloudProviderTarget=${target} (minSize=1, maxSize=3))
               LastProbeTime:      2021-10-06 20:30:11
  ScaleUp:     InProgress (ready=1 cloudProviderTarget=${target})
`;

const YAML_STATUS = (target: number): string => `autoscalerStatus: Running
nodeGroups:
- health:
    cloudProviderTarget: 3
    maxSize: 3
    minSize: 2
  name: a
- health:
    cloudProviderTarget: ${target}
    maxSize: 5
    minSize: 2
  name: b
`;

describe('reading', () => {
  it('a node that says nothing of itself rests', () => {
    expect(nodeFacts({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } })).toEqual({
      name: 'n',
      labels: {},
      taints: [],
      allocatable: {},
      resting: true,
    });
  });

  it('a pod that has ended holds nothing', () => {
    const pod = (phase: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, status: { phase } });
    expect(['Pending', 'Running', 'Succeeded', 'Failed'].map((phase) => podFacts(pod(phase)) !== undefined)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it.each([
    ['DaemonSet', true],
    ['Node', true],
    ['ReplicaSet', false],
  ])('a pod of a %s stays on an empty node: %s', (kind, stays) => {
    const ownerReferences = [{ apiVersion: 'v1', kind, name: 'x', uid: 'u', controller: true }];
    expect(podFacts({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', ownerReferences } })?.stays).toBe(stays);
  });

  it('a quota by both kinds of scopes', () => {
    const spec = {
      hard: { pods: '3' },
      scopes: ['NotTerminating'],
      scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['a'] }] },
    };
    expect(quotaFacts({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec })).toEqual({
      name: 'q',
      hard: { pods: 3 },
      used: {},
      scopes: [
        { name: 'NotTerminating', operator: 'Exists', values: [] },
        { name: 'PriorityClass', operator: 'In', values: ['a'] },
      ],
    });
  });

  it.each([
    [
      { nodePools: 1, status: undefined },
      { name: 'Karpenter', exhausted: false },
    ],
    [
      { nodePools: 0, status: TEXT_STATUS(2) },
      { name: 'cluster-autoscaler', exhausted: false },
    ],
    [
      { nodePools: 0, status: TEXT_STATUS(3) },
      { name: 'cluster-autoscaler', exhausted: true },
    ],
    [
      { nodePools: 0, status: YAML_STATUS(4) },
      { name: 'cluster-autoscaler', exhausted: false },
    ],
    [
      { nodePools: 0, status: YAML_STATUS(5) },
      { name: 'cluster-autoscaler', exhausted: true },
    ],
    [
      { nodePools: 0, status: 'autoscalerStatus: Initializing' },
      { name: 'cluster-autoscaler', exhausted: false },
    ],
  ])('%j', (signs, found) => {
    expect(autoscalerOf({ ...signs, nodes: [] })).toMatchObject(found);
  });

  it('an autoscaler is guessed from labels of node groups', () => {
    const nodes = [aNode('n', {}, { labels: { 'cloud.google.com/gke-nodepool': 'p' } })];
    expect(autoscalerOf({ nodePools: 0, status: undefined, nodes })).toEqual({
      name: 'a node autoscaler',
      seenBy: 'nodes have the label cloud.google.com/gke-nodepool',
      exhausted: false,
    });
    expect(autoscalerOf({ nodePools: 0, status: undefined, nodes: [aNode('n', {})] })).toBeUndefined();
  });
});
