import type { KubeObject } from '../../../../kube/object.ts';
import type { SparkWorldOptions } from '../../../spark/world.ts';
import type { Rule, Step } from '../../scenario.ts';
import type { ScheduleStage } from './stage.ts';

/** One thing done to a schedule from outside, and when the next one follows. */
export type ScheduleStep = Step<ScheduleStage>;

/** A life of one ScheduledSparkApplication. Times of runs are as tickOf has them. */
export interface ScheduleScenario {
  /** Unique; chosen by on the command line. */
  readonly name: string;
  readonly resource: KubeObject;
  /** When it begins, in milliseconds since the epoch. */
  readonly startMs: number;
  readonly steps: readonly ScheduleStep[];
  readonly spark?: SparkWorldOptions;
  /** What runs. */
  readonly runs: readonly string[];
  /** Times that pass without a run, of which somebody is told. */
  readonly missed?: readonly string[];
  /** Runs that are there in the end, in order; undefined: the schedule is gone. */
  readonly kept: readonly string[] | undefined;
  /** When the next run is due in the end; undefined: never. */
  readonly next: string | undefined;
  /** Runs may run at once. */
  readonly overlap?: true;
  /** Rules that do not hold in this life, with the reason: what its steps do makes them meaningless. */
  readonly except?: Readonly<Partial<Record<Rule, string>>>;
}
