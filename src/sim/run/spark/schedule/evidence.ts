import type { KubeObject } from '../../../../kube/object.ts';
import type { LifeEvidence } from '../evidence.ts';
import type { SparkWitness } from '../witness.ts';
import type { ScheduleScenario } from './scenario.ts';
import type { ScheduleStage } from './stage.ts';
import type { ScheduleWitness } from './witness.ts';

/** Everything the rules of a schedule are checked against. Times are virtual milliseconds since the epoch. */
export interface ScheduleEvidence extends LifeEvidence {
  readonly witness: ScheduleWitness;
  /** Of the runs. */
  readonly runs: SparkWitness;
  readonly stage: ScheduleStage;
  /** As it is in the end; undefined: gone. */
  readonly schedule: KubeObject | undefined;
  readonly scenario: ScheduleScenario;
}
