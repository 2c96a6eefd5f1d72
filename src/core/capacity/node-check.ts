import { type Amounts, describeAmounts, minus, missing, NOTHING, pick, plus } from './amounts.ts';
import { describeGroup, describePods, type PodGroup, totalRequests } from './demand.ts';
import { type Mismatch, mismatchOf, type NodeFacts, type NodeRoom, type PodFacts, roomOn, takesNow } from './nodes.ts';
import { type Placeable, placeableAlone, placeableBeside } from './placement.ts';
import { type PodShape, podRequests } from './pod-shape.ts';

/** Why the nodes there are do not do. */
export type NodeReason = 'NoMatchingNode' | 'NoNodeLargeEnough' | 'NotEnoughFree';

/** What the nodes say. */
export type NodeFinding =
  | { readonly kind: 'fits'; readonly message: string }
  | { readonly kind: 'short'; readonly reason: NodeReason; readonly message: string }
  | { readonly kind: 'unknown'; readonly message: string };

interface Short {
  readonly kind: 'short';
  readonly reason: NodeReason;
  readonly message: string;
}

/**
 * Compares groups of pods with the nodes: could any node ever take one such pod, and is there room for all of them now,
 * once the `leaving` pods are gone. Rules of the scheduler that are not worked out here (pod affinity, topology spread,
 * resource claims) can only make less fit, so a shortage holds and a fit does not.
 */
export function checkNodes(
  groups: readonly PodGroup[],
  leaving: ReadonlySet<string>,
  nodes: readonly NodeFacts[],
  pods: readonly PodFacts[],
): NodeFinding {
  const rooms = roomOn(nodes, pods, leaving);
  const never = groups.map((group) => neverFits(group, rooms)).find((short) => short !== undefined);
  if (never !== undefined) return never;
  const finding = placed(groups, rooms);
  const rules = [...new Set(groups.flatMap(({ shape }) => shape.otherRules))];
  if (finding.kind !== 'fits' || rules.length === 0) return finding;
  return { kind: 'unknown', message: `${finding.message}, but rules of ${rules.join(', ')} are not worked out here` };
}

/** No node that selectors, affinity and taints allow could hold one pod of the group, even an empty one. */
function neverFits(group: PodGroup, rooms: readonly NodeRoom[]): Short | undefined {
  const matching = rooms.filter(({ node }) => mismatchOf(group.shape, node) === undefined);
  if (matching.length === 0) return noMatchingNode(group, rooms);
  const wanted = onNode(group.shape);
  if (matching.some(({ whenEmpty }) => Object.keys(missing(wanted, whenEmpty)).length === 0)) return undefined;
  return noNodeLargeEnough(group, matching);
}

function noMatchingNode({ role, shape }: PodGroup, rooms: readonly NodeRoom[]): Short {
  const reason = 'NoMatchingNode';
  if (rooms.length === 0) return { kind: 'short', reason, message: 'the cluster has no node' };
  const why = rooms.map(({ node }) => mismatchOf(shape, node)).filter((mismatch) => mismatch !== undefined);
  const wishes = Object.entries(shape.nodeSelector).map(([key, value]) => `${key}=${value}`);
  const selector =
    wishes.length === 0 ? 'required node affinity' : `node selector ${wishes.join(',')} or node affinity`;
  const byLabels = why.filter(({ kind }) => kind === 'labels').length;
  const taints = why.flatMap((mismatch) => (mismatch.kind === 'taint' ? [describeTaint(mismatch)] : []));
  const parts = [
    ...(byLabels === 0 ? [] : [`${byLabels} not matching the ${selector}`]),
    ...(taints.length === 0 ? [] : [`${taints.length} tainted and not tolerated (${unique(taints).join(', ')})`]),
  ];
  return { kind: 'short', reason, message: `no node takes a ${role} pod: of ${rooms.length}, ${parts.join(', ')}` };
}

function describeTaint({ taint: { key, value, effect } }: Extract<Mismatch, { kind: 'taint' }>): string {
  return `${key}${value === undefined ? '' : `=${value}`}:${effect}`;
}

/** Names the node to which least is missing, with its sums. */
function noNodeLargeEnough({ role, shape }: PodGroup, matching: readonly NodeRoom[]): Short {
  const wanted = onNode(shape);
  const [nearest] = [...matching].sort((a, b) => lack(wanted, a.whenEmpty) - lack(wanted, b.whenEmpty));
  const { whenEmpty, node } = nearest ?? { whenEmpty: NOTHING, node: undefined };
  const gap = missing(wanted, whenEmpty);
  const names = Object.keys(gap);
  const allocatable = pick(node?.allocatable ?? NOTHING, names);
  const stays = minus(allocatable, pick(whenEmpty, names));
  const less = Object.values(stays).some((amount) => amount > 0)
    ? ` (${describeAmounts(allocatable)} allocatable, less ${describeAmounts(stays)} for DaemonSets)`
    : '';
  const message =
    `a ${role} pod requests ${describeAmounts(podRequests(shape))}; ` +
    `the largest of ${countOf(matching.length, 'node')} it may run on, "${node?.name}", gives ` +
    `${describeAmounts(pick(whenEmpty, names))} when empty${less}: ${describeAmounts(gap)} missing`;
  return { kind: 'short', reason: 'NoNodeLargeEnough', message };
}

