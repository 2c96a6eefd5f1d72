import type { KubeObject } from '../../kube/object.ts';
import type { FlinkWorldOptions } from '../flink/world.ts';
import type { Stage } from './stage.ts';

/** One thing done to a cluster from outside, and when the next one follows. */
export interface Step<S = Stage> {
  readonly name: string;
  readonly act: (stage: S) => void;
  /**
   * Milliseconds of virtual time until the next step; `rest`: once nothing changes any more; a condition: once it holds,
   * but no later than two minutes from now.
   */
  readonly until: number | 'rest' | ((stage: S) => boolean);
}

/** What tells the code that runs. */
export interface Settled {
  readonly image?: string;
  readonly args?: readonly string[];
  /** The parallelism it was given by what it has to do, in place of that of the spec. */
  readonly parallelism?: number;
}

/** A life of one FlinkDeployment, or of one FlinkSessionJob and its session. */
export interface Scenario {
  /** Unique; chosen by on the command line. */
  readonly name: string;
  /** The job's resource, which is judged. */
  readonly resource: KubeObject;
  /** The session of a FlinkSessionJob. */
  readonly session?: KubeObject;
  /** Another FlinkSessionJob for the session, judged by the same rules, and how often its job is started. */
  readonly neighbour?: { readonly resource: KubeObject; readonly starts?: number };
  readonly steps: readonly Step[];
  readonly flink?: FlinkWorldOptions;
  /** How often its job is started, where that is what the life is about. */
  readonly starts?: number;
  /**
   * What runs in the end where it is not the last spec: nothing, code of before, by its image or on a session its arguments, or
   * `finished`: a job of the last spec that has done its work.
   */
  readonly settlesOn?: 'nothing' | 'finished' | Settled;
  /** Rules that do not hold in this life, with the reason: what its steps do makes them meaningless. */
  readonly except?: Readonly<Partial<Record<Rule, string>>>;
}

/** Invariants and oracles, by the names of the reliability plan; `end` is the end state, `starts` how often a job is started. */
export type Rule =
  | 'I1'
  | 'I2'
  | 'I3'
  | 'I4'
  | 'I5'
  | 'I6'
  | 'I7'
  | 'I8'
  | 'I9'
  | 'I15'
  | 'I16'
  | 'I18'
  | 'I19'
  | 'end'
  | 'starts'
  | 'error';

/** A rule that was broken. */
export interface Violation {
  readonly rule: Rule;
  readonly text: string;
}
