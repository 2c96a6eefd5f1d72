import { type Condition, type ConditionDraft, mergeConditions } from '../../../kube/conditions.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { fieldsOf, listOf } from './world.ts';

/** The conditions of an object's status after its controller said `drafts`; other types are kept, `dropped` ones go. */
export function conditionsAfter(
  object: KubeObject,
  drafts: readonly ConditionDraft[],
  nowMs: number,
  dropped: readonly string[] = [],
): readonly Condition[] {
  const before = listOf(fieldsOf(object.status).conditions) as readonly Condition[];
  return mergeConditions(before, drafts, dropped, new Date(nowMs));
}
