/** meta/v1 Condition as stored in status.conditions. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  /** RFC 3339, seconds precision. */
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/** A condition as a decision states it: without the time, which is derived from the one before. */
export type ConditionDraft = Omit<Condition, 'lastTransitionTime'>;

/**
 * The conditions that result from `drafts`: an entry keeps its lastTransitionTime unless its status flips, entries of
 * types in `owned` that have no draft are removed (abnormal-true conditions are removed, not set False), entries of
 * other types (another controller's) are kept. Order: as before, new ones behind.
 */
export function mergeConditions(
  before: readonly Condition[],
  drafts: readonly ConditionDraft[],
  owned: readonly string[],
  now: Date,
): readonly Condition[] {
  const stamp = `${now.toISOString().slice(0, 19)}Z`;
  const stamped = drafts.map((draft) => ({ ...draft, lastTransitionTime: stamp }));
  const byType = new Map(keepTransitions(stamped, before).map((condition) => [condition.type, condition]));
  const kept = before.flatMap((old) => {
    const next = byType.get(old.type);
    byType.delete(old.type);
    return next ?? (owned.includes(old.type) ? [] : old);
  });
  return [...kept, ...byType.values()];
}

/** The condition of a type, if there is one. */
export function findCondition<T extends { readonly type: string }>(
  conditions: readonly T[] | undefined,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** The same conditions, each with the lastTransitionTime it had before where its status is as it was. */
export function keepTransitions(conditions: readonly Condition[], before: readonly Condition[]): readonly Condition[] {
  return conditions.map((condition) => {
    const old = findCondition(before, condition.type);
    if (old === undefined || old.status !== condition.status) return condition;
    return { ...condition, lastTransitionTime: old.lastTransitionTime };
  });
}
