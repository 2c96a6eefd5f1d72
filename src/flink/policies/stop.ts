import { knownValue, unasked } from '../../core/fact.ts';
import type { Policy } from '../../core/reconciler.ts';
import { isBeingDeleted } from '../../kube/object.ts';
import { firstSet, SAVEPOINT_DIRECTORY } from '../configuration.ts';
import { normal, warning } from '../events.ts';
import { effectiveConf } from '../flink-conf.ts';
import { isTerminal, type JobFacts } from '../observed.ts';
import { jobOptions } from '../options.ts';
import { findTrouble } from '../pods.ts';
import { type FlinkRecord, runs, type Stopping, stopTriggerId } from '../record.ts';
import { fromNothing, fromPath, type Restore } from '../restore.ts';
import type { FlinkDeployment } from '../schema.ts';
import type { FlinkEffect, Intent, Situation, Target } from '../situation.ts';
import type { SnapshotProgress } from '../snapshot-facts.ts';
import { asksForRestart } from '../spec-diff.ts';
import { chooseStop, newestOfRun, type StopChoice } from '../upgrade.ts';
import { manual } from './manual.ts';
import { changed, clusterAnew, firstStep, redeployFrom, startFor, startRecord } from './start.ts';
import { suspendedAs } from './suspend.ts';

/** Waits after savepoints that failed: doubling from the first to the last, in milliseconds. */
const RETRY_MS = { first: 10_000, last: 300_000 };

/** What a job is stopped for. */
interface Goal {
  /** Still wanted: a savepoint that failed is tried again. */
  readonly wanted: boolean;
  /** The job has left its state. */
  readonly done: (restore: Restore) => Intent;
  /** How the job is stopped must be decided anew. */
  readonly anew: () => Intent | undefined;
}

/**
 * A running job must end, since its user wants another spec or no run at all: brings it to its end so that its state is
 * kept. How it is stopped, and then what the next run starts from, is recorded before anything is asked for or taken down.
 */
export const stopJob: Policy<Situation, Intent> = (situation) => {
  const { record, target } = situation;
  if (record === undefined || !runs(record) || target === undefined) return undefined;
  if (record.stopping === undefined && !asksForRestart(target.diff)) return undefined;
  if (target.diff.kind === 'redeploy') return proceed(situation, record, target, redeployed(situation, record, target));
  const goal: Goal = {
    wanted: asksForRestart(target.diff),
    done: (restore) => proceed(situation, record, target, restore),
    anew: () => stopAs(situation, record, target, chooseStop(situation, record, target)),
  };
  return carryOn(situation, record, goal) ?? goal.anew();
};

/** From the path its user names; should that be wrong, they find what the run before leaves in the record. */
function redeployed(situation: Situation, record: FlinkRecord, { spec }: Target): Restore {
  const restore = redeployFrom(spec);
  const newest = newestOfRun(situation, record);
  if (newest === undefined) return restore;
  return { ...restore, why: `${restore.why}; the newest checkpoint of the run before is ${newest}` };
}

/** Before a cluster is deleted for good: a last savepoint of its running job. Undefined when there is none to wait for. */
export function saveForDeletion(situation: Situation, record: FlinkRecord): Intent | undefined {
  const { rest } = situation.observed;
  const job = knownValue(rest)?.job;
  const goal: Goal = { wanted: true, done: (restore) => saved(record, restore), anew: () => undefined };
  if (record.stopping !== undefined) return carryOn(situation, record, goal);
  if (record.restore.leftBy === record.jobId || (job !== undefined && isTerminal(job.state))) return undefined;
  const why = 'kubernetes.operator.job.savepoint-on-deletion is on';
  if (job?.state === 'RUNNING') return ask(situation, record, { by: 'savepoint', why });
  const message = `${why} and the job is ${job?.state ?? 'not known to the JobManager'}; waiting until it runs, set it to "false" to delete without a savepoint`;
  return { because: 'WaitingForJob', message, phase: 'progressing', probe: 'fast' };
}

function saved(record: FlinkRecord, restore: Restore): Intent {
  const { stopping: _stopping, ...ended } = record;
  const message = `the last savepoint of the job is ${restore.path}`;
  const events = [normal('SavepointCompleted', message, 'Job')];
  return { because: 'Deleting', message, phase: 'progressing', record: { ...ended, restore }, events, probe: 'fast' };
}