/** How far a node is from enough: the largest missing part of what is wanted. */
function lack(wanted: Amounts, given: Amounts): number {
  return Math.max(0, ...Object.entries(missing(wanted, given)).map(([name, gap]) => gap / (wanted[name] ?? 1)));
}

/** Whether all pods find a place at once in what is free now. */
function placed(groups: readonly PodGroup[], rooms: readonly NodeRoom[]): NodeFinding {
  const usable = rooms.filter(({ node }) => groups.some(({ shape }) => takesNow(shape, node)));
  const free = usable.map((room) => room.free);
  const placeables = groups.map((group) => placeableOf(group, usable));
  for (const [index, placeable] of placeables.entries()) {
    const alone = placeableAlone(placeable, free);
    const group = groups[index];
    if (group !== undefined && alone < group.count)
      return notEnough(`${alone} of ${describeGroup(group)}`, { groups, rooms, usable });
  }
  const order = groups.map((_, index) => index).sort((a, b) => (groups[a]?.count ?? 0) - (groups[b]?.count ?? 0));
  const sorted = order.flatMap((index) => placeables[index] ?? []);
  const most = placeableBeside(sorted, free);
  if (most === undefined) return { kind: 'unknown', message: `${describeAll(groups)} are too many to place here` };
  const last = groups[order.at(-1) ?? 0];
  if (last !== undefined && most < last.count) {
    const others = groups
      .filter((group) => group !== last)
      .map(describeGroup)
      .join(' and ');
    const found = most < 0 ? `not even ${others}` : `${most} of ${describeGroup(last)}, beside ${others},`;
    return notEnough(found, { groups, rooms, usable });
  }
  return { kind: 'fits', message: `${describeAll(groups)}; ${freeOn(groups, usable)}` };
}

function placeableOf({ shape, count }: PodGroup, usable: readonly NodeRoom[]): Placeable {
  return { each: onNode(shape), count, allowed: usable.map(({ node }) => takesNow(shape, node)) };
}

interface Place {
  readonly groups: readonly PodGroup[];
  readonly rooms: readonly NodeRoom[];
  readonly usable: readonly NodeRoom[];
}

/** Nodes that are listed one by one; the others count in the sum. */
const LISTED = 3;

function notEnough(found: string, { groups, rooms, usable }: Place): Short {
  const resting = rooms.filter(
    ({ node }) => node.resting && groups.some(({ shape }) => mismatchOf(shape, node) === undefined),
  );
  const rest = resting.length === 0 ? '' : `; ${countOf(resting.length, 'node')} cordoned or not ready`;
  const message = `at best ${found} find a place: ${describeAll(groups)}; ${freeOn(groups, usable)}${rest}`;
  return { kind: 'short', reason: 'NotEnoughFree', message };
}

/** `JobManager 1 × … : all request 5 cores, 18 GiB memory`. */
function describeAll(groups: readonly PodGroup[]): string {
  const verb = groups.reduce((sum, { count }) => sum + count, 0) === 1 ? 'requests' : 'request';
  return `${groups.map(describePods).join(' and ')} ${verb} ${describeAmounts(totalRequests(groups))}`;
}

/** `3 nodes have 12 cores, 40 GiB memory free for them ("a": 8 cores, 30 GiB memory; …)`. */
function freeOn(groups: readonly PodGroup[], usable: readonly NodeRoom[]): string {
  if (usable.length === 0) return 'no node takes pods now';
  const names = Object.keys(totalRequests(groups));
  const sum = usable.reduce((before, { free }) => plus(before, pick(free, names)), NOTHING);
  const roomiest = [...usable].sort((a, b) => (b.free.memory ?? 0) - (a.free.memory ?? 0)).slice(0, LISTED);
  const each = roomiest.map(({ node, free }) => `"${node.name}": ${describeAmounts(pick(free, names))}`).join('; ');
  const more = usable.length > LISTED ? `; and ${usable.length - LISTED} more` : '';
  const many = usable.length === 1 ? `node ${each.replace(/:.*/, '')} has` : `${usable.length} nodes have`;
  const detail = usable.length === 1 ? '' : ` (${each}${more})`;
  return `${many} ${describeAmounts(sum)} free for them${detail}`;
}

/** What a pod takes of a node: its requests and one of the pods the node may have. */
function onNode(shape: PodShape): Amounts {
  return { ...podRequests(shape), pods: 1 };
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
