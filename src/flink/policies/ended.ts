import { knownValue } from '../../core/fact.ts';
import type { Policy } from '../../core/reconciler.ts';
import { isBeingDeleted } from '../../kube/object.ts';
import { normal } from '../events.ts';
import { effectiveConf } from '../flink-conf.ts';
import { isTerminal, type JobFacts } from '../observed.ts';
import { jobOptions } from '../options.ts';
import { type FlinkRecord, runs } from '../record.ts';
import { leftState } from '../restore.ts';
import type { FlinkDeployment } from '../schema.ts';
import type { Intent, Situation } from '../situation.ts';
import { rootCause } from '../stack-trace.ts';
import { isSession } from '../validate-change.ts';
import { teardown } from './teardown.ts';

/** How the job of a deployed spec stands. */
export type Standing = Pick<Intent, 'because' | 'message' | 'phase' | 'probe' | 'keepsStatus'>;

/** What a job that ended ill is started again by, for its message. */
export const AGAIN = 'a changed spec or spec.restartNonce starts it again';

/** A job that its JobManager reports as ended. */
export function ended(job: JobFacts): Standing {
  if (job.state === 'FINISHED')
    return { because: 'JobFinished', message: 'the job has finished', phase: 'settled', probe: 'slow' };
  if (job.state === 'CANCELED') {
    return {
      because: 'JobCanceled',
      message: `the job was cancelled outside the operator; ${AGAIN}`,
      phase: 'stalled',
      probe: 'slow',
    };
  }
  const cause = job.exception === undefined ? '' : `: ${rootCause(job.exception.stackTrace)}`;
  return { because: 'JobFailed', message: `the job has failed${cause}; ${AGAIN}`, phase: 'stalled', probe: 'slow' };
}

type Terminal = keyof typeof ENDED;

const ENDED = {
  FINISHED: { because: 'JobFinished', phase: 'settled' },
  CANCELED: { because: 'JobCanceled', phase: 'stalled' },
  FAILED: { because: 'JobFailed', phase: 'stalled' },
} as const;

/** A job that the status reports as ended, in the words that were found while its JobManager could tell why. */
export function endedBefore({ status, observed }: Situation, state: Terminal): Standing {
  const { because, phase } = ENDED[state];
  const said = status?.conditions?.find((condition) => condition.reason === because)?.message;
  const probe = observed.jobManager === undefined ? 'off' : 'slow';
  return { because, message: said ?? `the job is ${state}`, phase, probe };
}

const OPTION = 'kubernetes.operator.jm-deployment.shutdown-ttl';

/**
 * A job ended longer ago than its cluster may outlive it: the cluster goes, and high-availability data and status stay, so
 * that a later edit goes on from what the job left. What only the JobManager can tell of that is recorded before.
 */
export const shutDownEnded: Policy<Situation, Intent> = (situation) => {
  const { record, now } = situation;
  const end = record === undefined ? undefined : endOf(situation, record);
  if (record === undefined || end === undefined || end.goesAtMs > now.getTime()) return undefined;
  if (mayTellMore(situation, record)) return undefined;
  const step = teardown(situation, end.goesAtMs, 'last-state');
  if (step === undefined) return undefined;
  const { jobManager } = situation.observed;
  const what = `the job is ${end.state} and ${OPTION} is over`;
  const first = jobManager !== undefined && !isBeingDeleted(jobManager);
  return {
    ...step,
    ...endedBefore(situation, end.state),
    probe: step.probe,
    events: first ? [normal('Cleanup', `${what}: removing its cluster`)] : [],
  };
};

/** Time until the cluster of a job that has ended goes, in milliseconds; undefined when it has not or that time is over. */
export function goesInMs(situation: Situation): number | undefined {
  const { record, now } = situation;
  const end = record === undefined ? undefined : endOf(situation, record);
  const left = end === undefined ? 0 : end.goesAtMs - now.getTime();
  return left > 0 ? left : undefined;
}

interface End {
  readonly state: Terminal;
  readonly goesAtMs: number;
}

/** By the stored status, which alone says since when the job has ended. */
function endOf({ status, target, resource, defaults }: Situation, record: FlinkRecord): End | undefined {
  const { state, updateTime } = status?.jobStatus ?? {};
  const sinceMs = Number(updateTime ?? Number.NaN);
  if (!runs(record) || isSession(record.spec) || state === undefined || !isTerminal(state)) return undefined;
  const conf = effectiveConf({ ...resource, spec: target?.spec ?? record.spec } as FlinkDeployment, defaults);
  return Number.isNaN(sinceMs) ? undefined : { state, goesAtMs: sinceMs + jobOptions(conf).jmShutdownTtlMs };
}

/** Where the job left its state is not recorded yet, and its JobManager has not said all it knows. */
function mayTellMore({ observed, cluster }: Situation, { restore, jobId }: FlinkRecord): boolean {
  if (restore.leftBy === jobId || cluster !== 'current') return false;
  const answer = knownValue(observed.rest);
  if (answer === undefined) return true;
  return answer.job !== undefined && leftState(answer, restore).kind !== 'unknown';
}