function stopAs(situation: Situation, record: FlinkRecord, target: Target, choice: StopChoice): Intent | undefined {
  switch (choice.kind) {
    case 'proceed':
      return proceed(situation, record, target, choice.restore);
    case 'savepoint':
    case 'cancel':
      return ask(situation, record, { by: choice.kind, why: choice.why });
    case 'wait':
      // What cannot be stopped as its user wants may still have to be recovered.
      if (situation.observed.jobManager === undefined) return undefined;
      return { because: choice.because, message: choice.message, phase: 'progressing', probe: 'fast' };
    case 'manual':
      return manual(choice.message, situation.status);
  }
}

/** The next run, or none, from the state that was settled on. */
function proceed(situation: Situation, record: FlinkRecord, target: Target, restore: Restore): Intent {
  const { stopping: _stopping, ...ended } = record;
  if (target.desired === 'suspended') return suspendedAs(situation, target.spec, { ...ended, restore });
  const from = target.once === undefined ? restore : fromNothing(target.whyEmpty);
  const start = startFor(target, { jobId: ended.jobId, firstDeployment: false, restore: from });
  return firstStep(situation, startRecord(situation, target.spec, start), [changed(target, clusterAnew(from))]);
}

/** Records how the job is stopped and asks Flink for it, or asks again: the same request, so that nothing happens twice. */
function ask(situation: Situation, record: FlinkRecord, wanted: Pick<Stopping, 'by' | 'why'>): Intent {
  const { resource, now, target } = situation;
  const rejected = target?.rejects;
  const { by, why } = wanted;
  const { since, failures } = record.stopping ?? { since: now.getTime(), failures: 0 };
  const triggerId = stopTriggerId(resource.metadata.uid ?? '', record, { by, since, failures });
  const stopping: Stopping = { by, why, triggerId, since, failures };
  const doing = by === 'savepoint' ? 'stopping the job with a savepoint' : CANCELLING;
  const message = `${doing} (${why})`;
  const first = record.stopping?.triggerId !== triggerId;
  return {
    because: by === 'savepoint' ? 'TakingSavepoint' : 'CancellingJob',
    message,
    phase: 'progressing',
    record: { ...record, ...(rejected === undefined ? {} : { rejected }), stopping },
    actions: [{ kind: 'effect', effect: stopEffect(situation, record, stopping), because: doing }],
    events: first ? [normal('Suspended', message, 'Job')] : [],
    requeueAfterMs: 5000,
    probe: 'fast',
  };
}

const CANCELLING = 'cancelling the job to go on from its newest checkpoint';

function stopEffect(situation: Situation, record: FlinkRecord, { by, triggerId }: Stopping): FlinkEffect {
  const jobId = record.jobId ?? '';
  if (by === 'cancel') return { kind: 'cancel-job', jobId };
  const { resource, defaults, target } = situation;
  const conf = effectiveConf({ ...resource, spec: target?.spec ?? record.spec } as FlinkDeployment, defaults);
  const { savepointFormat: formatType, drainOnSavepointDeletion: drain } = jobOptions(conf);
  const values = new Map([...conf].map(([key, { value }]) => [key, value]));
  const targetDirectory = firstSet(values, SAVEPOINT_DIRECTORY);
  return { kind: 'stop-with-savepoint', jobId, triggerId, targetDirectory, formatType, drain };
}

/** Carries on with a stop that Flink was asked for; undefined when there is none or it has to be decided anew. */
function carryOn(situation: Situation, record: FlinkRecord, goal: Goal): Intent | undefined {
  const { stopping } = record;
  if (stopping === undefined) return undefined;
  const answer = knownValue(situation.observed.rest);
  if (answer === undefined) return untilAnswered(situation);
  const { job, stop } = answer;
  if (job === undefined) return undefined;
  const progress = stop?.triggerId === stopping.triggerId ? stop.progress : undefined;
  return (
    afterSavepoint(situation, { record, stopping, progress, job }, goal) ??
    askAgain(situation, { record, stopping, progress, job })
  );
}

