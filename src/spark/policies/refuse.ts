import type { Policy } from '../../core/reconciler.ts';
import type { ApplicationState } from '../schema.ts';
import type { Intent, Situation } from '../situation.ts';
import { clearAway } from './stop.ts';

/** States in which a run may be under way that a new spec does not touch. */
const RUNS: ReadonlySet<ApplicationState> = new Set(['SUBMITTED', 'RUNNING', 'UNKNOWN', 'SUCCEEDING', 'FAILING']);

/**
 * Nothing is started from a spec that cannot be acted on; what runs goes on, and what has ended or is suspended stays as it
 * is. Another spec is another chance.
 */
export const refuse: Policy<Situation, Intent> = (situation) => {
  const { refusal, record, specHash, programHash, now, driver } = situation;
  if (refusal === undefined) return undefined;
  if (RUNS.has(record.state) && (driver !== undefined || record.seen)) return undefined;
  if (hasEnded(situation)) return undefined;
  const said = { because: refusal.reason, message: refusal.message, phase: 'stalled' } as const;
  if (record.state === 'SUSPENDED') return said;
  const step = clearAway(situation, 'ValidationError');
  if (step !== undefined) return { ...step, ...said };
  const { message } = refusal;
  const terminatedAt = now.getTime();
  return {
    ...said,
    record: { ...record, state: 'FAILED', message, specHash, programHash, podName: undefined, terminatedAt },
  };
};

/** It ran to its end; one that never ran tells what is wrong with its newest spec. */
function hasEnded({ record, refusal }: Situation): boolean {
  if (record.state === 'COMPLETED') return true;
  return record.state === 'FAILED' && (record.submission !== undefined || record.message === refusal?.message);
}
