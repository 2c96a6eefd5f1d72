import { knownValue } from '../../core/fact.ts';
import type { Policy } from '../../core/reconciler.ts';
import type { KubeObject } from '../../kube/object.ts';
import { START_ID_ANNOTATION } from '../desired/names.ts';
import { warning } from '../events.ts';
import { isStarting } from '../observed.ts';
import { terminationMessages } from '../pods.ts';
import { type FlinkRecord, recordedFailure, runs, startIdOf } from '../record.ts';
import { describeRestore } from '../restore.ts';
import { failedState, mayDropState, restoreFailureOf, withDroppedState } from '../restore-again.ts';
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

/**
 * As its JobManager says, or its pod where that is gone before anybody asked it: Flink before 2.3 ends it 50 ms after such a
 * failure, and the next attempt may know nothing of the job.
 */
function failureOf({ observed, resource }: Situation, record: FlinkRecord): RestoreFailure | undefined {
  const { restore } = record;
  const answer = knownValue(observed.rest);
  const told = answer === undefined ? undefined : restoreFailureOf(answer, restore);
  const begun = answer?.snapshotSeen === true || (answer?.job !== undefined && !isStarting(answer.job.state));
  if (told !== undefined || begun || restore.mode === 'stateless') return told;
  const startId = startIdOf(resource.metadata.uid ?? '', record);
  const said = terminationMessages(observed.pods.filter((pod) => !isOfAnotherStart(pod, startId)));
  return said.map(restoreFailureIn).find((failure) => failure !== undefined);
}

function isOfAnotherStart({ metadata }: KubeObject, startId: string): boolean {
  const own = metadata.annotations?.[START_ID_ANNOTATION];
  return own !== undefined && own !== startId;
}

/** State that the user let go of before: the job is started anew in a way in which Flink drops it. */
function dropState(situation: Situation, failed: FlinkRecord, { kind }: RestoreFailure): Intent | undefined {
  if (kind !== 'unmapped-state' || !mayDropState(failed.spec, failed.rejected)) return undefined;
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
