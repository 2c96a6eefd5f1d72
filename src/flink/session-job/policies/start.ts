import { knownValue, unasked } from '../../../core/fact.ts';
import type { Action } from '../../../core/plan.ts';
import type { Policy } from '../../../core/reconciler.ts';
import { findCondition } from '../../../kube/conditions.ts';
import { keptOnce } from '../../kept-once.ts';
import { manual } from '../../policies/manual.ts';
import { changed, firstRestore, type NewStart, redeployFrom } from '../../policies/start.ts';
import { newJobId, recordedFailure, runs } from '../../record.ts';
import { describeRestore, fromNothing, isSpent, type Restore } from '../../restore.ts';
import { howToRunAgain, resumedFrom } from '../../run-again.ts';
import { asksForRestart } from '../../spec-diff.ts';
import { isForeign } from '../../taken-over.ts';
import { tellsFailure } from '../../told-failure.ts';
import { normal, SUBMISSION_FAILURES } from '../events.ts';
import type { SessionJobRecord } from '../record.ts';
import { SESSION_JOB_FINALIZER } from '../schema.ts';
import type { Intent, SessionJobEffect, Situation, Target } from '../situation.ts';
import { awaitAnswer, awaitSession } from './await-session.ts';
import { submissionOf } from './submission.ts';

/** How long a submission that is not wanted any more may take to have its effect all the same. */
export const SUBMISSION_PATIENCE_MS = 30_000;

/** When a submission is looked after again if nothing else happens before. */
const LOOK_AGAIN_MS = 2000;

/**
 * Decides a submission when the job is to run and nothing of it does: the first one, one after a suspension, one that was
 * being prepared and whose spec changed, or that another operator prepared. All of it is recorded before anything is
 * asked of the session.
 */
export const beginStart: Policy<Situation, Intent> = (situation) => {
  const { target, record, session } = situation;
  if (record !== undefined && runs(record)) return undefined;
  if (target?.desired !== 'running') return undefined;
  if (!(asksForRestart(target.diff) || isPreparedByAnother(situation))) return undefined;
  if (session.kind !== 'ready') return awaitSession(session, 'the job is submitted when it is');
  if (record?.state === 'UPGRADING' && knownValue(situation.observed.rest) === undefined) {
    return awaitAnswer(situation, 'it says whether the job was submitted before');
  }
  return awaitSubmission(situation) ?? begin(situation, target);
};

/**
 * Whether the submission that was recorded took effect is not known yet: the next one has the same job id, so that it would
 * pass for the one that runs. One that was refused took none.
 */
function awaitSubmission(situation: Situation): Intent | undefined {
  const { record, now } = situation;
  if (record?.state !== 'UPGRADING' || recordedFailure(record) !== undefined) return undefined;
  const waitMs = record.timestamp + SUBMISSION_PATIENCE_MS - now.getTime();
  if (waitMs <= 0 || isPreparedByAnother(situation) || wasRefused(situation)) return undefined;
  const message = `the spec changed while job ${record.jobId} was submitted; waiting to see whether it runs`;
  return { because: 'Submitting', message, phase: 'progressing', requeueAfterMs: waitMs, probe: 'fast' };
}

/** Whether the last submission was refused, by Flink or before it was asked. */
export function wasRefused({ status }: Situation): boolean {
  const reason = findCondition(status?.conditions, 'Ready')?.reason;
  return reason !== undefined && Object.hasOwn(SUBMISSION_FAILURES, reason);
}

/** Another operator recorded a submission; unless its job is seen, it is decided anew. */
function isPreparedByAnother({ record, status }: Situation): boolean {
  return record?.state === 'UPGRADING' && isForeign(status);
}

function begin(situation: Situation, target: Target): Intent {
  const { record } = situation;
  const firstDeployment = record === undefined || (record.firstDeployment && record.state === 'UPGRADING');
  const restore = restoreOf(target, record, firstDeployment);
  const change = startRecord(situation, target, startFor(target, { restore, firstDeployment }));
  const events =
    record === undefined ? [] : [changed(target, jobAnew(restore), 'another operator had begun a submission')];
  return submitAs(situation, change, events);
}

/** What is submitted anew, and from what, in words for `changed`. */
export function jobAnew(restore: Restore): string {
  return `the job is submitted anew ${describeRestore(restore)}: ${restore.why}`;
}

function restoreOf(target: Target, record: SessionJobRecord | undefined, never: boolean): Restore {
  if (target.diff.kind === 'redeploy') return redeployFrom(target.spec);
  if (never) return firstRestore(target.spec);
  if (target.mode === 'stateless') return fromNothing(target.whyEmpty);
  const { failure: _failure, ...restore } = record?.restore ?? fromNothing('nothing was kept of the run before');
  return record === undefined ? restore : resumedFrom(restore, record.spec, target.spec);
}

/** What is new in a start. */
type Start = Omit<NewStart, 'jobId'>;

