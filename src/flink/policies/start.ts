import type { Action, EventDraft } from '../../core/plan.ts';
import type { Policy } from '../../core/reconciler.ts';
import type { KubeObject } from '../../kube/object.ts';
import { deepEqual } from '../../lib/json.ts';
import { normal } from '../events.ts';
import { effectiveConf } from '../flink-conf.ts';
import { keptOnce } from '../kept-once.ts';
import { FLINK_REASONS } from '../reasons.ts';
import { type FlinkRecord, newJobId, runs } from '../record.ts';
import {
  checkpointPath,
  describeRestore,
  fromNothing,
  fromPath,
  graphKeys,
  type HaMetadata,
  haMetadata,
  isSpent,
  type Restore,
} from '../restore.ts';
import { restoreAgain } from '../restore-again.ts';
import { howToRunAgain, resumedFrom } from '../run-again.ts';
import type { FlinkDeployment, FlinkDeploymentSpec } from '../schema.ts';
import { FLINK_FINALIZER, type FlinkEffect, type Intent, type Situation, type Target } from '../situation.ts';
import { asksForRestart } from '../spec-diff.ts';
import type { Once } from '../stateless-once.ts';
import { isForeign } from '../taken-over.ts';
import { tellsFailure } from '../told-failure.ts';
import { isSession } from '../validate-change.ts';
import { createActions, missingChildren } from './creation.ts';
import { manual } from './manual.ts';
import { quietly } from './quiet.ts';
import { GOING, teardown } from './teardown.ts';

/** What is said from the moment the JobManager Deployment is seen until it is available. */
export const STARTING = 'the JobManager Deployment was created, waiting for the JobManager to answer';

/** Configuration key by which a user fixes the job's id. */
const JOB_ID_KEY = '$internal.pipeline.job-id';

/**
 * Decides a start when the job is to run and nothing of it runs that has state to keep: the first one, one that was being
 * prepared and whose spec changed or that another operator prepared, one after a suspension. All of it is recorded before
 * anything is touched.
 */
export const beginStart: Policy<Situation, Intent> = (situation) => {
  const { target, record } = situation;
  if (target?.desired !== 'running' || !(asksForRestart(target.diff) || isPreparedByAnother(situation)))
    return undefined;
  if (record !== undefined && runs(record)) return undefined;
  const neverDeployed = record === undefined || (record.firstDeployment && record.state === 'UPGRADING');
  const restore =
    target.diff.kind === 'redeploy' ? redeployFrom(target.spec) : restoreOf(situation, target, neverDeployed);
  const start = { jobId: record?.jobId, firstDeployment: neverDeployed, restore };
  const change = startRecord(situation, target.spec, startFor(target, start));
  return firstStep(
    situation,
    change,
    record === undefined ? [] : [changed(target, clusterAnew(restore), 'another operator had begun a start')],
  );
};

/** A start that does what is asked for once, and remembers the spec it replaces against its author's will. */
export function startFor({ once, rejects }: Target, start: NewStart): NewStart {
  const { jobId, firstDeployment, restore } = start;
  return {
    jobId,
    firstDeployment,
    restore,
    ...(once === undefined ? {} : { spends: once }),
    ...(rejects === undefined ? {} : { rejected: rejects }),
  };
}

/** What is started anew, and from what, in words for `changed`. */
export function clusterAnew(restore: Restore): string {
  return `the cluster is started anew ${describeRestore(restore)}: ${restore.why}`;
}

/** The event that tells why what `anew` says is done; `stopped` says why where the spec did not change. */
export function changed(
  { diff, rejects }: Pick<Target, 'diff' | 'rejects'>,
  anew: string,
  stopped = 'the job was stopped',
): EventDraft {
  const paths = diff.paths.join(', ');
  if (rejects !== undefined) {
    return normal(
      'Rollback',
      `the spec did not become stable in time, going back to the last stable one (${paths}); ${anew}`,
    );
  }
  return normal('SpecChanged', `${diff.paths.length === 0 ? stopped : `spec changed (${paths})`}, ${anew}`);
}

/** Another operator recorded a start and nothing of it is there: it is decided anew, under an id that nothing ran with. */
function isPreparedByAnother({ record, status }: Situation): boolean {
  return record?.state === 'UPGRADING' && isForeign(status);
}

