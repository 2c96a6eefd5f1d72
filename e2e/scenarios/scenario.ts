import { isDeepStrictEqual } from 'node:util';
import type { FlinkVersion, SparkVersion } from '../images/images.ts';
import type { Kube } from '../kit/kube.ts';
import type { Operator } from '../kit/operator.ts';
import type { Stage, StageImage } from '../kit/stage.ts';
import type { Look, Patience } from '../kit/until.ts';

/** One thing seen on a real cluster, from its first object to nothing left. */
export interface Scenario {
  readonly name: string;
  /** One line: what must come about. */
  readonly summary: string;
  /** Images it runs, beside the operator's. */
  readonly images: readonly StageImage[];
  /** Whether it runs when no scenario is named; a slow or disruptive one is run by name only. */
  readonly byDefault: boolean;
  /** Whether it needs the cluster for itself, since it stops the operator or kills what it does not own. */
  readonly alone: boolean;
  /** Returns when all was seen; throws at the first thing that is not as it must be. */
  run(context: ScenarioContext): Promise<void>;
}

/** What a scenario works with. Its namespace is its own, with accounts and rights for Flink's jobs and Spark's drivers and a claim named `state`. */
export interface ScenarioContext {
  readonly stage: Stage;
  readonly kube: Kube;
  readonly operator: Operator;
  readonly namespace: string;
  /** The reference of a Flink image in the cluster. */
  flinkImage(version: FlinkVersion): string;
  /** The reference of a Spark image in the cluster. */
  sparkImage(version: SparkVersion): string;
  /** Waits until `look` finds it done, then says so in one line with the time it took. */
  until<T>(what: string, look: () => Promise<Look<T>>, patience?: Patience): Promise<T>;
  /** Tells what happens next, in one line. */
  say(text: string): void;
}

/** Throws, saying what was expected of what, unless the two are equal (deeply, whatever the order of fields). */
export function expectEqual(what: string, found: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(found, wanted)) return;
  throw new Error(
    `${what}: ${JSON.stringify(found) ?? 'undefined'}, expected ${JSON.stringify(wanted) ?? 'undefined'}`,
  );
}

/** Throws with the text unless the condition holds. */
export function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}
