import { type Fact, unknown } from '../../core/fact.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { JobManagerAnswer } from '../observed.ts';

/*
 * What a decision about a FlinkSessionJob may know, gathered once per pass by observe.ts:
 *
 *   FlinkDeployment <deploymentName>   session    with the status the FlinkDeployment controller gave it
 *   JobManager REST of that session    rest       the probe's latest answer, about this job
 *   FlinkStateSnapshots of the job     snapshots  found by their labels
 *   ConfigMap autoscaler-<name>        autoscalerMap   what the autoscaler remembers
 */

/** Everything known about one FlinkSessionJob. */
export interface Observed {
  readonly session: KubeObject | undefined;
  readonly rest: Fact<JobManagerAnswer>;
  /** The FlinkStateSnapshots of the job. */
  readonly snapshots?: readonly KubeObject[];
  /** Resources that may need the files of a savepoint; only where the status keeps savepoints that may be deleted. */
  readonly dependants?: readonly KubeObject[];
  /** What the autoscaler remembers of the job. */
  readonly autoscalerMap?: KubeObject | undefined;
}

/** Nothing was looked at: for decisions that rest on the resource alone. */
export const UNSEEN: Observed = { session: undefined, rest: unknown('not looked at') };
