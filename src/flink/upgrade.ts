import { knownValue, unasked } from '../core/fact.ts';
import { isBeingDeleted } from '../kube/object.ts';
import { isSet } from './conf/entry.ts';
import { SAVEPOINT_DIRECTORY } from './configuration.ts';
import type { FlinkReason } from './events.ts';
import { effectiveConf, type FlinkConf, isHighlyAvailable } from './flink-conf.ts';
import { orItsSavepoint } from './known-savepoint.ts';
import { isStarting, isTerminal, type JobFacts } from './observed.ts';
import { type JobOptions, jobOptions } from './options.ts';
import { findTrouble, wasNeverAvailable } from './pods.ts';
import type { FlinkRecord } from './record.ts';
import {
  checkpointPath,
  fromNothing,
  type HaMetadata,
  haMetadata,
  isSpent,
  leftState,
  type Restore,
  restoreLeft,
} from './restore.ts';
import { howToRunAgain, runAgain } from './run-again.ts';
import type { FlinkDeployment, FlinkDeploymentSpec, UpgradeMode } from './schema.ts';
import type { Situation, Target } from './situation.ts';
import { VANISHED, vanishesInMs } from './vanished.ts';

/**
 * How a running job is brought to its end so that its state is kept, and what the next run starts from.
 * - proceed: nothing needs to be asked of Flink first; the cluster is taken down and `restore` is what comes next.
 * - savepoint, cancel: Flink is asked to stop the job, and where its state is becomes known when it has.
 * - wait: nothing is done until something changes by itself.
 * - manual: the newest state is not known and never will be by waiting; a human must say what to start from.
 */
export type StopChoice =
  | { readonly kind: 'proceed'; readonly restore: Restore }
  | { readonly kind: 'savepoint' | 'cancel'; readonly why: string }
  | { readonly kind: 'wait'; readonly because: FlinkReason; readonly message: string }
  | { readonly kind: 'manual'; readonly message: string };

/** What the rules below look at. */
interface Case {
  readonly situation: Situation;
  readonly record: FlinkRecord;
  readonly mode: UpgradeMode;
  readonly whyEmpty: string;
  readonly wanted: FlinkDeploymentSpec;
  readonly job: JobFacts | undefined;
  readonly ha: HaMetadata;
  /** High availability is on in what runs and in what is to run. */
  readonly haActive: boolean;
  readonly versionChanged: boolean;
  readonly hasSavepointDirectory: boolean;
  readonly options: JobOptions;
}

type StopRule = (given: Case) => StopChoice | undefined;

/**
 * The upgrade decision of the Flink Kubernetes Operator 1.15 (AbstractJobReconciler.getJobUpgrade and its application
 * continuation), as rules of which the first that answers wins.
 */
const RULES: readonly StopRule[] = [
  stateless,
  untilAsked,
  ended,
  cancelling,
  bySavepoint,
  withoutFallback,
  acrossVersions,
  fromLastState,
  byCancelling,
  fromHighAvailability,
  neverStarted,
  vanished,
  lost,
];

/** Chooses how the running job of a record is stopped for what its user wants now. */
export function chooseStop(situation: Situation, record: FlinkRecord, target: Target): StopChoice {
  const given = caseOf(situation, record, target);
  for (const rule of RULES) {
    const choice = rule(given);
    if (choice !== undefined) return choice;
  }
  const message = `the job is ${describeJob(given.job)} and neither a savepoint nor high-availability data can be had of it`;
  return { kind: 'wait', because: 'WaitingForJob', message: `${message}; waiting until it runs` };
}

/** The mode a spec asks for; stateless where it says nothing. */
export function upgradeModeOf(spec: FlinkDeploymentSpec): UpgradeMode {
  return spec.job?.upgradeMode ?? 'stateless';
}

function caseOf(situation: Situation, record: FlinkRecord, target: Target): Case {
  const [before, after] = [confOf(situation, record.spec), confOf(situation, target.spec)];
  const { resource, observed } = situation;
  return {
    situation,
    record,
    mode: target.mode,
    whyEmpty: target.whyEmpty,
    wanted: target.spec,
    job: knownValue(observed.rest)?.job,
    ha: haMetadata(observed.haConfigMaps, resource.metadata.name, record.jobId),
    haActive: isHighlyAvailable(before) && isHighlyAvailable(after),
    versionChanged: record.spec.flinkVersion !== target.spec.flinkVersion,
    hasSavepointDirectory: SAVEPOINT_DIRECTORY.some((key) => isSet(after, key)),
    options: jobOptions(after),
  };
}

function confOf({ resource, defaults }: Situation, spec: FlinkDeploymentSpec): FlinkConf {
  return effectiveConf({ ...resource, spec } as FlinkDeployment, defaults);
}

function describeJob(job: JobFacts | undefined): string {
  return job === undefined ? 'not known to the JobManager' : job.state;
}

