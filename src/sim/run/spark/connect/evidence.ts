import type { KubeObject } from '../../../../kube/object.ts';
import type { LifeEvidence } from '../evidence.ts';
import type { SparkStage } from '../stage.ts';
import type { SparkWitness } from '../witness.ts';
import type { ConnectScenario } from './scenario.ts';
import type { ConnectWitness } from './witness.ts';

/** Everything the rules of a SparkConnect are checked against. Times are virtual milliseconds since the epoch. */
export interface ConnectEvidence extends LifeEvidence {
  readonly witness: ConnectWitness;
  /** Of what its servers need. */
  readonly run: SparkWitness;
  readonly stage: SparkStage;
  /** As it is in the end; undefined: gone. */
  readonly connect: KubeObject | undefined;
  readonly scenario: ConnectScenario;
}
