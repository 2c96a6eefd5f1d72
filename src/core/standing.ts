import type { ConditionDraft } from '../kube/conditions.ts';
import type { KubeObject } from '../kube/object.ts';

/** Condition types that say how a resource stands: they are Weir's own on every kind. */
export const STANDING = ['Ready', 'Reconciling', 'Stalled'] as const;

/** Condition messages are cut here, so that a status stays small (meta/v1 allows 32 KiB). */
export const MAX_MESSAGE = 1500;

/** Makes conditions about the resource's present spec. */
export function drafter({ resource }: { readonly resource: KubeObject }): Draft {
  const observedGeneration = resource.metadata.generation ?? 0;
  return (type, value, reason, message) => ({
    type,
    status: value ? 'True' : 'False',
    reason,
    message: message.slice(0, MAX_MESSAGE),
    observedGeneration,
  });
}

/** What a pass wants to say, of whatever kind. */
export interface Said {
  readonly because: string;
  readonly message: string;
  /** settled: as wanted. progressing: on its way. stalled: a human must change something. */
  readonly phase: 'settled' | 'progressing' | 'stalled';
}

/** Ready, and Reconciling and Stalled while they are true; a refused spec is stalled whatever still goes on. */
export function standingConditions(
  { refusal }: { readonly refusal: { readonly reason: string; readonly message: string } | undefined },
  { because, message, phase }: Said,
  draft: Draft,
): ConditionDraft[] {
  const reconciling = phase === 'progressing' ? [draft('Reconciling', true, because, message)] : [];
  if (refusal !== undefined) {
    const { reason, message: why } = refusal;
    return [draft('Ready', false, reason, why), ...reconciling, draft('Stalled', true, reason, why)];
  }
  const stalled = phase === 'stalled' ? [draft('Stalled', true, because, message)] : [];
  return [draft('Ready', phase === 'settled', because, message), ...reconciling, ...stalled];
}

/** Makes one condition. */
export type Draft = (type: string, value: boolean, reason: string, message: string) => ConditionDraft;
