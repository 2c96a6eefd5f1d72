import { fromNothing, isSpent, type Restore } from './restore.ts';

/** The part of a spec by which its user asks for another run, and whether the job is to run at all. */
interface Asked {
  readonly restartNonce?: number | undefined;
  readonly job?: { readonly state?: string | undefined } | undefined;
}

/**
 * What the next run of a job begins from whose last run left nothing, as `spent` tells. Another run processes all its input
 * again, so only a new number in spec.restartNonce asks for it; undefined without that. A suspended job keeps what is known of
 * its last run.
 */
export function runAgain(spent: Restore, deployed: Asked, wanted: Asked): Restore | undefined {
  if (wanted.job?.state === 'suspended') return spent;
  if (!asksForAnotherRun(deployed, wanted)) return undefined;
  const { why, leftBy } = spent;
  return { ...fromTheBeginning(why), ...(leftBy === undefined ? {} : { leftBy }) };
}

/** What a suspended job goes on from, by what was recorded at its suspension. */
export function resumedFrom(kept: Restore, deployed: Asked, wanted: Asked): Restore {
  return isSpent(kept) && asksForAnotherRun(deployed, wanted) ? fromTheBeginning(kept.why) : kept;
}

/** Why a job whose state is spent is not started, and how its user has it run again. */
export function howToRunAgain(why: string): string {
  return `${why}; a new number in spec.restartNonce runs it again from the beginning`;
}

function asksForAnotherRun(deployed: Asked, wanted: Asked): boolean {
  return wanted.restartNonce !== undefined && wanted.restartNonce !== deployed.restartNonce;
}

function fromTheBeginning(why: string): Restore {
  return fromNothing(`${why}; spec.restartNonce asks for another run`);
}