function stateless({ mode, whyEmpty }: Case): StopChoice | undefined {
  return mode === 'stateless' ? { kind: 'proceed', restore: fromNothing(whyEmpty) } : undefined;
}

/** Right after a start of the operator nobody has asked the JobManager yet, and what it says decides. */
function untilAsked({ situation }: Case): StopChoice | undefined {
  const { rest, jobManager } = situation.observed;
  if (rest !== unasked || jobManager === undefined || isBeingDeleted(jobManager)) return undefined;
  return { kind: 'wait', because: 'WaitingForJobManager', message: 'asking the JobManager how its job stands' };
}

function ended(given: Case): StopChoice | undefined {
  const { situation, record, job } = given;
  const answer = knownValue(situation.observed.rest);
  if (answer === undefined || job === undefined) return endedBefore(given);
  if (!isTerminal(job.state)) return undefined;
  const left = leftState(answer, record.restore);
  if (left.kind === 'pending') return { kind: 'wait', because: 'WaitingForJobManager', message: left.why };
  const restore = restoreLeft(left, job.id);
  return restore === undefined ? { kind: 'manual', message: left.why } : goOnFrom(given, restore);
}

/** From what the last run left; where that is nothing, only by its user's wish for another run. */
function goOnFrom({ record, wanted, situation: { resource, status } }: Case, last: Restore): StopChoice {
  const left = orItsSavepoint(last, { uid: resource.metadata.uid ?? '', status, record });
  const restore = isSpent(left) ? runAgain(left, record.spec, wanted) : left;
  return restore === undefined ? { kind: 'manual', message: howToRunAgain(left.why) } : { kind: 'proceed', restore };
}

/** The job was seen to end, and its JobManager cannot be asked any more: what was recorded of its end then holds. */
function endedBefore(given: Case): StopChoice | undefined {
  const { situation, record, ha, haActive } = given;
  const { status, observed } = situation;
  const { restore, jobId } = record;
  const state = status?.jobStatus?.state;
  if (state === undefined || !isTerminal(state)) return undefined;
  if (restore.leftBy !== undefined && restore.leftBy === jobId) return goOnFrom(given, restore);
  if (observed.jobManager !== undefined) return undefined;
  // Flink takes that data away at the end of a job: its JobManager was lost before it had.
  if (state === 'FAILED' && ha.newestCheckpoint !== undefined && haActive) return undefined;
  return { kind: 'manual', message: `the job ended as ${state} and where it left its state is not known` };
}

function cancelling({ job }: Case): StopChoice | undefined {
  if (job?.state !== 'CANCELLING') return undefined;
  return { kind: 'wait', because: 'WaitingForJob', message: `waiting for job ${job.id} to be cancelled` };
}

function bySavepoint({ mode, job }: Case): StopChoice | undefined {
  return mode === 'savepoint' && job?.state === 'RUNNING'
    ? { kind: 'savepoint', why: 'upgradeMode is savepoint' }
    : undefined;
}

function withoutFallback({ mode, job, versionChanged, options }: Case): StopChoice | undefined {
  if (mode !== 'savepoint' || versionChanged || options.lastStateFallbackEnabled) return undefined;
  const message = `upgradeMode is savepoint and the job is ${describeJob(job)}; waiting until it is RUNNING, because ${FALLBACK} is off`;
  return { kind: 'wait', because: 'WaitingForJob', message };
}

const FALLBACK = 'kubernetes.operator.job.upgrade.last-state-fallback.enabled';

/** High-availability data and job graphs can be read only by the Flink version that wrote them. */
function acrossVersions(given: Case): StopChoice | undefined {
  const { versionChanged, job, hasSavepointDirectory } = given;
  if (!versionChanged) return undefined;
  const why = 'flinkVersion changes, and high-availability data is readable only by the version that wrote it';
  if (job?.state === 'RUNNING' && hasSavepointDirectory) return { kind: 'savepoint', why };
  if (isCancellable(given)) return { kind: 'cancel', why };
  if (job !== undefined || given.ha.available) {
    return {
      kind: 'wait',
      because: 'WaitingForJob',
      message: `${why}; the job is ${describeJob(job)}, waiting until it runs`,
    };
  }
  return undefined;
}

