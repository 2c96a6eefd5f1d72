import type { KubeObject, ObjectRef } from '../kube/object.ts';

/** Deletion propagation (meta/v1 DeleteOptions). */
export type Propagation = 'Foreground' | 'Background' | 'Orphan';

/** A JSON merge patch (RFC 7396): null removes a field. */
export type MergePatch = Readonly<Record<string, unknown>>;

/**
 * One write. `because` is said in the log line.
 * - apply: server-side apply, forced, with Weir's field manager. With `owner`, a controller reference to that object is
 *   added by execute: its uid comes from what an earlier action of the same plan made, or from `object` itself if already there.
 * - create: made only if nothing has that name, for what must not be made twice; what is there already is left as it is and
 *   the pass repeated, which then sees it.
 * - delete: never blind, the uid is a precondition; absent already counts as done. With `resourceVersion` only as it was
 *   seen: a change since is a `conflict` and the pass is repeated.
 * - apply and create with `beside`: sent without waiting for the action before, which is one of them too; neither may need the
 *   other. When one of several fails the others are still carried out.
 * - patch: a JSON merge patch of a live object that somebody else may own too; its uid and resourceVersion are preconditions,
 *   so a change in between is a `conflict` and the pass is repeated.
 * - finalizer: adds or removes one finalizer of the resource itself.
 * - effect: the one kind that is not repeatable by nature; at most one in a plan, named after the recorded intent.
 */
export type Action<Effect> =
  | {
      readonly kind: 'apply';
      readonly object: KubeObject;
      readonly owner?: ObjectRef;
      readonly beside?: boolean;
      readonly because: string;
    }
  | { readonly kind: 'create'; readonly object: KubeObject; readonly beside?: boolean; readonly because: string }
  | {
      readonly kind: 'delete';
      readonly ref: ObjectRef;
      readonly uid: string;
      readonly resourceVersion?: string;
      readonly propagation: Propagation;
      readonly because: string;
    }
  | { readonly kind: 'patch'; readonly object: KubeObject; readonly patch: MergePatch; readonly because: string }
  | { readonly kind: 'finalizer'; readonly op: 'add' | 'remove'; readonly finalizer: string; readonly because: string }
  | { readonly kind: 'effect'; readonly effect: Effect; readonly because: string };

/** An event to record on the resource. Repeats of the same reason and message become a series. */
export interface EventDraft {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** At most 1024 characters reach the API server (core/v1 limit); longer ones are cut. */
  readonly message: string;
  /** `source.component` as the incumbent writes it: Operator, JobManagerDeployment, Job, Snapshot. */
  readonly component: string;
  /** What makes two events the same, where the message alone would not (a generation, a job id). */
  readonly dedupe?: string;
  /** Recorded once per dedupe text, however often a pass states it; without it a repeat counts up the series. */
  readonly once?: boolean;
}

/** Everything one pass wants: data, carried out by execute in the order finalizer add, status, actions, events. */
export interface Plan<Status, Effect> {
  /** The word that appears alike in log line, condition, event and metric. */
  readonly because: string;
  /** The complete new status, or undefined to leave it alone. Written first, so intent is stored before anything irreversible. */
  readonly status: Status | undefined;
  readonly actions: readonly Action<Effect>[];
  readonly events: readonly EventDraft[];
  /** Look again after this long even if no event comes. */
  readonly requeueAfterMs?: number;
  /** How often the engine's own endpoint (JobManager REST) is asked from now on; undefined stops asking. */
  readonly probeEveryMs?: number;
  /**
   * Wants to know what the cluster can give, by an answer taken after this time (milliseconds since the epoch; 0: any);
   * the resource is looked at again when there is one.
   */
  readonly surveyNewerThan?: number;
  /** Takes down what runs well: nothing of it is done, and nothing recorded, until it is this resource's turn. */
  readonly interrupts?: boolean;
}
