import type { ClusterCapacity } from '../core/capacity/survey.ts';
import { type Fact, unknown } from '../core/fact.ts';
import type { KubeObject } from '../kube/object.ts';

/*
 * What a decision about a SparkApplication may know, gathered once per pass by observe.ts:
 *
 *   Pods, role driver      drivers     owned by the application, of any submission
 *   Pods, role driver      namesakes   labelled with the application's name but owned by another, such as one deleted before
 *   Pods, role executor    executors   of any submission
 *   all other objects      supports    made for a submission and owned by the application
 *   nodes, pods, quotas    capacity    the survey's latest answer, asked for where it is worth knowing
 */

/** Everything known about one SparkApplication. */
export interface Observed {
  readonly drivers: readonly KubeObject[];
  readonly namesakes: readonly KubeObject[];
  readonly executors: readonly KubeObject[];
  readonly supports: readonly KubeObject[];
  readonly capacity: Fact<ClusterCapacity>;
}

/** Nothing was looked at: for decisions that rest on the resource alone. */
export const UNSEEN: Observed = {
  drivers: [],
  namesakes: [],
  executors: [],
  supports: [],
  capacity: unknown('not looked at'),
};
