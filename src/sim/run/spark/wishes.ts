import { canonicalJson, isRecord } from '../../../lib/json.ts';
import type { DriverRun } from '../../spark/truth.ts';
import type { SparkIntent } from './stage.ts';

type Spec = Readonly<Record<string, unknown>>;

/** What its user wanted from a moment on. */
export interface Wish {
  readonly atMs: number;
  /** Undefined: the application is to be gone. */
  readonly spec: Spec | undefined;
  /** Another run than before is wanted, not only a pause or another time to live. */
  readonly fresh: boolean;
  /** A pause is over. */
  readonly resumed: boolean;
}

/** Intents, each with how it differs from the one before. */
export function wishesOf(intents: readonly SparkIntent[]): readonly Wish[] {
  return intents.map(({ atMs, spec }, index) => {
    const before = intents[index - 1]?.spec;
    const fresh = spec !== undefined && substanceOf(spec) !== substanceOf(before);
    const resumed = !fresh && before?.suspend === true && spec !== undefined && spec.suspend !== true;
    return { atMs, spec, fresh, resumed };
  });
}

function substanceOf(spec: Spec | undefined): string {
  const { suspend: _suspend, timeToLiveSeconds: _ttl, ...what } = spec ?? { none: true };
  return canonicalJson(what);
}

/** What a spec runs, as a run tells it too. */
export function programOf(spec: Spec): string {
  const args = Array.isArray(spec.arguments) ? spec.arguments : [];
  return [spec.image, ...args].join(' ');
}

/** See programOf. */
export function programRun({ image, args }: DriverRun): string {
  return [image, ...args].join(' ');
}

/** spec.restartPolicy.type. */
export function policyType(spec: Spec | undefined): unknown {
  return isRecord(spec?.restartPolicy) ? (spec.restartPolicy.type ?? 'Never') : 'Never';
}

/** How many runs a wish allows. */
export function allowance({ spec, fresh, resumed }: Wish): number {
  if (spec === undefined) return 0;
  if (policyType(spec) === 'Always') return Number.POSITIVE_INFINITY;
  if (!fresh) return resumed ? 1 : 0;
  const { onFailureRetries = 0 } = isRecord(spec.restartPolicy) ? spec.restartPolicy : {};
  return policyType(spec) === 'OnFailure' ? 1 + Number(onFailureRetries) : 1;
}

/** The wish in force at a moment. */
export function wishAt(wishes: readonly Wish[], atMs: number): Wish | undefined {
  return wishes.findLast((wish) => wish.atMs <= atMs);
}
