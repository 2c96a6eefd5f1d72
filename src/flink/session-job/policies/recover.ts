import { knownValue } from '../../../core/fact.ts';
import type { Policy } from '../../../core/reconciler.ts';
import { isTerminal } from '../../observed.ts';
import { jobOptions } from '../../options.ts';
import { manual } from '../../policies/manual.ts';
import { runs } from '../../record.ts';
import { describeRestore, fromNothing } from '../../restore.ts';
import { upgradeModeOf } from '../../upgrade.ts';
import { warning } from '../events.ts';
import type { Intent, Situation } from '../situation.ts';
import { awaitSession } from './await-session.ts';
import { bringToEnd } from './ending.ts';
import { startAgain, submitAs } from './start.ts';

/**
 * The session answers and does not know the job, which was seen on it before: its JobManager was started anew and had no
 * high-availability data of the job. A job without state to keep is submitted again, as the Flink Kubernetes Operator 1.15
 * does; of one that has state nobody knows the newest, so its user must say what to start from.
 */
export const recoverLost: Policy<Situation, Intent> = (situation) => {
  const { record, target, observed, status, session } = situation;
  const answer = knownValue(observed.rest);
  if (record === undefined || !runs(record) || target === undefined || answer === undefined) return undefined;
  const state = status?.jobStatus?.state;
  if (answer.job !== undefined || (state !== undefined && isTerminal(state))) return undefined;
  const lost = `the session does not know job ${record.jobId} any more, its JobManager was started anew without it`;
  if (upgradeModeOf(target.spec) !== 'stateless') return manual(lost, status);
  if (session.kind !== 'ready') return awaitSession(session, 'the job is submitted again when it is');
  const restore = fromNothing('upgradeMode is stateless');
  const change = startAgain(situation, record, restore);
  return submitAs(situation, change, [warning('JobLost', `${lost}; submitting it again without state`)]);
};

/** Time between two restarts of a job that fails, so that a job which always does cannot keep a session busy. */
const RESTART_MS = 10_000;

/** A job that ended as FAILED is submitted again, from the state it left, where its user asked for that. */
export const restartFailed: Policy<Situation, Intent> = (situation) => {
  const { record, target, observed, now, session } = situation;
  if (record === undefined || !runs(record) || target === undefined || session.kind !== 'ready') return undefined;
  if (knownValue(observed.rest)?.job?.state !== 'FAILED') return undefined;
  if (!jobOptions(target.conf).jobRestartFailed || now.getTime() - record.timestamp < RESTART_MS) return undefined;
  const mode = upgradeModeOf(target.spec);
  const end = bringToEnd(situation, record, { mode, why: `upgradeMode is ${mode}`, conf: target.conf });
  if ('intent' in end) return undefined;
  const change = startAgain(situation, record, end.restore);
  const message = `The job has failed, submitting it again ${describeRestore(end.restore)}`;
  return submitAs(situation, change, [warning('JobLost', message)]);
};
