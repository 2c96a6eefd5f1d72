import type { EventDraft } from '../core/plan.ts';
import type { FlinkReason } from './reasons.ts';

export type { FlinkReason };

/** `source.component` of an event, as the incumbent writes it. */
export type Component = 'Operator' | 'JobManagerDeployment' | 'Job';

/** A reason of the API server or the runtime (Forbidden, QuotaExceeded, InternalError): not ours to enumerate. */
export type ForeignReason = string & {};

/** An event that tells of progress. */
export function normal(reason: FlinkReason, message: string, component: Component = 'Operator'): EventDraft {
  return { type: 'Normal', reason, message, component };
}

/** An event that asks for attention. */
export function warning(reason: FlinkReason, message: string, component: Component = 'Operator'): EventDraft {
  return { type: 'Warning', reason, message, component };
}
