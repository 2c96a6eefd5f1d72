import type { KubeObject } from '../../kube/object.ts';

/*
 * What a decision about a ScheduledSparkApplication may know, gathered once per pass by observe.ts:
 *
 *   SparkApplications    runs    labelled with its name and owned by it
 *   SparkApplication     last    whatever has the name that status.lastRunName says
 */

/** Everything known about one ScheduledSparkApplication. */
export interface ScheduleObserved {
  readonly runs: readonly KubeObject[];
  readonly last: KubeObject | undefined;
}

/** Nothing was looked at: for decisions that rest on the resource alone. */
export const UNSEEN: ScheduleObserved = { runs: [], last: undefined };
