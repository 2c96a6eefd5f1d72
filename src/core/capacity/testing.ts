import { absent, known } from '../fact.ts';
import type { PodGroup } from './demand.ts';
import type { NodeFacts, PodFacts } from './nodes.ts';
import { podShapeOf } from './pod-shape.ts';
import { nodeFacts, podFacts } from './read.ts';
import type { ClusterCapacity } from './survey.ts';

/** Quantities of a test, by resource name. */
export type Quantities = Readonly<Record<string, string>>;

/** A ready node with 110 pods; `spec` has taints and the like. */
export function aNode(
  name: string,
  allocatable: Quantities,
  more: { readonly labels?: Readonly<Record<string, string>>; readonly spec?: object; readonly ready?: string } = {},
): NodeFacts {
  return nodeFacts({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: more.labels ?? {} },
    spec: more.spec ?? {},
    status: {
      allocatable: { pods: '110', ...allocatable },
      conditions: [{ type: 'Ready', status: more.ready ?? 'True' }],
    },
  });
}

let uids = 0;

/** A live pod in namespace `default`, of one container with limits equal to requests. */
export function aPod(node: string | undefined, requests: Quantities, more: Partial<PodFacts> = {}): PodFacts {
  uids += 1;
  const facts = podFacts({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${uids}`, namespace: 'default', uid: `uid-${uids}` },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      containers: [{ name: 'main', resources: { requests, limits: requests } }],
    },
    status: { phase: 'Running' },
  });
  if (facts === undefined) throw new Error('a running pod holds something');
  return { ...facts, ...more };
}

/** `count` pods of one container `main` with these requests as limits too, and whatever else is in `spec`. */
export function aGroup(role: string, count: number, requests: Quantities, spec: object = {}): PodGroup {
  const containers = [{ name: 'main', resources: { requests, limits: requests } }];
  return { role, count, shape: podShapeOf({ containers, ...spec }) };
}

/** A cluster without quotas, LimitRanges or autoscaler, everything readable. */
export function aCluster(
  nodes: readonly NodeFacts[],
  pods: readonly PodFacts[] = [],
  more: Partial<ClusterCapacity> = {},
): ClusterCapacity {
  return {
    namespace: 'default',
    takenAt: 0,
    nodes: known(nodes),
    pods: known(pods),
    ownPods: known(pods.filter(({ namespace }) => namespace === 'default')),
    quotas: known([]),
    limitRanges: known([]),
    autoscaler: absent,
    ...more,
  };
}
