import { knownValue } from '../../../core/fact.ts';
import { firstSet, SAVEPOINT_DIRECTORY } from '../../configuration.ts';
import type { FlinkConf } from '../../flink-conf.ts';
import { orItsSavepoint } from '../../known-savepoint.ts';
import { isStarting, isTerminal, type JobFacts, type JobManagerAnswer } from '../../observed.ts';
import { jobOptions } from '../../options.ts';
import { manual } from '../../policies/manual.ts';
import { isRolledBack, type Stopping, stopTriggerId } from '../../record.ts';
import { fromNothing, fromPath, isSpent, leftState, type Restore, restoreLeft } from '../../restore.ts';
import { howToRunAgain, runAgain } from '../../run-again.ts';
import type { UpgradeMode } from '../../schema.ts';
import type { SnapshotProgress } from '../../snapshot-facts.ts';
import { normal, warning } from '../events.ts';
import { canBeFound, lastKnown, newestPossible } from '../newest-checkpoint.ts';
import type { SessionJobRecord } from '../record.ts';
import { type Intent, recordedConf, type SessionJobEffect, type Situation } from '../situation.ts';
import type { JarToRun } from '../submission.ts';
import { awaitAnswer } from './await-session.ts';

/** How a running job is to be brought to its end. */
export interface Ending {
  /** What of its state must be kept. */
  readonly mode: UpgradeMode;
  /** Why, as a clause: `upgradeMode is savepoint`. */
  readonly why: string;
  /** What holds for the job. */
  readonly conf: FlinkConf;
  /** What its user wants by now, where that is why it ends. */
  readonly wanted?: SessionJobRecord['spec'];
  /** Made ready before the job is stopped, so that a jar that cannot be had does not stop anything. */
  readonly jar?: JarToRun;
}

/** The job has ended and left this; or what is done towards that in this pass. */
export type Ended = { readonly restore: Restore } | { readonly intent: Intent };

interface Asked {
  readonly situation: Situation;
  readonly record: SessionJobRecord;
  readonly ending: Ending;
  readonly answer: JobManagerAnswer;
}

/**
 * Brings a recorded job to its end, one step a pass: how it is stopped is recorded before Flink is asked, and where its
 * state is before anything else is done. Repeating a step asks for the same thing.
 */
export function bringToEnd(situation: Situation, record: SessionJobRecord, ending: Ending): Ended {
  const answer = knownValue(situation.observed.rest);
  if (answer === undefined) return { intent: awaitAnswer(situation, 'it says how the job stands') };
  const asked: Asked = { situation, record, ending, answer };
  if (answer.job === undefined) return lost(asked);
  const saved = savedBy(record, answer);
  if (isTerminal(answer.job.state)) return ended(asked, saved);
  if (saved !== undefined && record.restore.path !== saved.path) return { intent: noteSaved(record, saved) };
  return { intent: stopping(asked, answer.job, saved) };
}

/** The session does not know the job: it was started anew without high availability, or forgot it long after its end. */
function lost({ situation, record, ending }: Asked): Ended {
  const { jobId, restore } = record;
  if (ending.mode === 'stateless') return { restore: { ...fromNothing(ending.why), ...leftBy(jobId) } };
  if (restore.leftBy !== undefined && restore.leftBy === jobId) return goOnFrom({ situation, record, ending }, restore);
  const newest = newestPossible(record, recordedConf(situation, record));
  if (newest !== undefined) return { restore: newest };
  const why = `the session does not know job ${jobId}, so the newest state of it is not known`;
  return { intent: manual(why, situation.status) };
}

function ended({ situation, record, ending, answer }: Asked, saved: Restore | undefined): Ended {
  const { jobId } = record;
  if (ending.mode === 'stateless') return { restore: { ...fromNothing(ending.why), ...leftBy(jobId) } };
  if (saved !== undefined) return { restore: saved };
  const left = leftState(answer, record.restore);
  if (left.kind === 'pending')
    return { intent: { because: 'WaitingForJobManager', message: left.why, phase: 'progressing', probe: 'fast' } };
  const restore = restoreLeft(left, answer.job?.id ?? '');
  if (restore === undefined) return { intent: manual(left.why, situation.status) };
  return goOnFrom({ situation, record, ending }, restore);
}

/** From what the job left; where that is nothing, only by its user's wish for another run. */
function goOnFrom({ situation, record, ending }: Omit<Asked, 'answer'>, last: Restore): Ended {
  const { resource, status } = situation;
  const left = orItsSavepoint(last, { uid: resource.metadata.uid ?? '', status, record });
  const restore = isSpent(left) ? runAgain(left, record.spec, ending.wanted ?? record.spec) : left;
  return restore === undefined ? { intent: manual(howToRunAgain(left.why), status) } : { restore };
}

function leftBy(jobId: string | undefined): Pick<Restore, 'leftBy'> {
  return jobId === undefined ? {} : { leftBy: jobId };
}

