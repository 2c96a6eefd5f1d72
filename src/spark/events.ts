import type { EventDraft } from '../core/plan.ts';
import type { SparkEvent } from './reasons.ts';

/** An event that tells of progress. */
export function normal(reason: SparkEvent, message: string): EventDraft {
  return { type: 'Normal', reason, message, component: 'Operator' };
}

/** An event that asks for attention. */
export function warning(reason: SparkEvent, message: string): EventDraft {
  return { type: 'Warning', reason, message, component: 'Operator' };
}
