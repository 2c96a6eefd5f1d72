import { knownValue } from '../../../core/fact.ts';
import type { Policy } from '../../../core/reconciler.ts';
import { keptOnce } from '../../kept-once.ts';
import { changed, redeployFrom } from '../../policies/start.ts';
import { runs } from '../../record.ts';
import { describeRestore, fromNothing, leftState, type Restore } from '../../restore.ts';
import { asksForRestart } from '../../spec-diff.ts';
import type { SessionJobRecord } from '../record.ts';
import type { Intent, Situation, Target } from '../situation.ts';
import { bringToEnd, type Ending } from './ending.ts';
import { jobAnew, SUBMISSION_PATIENCE_MS, startFor, startRecord, submitAs } from './start.ts';
import { jarToRun } from './submission.ts';

/**
 * A running job must end, since its user wants another spec or no run at all: brings it to its end so that its state is
 * kept as upgradeMode says, then goes on from there.
 */
export const stopJob: Policy<Situation, Intent> = (situation) => {
  const { record, target } = situation;
  if (record === undefined || !runs(record) || target === undefined) return undefined;
  const wanted = asksForRestart(target.diff);
  if (!wanted && record.stopping === undefined) return undefined;
  if (!wanted && record.stopping?.retryAt !== undefined) return goOn(record);
  const end = bringToEnd(situation, record, endingOf(situation, target));
  return 'intent' in end ? end.intent : next(situation, record, { target, restore: end.restore });
};

/** The spec is as it was before, and the savepoint that was to stop the job failed: the job just goes on. */
function goOn({ stopping: _stopping, ...record }: SessionJobRecord): Intent {
  return { because: 'JobRunning', message: 'the job goes on', phase: 'progressing', record, probe: 'fast' };
}

/** How a running job is brought to its end for a target. */
export function endingOf(situation: Situation, target: Target): Ending {
  const { spec, conf, desired, diff, rejects } = target;
  const redeploys = diff.kind === 'redeploy';
  const mode = redeploys ? 'stateless' : target.mode;
  const kept = mode === 'stateless' ? target.whyEmpty : `upgradeMode is ${mode}`;
  const asked = rejects === undefined ? kept : 'its spec did not become stable in time';
  const why = redeploys ? redeployFrom(spec).why : asked;
  return { mode, why, conf, wanted: spec, ...(desired === 'running' ? { jar: jarToRun(situation, spec, conf) } : {}) };
}

interface Next {
  readonly target: Target;
  /** What the job left. */
  readonly restore: Restore;
}

/** The next run, or none, from the state that was settled on. */
function next(situation: Situation, record: SessionJobRecord, { target, restore }: Next): Intent {
  const { stopping: _stopping, ...ended } = record;
  if (target.desired === 'suspended') return suspendedAs(situation, target, { ...ended, restore });
  const from = target.diff.kind === 'redeploy' ? redeployed(situation, record, target) : restoreFor(target, restore);
  const change = startRecord(situation, target, startFor(target, { firstDeployment: false, restore: from }));
  return submitAs(situation, change, [changed(target, jobAnew(from))]);
}

/** From the path its user names; should that be wrong, they find what the run before left in the record. */
function redeployed({ observed }: Situation, { restore: started }: SessionJobRecord, { spec }: Target): Restore {
  const restore = redeployFrom(spec);
  const answer = knownValue(observed.rest);
  const left = answer === undefined ? undefined : leftState(answer, started);
  return left?.kind === 'path' ? { ...restore, why: `${restore.why}; the run before left ${left.path}` } : restore;
}

function restoreFor({ once, whyEmpty }: Target, left: Restore): Restore {
  return once === undefined ? left : fromNothing(whyEmpty);
}

/** Records that the job is suspended and what it will go on from. */
function suspendedAs(
  { now, record }: Situation,
  { spec }: Target,
  { jobId, restore }: Pick<SessionJobRecord, 'jobId' | 'restore'>,
): Intent {
  const timestamp = now.getTime();
  return {
    because: 'Suspended',
    message: `the job is suspended; it will go on ${describeRestore(restore)}`,
    phase: 'settled',
    record: {
      state: 'DEPLOYED',
      spec,
      jobState: 'suspended',
      firstDeployment: false,
      timestamp,
      jobId,
      restore,
      ...keptOnce(record, { timestamp, restore }),
    },
    probe: 'off',
  };
}

/** Nothing was ever submitted and the job is not to run: nothing to do. */
export const stayUnstarted: Policy<Situation, Intent> = ({ target, record }) => {
  if (record !== undefined || target?.desired !== 'suspended') return undefined;
  return {
    because: 'Suspended',
    message: 'spec.job.state is "suspended", nothing was submitted',
    phase: 'settled',
    probe: 'off',
  };
};

/** A suspended job, whose spec may be edited as long as it stays so. */
export const staySuspended: Policy<Situation, Intent> = (situation) => {
  const { record, target } = situation;
  if (record?.state !== 'DEPLOYED' || record.jobState !== 'suspended' || target === undefined) return undefined;
  if (target.diff.kind !== 'none') return suspendedAs(situation, target, record);
  const message = `the job is suspended; it will go on ${describeRestore(record.restore)}`;
  return { because: 'Suspended', message, phase: 'settled', probe: 'off' };
};

/** The submission under way is not wanted any more, and the session says that its job is not there. */
export const suspendUnstarted: Policy<Situation, Intent> = (situation) => {
  const { record, target, observed } = situation;
  if (record?.state !== 'UPGRADING' || target?.desired !== 'suspended') return undefined;
  if (situation.session.kind === 'missing') return suspendedAs(situation, target, record);
  const waitMs = record.timestamp + SUBMISSION_PATIENCE_MS - situation.now.getTime();
  if (observed.rest.kind === 'known' && waitMs <= 0) return suspendedAs(situation, target, record);
  const message = 'the job is to be suspended; waiting to see whether it was submitted before';
  return {
    because: 'Suspending',
    message,
    phase: 'progressing',
    requeueAfterMs: SUBMISSION_PATIENCE_MS,
    probe: 'fast',
  };
};
