import type { Policy } from '../../../core/reconciler.ts';
import type { Intent, Situation } from '../situation.ts';

/** The spec cannot be acted on and nothing was ever submitted: say so and wait for an edit. */
export const refuse: Policy<Situation, Intent> = ({ refusal, record }) => {
  if (refusal === undefined || record !== undefined) return undefined;
  return { because: refusal.reason, message: refusal.message, phase: 'stalled', probe: 'off' };
};
