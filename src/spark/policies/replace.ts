import type { Policy } from '../../core/reconciler.ts';
import type { Intent, Situation } from '../situation.ts';
import { clearAway, stopped } from './stop.ts';
import { NO_ATTEMPTS, submit } from './submit.ts';

/**
 * Another spec: what runs is stopped and the application run anew, its attempts counted from the start. While that would not
 * fit and is to wait, what runs goes on.
 */
export const replace: Policy<Situation, Intent> = (situation) => {
  const { record, changed, application, check } = situation;
  if (record.state !== 'INVALIDATING' && !(changed && application !== undefined && check.held === undefined)) {
    return undefined;
  }
  const step = clearAway(situation, 'SpecChanged');
  if (step === undefined) return submit(situation, NO_ATTEMPTS);
  return { ...step, record: { ...stopped(step.record ?? record), state: 'INVALIDATING', message: undefined } };
};