/** A stop under way, and what Flink says of it. */
interface Asked {
  readonly record: FlinkRecord;
  readonly stopping: Stopping;
  readonly progress: SnapshotProgress | undefined;
  readonly job: JobFacts;
}

/** The savepoint came to an end, well or not. */
function afterSavepoint(
  situation: Situation,
  { record, stopping, progress, job }: Asked,
  goal: Goal,
): Intent | undefined {
  if (stopping.retryAt !== undefined)
    return isTerminal(job.state) ? undefined : retry(situation, record, stopping, goal);
  const path = progress?.kind === 'completed' || progress?.kind === 'failed' ? progress.location : undefined;
  if (path !== undefined) return goal.done(fromSavepoint(path, job.id, stopping));
  if (progress?.kind !== 'failed' || isTerminal(job.state)) return undefined;
  return failed(situation, record, { stopping, goal, cause: progress.cause });
}

/** Waits, and asks for what the JobManager does not know of; undefined when the job cannot do as asked any more. */
function askAgain(situation: Situation, { record, stopping, progress, job }: Asked): Intent | undefined {
  if (isTerminal(job.state)) return undefined;
  const lost = progress?.kind === 'unknown-trigger';
  if (stopping.by === 'savepoint' && lost && job.state !== 'RUNNING') return undefined;
  const intent = ask(situation, record, stopping);
  return lost || (stopping.by === 'cancel' && job.state !== 'CANCELLING') ? intent : { ...intent, actions: [] };
}

/** What Flink was asked for may be done or not: unless its JobManager cannot come back, it alone can tell. */
function untilAnswered({ observed }: Situation): Intent | undefined {
  const { jobManager } = observed;
  if (jobManager === undefined || isBeingDeleted(jobManager)) return undefined;
  if (observed.rest !== unasked && findTrouble(observed)?.who.startsWith('JobManager') === true) return undefined;
  const message = 'the job is being stopped; waiting for the JobManager to answer';
  return { because: 'WaitingForJobManager', message, phase: 'progressing', probe: 'fast' };
}

function fromSavepoint(path: string, jobId: string, { since }: Stopping): Restore {
  const why = `the savepoint that stopped job ${jobId}, asked for at ${new Date(since).toISOString()}`;
  return { ...fromPath(path, why), leftBy: jobId, askedAt: since };
}

interface FailedStop {
  readonly stopping: Stopping;
  readonly goal: Goal;
  readonly cause: string;
}

/** The savepoint failed and the job goes on: another is tried later, unless the user wants the present spec again. */
function failed(situation: Situation, record: FlinkRecord, { stopping, goal, cause }: FailedStop): Intent {
  const failures = stopping.failures + 1;
  const waitMs = Math.min(RETRY_MS.first * 2 ** (failures - 1), RETRY_MS.last);
  const next = goal.wanted
    ? `the next is tried in ${waitMs / 1000} s`
    : 'none is tried again, since the spec is as before';
  const message = `the savepoint that was to stop the job failed: ${cause}; the job goes on, ${next}`;
  const { stopping: _stopping, ...running } = record;
  const retrying = { ...running, stopping: { ...stopping, failures, retryAt: situation.now.getTime() + waitMs } };
  return {
    because: 'SavepointError',
    message,
    phase: 'progressing',
    record: goal.wanted ? retrying : running,
    events: [{ ...warning('SavepointError', message, 'Job'), dedupe: stopping.triggerId }],
    requeueAfterMs: waitMs,
    probe: 'fast',
  };
}

/** Waits for the time of the next savepoint, then decides anew, since the job may stand otherwise by then. */
function retry(situation: Situation, record: FlinkRecord, stopping: Stopping, goal: Goal): Intent | undefined {
  const { stopping: _stopping, ...running } = record;
  if (!goal.wanted) {
    return { because: 'JobRunning', message: 'the job goes on', phase: 'progressing', record: running, probe: 'fast' };
  }
  const at = stopping.retryAt ?? 0;
  const waitMs = at - situation.now.getTime();
  if (waitMs <= 0) return goal.anew() ?? ask(situation, record, stopping);
  const message = `${stopping.failures} savepoints that were to stop the job failed; the next is tried at ${new Date(at).toISOString()}`;
  return { because: 'SavepointError', message, phase: 'progressing', requeueAfterMs: waitMs, probe: 'fast' };
}
