import { type Condition, type ConditionDraft, findCondition } from '../../kube/conditions.ts';
import { deepEqual, withoutNullFields } from '../../lib/json.ts';
import type { Verdict } from './verdict.ts';

/** The condition that says whether what is to run fits. */
export const CAPACITY_CONDITION = 'CapacityAvailable';

/** Why the condition stands as it does, besides the shortages. */
export const CAPACITY_REASONS = { fits: 'Fits', mayFit: 'AutoscalerMayAddNodes', unknown: 'CapacityUnknown' } as const;

/** Reason and status of the condition for a verdict. */
export function verdictWords(verdict: Verdict): Pick<ConditionDraft, 'status' | 'reason'> {
  switch (verdict.kind) {
    case 'fits':
      return { status: 'True', reason: CAPACITY_REASONS.fits };
    case 'does-not-fit':
      return { status: 'False', reason: verdict.reason };
    case 'may-fit-with-autoscaler':
      return { status: 'Unknown', reason: CAPACITY_REASONS.mayFit };
    case 'unknown':
      return { status: 'Unknown', reason: CAPACITY_REASONS.unknown };
  }
}

/** How the condition is to be drafted. */
export interface CapacityNews {
  /** As they were. */
  readonly conditions: readonly Condition[];
  /** The newest one, if there is any. */
  readonly verdict: Verdict | undefined;
  /** All of the resource runs as wanted. */
  readonly settled: boolean;
  /** Nothing is to run. */
  readonly suspended: boolean;
}

/**
 * The condition: of the newest verdict, else as it was. What came to run after all did fit; what fitted for this
 * generation keeps its words, since the free amounts of a cluster change all the time.
 */
export function capacityDraft(news: CapacityNews, generation: number): ConditionDraft[] {
  const { conditions, verdict, settled, suspended } = news;
  const old = findCondition(conditions, CAPACITY_CONDITION);
  if (verdict !== undefined) {
    const words = verdictWords(verdict);
    if (old?.status === 'True' && words.status === 'True' && old.observedGeneration === generation) return [kept(old)];
    return [{ type: CAPACITY_CONDITION, ...words, message: verdict.message, observedGeneration: generation }];
  }
  if (old === undefined || suspended) return [];
  if (!settled || old.status === 'True') return [kept(old)];
  const message = 'all pods found their place';
  return [
    {
      type: CAPACITY_CONDITION,
      status: 'True',
      reason: CAPACITY_REASONS.fits,
      message,
      observedGeneration: generation,
    },
  ];
}

interface Told {
  readonly conditions?: readonly object[] | undefined;
}

/** Whether a status says nothing new but how well that fits which was found to fit before. */
export function isMereFit(before: Told | undefined, after: Told): boolean {
  const [old, now] = [capacityOf(before), capacityOf(after)];
  if (old?.status !== 'True' || now?.status !== 'True' || deepEqual(old, now)) return false;
  return deepEqual(withoutCapacity(before), withoutCapacity(after));
}

function capacityOf(status: Told | undefined): Condition | undefined {
  return findCondition((status?.conditions ?? []) as readonly Condition[], CAPACITY_CONDITION);
}

function withoutCapacity(status: Told | undefined): unknown {
  const conditions = (status?.conditions ?? []) as readonly Condition[];
  return withoutNullFields({ ...status, conditions: conditions.filter(({ type }) => type !== CAPACITY_CONDITION) });
}

function kept({ lastTransitionTime: _time, ...draft }: Condition): ConditionDraft {
  return draft;
}
