import type { Condition } from '../../kube/conditions.ts';
import { findCondition } from '../../kube/conditions.ts';
import type { Intent, Situation } from '../situation.ts';
import { isSession } from '../validate-change.ts';
import { isLate } from './teardown.ts';

/**
 * A step of taking a cluster down, begun at `sinceMs`, that the status tells of already: what else changes on the way (a
 * Deployment that is marked, a job that is cancelled) is told with the next step, or when this one takes long. A write for
 * each would delay those of others when many clusters go at once.
 */
export function quietly(situation: Situation, sinceMs: number, intent: Intent): Intent {
  const quiet = intent.record === undefined && isTold(situation, intent) && !isLate(situation, sinceMs);
  return quiet && !tellsItsJobs(situation) ? { ...intent, keepsStatus: true } : intent;
}

function isTold({ status, resource, refusal, start }: Situation, { because, message }: Intent): boolean {
  if (refusal !== undefined || start.held !== undefined) return false;
  if (status?.observedGeneration !== resource.metadata.generation) return false;
  const told = findCondition((status?.conditions ?? []) as readonly Condition[], 'Reconciling');
  return told?.reason === because && told.message === message;
}

/** Whether jobs go by what the status says of the JobManager they were submitted to. */
function tellsItsJobs({ record }: Situation): boolean {
  return record !== undefined && isSession(record.spec);
}
