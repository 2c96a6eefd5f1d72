import type { KubeObject } from '../../../kube/object.ts';
import type { SparkTruth } from '../../spark/truth.ts';
import type { SparkScenario } from './scenario.ts';
import type { SparkStage } from './stage.ts';
import type { SparkWitness } from './witness.ts';

/** Everything the rules are checked against. Times are virtual milliseconds since the epoch. */
export interface SparkEvidence {
  readonly truth: SparkTruth;
  readonly witness: SparkWitness;
  readonly stage: SparkStage;
  /** As it is in the end; undefined: gone. */
  readonly application: KubeObject | undefined;
  /** All there is of it in the end, itself included. */
  readonly objects: readonly KubeObject[];
  readonly scenario: SparkScenario;
  /** Writes of the operator after everything had come to rest. */
  readonly lateWrites: readonly string[];
  /** Writes of the operator in all. */
  readonly writes: number;
  /** What the operator asked for that it may never ask for. */
  readonly misdeeds: readonly string[];
}