/** The savepoint that Flink wrote when it was asked to stop the job, whether stopping then went well or not. */
function savedBy({ stopping, jobId }: SessionJobRecord, { stop }: JobManagerAnswer): Restore | undefined {
  if (stopping === undefined || stop?.triggerId !== stopping.triggerId) return undefined;
  const { progress } = stop;
  const path = progress.kind === 'completed' || progress.kind === 'failed' ? progress.location : undefined;
  if (path === undefined) return undefined;
  const why = `the savepoint that stopped job ${jobId}, asked for at ${new Date(stopping.since).toISOString()}`;
  return { ...fromPath(path, why), ...leftBy(jobId), askedAt: stopping.since };
}

function noteSaved(record: SessionJobRecord, saved: Restore): Intent {
  return {
    because: 'TakingSavepoint',
    message: `savepoint ${saved.path} is complete, waiting for the job to end`,
    phase: 'progressing',
    record: { ...record, restore: saved },
    probe: 'fast',
  };
}

function stopping(asked: Asked, job: JobFacts, saved: Restore | undefined): Intent {
  const { record, answer } = asked;
  const progress = answer.stop?.triggerId === record.stopping?.triggerId ? answer.stop?.progress : undefined;
  if (record.stopping === undefined) return choose(asked, job);
  if (saved !== undefined) return afterSavepoint(asked, job, progress);
  if (record.stopping.by === 'cancel') return cancelled(asked, job);
  return savepoint(asked, job, progress);
}

/** The first step: what Flink is asked for. */
function choose(asked: Asked, job: JobFacts): Intent {
  const { ending } = asked;
  const { lastStateFallbackEnabled: fallback } = jobOptions(ending.conf);
  if (job.state === 'CANCELLING') return waitFor(`job ${job.id} to be cancelled`);
  if (ending.mode === 'savepoint' && job.state === 'RUNNING') return ask(asked, { by: 'savepoint', why: ending.why });
  if (ending.mode === 'savepoint' && !fallback) {
    return waitFor(`job ${job.id}, which is ${job.state}, to run, since ${ending.why} and ${FALLBACK} is off`);
  }
  return fromLastState(asked, job) ?? cancel(asked, job);
}

/** What is known of its newest checkpoint is recorded with that: afterwards its session may have lost it. */
function cancel(asked: Asked, job: JobFacts): Intent {
  const { situation, record, ending, answer } = asked;
  const intent = { by: 'cancel', why: record.stopping?.why ?? ending.why } as const;
  const conf = recordedConf(situation, record);
  if (ending.mode === 'stateless') return ask(asked, intent);
  if (isRecovered(asked, job)) return waitFor(`job ${job.id}, which is ${job.state}, to begin with its state`);
  if (!canBeFound(conf)) return ask(asked, intent);
  if (answer.checkpoints === undefined && job.state === 'RUNNING') return waitFor(TOLD);
  const restore = lastKnown(answer, conf) ?? record.restore;
  return ask({ ...asked, record: { ...record, restore } }, intent);
}

/**
 * Whether a job that ran well before is only just recovered by its session: cancelled before it has looked for its state, it
 * would leave nothing that tells of that.
 */
function isRecovered({ situation, record }: Asked, { state }: JobFacts): boolean {
  const { lastStableSpec, lastReconciledSpec } = situation.status?.reconciliationStatus ?? {};
  const ran = lastStableSpec !== undefined && lastStableSpec === lastReconciledSpec;
  return isStarting(state) && (ran || isRolledBack(record));
}

const TOLD = 'the session to tell of the checkpoints of the job';

const FALLBACK = 'kubernetes.operator.job.upgrade.last-state-fallback.enabled';

/** A checkpoint that is too old to go on from is no better than none: a savepoint is taken instead. */
function fromLastState(asked: Asked, job: JobFacts): Intent | undefined {
  const { ending, answer, situation } = asked;
  const { maxAllowedCheckpointAgeMs: age } = jobOptions(ending.conf);
  const now = situation.now.getTime();
  if (ending.mode !== 'last-state' || job.state !== 'RUNNING' || age === undefined || now - job.startTime <= age) {
    return undefined;
  }
  const { checkpoints } = answer;
  if (checkpoints === undefined) return waitFor(TOLD);
  const newest = Math.max(0, checkpoints.checkpoint?.completedAt ?? 0, checkpoints.savepoint?.completedAt ?? 0);
  if (now - newest <= age) return undefined;
  if (checkpoints.inProgress.some(({ triggeredAt }) => now - triggeredAt <= age)) {
    return waitFor('the checkpoint under way');
  }
  return ask(asked, {
    by: 'savepoint',
    why: 'the newest checkpoint is older than last-state.max.allowed.checkpoint.age',
  });
}

function waitFor(what: string): Intent {
  return { because: 'WaitingForJob', message: `waiting for ${what}`, phase: 'progressing', probe: 'fast' };
}