/** A start that does what is asked for once, and remembers the spec it replaces against its author's will. */
export function startFor({ once, rejects }: Target, { restore, firstDeployment }: Start): Start {
  return {
    restore,
    firstDeployment,
    ...(once === undefined ? {} : { spends: once }),
    ...(rejects === undefined ? {} : { rejected: rejects }),
  };
}

/** The record of another submission of the recorded spec. */
export function startAgain(situation: Situation, record: SessionJobRecord, restore: Restore): SessionJobRecord {
  const { rejected } = record;
  const start = { restore, firstDeployment: false, ...(rejected === undefined ? {} : { rejected }) };
  return startRecord(situation, record, start);
}

/**
 * The record of a submission decided now. One that follows another whose job was not seen keeps that one's job id: should
 * the earlier request still take effect, Flink refuses the later one, so that never two of them run.
 */
export function startRecord(
  situation: Situation,
  { spec }: Pick<Target, 'spec'>,
  { spends, ...start }: Start,
): SessionJobRecord {
  const { record, resource, now, observed } = situation;
  const { uid = '', generation = 0 } = resource.metadata;
  const timestamp = now.getTime();
  const seen = knownValue(observed.rest)?.job !== undefined || recordedFailure(record) !== undefined;
  const unseenId = record?.state === 'UPGRADING' && !seen ? record.jobId : undefined;
  const jobId = unseenId ?? newJobId(uid, generation, timestamp);
  const kept = keptOnce(record, { timestamp, restore: start.restore });
  const spent = spends === undefined ? kept : { once: { ...spends, at: timestamp } };
  return { state: 'UPGRADING', spec, jobState: 'suspended', timestamp, jobId, ...spent, ...start };
}

/** The pass in which a submission is decided: recorded, and done at once if the session is ready. */
export function submitAs(situation: Situation, record: SessionJobRecord, events: Intent['events'] = []): Intent {
  const held = situation.resource.metadata.finalizers?.includes(SESSION_JOB_FINALIZER) === true;
  const add: Action<SessionJobEffect> = {
    kind: 'finalizer',
    op: 'add',
    finalizer: SESSION_JOB_FINALIZER,
    because: 'first submission',
  };
  const next = submit(situation, record);
  return {
    ...next,
    record,
    keepsStatus: false,
    actions: [...(held ? [] : [add]), ...(next.actions ?? [])],
    events: [...(events ?? []), ...(next.actions === undefined ? [] : [submitting(record)])],
  };
}

function submitting({ restore, jobId }: SessionJobRecord) {
  return normal('Submit', `Submitting job ${jobId} ${describeRestore(restore)}`);
}

/** The job of the submission under way was seen: from now on the spec counts as deployed, whatever is wanted by now. */
export const noteStarted: Policy<Situation, Intent> = ({ record, observed, status }) => {
  const job = knownValue(observed.rest)?.job;
  if (record?.state !== 'UPGRADING' || recordedFailure(record) !== undefined || job === undefined) return undefined;
  // Another operator keeps the id of the job it cancelled until it submits the next.
  if (isForeign(status) && job.state === 'CANCELED') return undefined;
  return {
    because: 'JobStarting',
    message: `job ${job.id} was submitted, it is ${job.state}`,
    phase: 'progressing',
    record: { ...record, state: 'DEPLOYED', jobState: 'running' },
    probe: 'fast',
  };
};

/** Carries on with a submission that was recorded. */
export const continueStart: Policy<Situation, Intent> = (situation) => {
  const { record, observed } = situation;
  if (record?.state !== 'UPGRADING') return undefined;
  // Whether it was done is known to the session only, and is asked of it in any case right before it is done.
  return observed.rest === unasked && situation.session.kind === 'ready'
    ? { ...awaitAnswer(situation, 'it says whether the job was submitted'), keepsStatus: true }
    : submit(situation, record);
};

function submit(situation: Situation, record: SessionJobRecord): Intent {
  const { session } = situation;
  const { restore, jobId } = record;
  if (session.kind !== 'ready') return awaitSession(session, 'the job is submitted when it is');
  if (isSpent(restore)) return manual(howToRunAgain(restore.why));
  if (restore.mode === 'last-state' || (restore.mode === 'savepoint' && restore.path === undefined)) {
    return manual(`job ${jobId} is to start from state whose path is not recorded`);
  }
  const effect: SessionJobEffect = { kind: 'submit', submission: submissionOf(situation, record, session) };
  return {
    because: 'Submitting',
    message: `submitting job ${jobId} to the session`,
    phase: 'progressing',
    actions: [{ kind: 'effect', effect, because: `submit job ${jobId}` }],
    requeueAfterMs: LOOK_AGAIN_MS,
    keepsStatus: tellsFailure(situation, isFailure),
    probe: 'fast',
  };
}

/** Whether a reason is one of failed submissions. */
function isFailure(reason: string): boolean {
  return reason === 'Error' || Object.hasOwn(SUBMISSION_FAILURES, reason);
}
