import { remembered } from '../../lib/remembered.ts';
import { type Amounts, minus, NOTHING } from './amounts.ts';
import type { NodeRequirement, PodShape, Toleration } from './pod-shape.ts';

/** core/v1 Taint. */
export interface Taint {
  readonly key: string;
  readonly value: string | undefined;
  readonly effect: string;
}

/** What of a node decides about pods. */
export interface NodeFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** status.allocatable, `pods` among it. */
  readonly allocatable: Amounts;
  /** Cordoned, or its condition Ready is not True: takes no pods for now. */
  readonly resting: boolean;
}

/** A live pod that holds resources: bound to a node or not yet, not ended. */
export interface PodFacts {
  readonly uid: string;
  readonly namespace: string;
  readonly node: string | undefined;
  /** Of a DaemonSet or the node itself: there on an otherwise empty node too. */
  readonly stays: boolean;
  readonly requests: Amounts;
  readonly limits: Amounts;
  readonly hasDeadline: boolean;
  readonly priorityClassName: string | undefined;
}

/** A node and what of it can be had. */
export interface NodeRoom {
  readonly node: NodeFacts;
  /** Allocatable less what stays on an empty node. */
  readonly whenEmpty: Amounts;
  /** Allocatable less everything that is there and does not leave; nothing on a node that rests. */
  readonly free: Amounts;
}

/** The room on every node once the `leaving` pods are gone. A pod counts as one of the node's `pods`. */
export function roomOn(
  nodes: readonly NodeFacts[],
  pods: readonly PodFacts[],
  leaving: ReadonlySet<string>,
): readonly NodeRoom[] {
  const held = leaving.size === 0 ? heldByAll(pods) : heldBy(pods.filter(({ uid }) => !leaving.has(uid)));
  return nodes.map((node) => {
    const { stays, others } = held.get(node.name) ?? { stays: NOTHING, others: NOTHING };
    const whenEmpty = minus(node.allocatable, stays);
    return { node, whenEmpty, free: node.resting ? NOTHING : minus(whenEmpty, others) };
  });
}

/** What pods hold on a node. */
interface Held {
  readonly stays: Record<string, number>;
  readonly others: Record<string, number>;
}

/** Many starts go by one survey, and nothing leaves for most of them. */
const heldByAll = remembered(heldBy);

function heldBy(pods: readonly PodFacts[]): ReadonlyMap<string, Held> {
  const held = new Map<string, Held>();
  for (const { node, stays, requests } of pods) {
    if (node === undefined) continue;
    const known = held.get(node) ?? { stays: {}, others: {} };
    held.set(node, known);
    addTo(stays ? known.stays : known.others, requests);
  }
  return held;
}

function addTo(sum: Record<string, number>, requests: Amounts): void {
  for (const [name, amount] of Object.entries({ ...requests, pods: 1 })) sum[name] = (sum[name] ?? 0) + amount;
}

/** Why a node can never take a pod of this shape, whatever runs on it; undefined when it may. */
export type Mismatch = { readonly kind: 'labels' } | { readonly kind: 'taint'; readonly taint: Taint };

/** Compares selectors, required node affinity and taints. Taints that tell of a passing state do not count. */
export function mismatchOf(shape: PodShape, node: NodeFacts): Mismatch | undefined {
  if (shape.nodeName !== undefined) return shape.nodeName === node.name ? undefined : { kind: 'labels' };
  const selected = Object.entries(shape.nodeSelector).every(([key, value]) => node.labels[key] === value);
  if (!selected || !meetsTerms(shape.nodeTerms, node)) return { kind: 'labels' };
  const taint = node.taints.find((candidate) => isLasting(candidate) && repels(candidate, shape.tolerations));
  return taint === undefined ? undefined : { kind: 'taint', taint };
}

/** Whether the pod may be placed on the node at this moment: no mismatch, and no passing taint it does not tolerate. */
export function takesNow(shape: PodShape, node: NodeFacts): boolean {
  if (node.resting || mismatchOf(shape, node) !== undefined) return false;
  return !node.taints.some((taint) => repels(taint, shape.tolerations));
}

function meetsTerms(terms: PodShape['nodeTerms'], node: NodeFacts): boolean {
  if (terms === undefined) return true;
  return terms.some((term) => term.length > 0 && term.every((requirement) => meets(requirement, node)));
}

/** core/v1 NodeSelectorOperator; whole numbers only compare with whole numbers. */
const OPERATORS: Readonly<Record<string, (value: string | undefined, values: readonly string[]) => boolean>> = {
  In: (value, values) => value !== undefined && values.includes(value),
  NotIn: (value, values) => value === undefined || !values.includes(value),
  Exists: (value) => value !== undefined,
  DoesNotExist: (value) => value === undefined,
  Gt: (value, [bound]) => isInteger(value) && isInteger(bound) && Number(value) > Number(bound),
  Lt: (value, [bound]) => isInteger(value) && isInteger(bound) && Number(value) < Number(bound),
};

function meets({ key, operator, values, of }: NodeRequirement, node: NodeFacts): boolean {
  const field = key === 'metadata.name' ? node.name : undefined;
  return OPERATORS[operator]?.(of === 'label' ? node.labels[key] : field, values) === true;
}

function isInteger(text: string | undefined): boolean {
  return text !== undefined && /^-?\d+$/.test(text);
}

/** Set by the node life cycle, the cloud provider or an autoscaler that takes the node away: gone again by themselves. */
const PASSING =
  /^(node\.kubernetes\.io\/(not-ready|unreachable|unschedulable|memory-pressure|disk-pressure|pid-pressure|network-unavailable)|node\.cloudprovider\.kubernetes\.io\/.+|ToBeDeletedByClusterAutoscaler|karpenter\.sh\/(disrupted|unregistered))$/;

function isLasting({ key }: Taint): boolean {
  return !PASSING.test(key);
}

function repels(taint: Taint, tolerations: readonly Toleration[]): boolean {
  if (taint.effect === 'PreferNoSchedule') return false;
  return !tolerations.some((toleration) => tolerates(toleration, taint));
}

function tolerates({ key, operator = 'Equal', value, effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== taint.effect) return false;
  if (operator === 'Exists') return key === undefined || key === taint.key;
  return operator === 'Equal' && key === taint.key && (value ?? '') === (taint.value ?? '');
}
