import { unasked } from '../../../core/fact.ts';
import type { Policy } from '../../../core/reconciler.ts';
import { type SnapshotFacts, savepointSince } from '../../snapshot-facts.ts';
import type { FlinkStateSnapshotStatus } from '../schema.ts';
import { answerOf, describeJob, isSavepoint, type SnapshotIntent, type SnapshotSituation } from '../situation.ts';
import { inProgressMessage, isOver, triggerEffect } from './pending.ts';
import { abandoned, completed, failedAttempt } from './result.ts';

type Rule = Policy<SnapshotSituation, SnapshotIntent>;

/** How soon an attempt that Flink does not know is asked for again. */
const ASK_AGAIN_MS = 5000;

/** What Flink says of the attempt, when it knows it. */
export const believeFlink: Rule = (situation) => {
  const answer = answerOf(situation);
  switch (answer?.progress?.kind) {
    case 'in-progress':
      return following(situation);
    case 'failed':
      return failedAttempt(situation, answer.progress.cause);
    case 'completed': {
      const path = answer.progress.location ?? answer.checkpoint?.path;
      return completed(situation, { path, sizeBytes: answer.checkpoint?.sizeBytes });
    }
    default:
      return undefined;
  }
};

function following(situation: SnapshotSituation): SnapshotIntent {
  return {
    because: 'SnapshotInProgress',
    message: inProgressMessage(situation),
    phase: 'progressing',
    probe: true,
  };
}

/** Flink forgot the attempt, but its history has a savepoint that only this attempt can have asked for. */
export const findInHistory: Rule = (situation) => {
  const found = completedSince(situation);
  return found === undefined ? undefined : completed(situation, found);
};

function completedSince(situation: SnapshotSituation): SnapshotFacts | undefined {
  const { spec, status, observed } = situation;
  const since = Date.parse(status.triggerTimestamp ?? '');
  if (!isSavepoint(spec) || Number.isNaN(since)) return undefined;
  const others = observed.others.map((other) => (other.status as FlinkStateSnapshotStatus | undefined)?.path ?? '');
  return savepointSince(answerOf(situation)?.checkpoints, since, new Set(others));
}

/** The run it was to be taken of is over. */
export const giveUp: Rule = (situation) => {
  const { spec, status, observed } = situation;
  const { job, rest } = observed;
  const who = describeJob(spec);
  if (job === undefined) return abandoned(situation, `${who} is gone`);
  if (status.jobId !== undefined && job.jobId !== undefined && status.jobId !== job.jobId) {
    return abandoned(situation, `${who} was started anew: job ${status.jobId} is over`);
  }
  if (!isOver(job) || rest === unasked) return undefined;
  return abandoned(situation, `${who} does not run: its job is ${job.state}`);
};

/** Flink does not know the attempt: it never got it, or its JobManager was restarted. The same one is asked for again. */
export const askAgain: Rule = (situation) => {
  const { status, observed } = situation;
  const { job } = observed;
  if (answerOf(situation)?.progress?.kind !== 'unknown-trigger' || status.triggerId === undefined) return undefined;
  if (job?.state !== 'RUNNING' || job.cluster === undefined) return undefined;
  const effect = triggerEffect(situation, job, status.triggerId);
  return {
    ...following(situation),
    actions: [{ kind: 'effect', effect, because: 'ask for the snapshot again: the JobManager does not know it' }],
    requeueAfterMs: ASK_AGAIN_MS,
  };
};

/** Nobody could tell yet how far it is. */
export const awaitAnswer: Rule = (situation) => {
  const { rest } = situation.observed;
  if (rest.kind !== 'unknown' || rest === unasked) return following(situation);
  const message = 'waiting for the JobManager to say how far the snapshot is';
  return { because: 'WaitingForJobManager', message, phase: 'progressing', probe: true };
};
