import type { Intent } from '../situation.ts';

/** Nothing is done, because every start could lose state; says so, and what the user can do. */
export function manual(why: string): Pick<Intent, 'because' | 'message' | 'phase' | 'probe'> {
  const message =
    `${why}; nothing is started and nothing is deleted. Set spec.job.initialSavepointPath to the state to start from and ` +
    'change spec.job.savepointRedeployNonce, or set spec.job.upgradeMode to "stateless" to start without state';
  return { because: 'ManualRestoreRequired', message, phase: 'stalled', probe: 'slow' };
}
