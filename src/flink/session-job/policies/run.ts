import { knownValue, unasked } from '../../../core/fact.ts';
import type { Policy } from '../../../core/reconciler.ts';
import { orItsSavepoint } from '../../known-savepoint.ts';
import { isTerminal, type JobFacts } from '../../observed.ts';
import { AGAIN } from '../../policies/ended.ts';
import { leftBehind, type Restore } from '../../restore.ts';
import { rootCause } from '../../stack-trace.ts';
import type { SessionJobRecord } from '../record.ts';
import type { Intent, Situation, Target } from '../situation.ts';
import { awaitAnswer } from './await-session.ts';

type Standing = Pick<Intent, 'because' | 'message' | 'phase' | 'probe' | 'keepsStatus'>;

/** The spec was submitted and the job is to run: say how it stands, and once it has ended record what it left. */
export const run: Policy<Situation, Intent> = (situation) => {
  const { record, target } = situation;
  if (record === undefined || target === undefined) return undefined;
  return { ...standing(situation), ...noteOf(situation, record, target) };
};

/** What is recorded of a job that goes on or has ended: fields that need no restart, and where it left its state. */
function noteOf(situation: Situation, record: SessionJobRecord, { diff, spec }: Target): Pick<Intent, 'record'> {
  const left = leftBy(situation, record);
  if (diff.kind !== 'ignore' && left === undefined) return {};
  const { rejected: _rejected, ...accepted } = record;
  const noted = diff.kind === 'ignore' ? { ...accepted, spec } : record;
  return { record: left === undefined ? noted : { ...noted, restore: left } };
}

function leftBy({ observed, resource, status }: Situation, record: SessionJobRecord): Restore | undefined {
  const left = leftBehind(knownValue(observed.rest), record);
  return left === undefined ? undefined : orItsSavepoint(left, { uid: resource.metadata.uid ?? '', status, record });
}

function standing(situation: Situation): Standing {
  const { observed, status, resource } = situation;
  const job = knownValue(observed.rest)?.job;
  if (job !== undefined) return isTerminal(job.state) ? ended(job) : alive(job);
  const last = status?.jobStatus?.state;
  if (last !== undefined && isTerminal(last)) return endedBefore(last);
  const current = status?.observedGeneration === resource.metadata.generation;
  const waits = awaitAnswer(situation, 'it says how the job stands');
  // Right after a start of the operator nobody has asked yet: a restart must not be seen in any status.
  return observed.rest === unasked && situation.session.kind === 'ready' && current
    ? { ...waits, keepsStatus: true }
    : waits;
}

function ended(job: JobFacts): Standing {
  const cause = job.exception === undefined ? '' : `: ${rootCause(job.exception.stackTrace)}`;
  switch (job.state) {
    case 'FINISHED':
      return { because: 'JobFinished', message: 'the job has finished', phase: 'settled', probe: 'slow' };
    case 'FAILED':
      return { because: 'JobFailed', message: `the job has failed${cause}; ${AGAIN}`, phase: 'stalled', probe: 'slow' };
    default:
      return {
        because: 'JobCanceled',
        message: `the job was cancelled outside the operator; ${AGAIN}`,
        phase: 'stalled',
        probe: 'slow',
      };
  }
}

function endedBefore(state: JobFacts['state']): Standing {
  const because = state === 'FINISHED' ? 'JobFinished' : state === 'FAILED' ? 'JobFailed' : 'JobCanceled';
  const phase = state === 'FINISHED' ? 'settled' : 'stalled';
  return { because, message: `the job is ${state}`, phase, probe: 'slow' };
}

function alive(job: JobFacts): Standing {
  if (job.state !== 'RUNNING') {
    const starting = job.state === 'CREATED' || job.state === 'INITIALIZING' || job.state === 'RECONCILING';
    const because = starting ? 'JobStarting' : 'JobRestarting';
    const cause = starting || job.exception === undefined ? '' : `: ${rootCause(job.exception.stackTrace)}`;
    return { because, message: `the job is ${job.state}${cause}`, phase: 'progressing', probe: 'fast' };
  }
  const { active, total } = job.tasks;
  if (active < total || total === 0) {
    const message = `the job is RUNNING but only ${active} of its ${total} tasks are`;
    return { because: 'WaitingForTasks', message, phase: 'progressing', probe: 'fast' };
  }
  const probe = job.details === 'behind' ? 'fast' : 'slow';
  return { because: 'JobRunning', message: `all ${total} tasks of the job run`, phase: 'settled', probe };
}
