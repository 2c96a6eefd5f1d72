import { knownValue, unasked } from '../../core/fact.ts';
import type { Policy } from '../../core/reconciler.ts';
import { isBeingDeleted } from '../../kube/object.ts';
import { warning } from '../events.ts';
import { effectiveConf, isHighlyAvailable } from '../flink-conf.ts';
import { isTerminal, type JobManagerAnswer } from '../observed.ts';
import { jobOptions } from '../options.ts';
import { findTrouble } from '../pods.ts';
import { type FlinkRecord, runs } from '../record.ts';
import { fromNothing } from '../restore.ts';
import type { FlinkDeployment } from '../schema.ts';
import type { Intent, Situation, Target } from '../situation.ts';
import { asksForRestart } from '../spec-diff.ts';
import { isSession } from '../validate-change.ts';
import { changed, firstStep, startFor, startRecord } from './start.ts';

/** What is said of a session that jobs can be submitted to. */
export function sessionReady({ jobs }: JobManagerAnswer): Pick<Intent, 'because' | 'message' | 'phase' | 'probe'> {
  const running = jobs.filter(({ state }) => !isTerminal(state)).length;
  const message = `the session's JobManager answers, it has ${running} ${running === 1 ? 'job' : 'jobs'}`;
  return { because: 'JobManagerReady', message, phase: 'settled', probe: 'slow' };
}

/**
 * A session whose spec changed is started anew, its jobs not asked to stop. High-availability data is kept, from which Flink
 * recovers them. Where it cannot, jobs without state are submitted again, and those with state must be suspended before: the
 * Flink Kubernetes Operator 1.15 loses them.
 */
export const upgradeSession: Policy<Situation, Intent> = (situation) => {
  const { record, target } = situation;
  if (record === undefined || !runs(record) || target === undefined || !isSession(target.spec)) return undefined;
  if (!asksForRestart(target.diff)) return undefined;
  const held = heldByJobs(situation, record, target);
  if (held !== undefined) return held;
  const restore = fromNothing('a session has no state of its own');
  const start = startFor(target, { jobId: undefined, firstDeployment: false, restore });
  return firstStep(situation, startRecord(situation, target.spec, start), [changed(target, ANEW)]);
};

const ANEW = 'the session is started anew; its high-availability data is kept';

/** Why a session must not be started anew yet: jobs that keep state run on it, and it could not recover them. */
function heldByJobs(situation: Situation, record: FlinkRecord, target: Target): Intent | undefined {
  const { jobManager, rest, statefulJobs = [] } = situation.observed;
  const why = whyJobsAreLost(situation, record, target);
  if (why === undefined || statefulJobs.length === 0) return undefined;
  if (jobManager === undefined || isBeingDeleted(jobManager) || cannotAnswer(situation)) return undefined;
  const paths = target.diff.paths.join(', ');
  const answer = knownValue(rest);
  if (answer === undefined) {
    const message = `the change of ${paths} waits until the JobManager says which jobs run on the session, since ${why}`;
    return { because: 'WaitingForJobManager', message, phase: 'progressing', probe: 'fast' };
  }
  const there = new Set(answer.jobs.map(({ id }) => id));
  const names = statefulJobs.filter(({ jobId }) => there.has(jobId)).map(({ name }) => name);
  if (names.length === 0) return undefined;
  const message =
    `the change of ${paths} waits until the session jobs that keep state are suspended (spec.job.state): ${named(names)}; ` +
    `${why}. They may run again once it is started anew`;
  return { because: 'WaitingForSessionJobs', message, phase: 'progressing', probe: 'fast' };
}

/** Why a session that is started anew for a target recovers none of its jobs; undefined where it does. */
export function whyJobsAreLost(
  { resource, defaults }: Situation,
  { spec: before }: FlinkRecord,
  { spec }: Target,
): string | undefined {
  const recovers = [before, spec].every((one) =>
    isHighlyAvailable(effectiveConf({ ...resource, spec: one } as FlinkDeployment, defaults)),
  );
  if (!recovers) return 'without high availability, before and after, the session recovers none of its jobs';
  if (before.flinkVersion === spec.flinkVersion) return undefined;
  return 'high-availability data is readable only by the Flink version that wrote it, and flinkVersion changes';
}

/** Jobs named in a message. */
const MAX_NAMED = 10;

/** Why a session must not be deleted yet: jobs use it, or nobody can tell. Undefined when it may go. */
export function sessionInUse(situation: Situation): Intent | undefined {
  const { record, observed } = situation;
  if (record === undefined || !isSession(record.spec)) return undefined;
  const { sessionBlockOnJobs, sessionBlockOnUnmanagedJobs } = optionsOf(situation);
  if (!sessionBlockOnJobs) return undefined;
  const { sessionJobs = [] } = observed;
  if (sessionJobs.length > 0) {
    return blocked(situation, `the session jobs ${named(sessionJobs)} use this session and must be deleted first`);
  }
  return sessionBlockOnUnmanagedJobs ? unmanagedJobs(situation) : undefined;
}

function optionsOf({ resource, record, target, defaults }: Situation) {
  const spec = target?.spec ?? record?.spec;
  return jobOptions(effectiveConf({ ...resource, spec } as FlinkDeployment, defaults));
}

/** Jobs that no FlinkSessionJob stands for. What the JobManager does not tell is not taken for "none", unless it cannot. */
function unmanagedJobs(situation: Situation): Intent | undefined {
  const { jobManager, rest } = situation.observed;
  if (jobManager === undefined || isBeingDeleted(jobManager)) return undefined;
  const answer = knownValue(rest);
  if (answer !== undefined) {
    const ids = answer.jobs.filter(({ state }) => !isTerminal(state)).map(({ id }) => id);
    return ids.length === 0
      ? undefined
      : blocked(situation, `the jobs ${named(ids)} run on this session and must be cancelled first`);
  }
  if (cannotAnswer(situation)) return undefined;
  const message =
    'waiting for the JobManager to tell whether jobs run on this session; kubernetes.operator.session.deletion.block-on-unmanaged-jobs: "false" deletes it all the same';
  return { because: 'Deleting', message, phase: 'progressing', probe: 'fast' };
}

/** The JobManager was asked, and what is known of its pod says that it will not answer. */
function cannotAnswer({ observed }: Situation): boolean {
  if (observed.rest.kind === 'known' || observed.rest === unasked) return false;
  return findTrouble(observed)?.who.startsWith('JobManager') === true;
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).join(', ');
  return names.length > MAX_NAMED ? `${shown} and ${names.length - MAX_NAMED} more` : shown;
}

function blocked({ status }: Situation, message: string): Intent {
  const told = status?.conditions?.some((condition) => condition.message === message) === true;
  const events = told ? [] : [warning('CleanupFailed', message)];
  return { because: 'CleanupFailed', message, phase: 'progressing', events, probe: 'slow' };
}
