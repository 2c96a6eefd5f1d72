import type { KubeObject } from '../../../kube/object.ts';
import type { SparkTruth } from '../../spark/truth.ts';
import type { SparkScenario } from './scenario.ts';
import type { SparkStage } from './stage.ts';
import type { SparkWitness } from './witness.ts';

/** What is known after the life of any resource of Spark. Times are virtual milliseconds since the epoch. */
export interface LifeEvidence {
  readonly truth: SparkTruth;
  /** All there is of the resource and its runs in the end, itself included. */
  readonly objects: readonly KubeObject[];
  /** Writes of the operator after everything had come to rest. */
  readonly lateWrites: readonly string[];
  /** Writes of the operator in all. */
  readonly writes: number;
  /** What the operator asked for that it may never ask for. */
  readonly misdeeds: readonly string[];
}

/** Everything the rules of a SparkApplication are checked against. */
export interface SparkEvidence extends LifeEvidence {
  readonly witness: SparkWitness;
  readonly stage: SparkStage;
  /** As it is in the end; undefined: gone. */
  readonly application: KubeObject | undefined;
  readonly scenario: SparkScenario;
}
