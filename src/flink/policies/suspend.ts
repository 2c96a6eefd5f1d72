import type { Policy } from '../../core/reconciler.ts';
import { normal } from '../events.ts';
import { keptOnce } from '../kept-once.ts';
import { type FlinkRecord, runs } from '../record.ts';
import { describeRestore } from '../restore.ts';
import { restoreAgain } from '../restore-again.ts';
import type { FlinkDeploymentSpec } from '../schema.ts';
import type { Intent, Situation } from '../situation.ts';
import { asksForRestart } from '../spec-diff.ts';
import { quietly } from './quiet.ts';
import { teardown } from './teardown.ts';

/** Nothing was ever started and the job is not to run: nothing to do. */
export const stayUnstarted: Policy<Situation, Intent> = ({ target, record }) => {
  if (record !== undefined || target?.desired !== 'suspended') return undefined;
  return {
    because: 'Suspended',
    message: 'spec.job.state is "suspended", nothing was started',
    phase: 'settled',
    probe: 'off',
  };
};

/** The job is to be suspended, and nothing of it runs that has state to keep: what it was to start from stays recorded. */
export const beginSuspend: Policy<Situation, Intent> = (situation) => {
  const { target, record } = situation;
  if (record === undefined || runs(record)) return undefined;
  if (target?.desired !== 'suspended' || !asksForRestart(target.diff)) return undefined;
  return suspendedAs(situation, target.spec, { ...record, restore: restoreAgain(situation, record) });
};

/** Records that the job is suspended and what it will go on from, before its cluster is taken down. */
export function suspendedAs(
  situation: Situation,
  spec: FlinkDeploymentSpec,
  { jobId, restore }: Pick<FlinkRecord, 'jobId' | 'restore'>,
): Intent {
  const timestamp = situation.now.getTime();
  const step = teardown(situation, timestamp, restore.mode);
  return {
    because: 'Suspending',
    message: 'the job is being suspended',
    phase: 'progressing',
    ...step,
    record: {
      state: 'DEPLOYED',
      spec,
      jobState: 'suspended',
      firstDeployment: false,
      timestamp,
      jobId,
      restore,
      ...keptOnce(situation.record, { timestamp, restore }),
    },
    events: [
      normal('Suspended', `Suspending the job and removing its cluster; it will go on ${describeRestore(restore)}`),
    ],
    probe: step?.probe ?? 'off',
  };
}

/** Takes down whatever still runs of a suspended job, then rests. */
export const staySuspended: Policy<Situation, Intent> = (situation) => {
  const { record } = situation;
  if (record?.state !== 'DEPLOYED' || record.jobState !== 'suspended') return undefined;
  const { restore } = record;
  const step = teardown(situation, record.timestamp, restore.mode);
  if (step !== undefined)
    return quietly(situation, record.timestamp, { because: 'Suspending', phase: 'progressing', ...step });
  return {
    because: 'Suspended',
    message: `the job is suspended, nothing of its cluster is left; it will go on ${describeRestore(restore)}`,
    phase: 'settled',
    probe: 'off',
  };
};