function fromLastState(given: Case): StopChoice | undefined {
  const { mode, job, options, situation } = given;
  if (mode !== 'last-state' || job?.state !== 'RUNNING') return undefined;
  const age = options.maxAllowedCheckpointAgeMs;
  const now = situation.now.getTime();
  if (age === undefined || now - job.startTime <= age) return byCancelling(given);
  const checkpoints = knownValue(situation.observed.rest)?.checkpoints;
  if (checkpoints === undefined) {
    return { kind: 'wait', because: 'WaitingForJobManager', message: 'asking the JobManager for its checkpoints' };
  }
  const newest = Math.max(0, checkpoints.checkpoint?.completedAt ?? 0, checkpoints.savepoint?.completedAt ?? 0);
  if (now - newest <= age) return byCancelling(given);
  if (checkpoints.inProgress.some(({ triggeredAt }) => now - triggeredAt <= age)) {
    return { kind: 'wait', because: 'WaitingForCheckpoint', message: 'waiting for the checkpoint under way' };
  }
  return { kind: 'savepoint', why: 'the newest checkpoint is older than last-state.max.allowed.checkpoint.age' };
}

/** Without high-availability data, or where the user prefers it, Flink itself ends the job and keeps its checkpoint. */
function byCancelling(given: Case): StopChoice | undefined {
  const { ha, haActive, options } = given;
  if (!isCancellable(given)) return undefined;
  if (options.lastStateJobCancelEnabled) return { kind: 'cancel', why: 'last-state.job-cancel.enabled is set' };
  if (ha.available && haActive) return undefined;
  return { kind: 'cancel', why: ha.available ? 'high availability changes' : 'there is no high-availability data' };
}

/** Not one that is only just recovered: it has not looked for its state yet, and would leave nothing that tells of that. */
function isCancellable({ job, ha }: Case): boolean {
  if (job === undefined || (ha.available && isStarting(job.state))) return false;
  return !isTerminal(job.state) && job.state !== 'RECONCILING' && job.state !== 'CANCELLING';
}

function fromHighAvailability({ ha, haActive, situation, job, record }: Case): StopChoice | undefined {
  if (!ha.available || !haActive) return undefined;
  const why = `the job is ${describeJob(job)} and its high-availability data is kept`;
  return { kind: 'proceed', restore: lastState(situation, record, why) };
}

/**
 * A start from high-availability data. Should that turn out to hold no checkpoint, the state is what the run before
 * started from itself.
 */
export function lastState(situation: Situation, { restore }: FlinkRecord, why: string): Restore {
  const known = newestKnown(situation);
  const before = restore.path === undefined ? {} : { path: restore.path };
  const empty = restore.mode === 'stateless' || restore.startedEmpty === true ? { startedEmpty: true } : {};
  return { mode: 'last-state', why, ...(known.path === undefined ? before : known), ...empty };
}

/** Where the newest snapshot is that the JobManager told of. */
function newestKnown({ observed }: Situation): Pick<Restore, 'path' | 'checkpointId'> {
  const checkpoints = knownValue(observed.rest)?.checkpoints;
  const known = [checkpoints?.checkpoint, checkpoints?.savepoint, checkpoints?.restored].filter((s) => s !== undefined);
  const newest = known.reduce<(typeof known)[number] | undefined>(
    (a, b) => (a !== undefined && a.id > b.id ? a : b),
    undefined,
  );
  return newest?.path === undefined ? {} : { path: newest.path, checkpointId: newest.id };
}

/** Where the newest checkpoint of what runs is, as far as its JobManager or its high-availability data tell. */
export function newestOfRun(situation: Situation, { spec, jobId }: FlinkRecord): string | undefined {
  const { resource, observed } = situation;
  const known = newestKnown(situation);
  const { newestCheckpoint } = haMetadata(observed.haConfigMaps, resource.metadata.name, jobId);
  if (newestCheckpoint === undefined || (known.checkpointId ?? -1) >= newestCheckpoint) return known.path;
  return checkpointPath(confOf(situation, spec), jobId ?? '', newestCheckpoint);
}

/** A cluster whose JobManager never came up has no state of its own: what it was to start from still holds. */
function neverStarted({ situation, record }: Case): StopChoice | undefined {
  const { jobManager, rest } = situation.observed;
  if (jobManager === undefined || rest.kind === 'known') return undefined;
  if (record.restore.mode === 'last-state' || !wasNeverAvailable(jobManager)) return undefined;
  const why = `the JobManager never came up, so the next run starts as this one should have: ${record.restore.why}`;
  return { kind: 'proceed', restore: { ...record.restore, why } };
}

function vanished({ situation, record }: Case): StopChoice | undefined {
  return vanishesInMs(situation, record) === 0 ? { kind: 'manual', message: VANISHED } : undefined;
}

function lost({ situation, ha, mode }: Case): StopChoice | undefined {
  const { observed } = situation;
  const missing = observed.jobManager === undefined || isBeingDeleted(observed.jobManager);
  const broken = observed.rest.kind !== 'known' && findTrouble(observed)?.who.startsWith('JobManager') === true;
  if (ha.available || !(missing || broken)) return undefined;
  const found = missing ? 'is missing' : 'cannot come up';
  return {
    kind: 'manual',
    message: `upgradeMode is ${mode}, the JobManager ${found} and there is no high-availability data to go on from`,
  };
}