/** What a start begins from when nothing runs: the first from the path its user gives, later ones as recorded. */
function restoreOf(situation: Situation, { spec, mode, whyEmpty }: Target, neverDeployed: boolean): Restore {
  const { record } = situation;
  if (neverDeployed) return firstRestore(spec);
  if (mode === 'stateless') return fromNothing(whyEmpty);
  if (record === undefined) return fromNothing('nothing was kept of the run before');
  return resumedFrom(restoreAgain(situation, record), record.spec, spec);
}

/** What the very first run starts from. */
export function firstRestore({ job }: FlinkDeploymentSpec): Restore {
  const path = job?.initialSavepointPath?.trim() ?? '';
  if (path === '') return fromNothing('it is the first run and spec.job.initialSavepointPath is not set');
  return fromPath(path, 'it is the first run and spec.job.initialSavepointPath names it');
}

/** What a changed savepointRedeployNonce asks for. */
export function redeployFrom({ job }: FlinkDeploymentSpec): Restore {
  const why = `spec.job.savepointRedeployNonce is ${job?.savepointRedeployNonce}`;
  return fromPath(job?.initialSavepointPath?.trim() ?? '', why);
}

/** Carries on with a start that was recorded: what is of another start goes first, then everything is created. */
export const continueStart: Policy<Situation, Intent> = (situation) => {
  const { record } = situation;
  if (record?.state !== 'UPGRADING') return undefined;
  const step = quietly(situation, record.timestamp, stepTowards(situation, record));
  const repeats = step.because === 'Deploying' && step.record === undefined && situation.refusal === undefined;
  return repeats && tellsFailure(situation, isFailure) ? { ...step, keepsStatus: true } : step;
};

/** Words of failed passes that are in the table of reasons, too: no decision has them for Ready. */
const FAILURES = ['Error', 'QuotaExceeded'];

function isFailure(reason: string): boolean {
  return FAILURES.includes(reason) || !Object.hasOwn(FLINK_REASONS, reason);
}

/** What is new in a start. */
export interface NewStart extends Pick<FlinkRecord, 'jobId' | 'firstDeployment' | 'restore'> {
  /** The spec that is given up for this one. */
  readonly rejected?: FlinkDeploymentSpec;
  /** The request for one start without state that is done with it. */
  readonly spends?: Once;
}

/** The record of a start decided now. A job that goes on from high-availability data keeps its id, any other gets a new one. */
export function startRecord(
  situation: Situation,
  spec: FlinkDeploymentSpec,
  { jobId: before, firstDeployment, restore, spends, rejected }: NewStart,
): FlinkRecord {
  const { metadata } = situation.resource;
  const timestamp = situation.now.getTime();
  const conf = effectiveConf({ ...situation.resource, spec } as FlinkDeployment, situation.defaults);
  const fresh = conf.get(JOB_ID_KEY)?.value ?? newJobId(metadata.uid ?? '', metadata.generation ?? 0, timestamp);
  const ofJob = restore.mode === 'last-state' ? (before ?? fresh) : fresh;
  const jobId = isSession(spec) ? undefined : ofJob;
  const kept = keptOnce(situation.record, { timestamp, restore });
  const once = spends === undefined ? kept : { once: { ...spends, at: timestamp } };
  const start = { spec, firstDeployment, timestamp, jobId, restore, ...once };
  const given = rejected === undefined ? start : { ...start, rejected };
  return { state: 'UPGRADING', jobState: 'suspended', ...given };
}

/** The pass in which a start is decided: recorded, and begun at once if nothing stands in the way. */
export function firstStep(situation: Situation, change: FlinkRecord, events: Intent['events'] = []): Intent {
  const next = stepTowards(situation, change);
  const finalizer: Action<FlinkEffect> = {
    kind: 'finalizer',
    op: 'add',
    finalizer: FLINK_FINALIZER,
    because: 'first start',
  };
  const held = situation.resource.metadata.finalizers?.includes(FLINK_FINALIZER) === true;
  return {
    record: change,
    ...next,
    actions: [...(held ? [] : [finalizer]), ...(next.actions ?? [])],
    events: [...(events ?? []), ...(next.events ?? [])],
  };
}

function stepTowards(situation: Situation, start: FlinkRecord): Intent {
  // The jobs of a session are recovered from its high-availability data, if there is any.
  if (start.restore.mode === 'savepoint' && (start.restore.path ?? '') === '')
    return stateLost(situation, start, isSpent(start.restore) ? howToRunAgain(start.restore.why) : UNKNOWN_PATH);
  const step = teardown(situation, start.timestamp, isSession(start.spec) ? 'last-state' : start.restore.mode);
  if (step !== undefined) return { because: 'Upgrading', phase: 'progressing', ...step };
  return start.restore.mode === 'last-state' ? fromHaData(situation, start) : create(situation, start);
}

