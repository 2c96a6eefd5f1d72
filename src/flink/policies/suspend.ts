import type { Policy } from '../../core/reconciler.ts';
import { normal } from '../events.ts';
import type { Intent, Situation } from '../situation.ts';
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

/** Records that the job is suspended, before its cluster is taken down. */
export const beginSuspend: Policy<Situation, Intent> = (situation) => {
  const { target, record, now } = situation;
  if (record === undefined || target?.desired !== 'suspended' || target.diff.kind !== 'upgrade') return undefined;
  const timestamp = now.getTime();
  const step = teardown(situation, timestamp);
  return {
    because: 'Suspending',
    message: 'the job is being suspended',
    phase: 'progressing',
    ...step,
    record: {
      state: 'DEPLOYED',
      spec: target.spec,
      jobState: 'suspended',
      firstDeployment: false,
      timestamp,
      jobId: record.jobId,
    },
    events: [normal('Suspended', 'Suspending the job: cancelling it without keeping state, then removing its cluster')],
    probe: step?.probe ?? 'off',
  };
};

/** Takes down whatever still runs of a suspended job, then rests. */
export const staySuspended: Policy<Situation, Intent> = (situation) => {
  const { record } = situation;
  if (record?.state !== 'DEPLOYED' || record.jobState !== 'suspended') return undefined;
  const step = teardown(situation, record.timestamp);
  if (step !== undefined) return { because: 'Suspending', phase: 'progressing', ...step };
  return {
    because: 'Suspended',
    message: 'the job is suspended, nothing of its cluster is left',
    phase: 'settled',
    probe: 'off',
  };
};
