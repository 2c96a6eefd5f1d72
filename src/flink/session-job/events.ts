import type { EventDraft } from '../../core/plan.ts';
import type { FlinkReason } from '../events.ts';

/** Why a pass over a session job did what it did: the words of FlinkDeployments, and those only session jobs need. */
export type SessionJobReason = FlinkReason | 'SessionNotFound' | 'SessionNotReady' | 'Submitting' | 'JobLost';

/** Reasons of failures of a submission, thrown where it is carried out. */
export const SUBMISSION_FAILURES = ['ArtifactRefused', 'ArtifactNotAvailable', 'SubmitFailed'] as const;

/** An event that tells of progress. */
export function normal(reason: SessionJobReason, message: string): EventDraft {
  return { type: 'Normal', reason, message, component: 'Job' };
}

/** An event that asks for attention. */
export function warning(reason: SessionJobReason, message: string): EventDraft {
  return { type: 'Warning', reason, message, component: 'Job' };
}
