import type { Fact } from '../core/fact.ts';
import { type Failure, FailureError } from '../core/failure.ts';
import type { Plan } from '../core/plan.ts';
import { type Condition, keepTransitions } from '../kube/conditions.ts';
import type { KubeObject, ObjectKey } from '../kube/object.ts';
import { deepEqual, isRecord } from '../lib/json.ts';
import type { Time } from './time.ts';

/** What a pass goes by that wants an effect, or none. */
export interface Attempt<Effect> {
  readonly effect: Effect | undefined;
  readonly resource: KubeObject;
  /** Whether the engine's endpoint answers. */
  readonly answer: Fact<unknown>['kind'];
}

/** An effect that is not tried yet. */
export interface Held {
  /** What it failed with. */
  readonly failure: Failure;
  /** Milliseconds until it is tried again. */
  readonly waitMs: number;
}

/**
 * Effects that failed, each kept from being tried again before its time: what wakes a pass earlier is mostly no news to it. It is
 * news when the effect itself is another, when the resource's generation or annotations changed, when its deletion began, when the
 * endpoint answers again or no more, and whatever forget() is called for. Of each key the last effect is known.
 */
export interface HeldEffects<Effect> {
  /** What the effect of this pass waits for; undefined where it may be tried, or where the pass wants none. */
  held(key: ObjectKey, attempt: Attempt<Effect>): Held | undefined;
  /** Carries an effect out. Rejects as `work` does. */
  perform(key: ObjectKey, attempt: Attempt<Effect>, work: () => Promise<void>): Promise<void>;
  /** The pass that failed so is tried again at this time of the monotonic clock: if its effect did, that waits for it. */
  wait(key: ObjectKey, failure: Failure, until: number): void;
  /** What the key's effect waits for may have changed, also while it is being tried. */
  forget(key: ObjectKey): void;
  /** The same for all keys. */
  forgetAll(): void;
  has(key: ObjectKey): boolean;
  /** Every key whose effect failed or is being tried. */
  keys(): Iterable<ObjectKey>;
}

interface Entry<Effect> {
  readonly attempt: Attempt<Effect>;
  readonly failure?: Failure;
  readonly until?: number;
}

/** Holds nothing yet. */
export function createHeldEffects<Effect>(time: Pick<Time, 'monotonic'>): HeldEffects<Effect> {
  const entries = new Map<ObjectKey, Entry<Effect>>();
  return {
    held(key, attempt) {
      const { failure, until, attempt: before } = entries.get(key) ?? {};
      if (failure === undefined || until === undefined || before === undefined) return undefined;
      const waitMs = until - time.monotonic();
      if (waitMs <= 0 || isNews(before, attempt)) {
        entries.delete(key);
        return undefined;
      }
      const isSame = attempt.effect !== undefined && deepEqual(before.effect, attempt.effect);
      return isSame ? { failure, waitMs } : undefined;
    },
    async perform(key, attempt, work) {
      const entry = { attempt };
      entries.set(key, entry);
      try {
        await work();
        if (entries.get(key) === entry) entries.delete(key);
      } catch (error) {
        if (entries.get(key) === entry) {
          if (error instanceof FailureError && error.failure.kind !== 'conflict') {
            entries.set(key, { attempt, failure: error.failure });
          } else entries.delete(key);
        }
        throw error;
      }
    },
    wait(key, failure, until) {
      const entry = entries.get(key);
      if (entry?.failure === failure) entries.set(key, { ...entry, until });
    },
    forget: (key) => void entries.delete(key),
    forgetAll: () => entries.clear(),
    has: (key) => entries.has(key),
    keys: () => entries.keys(),
  };
}

function isNews<E>(before: Attempt<E>, now: Attempt<E>): boolean {
  return before.answer !== now.answer || !deepEqual(askedFor(before.resource), askedFor(now.resource));
}

/** What users change of a resource. The generation goes up with each change of the spec, and when deletion begins. */
function askedFor({ metadata }: KubeObject): object {
  const { uid, generation, deletionTimestamp, annotations } = metadata;
  return { uid, generation, deletionTimestamp, annotations };
}

/** The effect a plan holds, if it does. */
export function effectOf<S, E>({ actions }: Plan<S, E>): E | undefined {
  return actions.find((action) => action.kind === 'effect')?.effect;
}

/**
 * What is left of a plan while its effect waits: what comes before that, and all it observed. `told` is what the failure means for
 * the resource as it is after this plan; it goes on being told, by its status, and was told by its events.
 */
export function withoutEffect<S, E>(
  { requeueAfterMs: _after, ...plan }: Plan<S, E>,
  { waitMs }: Held,
  { resource, told }: { readonly resource: KubeObject; readonly told: Plan<S, E> | undefined },
): Plan<S, E> {
  const status = told?.status ?? plan.status;
  const index = plan.actions.findIndex(({ kind }) => kind === 'effect');
  return {
    ...plan,
    status: status === undefined ? undefined : steady(status, resource),
    actions: plan.actions.slice(0, index),
    requeueAfterMs: Math.min(waitMs, told?.requeueAfterMs ?? waitMs),
  };
}

/** The plan took back for a moment what the failure says: that is no transition. */
function steady<S>(status: S, { status: before }: KubeObject): S {
  if (!isRecord(status) || !Array.isArray(status.conditions)) return status;
  const stored = isRecord(before) && Array.isArray(before.conditions) ? before.conditions : [];
  return { ...status, conditions: keepTransitions(status.conditions as Condition[], stored as Condition[]) };
}
