import { drafter, STANDING, standingConditions } from '../../core/standing.ts';
import { type Condition, mergeConditions } from '../../kube/conditions.ts';
import type { History } from './runs.ts';
import type { ScheduledSparkApplicationStatus, ScheduleState } from './schema.ts';
import { followedSchedule, type ScheduleIntent, type ScheduleSituation } from './situation.ts';

/** The only place where a ScheduledSparkApplication's status is made: what was before, with what is intended. */
export function scheduleStatus(
  situation: ScheduleSituation,
  intent: ScheduleIntent,
  { successful, failed }: History,
): ScheduledSparkApplicationStatus {
  const { status, resource, pending, refusal } = situation;
  const { lastRunName } = status;
  const scheduleState: ScheduleState = refusal === undefined ? 'Scheduled' : 'FailedValidation';
  const merged = {
    ...status,
    ...(lastRunName === undefined || pending !== undefined ? {} : { lastRunSeen: lastRunName }),
    observedSchedule: followedSchedule(situation),
    ...intent.change,
    pastSuccessfulRunNames: successful,
    pastFailedRunNames: failed,
    scheduleState,
    reason: refusal?.message,
    observedGeneration: resource.metadata.generation ?? 0,
    conditions: conditionsOf(situation, intent),
  };
  return Object.fromEntries(
    Object.entries(merged).filter(([, value]) => value !== undefined),
  ) as ScheduledSparkApplicationStatus;
}

/** The status after a pass that failed: only the conditions say so, the rest stays as it is. */
export function failedStatus(situation: ScheduleSituation, intent: ScheduleIntent): ScheduledSparkApplicationStatus {
  return { ...situation.status, conditions: conditionsOf(situation, intent) };
}

function conditionsOf(situation: ScheduleSituation, intent: ScheduleIntent): readonly Condition[] {
  const before = (situation.status.conditions ?? []) as readonly Condition[];
  const drafts = standingConditions(situation, intent, drafter(situation));
  return mergeConditions(before, drafts, STANDING, situation.now);
}
