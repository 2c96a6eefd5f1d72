import type { Propagation } from '../../core/plan.ts';
import type { KindRef } from '../../core/ports.ts';
import type { KubeObject, ObjectRef } from '../../kube/object.ts';

/** One change, as a watch tells it. */
export interface KubeChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** Options of a deletion (meta/v1 DeleteOptions). */
export interface DeleteOptions {
  /** Precondition. */
  readonly uid?: string;
  /** Precondition. */
  readonly resourceVersion?: string;
  /** Background unless given. */
  readonly propagation?: Propagation;
  /** Pods only; their own terminationGracePeriodSeconds unless given. 0 removes the pod at once, whatever still runs. */
  readonly gracePeriodSeconds?: number;
}

/** How an object is applied. */
export interface ApplyOptions {
  readonly manager: string;
  /** Takes fields from other managers instead of failing with 409. */
  readonly force?: boolean;
}

/**
 * The simulated API server without network in between, as one identity: for people (`kubectl`), for processes in pods and
 * for controllers. Takes effect at once; is never disturbed by a fault plan and not written to the request log. Objects it
 * returns are the stored ones and must not be changed. Everything throws KubeError as the real server's refusal would.
 */
export interface KubeAccess {
  get(ref: ObjectRef): KubeObject | undefined;
  /** Of all namespaces when none is given. `labels` must all be there. */
  list(kind: KindRef, namespace?: string, labels?: Readonly<Record<string, string>>): readonly KubeObject[];
  create(object: KubeObject): KubeObject;
  /** PUT: everything but status (or status alone) is replaced; metadata.resourceVersion is a precondition if given. */
  replace(object: KubeObject, subresource?: 'status'): KubeObject;
  /**
   * A JSON merge patch; metadata.resourceVersion and metadata.uid in it are preconditions. `binding` is the scheduler's: it
   * sets spec.nodeName of a pod.
   */
  patch(ref: ObjectRef, patch: object, subresource?: 'status' | 'binding'): KubeObject;
  /** Server-side apply. */
  apply(object: KubeObject, options: ApplyOptions): KubeObject;
  /** Throws 404 when there is none. */
  delete(ref: ObjectRef, options?: DeleteOptions): void;
  /** Tells of each change from now on, within the change itself, in order. The result ends it. */
  watch(kind: KindRef, namespace: string | undefined, listener: (change: KubeChange) => void): () => void;
}
