import { type Fact, knownValue } from '../fact.ts';
import type { Demand, PodGroup } from './demand.ts';
import { limitViolation, withDefaults } from './limit-range.ts';
import { checkNodes, type NodeFinding, type NodeReason } from './node-check.ts';
import type { PodFacts } from './nodes.ts';
import { checkQuotas } from './quota.ts';
import type { Autoscaler, ClusterCapacity } from './survey.ts';

/** Why something cannot run. */
export type Shortage = 'QuotaExceeded' | 'LimitRangeViolated' | NodeReason;

/** Whether what is to run fits the cluster; `message` has the arithmetic, for people. */
export type Verdict =
  | { readonly kind: 'fits'; readonly message: string }
  | { readonly kind: 'does-not-fit'; readonly reason: Shortage; readonly message: string }
  /** The nodes there are do not do, but more may be added: nothing to wait for, since they come only for pods that wait. */
  | { readonly kind: 'may-fit-with-autoscaler'; readonly reason: NodeReason; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

/**
 * Compares what is to run with what the cluster can give: admission first (LimitRanges, quotas), then the nodes. What
 * cannot be told never counts as a shortage, and a shortage that is certain counts whatever else cannot be told.
 */
export function capacityVerdict(demand: Demand, capacity: ClusterCapacity): Verdict {
  const limitRanges = knownValue(capacity.limitRanges) ?? [];
  const groups = demand.groups
    .filter(({ count }) => count > 0)
    .map((group) => ({ ...group, shape: withDefaults(group.shape, limitRanges) }));
  const violated = groups.map((group) => limitViolation(group, limitRanges)).find((text) => text !== undefined);
  if (violated !== undefined) return { kind: 'does-not-fit', reason: 'LimitRangeViolated', message: violated };
  const quota = quotaFinding(groups, demand, capacity);
  if (quota.exceeded !== undefined) return { kind: 'does-not-fit', reason: 'QuotaExceeded', message: quota.exceeded };
  const doubts = [...unread('LimitRanges', capacity.limitRanges), ...quota.doubts];
  return nodeVerdict(nodeFinding(groups, demand, capacity), capacity.autoscaler, doubts);
}

interface Finding {
  readonly exceeded: string | undefined;
  readonly doubts: readonly string[];
}

function quotaFinding(groups: readonly PodGroup[], { leaving }: Demand, capacity: ClusterCapacity): Finding {
  const { quotas, ownPods } = capacity;
  if (quotas.kind !== 'known') return { exceeded: undefined, doubts: unread('ResourceQuotas', quotas) };
  if (quotas.value.length === 0) return { exceeded: undefined, doubts: [] };
  if (ownPods.kind !== 'known' && leaving.size > 0) {
    return { exceeded: undefined, doubts: unread('pods of the namespace', ownPods) };
  }
  const pods: readonly PodFacts[] = knownValue(ownPods) ?? [];
  return checkQuotas(
    groups,
    quotas.value,
    pods.filter(({ uid }) => leaving.has(uid)),
  );
}

function nodeFinding(groups: readonly PodGroup[], demand: Demand, { nodes, pods }: ClusterCapacity): NodeFinding {
  if (nodes.kind !== 'known') return { kind: 'unknown', message: unread('nodes', nodes).join() };
  if (pods.kind !== 'known') return { kind: 'unknown', message: unread('pods', pods).join() };
  return checkNodes(groups, demand.leaving, nodes.value, pods.value);
}

function nodeVerdict(finding: NodeFinding, autoscaler: Fact<Autoscaler>, doubts: readonly string[]): Verdict {
  if (finding.kind === 'short') return shortVerdict(finding, autoscaler);
  if (finding.kind === 'unknown') return { kind: 'unknown', message: [...doubts, finding.message].join('; ') };
  if (doubts.length > 0) return { kind: 'unknown', message: [...doubts, finding.message].join('; ') };
  return finding;
}

function shortVerdict(
  { reason, message }: Extract<NodeFinding, { kind: 'short' }>,
  autoscaler: Fact<Autoscaler>,
): Verdict {
  if (autoscaler.kind === 'absent') return { kind: 'does-not-fit', reason, message };
  if (autoscaler.kind === 'unknown') {
    const doubt = `whether an autoscaler may add nodes cannot be told (${autoscaler.why})`;
    return { kind: 'unknown', message: `${message}; ${doubt}` };
  }
  const { name, seenBy, exhausted } = autoscaler.value;
  if (exhausted) {
    const why = `${name} adds none, all its node groups are as large as they may be (${seenBy})`;
    return { kind: 'does-not-fit', reason, message: `${message}; ${why}` };
  }
  const hope = `${name} may add nodes (${seenBy})`;
  return { kind: 'may-fit-with-autoscaler', reason, message: `${message}; ${hope}` };
}

function unread(what: string, fact: Fact<unknown>): readonly string[] {
  return fact.kind === 'unknown' ? [`${what} cannot be read (${fact.why})`] : [];
}
