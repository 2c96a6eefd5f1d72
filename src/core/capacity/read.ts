import type { KubeObject } from '../../kube/object.ts';
import { parseQuantity } from '../../kube/quantity.ts';
import { amountsOf } from './amounts.ts';
import { type Fields, fieldsOf, itemsOf, textOf } from './fields.ts';
import type { LimitItem, LimitRange } from './limit-range.ts';
import type { NodeFacts, PodFacts, Taint } from './nodes.ts';
import { podLimits, podRequests, podShapeOf } from './pod-shape.ts';
import type { QuotaScope, ResourceQuota } from './quota.ts';
import type { Autoscaler } from './survey.ts';

/** What of a Node decides about pods. */
export function nodeFacts(node: KubeObject): NodeFacts {
  const [spec, status] = [fieldsOf(node.spec), fieldsOf(node.status)];
  const ready = itemsOf(status.conditions).find(({ type }) => type === 'Ready');
  return {
    name: node.metadata.name,
    labels: node.metadata.labels ?? {},
    taints: itemsOf(spec.taints).map(taintOf),
    allocatable: amountsOf(status.allocatable),
    resting: spec.unschedulable === true || ready?.status !== 'True',
  };
}

/** What a Pod holds; undefined when it has ended and holds nothing. */
export function podFacts(pod: KubeObject): PodFacts | undefined {
  const [spec, status] = [fieldsOf(pod.spec), fieldsOf(pod.status)];
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return undefined;
  const shape = podShapeOf(spec);
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  return {
    uid: pod.metadata.uid ?? '',
    namespace: pod.metadata.namespace ?? '',
    node: shape.nodeName,
    stays: owner?.kind === 'DaemonSet' || owner?.kind === 'Node',
    requests: podRequests(shape),
    limits: podLimits(shape),
    hasDeadline: shape.hasDeadline,
    priorityClassName: shape.priorityClassName,
  };
}

/** What a ResourceQuota allows and counts, as its status says; one whose status is not filled yet counts nothing used. */
export function quotaFacts(quota: KubeObject): ResourceQuota {
  const [spec, status] = [fieldsOf(quota.spec), fieldsOf(quota.status)];
  const plain = Array.isArray(spec.scopes) ? spec.scopes.map(String) : [];
  return {
    name: quota.metadata.name,
    scopes: [
      ...plain.map((name): QuotaScope => ({ name, operator: 'Exists', values: [] })),
      ...itemsOf(fieldsOf(spec.scopeSelector).matchExpressions).map(scopeOf),
    ],
    hard: amountsOf(status.hard ?? spec.hard),
    used: amountsOf(status.used),
  };
}

/** What a LimitRange demands. */
export function limitRangeFacts(range: KubeObject): LimitRange {
  return { name: range.metadata.name, limits: itemsOf(fieldsOf(range.spec).limits).map(limitItemOf) };
}

/** Labels that managed services and cluster-autoscaler set-ups put on the nodes of a group of variable size. */
const NODE_GROUP_LABELS = [
  'eks.amazonaws.com/nodegroup',
  'alpha.eksctl.io/nodegroup-name',
  'cloud.google.com/gke-nodepool',
  'kubernetes.azure.com/agentpool',
  'karpenter.sh/nodepool',
] as const;

/** What adds nodes, found by what the cluster shows; undefined when nothing is seen. */
export function autoscalerOf(signs: {
  readonly nodePools: number;
  /** data.status of kube-system/cluster-autoscaler-status. */
  readonly status: string | undefined;
  readonly nodes: readonly NodeFacts[];
}): Autoscaler | undefined {
  if (signs.nodePools > 0) return { name: 'Karpenter', seenBy: 'it has NodePools', exhausted: false };
  if (signs.status !== undefined) {
    const seenBy = 'ConfigMap kube-system/cluster-autoscaler-status';
    return { name: 'cluster-autoscaler', seenBy, exhausted: allAtMaximum(signs.status) };
  }
  const label = NODE_GROUP_LABELS.find((name) => signs.nodes.some(({ labels }) => labels[name] !== undefined));
  return label === undefined
    ? undefined
    : { name: 'a node autoscaler', seenBy: `nodes have the label ${label}`, exhausted: false };
}

/** Whether every node group has its largest size. Both forms of the status are read: text, and YAML since version 1.30. */
function allAtMaximum(status: string): boolean {
  const sizes = [
    ...status.matchAll(/cloudProviderTarget[=:]\s*(\d+)\b[^a-z]*(?:minSize[=:]\s*\d+[^a-z]*)?maxSize[=:]\s*(\d+)/g),
  ];
  return sizes.length > 0 && sizes.every(([, target, max]) => Number(target) >= Number(max));
}

function taintOf({ key, value, effect }: Fields): Taint {
  return {
    key: String(key),
    value: textOf(value),
    effect: String(effect),
  };
}

function scopeOf({ scopeName, operator, values }: Fields): QuotaScope {
  return {
    name: String(scopeName),
    operator: String(operator),
    values: Array.isArray(values) ? values.map(String) : [],
  };
}

function limitItemOf(item: Fields): LimitItem {
  const ratios = Object.entries(fieldsOf(item.maxLimitRequestRatio)).flatMap(([name, ratio]) => {
    const value = typeof ratio === 'string' || typeof ratio === 'number' ? parseQuantity(ratio) : undefined;
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    type: String(item.type),
    min: amountsOf(item.min),
    max: amountsOf(item.max),
    defaultLimits: amountsOf(item.default),
    defaultRequests: amountsOf(item.defaultRequest),
    maxRatio: Object.fromEntries(ratios),
  };
}
