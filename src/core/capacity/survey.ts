import type { Fact } from '../fact.ts';
import type { LimitRange } from './limit-range.ts';
import type { NodeFacts, PodFacts } from './nodes.ts';
import type { ResourceQuota } from './quota.ts';

/** Something that adds nodes when pods find none. */
export interface Autoscaler {
  readonly name: 'Karpenter' | 'cluster-autoscaler' | 'a node autoscaler';
  /** By what it was found. */
  readonly seenBy: string;
  /** All its node groups have as many nodes as they may: it will add none. */
  readonly exhausted: boolean;
}

/** What a cluster can give one namespace, at one moment. Each part is unknown where it may not be read. */
export interface ClusterCapacity {
  readonly namespace: string;
  /** When the last part of it arrived, milliseconds since the epoch. */
  readonly takenAt: number;
  readonly nodes: Fact<readonly NodeFacts[]>;
  /** Of the whole cluster; known whenever nodes are. */
  readonly pods: Fact<readonly PodFacts[]>;
  /** Of the namespace alone, for its quotas. */
  readonly ownPods: Fact<readonly PodFacts[]>;
  readonly quotas: Fact<readonly ResourceQuota[]>;
  readonly limitRanges: Fact<readonly LimitRange[]>;
  readonly autoscaler: Fact<Autoscaler>;
}

/**
 * Asks the cluster on demand what it can give: nodes and pods are not watched, since that would cost memory and traffic
 * all day for a question that is asked at starts. Never throws.
 */
export interface CapacitySurvey {
  /** The newest answer for a namespace, however old; `unasked` before the first and once it was dropped. No I/O. */
  latest(namespace: string): Fact<ClusterCapacity>;
  /**
   * Calls `done` once there is an answer that was taken after `newerThan` (milliseconds since the epoch) and is some ten
   * seconds old at most: at once if there is, else when it has been asked for.
   */
  refresh(namespace: string, newerThan: number, done: () => void): void;
}
