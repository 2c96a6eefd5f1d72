import { knownValue } from '../../core/fact.ts';
import type { Policy } from '../../core/reconciler.ts';
import { warning } from '../events.ts';
import { terminationMessages } from '../pods.ts';
import { type FlinkRecord, recordedFailure, runs } from '../record.ts';
import { describeRestore } from '../restore.ts';
import { failedState, restoreFailureOf, withDroppedState } from '../restore-again.ts';
import { describeRestoreFailure, type RestoreFailure, restoreFailureIn } from '../restore-failure.ts';
import type { Intent, Situation } from '../situation.ts';
import { asksForRestart } from '../spec-diff.ts';
import { firstStep, startRecord } from './start.ts';
import { teardown } from './teardown.ts';

/**
 * Flink says that the job of the recorded start can never be restored: that is recorded, and what runs is taken down with
 * its high-availability data kept, so that nothing tries for ever.
 */
export const failRestore: Policy<Situation, Intent> = (situation) => {
  const { record, cluster } = situation;
  if (record === undefined || !runs(record) || record.stopping !== undefined || cluster !== 'current') return undefined;
  const failure = failureOf(situation, record);
  if (failure === undefined) return undefined;
  const restore = { ...failedState(situation, record), failure };
  const timestamp = situation.now.getTime();
  const failed: FlinkRecord = { ...record, state: 'UPGRADING', jobState: 'suspended', restore, timestamp };
  return dropState(situation, failed, failure) ?? { ...stands(situation, failed, failure), record: failed };
};

/** As its JobManager says, or its pod where that is gone before anybody asked it. */
function failureOf({ observed }: Situation, { restore }: FlinkRecord): RestoreFailure | undefined {
  const answer = knownValue(observed.rest);
  if (answer !== undefined) return restoreFailureOf(answer, restore);
  if (restore.mode === 'stateless') return undefined;
  const said = terminationMessages(observed.pods).map(restoreFailureIn);
  return said.find((failure) => failure !== undefined);
}

/** State that the user let go of before: the job is started anew in a way in which Flink drops it. */
function dropState(situation: Situation, failed: FlinkRecord, { kind }: RestoreFailure): Intent | undefined {
  if (kind !== 'unmapped-state' || failed.spec.job?.allowNonRestoredState !== true) return undefined;
  const restore = withDroppedState(failed.restore);
  if (restore === undefined) return undefined;
  const change = startRecord(situation, failed.spec, { ...failed, firstDeployment: false, restore });
  const message = `starting the cluster anew ${describeRestore(restore)}: ${restore.why}`;
  return firstStep(situation, change, [warning('RecoverDeployment', message, 'Job')]);
}

/** A restore that failed for good: what is left of its cluster goes, and then nothing happens until its user acts. */
export const stayFailed: Policy<Situation, Intent> = (situation) => {
  const { record, target } = situation;
  const failure = recordedFailure(record);
  if (record === undefined || failure === undefined) return undefined;
  const stays = stands(situation, record, failure);
  if (stays.actions === undefined && target !== undefined && asksForRestart(target.diff)) return undefined;
  return stays;
};

function stands(situation: Situation, record: FlinkRecord, failure: RestoreFailure): Intent {
  const step = teardown(situation, record.timestamp, 'last-state');
  return {
    because: 'RestoreFailed',
    message: describeRestoreFailure(failure, describeRestore(record.restore)),
    phase: 'stalled',
    ...(step === undefined ? {} : { actions: step.actions, requeueAfterMs: step.requeueAfterMs }),
    probe: 'off',
  };
}
