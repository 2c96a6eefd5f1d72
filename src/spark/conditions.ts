import { drafter, STANDING, standingConditions } from '../core/standing.ts';
import { type Condition, mergeConditions } from '../kube/conditions.ts';
import type { Intent, Situation } from './situation.ts';

/** Ready, Reconciling and Stalled by the kstatus rules; conditions of other types are left alone. */
export function sparkConditions(situation: Situation, intent: Intent): readonly Condition[] {
  const before = (situation.status?.conditions ?? []) as readonly Condition[];
  const drafts = standingConditions(situation, intent, drafter(situation));
  return mergeConditions(before, drafts, STANDING, situation.now);
}
