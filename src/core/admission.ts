import type { KubeObject } from '../kube/object.ts';
import type { Issue } from './issue.ts';
import type { KindRef, Reader } from './ports.ts';

/** What the rules of a kind say of one resource. */
export interface Judgement {
  /** The rules it breaks, the very ones for which a pass would refuse it; empty when it can be acted on. */
  readonly issues: readonly Issue[];
  /** What works but should be looked at, a sentence each. */
  readonly warnings: readonly string[];
}

/** The rules of one kind, as they are asked before a resource is stored. */
export interface Admission {
  readonly kind: KindRef & { readonly plural: string };
  /**
   * Judges a resource as it would be stored, with the status it has. Pure but for `read`, the caches, which may be behind;
   * never throws, whatever the resource holds.
   */
  judge(resource: KubeObject, read: Reader): Judgement;
}
