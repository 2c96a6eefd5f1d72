import type { KubeObject } from '../kube/object.ts';
import type { Failure } from './failure.ts';
import type { Checkpointed } from './measured.ts';
import type { Plan } from './plan.ts';
import type { KindRef, Probe, Reader } from './ports.ts';

/** A pure rule: an answer, or undefined to let the next one speak. */
export type Policy<Input, Output> = (input: Input) => Output | undefined;

/** The answer of the first policy that has one. */
export function firstMatch<I, O>(policies: readonly Policy<I, O>[], input: I): O | undefined {
  for (const policy of policies) {
    const answer = policy(input);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** What one API group/resource needs: becomes the chart's RBAC. */
export interface Access {
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly ('get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete')[];
  /** Why it is needed; printed beside the rule. */
  readonly why: string;
  /** Of kinds without namespace: means nothing in a Role, so only a ClusterRole gets it. */
  readonly clusterOnly?: true;
  /** Only objects of these names. RBAC cannot limit a create so, nor the list of a kind. */
  readonly names?: readonly string[];
  /** Only where applications may name a batch scheduler. */
  readonly feature?: 'batchScheduler';
}

/** A kind this reconciler watches besides its own, and which resource key an object of it belongs to. */
export interface Watched {
  readonly kind: KindRef;
  /** Server-side label selector, so that foreign objects never reach the cache. */
  readonly labelSelector?: string;
  /** Drops fields no decision reads, before the object is stored. */
  readonly trim?: (object: KubeObject) => KubeObject;
  /** The key or keys of the resources to look at when this object changes; undefined: nobody's. */
  readonly toKey: (object: KubeObject, read: Reader) => string | readonly string[] | undefined;
}

/**
 * One engine's controller, as the runtime drives it: observe gathers facts once, decide is pure, perform does the one
 * effect a plan may hold.
 */
export interface Reconciler<Observed, Status, Effect, Answer> {
  /** Lower-case kind, used as controller name in metrics and logs: `flinkdeployment`. */
  readonly name: string;
  readonly kind: KindRef;
  readonly watches: readonly Watched[];
  readonly access: readonly Access[];
  /** Drops what is never read from the resource itself before it is stored. */
  readonly trim?: (object: KubeObject) => KubeObject;
  observe(resource: KubeObject, read: Reader, probe: Probe<Answer>): Observed;
  decide(resource: KubeObject, observed: Observed, now: Date): Plan<Status, Effect>;
  /** Carries out an effect; throws FailureError. */
  perform(resource: KubeObject, effect: Effect, signal: AbortSignal): Promise<void>;
  /**
   * What a failed pass means for the resource: its conditions and an event, by a plan with status and events only, and when
   * to look again should that be before the retry; pure.
   * Asked for stalled and waiting failures and for network failures that last; without it, or when it answers undefined,
   * a stalled or waiting failure becomes an event.
   */
  failed?(resource: KubeObject, failure: Failure, now: Date): Plan<Status, Effect> | undefined;
  /**
   * Asks the engine's endpoint once; `previous` is the last answer, so that what cannot have changed is not asked
   * again. Throws FailureError when the endpoint does not answer: the fact is then unknown.
   */
  ask(resource: KubeObject, signal: AbortSignal, previous: Answer | undefined): Promise<Answer>;
  /** Whether two answers differ in anything a decision reads; only then the resource is looked at again. */
  answersEqual(a: Answer, b: Answer): boolean;
  /** What metrics tell of the checkpoints of the job that an answer is about; undefined where it takes none. */
  checkpointed?(answer: Answer): Checkpointed | undefined;
}
