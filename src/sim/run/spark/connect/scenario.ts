import type { KubeObject } from '../../../../kube/object.ts';
import type { ConnectState } from '../../../../spark/connect/schema.ts';
import type { SparkWorldOptions } from '../../../spark/world.ts';
import type { Rule } from '../../scenario.ts';
import type { SparkStep } from '../scenario.ts';

/** A life of one SparkConnect. */
export interface ConnectScenario {
  /** Unique; chosen by on the command line. */
  readonly name: string;
  readonly resource: KubeObject;
  readonly steps: readonly SparkStep[];
  /** Servers go on for ever unless it says otherwise. */
  readonly spark?: SparkWorldOptions;
  /** How many servers run in it: least and most, where one may be stopped before it begins. */
  readonly runs: number | readonly [number, number];
  /** The state in the end; undefined: it is gone. */
  readonly state: ConnectState | undefined;
  /** Rules that do not hold in this life, with the reason: what its steps do makes them meaningless. */
  readonly except?: Readonly<Partial<Record<Rule, string>>>;
}
