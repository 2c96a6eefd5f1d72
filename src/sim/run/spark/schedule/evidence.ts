import type { KubeObject } from '../../../../kube/object.ts';
import type { SparkTruth } from '../../../spark/truth.ts';
import type { SparkWitness } from '../witness.ts';
import type { ScheduleScenario } from './scenario.ts';
import type { ScheduleStage } from './stage.ts';
import type { ScheduleWitness } from './witness.ts';

/** Everything the rules of a schedule are checked against. Times are virtual milliseconds since the epoch. */
export interface ScheduleEvidence {
  readonly truth: SparkTruth;
  readonly witness: ScheduleWitness;
  /** Of the runs. */
  readonly runs: SparkWitness;
  readonly stage: ScheduleStage;
  /** As it is in the end; undefined: gone. */
  readonly schedule: KubeObject | undefined;
  /** All there is of it and its runs in the end, itself included. */
  readonly objects: readonly KubeObject[];
  readonly scenario: ScheduleScenario;
  /** Writes of the operator after everything had come to rest. */
  readonly lateWrites: readonly string[];
  /** Writes of the operator in all. */
  readonly writes: number;
  /** What the operator asked for that it may never ask for. */
  readonly misdeeds: readonly string[];
}
