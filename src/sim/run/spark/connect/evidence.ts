import type { KubeObject } from '../../../../kube/object.ts';
import type { SparkTruth } from '../../../spark/truth.ts';
import type { SparkStage } from '../stage.ts';
import type { SparkWitness } from '../witness.ts';
import type { ConnectScenario } from './scenario.ts';
import type { ConnectWitness } from './witness.ts';

/** Everything the rules of a SparkConnect are checked against. Times are virtual milliseconds since the epoch. */
export interface ConnectEvidence {
  readonly truth: SparkTruth;
  readonly witness: ConnectWitness;
  /** Of what its servers need. */
  readonly run: SparkWitness;
  readonly stage: SparkStage;
  /** As it is in the end; undefined: gone. */
  readonly connect: KubeObject | undefined;
  /** All there is of it in the end, itself included. */
  readonly objects: readonly KubeObject[];
  readonly scenario: ConnectScenario;
  /** Writes of the operator after everything had come to rest. */
  readonly lateWrites: readonly string[];
  /** Writes of the operator in all. */
  readonly writes: number;
  /** What the operator asked for that it may never ask for. */
  readonly misdeeds: readonly string[];
}
