import { knownValue } from '../../../core/fact.ts';
import { isBeingDeleted } from '../../../kube/object.ts';
import { isHighlyAvailable } from '../../flink-conf.ts';
import { isTerminal, type JobManagerAnswer } from '../../observed.ts';
import { jobOptions } from '../../options.ts';
import type { FlinkDeploymentStatus } from '../../schema.ts';
import { normal } from '../events.ts';
import type { SessionJobRecord } from '../record.ts';
import { SESSION_JOB_FINALIZER } from '../schema.ts';
import type { Intent, Situation } from '../situation.ts';
import { awaitAnswer } from './await-session.ts';
import { bringToEnd } from './ending.ts';
import { SUBMISSION_PATIENCE_MS } from './start.ts';

/** Deletion was asked for: the job ends, by a savepoint where that is asked for, before the resource is let go. */
export function cleanUp(situation: Situation): Intent {
  const { record, status } = situation;
  const why = record === undefined ? 'nothing was ever submitted' : over(situation, record);
  if (why !== undefined || record === undefined) return release(why ?? '');
  const step = ending(situation, record);
  const first = status?.lifecycleState !== 'DELETING';
  const events = first ? [normal('Cleanup', 'Cleaning up: the job is stopped')] : [];
  return { ...step, events: [...events, ...(step.events ?? [])] };
}

function release(because: string): Intent {
  return {
    because: 'Cleanup',
    message: because,
    phase: 'progressing',
    actions: [{ kind: 'finalizer', op: 'remove', finalizer: SESSION_JOB_FINALIZER, because }],
    probe: 'off',
  };
}

/** Why no run of the job can be there any more, nor come back; undefined while one can. */
function over(situation: Situation, record: SessionJobRecord): string | undefined {
  if (record.state === 'DEPLOYED' && record.jobState === 'suspended') return 'the job is suspended';
  if (situation.session.kind === 'missing') return 'the session is gone, and its jobs with it';
  const answer = knownValue(situation.observed.rest);
  return answer === undefined ? overUnasked(situation, record) : overInSession(situation, record, answer);
}

function overInSession({ now }: Situation, record: SessionJobRecord, { job }: JobManagerAnswer): string | undefined {
  if (job !== undefined) return isTerminal(job.state) ? `the job is ${job.state}` : undefined;
  const late = record.state === 'DEPLOYED' || now.getTime() - record.timestamp > SUBMISSION_PATIENCE_MS;
  return late ? 'the session does not know the job' : undefined;
}

function overUnasked(situation: Situation, record: SessionJobRecord): string | undefined {
  const state = situation.status?.jobStatus?.state;
  if (record.state === 'DEPLOYED' && state !== undefined && isTerminal(state)) return `the job is ${state}`;
  return withoutJobManager(situation);
}

/** A session whose JobManager is gone has no job; with high-availability data it would have it again, unless it goes too. */
function withoutJobManager({ session, target }: Situation): string | undefined {
  if (session.kind !== 'not-ready') return undefined;
  const { jobManagerDeploymentStatus: state } = (session.object.status ?? {}) as FlinkDeploymentStatus;
  const gone = state === undefined || state === 'MISSING' || state === 'ERROR';
  if (!gone) return undefined;
  if (isBeingDeleted(session.object)) return 'the session is being deleted and its JobManager does not run';
  const keeps = target !== undefined && isHighlyAvailable(target.conf);
  return keeps ? undefined : 'the JobManager of the session does not run, and its jobs with it';
}

function ending(situation: Situation, record: SessionJobRecord): Intent {
  const { target } = situation;
  if (target === undefined) return awaitAnswer(situation, 'the job is then stopped');
  if (knownValue(situation.observed.rest)?.job === undefined) {
    return { ...deleting('waiting to see whether the job was submitted'), requeueAfterMs: SUBMISSION_PATIENCE_MS };
  }
  const { savepointOnDeletion } = jobOptions(target.conf);
  const mode = savepointOnDeletion ? 'savepoint' : 'stateless';
  const why = savepointOnDeletion
    ? 'kubernetes.operator.job.savepoint-on-deletion is on'
    : 'the resource is being deleted';
  const end = bringToEnd(situation, record, { mode, why, conf: target.conf });
  return 'intent' in end ? end.intent : release('the job has ended');
}

function deleting(message: string): Intent {
  return { because: 'Deleting', message, phase: 'progressing', probe: 'fast' };
}
