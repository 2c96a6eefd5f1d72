import { knownValue } from '../../../core/fact.ts';
import type { Policy } from '../../../core/reconciler.ts';
import { isTerminal } from '../../observed.ts';
import { recordedFailure, runs } from '../../record.ts';
import { describeRestore } from '../../restore.ts';
import { restoreFailureOf } from '../../restore-again.ts';
import { describeRestoreFailure, type RestoreFailure } from '../../restore-failure.ts';
import { asksForRestart } from '../../spec-diff.ts';
import { warning } from '../events.ts';
import { oneBefore } from '../newest-checkpoint.ts';
import type { SessionJobRecord } from '../record.ts';
import type { Intent, Situation } from '../situation.ts';
import { jobAnew, startAgain, submitAs } from './start.ts';

/**
 * Flink says that the submitted job can never be restored: that is recorded, and the job is cancelled if it tries for ever. Where
 * its newest checkpoint is looked for, it is submitted anew from the one before.
 */
export const failRestore: Policy<Situation, Intent> = (situation) => {
  const { record, observed, now } = situation;
  const answer = knownValue(observed.rest);
  if (record === undefined || !runs(record) || record.stopping !== undefined || answer === undefined) return undefined;
  const failure = restoreFailureOf(answer, record.restore);
  if (failure === undefined) return undefined;
  const before = oneBefore(record.restore, failure);
  if (before !== undefined) {
    const message = `there is no ${record.restore.path}; ${jobAnew(before)}`;
    return submitAs(situation, startAgain(situation, record, before), [warning('JobLost', message)]);
  }
  const restore = { ...record.restore, failure };
  const failed: SessionJobRecord = {
    ...record,
    state: 'UPGRADING',
    jobState: 'suspended',
    restore,
    timestamp: now.getTime(),
  };
  return { ...stands(situation, failed, failure), record: failed };
};

/** A restore that failed for good: the job is over or is cancelled, and then nothing happens until its user acts. */
export const stayFailed: Policy<Situation, Intent> = (situation) => {
  const { record, target, observed } = situation;
  const failure = recordedFailure(record);
  if (record === undefined || failure === undefined) return undefined;
  const stays = stands(situation, record, failure);
  const over = observed.rest.kind === 'known' && stays.actions === undefined;
  return over && target !== undefined && asksForRestart(target.diff) ? undefined : stays;
};

function stands({ observed }: Situation, record: SessionJobRecord, failure: RestoreFailure): Intent {
  const job = knownValue(observed.rest)?.job;
  const message = describeRestoreFailure(failure, describeRestore(record.restore));
  const stalled: Intent = { because: 'RestoreFailed', message, phase: 'stalled', probe: 'slow' };
  if (job === undefined || isTerminal(job.state)) return stalled;
  const because = 'cancelling the job, which cannot be restored';
  const cancel = { kind: 'effect', effect: { kind: 'cancel-job', jobId: job.id }, because } as const;
  return { ...stalled, actions: job.state === 'CANCELLING' ? [] : [cancel], requeueAfterMs: 5000, probe: 'fast' };
}
