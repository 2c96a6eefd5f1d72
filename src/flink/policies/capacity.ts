import type { Policy } from '../../core/reconciler.ts';
import type { Intent, Situation } from '../situation.ts';

/** Nothing was ever started and what is to start does not fit: wait. What runs is held back in the situation itself. */
export const holdBack: Policy<Situation, Intent> = ({ record, start }) => {
  if (record !== undefined || start.held === undefined) return undefined;
  return { because: 'WaitingForCapacity', message: start.held, phase: 'progressing', probe: 'off' };
};
