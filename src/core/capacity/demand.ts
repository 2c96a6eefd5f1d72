import { type Amounts, describeAmounts, NOTHING, plus, times } from './amounts.ts';
import { type PodShape, podRequests } from './pod-shape.ts';

/** Pods of one shape that are to run together. */
export interface PodGroup {
  /** What they are, as the engine calls it: `JobManager`, `executor`. */
  readonly role: string;
  readonly count: number;
  readonly shape: PodShape;
}

/** What is to run, and what goes for it. */
export interface Demand {
  readonly groups: readonly PodGroup[];
  /** Uids of live pods that are gone once this runs, or are part of it already: what they hold counts as free. */
  readonly leaving: ReadonlySet<string>;
}

/** What all pods of the groups request together. */
export function totalRequests(groups: readonly PodGroup[]): Amounts {
  return groups.reduce((sum, { shape, count }) => plus(sum, times(podRequests(shape), count)), NOTHING);
}

/** `1 JobManager pod`, `2 TaskManager pods`. */
export function describePods({ role, count }: Pick<PodGroup, 'role' | 'count'>): string {
  return `${count} ${role} ${count === 1 ? 'pod' : 'pods'}`;
}

/** `2 TaskManager pods of 1 core, 2 GiB memory each`. */
export function describeGroup(group: PodGroup): string {
  const each = describeAmounts(podRequests(group.shape));
  return `${describePods(group)} of ${each}${group.count === 1 ? '' : ' each'}`;
}