/**
 * Before a start from high-availability data: the job graph of the run before is taken out of it, for Flink would run that
 * instead of the new one, and there must be state in it.
 */
function fromHaData(situation: Situation, start: FlinkRecord): Intent {
  const { resource, observed } = situation;
  const ha = haMetadata(observed.haConfigMaps, resource.metadata.name, start.jobId);
  if (ha.withGraph.length > 0) return withoutGraphs(ha.withGraph);
  const restore = refined(situation, start, ha);
  if (restore === undefined) return stateLost(situation, start, haLost(start));
  if (deepEqual(restore, start.restore)) return create(situation, start);
  const found = { ...start, restore };
  return { ...create(situation, found), record: found };
}

function withoutGraphs(configMaps: readonly KubeObject[]): Intent {
  const actions = configMaps.map((object) => ({
    kind: 'patch' as const,
    object,
    patch: { data: Object.fromEntries(graphKeys(object).map((key) => [key, null])) },
    because: 'Flink would run the job graph of the run before',
  }));
  // Part of taking the run before down, and over in a moment.
  return { because: 'Upgrading', message: GOING, phase: 'progressing', actions, requeueAfterMs: 1000, probe: 'off' };
}

/** What is really there: the checkpoint the data points to, or, when it holds none yet, what the run before started from. */
function refined(situation: Situation, start: FlinkRecord, ha: HaMetadata): Restore | undefined {
  const { restore } = start;
  if (!ha.available) return undefined;
  const { newestCheckpoint: checkpointId } = ha;
  if (checkpointId === undefined) {
    const why = 'the run before completed no checkpoint, so its state is what it started from itself';
    if (restore.path !== undefined) return fromPath(restore.path, why);
    return restore.startedEmpty === true
      ? fromNothing('the run before started empty and completed no checkpoint')
      : undefined;
  }
  if (checkpointId === restore.checkpointId) return restore;
  const { resource, defaults } = situation;
  const conf = effectiveConf({ ...resource, spec: start.spec } as FlinkDeployment, defaults);
  const path = checkpointPath(conf, start.jobId ?? '', checkpointId);
  const { path: _path, ...kept } = restore;
  return { ...kept, checkpointId, ...(path === undefined ? {} : { path }) };
}

const UNKNOWN_PATH = 'the job is to start from a savepoint or checkpoint whose path was not recorded';

/** The data is gone or points to nothing. */
function haLost({ jobId, restore }: FlinkRecord): string {
  const last = restore.path === undefined ? '' : `; the last snapshot known was ${restore.path}`;
  return `the high-availability data of job ${jobId} is gone or holds no checkpoint${last}`;
}

/** A start would lose the state, unless its user asks for that by now. */
function stateLost(situation: Situation, start: FlinkRecord, why: string): Intent {
  const { target, record } = situation;
  if (record !== undefined && target?.mode === 'stateless') {
    const restore = fromNothing(target.whyEmpty);
    return firstStep(situation, startRecord(situation, target.spec, startFor(target, { ...start, restore })));
  }
  return { ...manual(why), because: 'RestoreFailed' };
}

function create(situation: Situation, start: FlinkRecord): Intent {
  const actions = createActions(situation, start);
  return {
    because: 'Deploying',
    message: `creating the cluster, to start ${describeRestore(start.restore)}`,
    phase: 'progressing',
    actions,
    events: [normal('Submit', 'Starting deployment', 'JobManagerDeployment')],
    // Its job may run before all of the cluster is there. Where to ask follows from what is recorded.
    probe: situation.record?.timestamp === start.timestamp ? 'fast' : 'off',
    requeueAfterMs: 10_000,
  };
}

/**
 * Seen: the JobManager Deployment of the start under way. From now on the spec counts as deployed, even if its user wants
 * another by now, for its job may run and have made state.
 */
export const noteDeployed: Policy<Situation, Intent> = (situation) => {
  const { record, cluster } = situation;
  if (record?.state !== 'UPGRADING' || cluster !== 'current') return undefined;
  return {
    because: 'WaitingForJobManager',
    message: STARTING,
    phase: 'progressing',
    record: { ...record, state: 'DEPLOYED', jobState: 'running' },
    actions: missingChildren(situation),
    probe: 'fast',
  };
};