/** Records how the job is stopped and asks Flink for it, or asks again: the same request, so that nothing happens twice. */
function ask(asked: Asked, wanted: Pick<Stopping, 'by' | 'why'>): Intent {
  const { situation, record } = asked;
  const rejected = situation.target?.rejects;
  const { by, why } = wanted;
  const { since, failures } = record.stopping ?? { since: situation.now.getTime(), failures: 0 };
  const triggerId = stopTriggerId(situation.resource.metadata.uid ?? '', record, { by, since, failures });
  const doing = by === 'savepoint' ? 'stopping the job with a savepoint' : 'cancelling the job';
  const message = `${doing} (${why})`;
  return {
    because: by === 'savepoint' ? 'TakingSavepoint' : 'CancellingJob',
    message,
    phase: 'progressing',
    record: {
      ...record,
      ...(rejected === undefined ? {} : { rejected }),
      stopping: { by, why, triggerId, since, failures },
    },
    actions: [{ kind: 'effect', effect: effectOf(asked, by, triggerId), because: doing }],
    events: record.stopping?.triggerId === triggerId ? [] : [normal('Suspended', message)],
    requeueAfterMs: 5000,
    probe: 'fast',
  };
}

function effectOf({ record, ending }: Asked, by: Stopping['by'], triggerId: string): SessionJobEffect {
  const jobId = record.jobId ?? '';
  const jar = ending.jar === undefined ? {} : { jar: ending.jar };
  if (by === 'cancel') return { kind: 'cancel-job', jobId, ...jar };
  const { savepointFormat: formatType, drainOnSavepointDeletion: drain } = jobOptions(ending.conf);
  const values = new Map([...ending.conf].map(([key, { value }]) => [key, value]));
  const targetDirectory = firstSet(values, SAVEPOINT_DIRECTORY);
  return { kind: 'stop-with-savepoint', jobId, request: { triggerId, targetDirectory, formatType, drain }, ...jar };
}

function cancelled(asked: Asked, job: JobFacts): Intent {
  const { stopping } = asked.record;
  const waits = job.state === 'CANCELLING' || stopping === undefined;
  return waits ? waitFor(`job ${job.id} to be cancelled`) : cancel(asked, job);
}

/** There is a savepoint; a job that goes on all the same is cancelled and left at whatever is its newest state by then. */
function afterSavepoint(asked: Asked, job: JobFacts, progress: SnapshotProgress | undefined): Intent {
  if (progress?.kind !== 'failed') return waitFor(`job ${job.id} to end after its savepoint`);
  if (job.state === 'CANCELLING') return waitFor(`job ${job.id} to be cancelled`);
  const { stopping: _stopping, ...record } = asked.record;
  const why = `its savepoint is complete and stopping it failed: ${progress.cause}`;
  return ask({ ...asked, record }, { by: 'cancel', why });
}

/** Waits after savepoints that failed: doubling from the first to the last, in milliseconds. */
const RETRY_MS = { first: 10_000, last: 300_000 };

function savepoint(asked: Asked, job: JobFacts, progress: SnapshotProgress | undefined): Intent {
  const { record, situation, ending } = asked;
  const { stopping } = record;
  if (stopping === undefined) return choose(asked, job);
  if (stopping.retryAt !== undefined) {
    const waitMs = stopping.retryAt - situation.now.getTime();
    if (waitMs <= 0 || ending.mode === 'stateless')
      return choose({ ...asked, record: withoutRetry(record, stopping) }, job);
    const message = `${stopping.failures} savepoints that were to stop the job failed; the next is tried at ${new Date(stopping.retryAt).toISOString()}`;
    return { because: 'SavepointError', message, phase: 'progressing', requeueAfterMs: waitMs, probe: 'fast' };
  }
  if (progress?.kind === 'failed') return failed(asked, stopping, progress.cause);
  if (progress?.kind !== 'unknown-trigger') return waitFor(`the savepoint that stops job ${job.id}`);
  return job.state === 'RUNNING'
    ? ask(asked, stopping)
    : waitFor(`job ${job.id}, which is ${job.state}, to run or end`);
}

function withoutRetry(record: SessionJobRecord, stopping: Stopping): SessionJobRecord {
  const { retryAt: _retryAt, ...again } = stopping;
  return { ...record, stopping: again };
}

/** The savepoint failed and the job goes on: another is tried later. */
function failed({ record, situation }: Asked, stopping: Stopping, cause: string): Intent {
  const failures = stopping.failures + 1;
  const waitMs = Math.min(RETRY_MS.first * 2 ** (failures - 1), RETRY_MS.last);
  const message = `the savepoint that was to stop the job failed: ${cause}; the job goes on, the next is tried in ${waitMs / 1000} s`;
  return {
    because: 'SavepointError',
    message,
    phase: 'progressing',
    record: { ...record, stopping: { ...stopping, failures, retryAt: situation.now.getTime() + waitMs } },
    events: [{ ...warning('SavepointError', message), dedupe: stopping.triggerId }],
    requeueAfterMs: waitMs,
    probe: 'fast',
  };
}
