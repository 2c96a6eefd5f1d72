import { CAPACITY_CONDITION, capacityDraft } from '../core/capacity/condition.ts';
import { drafter, MAX_MESSAGE, type Said, STANDING, standingConditions } from '../core/standing.ts';
import { type Condition, type ConditionDraft, mergeConditions } from '../kube/conditions.ts';
import { executorState } from './pods.ts';
import type { Intent, Situation } from './situation.ts';

/** Condition types Weir owns on a SparkApplication; others are left alone. */
const OWNED = [...STANDING, CAPACITY_CONDITION] as const;

/** Ready, Reconciling and Stalled by the kstatus rules, and CapacityAvailable where it was worth knowing. */
export function sparkConditions(situation: Situation, intent: Intent): readonly Condition[] {
  const drafts = [
    ...standingConditions(situation, overlaid(situation, intent), drafter(situation)),
    ...capacityCondition(situation, intent),
  ];
  return mergeConditions(conditionsOf(situation), drafts, OWNED, situation.now);
}

/** What waits for capacity is on its way, however well what runs meanwhile is. */
function overlaid({ check }: Situation, intent: Intent): Said {
  if (check.held === undefined) return intent;
  return { because: 'WaitingForCapacity', message: check.held, phase: 'progressing' };
}

function capacityCondition(situation: Situation, { phase }: Intent): ConditionDraft[] {
  const { application, resource, observed, check } = situation;
  const settled = phase === 'settled' && !observed.executors.some((pod) => executorState(pod) === 'PENDING');
  const suspended = application?.spec.suspend === true;
  const news = { conditions: conditionsOf(situation), verdict: check.verdict, settled, suspended };
  const drafts = capacityDraft(news, resource.metadata.generation ?? 0);
  return drafts.map((draft) => ({ ...draft, message: draft.message.slice(0, MAX_MESSAGE) }));
}

function conditionsOf({ status }: Situation): readonly Condition[] {
  return (status?.conditions ?? []) as readonly Condition[];
}
