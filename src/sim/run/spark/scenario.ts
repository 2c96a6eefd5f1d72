import type { KubeObject } from '../../../kube/object.ts';
import type { ApplicationState } from '../../../spark/schema.ts';
import type { SparkSettings } from '../../../spark/settings.ts';
import type { SparkWorldOptions } from '../../spark/world.ts';
import type { Rule, Step } from '../scenario.ts';
import type { SparkStage } from './stage.ts';

/** One thing done to an application from outside, and when the next one follows. */
export type SparkStep = Step<SparkStage>;

/** A life of one SparkApplication. */
export interface SparkScenario {
  /** Unique; chosen by on the command line. */
  readonly name: string;
  readonly resource: KubeObject;
  /** What there was before the operator was: done in turn before it starts. */
  readonly before?: readonly SparkStep[];
  readonly steps: readonly SparkStep[];
  readonly spark?: SparkWorldOptions;
  /** What the operator was told where it differs from what it does by default. */
  readonly settings?: Partial<SparkSettings>;
  /** How many drivers run in it: least and most, where one may be stopped before it begins. */
  readonly runs: number | readonly [number, number];
  /** The state in the end; undefined: the application is gone. */
  readonly state: ApplicationState | undefined;
  /** Rules that do not hold in this life, with the reason: what its steps do makes them meaningless. */
  readonly except?: Readonly<Partial<Record<Rule, string>>>;
}
