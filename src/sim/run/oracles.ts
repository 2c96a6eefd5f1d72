import { isDeepStrictEqual } from 'node:util';
import type { FlinkDeploymentStatus } from '../../flink/schema.ts';
import { type Condition, findCondition } from '../../kube/conditions.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import { type Execution, type Ran, running, type Snapshot } from '../flink/truth.ts';
import { nothingDropped } from './dropped-state.ts';
import { savepointsKnown } from './savepoint-ledger.ts';
import type { Rule, Scenario, Settled, Violation } from './scenario.ts';
import type { Intent } from './stage.ts';
import { inForce, isFree, jobOf, namesState, runsAnew } from './wishes.ts';
import type { Witness } from './witness.ts';

/** What is wanted of a resource and what there is at one moment. Times are virtual milliseconds since the epoch. */
export interface Standing {
  /** Of the resource's job. */
  readonly truth: Ran;
  readonly witness: Witness;
  readonly intents: readonly Intent[];
  readonly settlesOn: Scenario['settlesOn'];
  /** The job's resource is not there. */
  readonly gone: boolean;
}

/** Everything the rules are checked against in the end. */
export interface Evidence extends Standing {
  /** Names of what is left of the cluster although its FlinkDeployment is gone, `Kind name`. */
  readonly left: readonly string[];
  /** Writes of the operator after everything had come to rest. */
  readonly lateWrites: readonly string[];
  /** What the operator asked for that it may never ask for. */
  readonly misdeeds: readonly string[];
}

/** How long a status may lag behind what really runs: two rounds of asking at rest. */
const STALE_MS = 30_000;

const MAX_STATUS = 64 * 1024;

/** Checks every invariant; a run without a finding is clean. */
export function judge(evidence: Evidence): readonly Violation[] {
  const rules: readonly (readonly [Rule, (evidence: Evidence) => readonly string[]])[] = [
    ['I1', singleRunner],
    ['I2', noSilentStatelessStart],
    ['I3', newestState],
    ['I4', pointersKept],
    ['I5', savepointsKnown],
    ['I6', nothingLeft],
    ['I7', statusTrue],
    ['I9', ({ lateWrites }) => lateWrites],
    ['I15', smallStatus],
    ['I16', lastIntentWins],
    ['I18', nothingDropped],
    ['I19', ({ misdeeds }) => misdeeds],
  ];
  return rules.flatMap(([rule, check]) => check(evidence).map((text) => ({ rule, text })));
}

function ended(execution: Execution): number {
  return execution.endedMs ?? Number.POSITIVE_INFINITY;
}

function named(execution: Execution): string {
  return `execution ${execution.id} (${execution.pod}, job ${execution.jobId.slice(0, 6)})`;
}

function singleRunner({ truth }: Evidence): readonly string[] {
  return truth.executions.flatMap((later, index) =>
    truth.executions
      .slice(0, index)
      .filter((earlier) => ended(earlier) > later.startedMs && ended(later) > earlier.startedMs)
      .map((earlier) => `${named(earlier)} and ${named(later)} ran at once from ${at(later.startedMs)}`),
  );
}

/** The execution whose state the given one has to go on from: the last before it that ever processed anything. */
function predecessor(truth: Ran, execution: Execution): Execution | undefined {
  return truth.executions.findLast((other) => other.id < execution.id && other.processingSinceMs !== undefined);
}

/** A JobManager that starts anew in the pod it was in, without high availability, does what its configuration says. */
function isOwnRestart(before: Execution, execution: Execution): boolean {
  const alike = before.startId === execution.startId && before.jobId === execution.jobId;
  return alike && before.restorePath === execution.restorePath && !execution.recovered;
}

/** Executions that must continue somebody's state, with what the user wanted meanwhile. */
function continued({ truth, intents }: Evidence): readonly {
  readonly execution: Execution;
  readonly before: Execution;
  readonly wanted: readonly Intent[];
}[] {
  return truth.executions.flatMap((execution) => {
    const before = predecessor(truth, execution);
    if (before === undefined || execution.origin === undefined || isOwnRestart(before, execution)) return [];
    const all = inForce(intents, Math.min(ended(before), execution.startedMs), execution.startedMs);
    const deletion = all.findLastIndex(({ spec }) => spec === undefined);
    const wanted = all.slice(deletion + 1);
    const free =
      wanted.some(isFree) ||
      (isSpent(truth, before, execution) && wanted.some((intent) => runsAnew(intent, intents, before.startedMs))) ||
      (deletion >= 0 && wanted.every((intent) => jobOf(intent).initialSavepointPath === undefined));
    return free ? [] : [{ execution, before, wanted }];
  });
}

/** It did all its work, and Flink left nothing of its state. */
function isSpent({ snapshots }: Ran, before: Execution, { startedMs }: Execution): boolean {
  const own = snapshots.filter(({ execution }) => execution === before.id);
  return (
    before.end === 'FINISHED' && own.every(({ discardedMs = Number.POSITIVE_INFINITY }) => discardedMs <= startedMs)
  );
}

function noSilentStatelessStart(evidence: Evidence): readonly string[] {
  return continued(evidence)
    .filter(
      ({ execution, before }) => execution.origin?.kind === 'empty' && leftState(evidence.truth, before, execution),
    )
    .map(({ execution, before }) => `${named(execution)} began empty after ${named(before)}`);
}

/** Whether there was state to go on from: a job that began empty and completed no snapshot leaves none. */
function leftState({ snapshots }: Ran, before: Execution, execution: Execution): boolean {
  if (before.origin?.kind === 'snapshot') return true;
  return snapshots.some((snapshot) => snapshot.execution === before.id && snapshot.completedMs <= execution.startedMs);
}

function newestState(evidence: Evidence): readonly string[] {
  return continued(evidence).flatMap(({ execution, before, wanted }) => {
    const { origin } = execution;
    if (origin?.kind !== 'snapshot') return [];
    const { snapshot } = origin;
    if (wanted.some((intent) => jobOf(intent).initialSavepointPath === snapshot.path)) return [];
    const newest = newestBefore(evidence.truth, before, execution);
    if (newest === undefined || snapshot.records >= newest.records) return [];
    return [`${named(execution)} began from ${snapshot.path}, although ${newest.path} is newer`];
  });
}

/** The newest state of an execution that could be restored when another began. Plain savepoints are copies, not restore points. */
function newestBefore(truth: Ran, before: Execution, execution: Execution): Snapshot | undefined {
  const candidates = truth.snapshots.filter(
    (snapshot) =>
      snapshot.execution === before.id &&
      snapshot.completedMs <= execution.startedMs &&
      (snapshot.discardedMs ?? Number.POSITIVE_INFINITY) > execution.startedMs &&
      (snapshot.kind === 'checkpoint' || snapshot.askedBy === 'stop'),
  );
  const own = candidates.reduce<Snapshot | undefined>(newer, undefined);
  return own ?? (before.origin?.kind === 'snapshot' ? before.origin.snapshot : undefined);
}

function newer(a: Snapshot | undefined, b: Snapshot): Snapshot {
  return a === undefined || b.records > a.records ? b : a;
}

function pointersKept({ truth, witness, intents }: Evidence): readonly string[] {
  const own = witness.lostPointers.filter(({ jobId }) =>
    truth.executions.some((execution) => execution.jobId === jobId),
  );
  return own.flatMap(({ atMs, configMap, jobId, resource }) => {
    const asked = inForce(intents, atMs, atMs).some(
      (intent) => intent.spec === undefined || isFree(intent) || namesState(intent, intents),
    );
    const snapshots = truth.snapshots.filter((snapshot) => snapshot.jobId === jobId && snapshot.completedMs <= atMs);
    const newest = snapshots.reduce<Snapshot | undefined>(newer, restoredBy(truth, jobId));
    const status = JSON.stringify(resource?.status ?? {});
    const acknowledged = newest !== undefined && newest.discardedMs === undefined && status.includes(newest.path);
    return asked || acknowledged
      ? []
      : [`${configMap} was deleted at ${at(atMs)} and ${newest?.path} is not in status`];
  });
}

/** What the last execution of a job began from. */
function restoredBy({ executions }: Ran, jobId: string): Snapshot | undefined {
  const origin = executions.findLast((execution) => execution.jobId === jobId)?.origin;
  return origin?.kind === 'snapshot' ? origin.snapshot : undefined;
}

function nothingLeft({ witness, left }: Evidence): readonly string[] {
  return [
    ...(witness.orphans > 0 ? [`${witness.orphans} executions ran on when the resource was let go`] : []),
    ...(left.length > 0 ? [`left behind: ${left.join(', ')}`] : []),
  ];
}

function statusTrue({ truth, witness, gone }: Evidence): readonly string[] {
  const lies = witness.statuses.flatMap(({ atMs, object }) => {
    const status = isRecord(object.status) ? object.status : {};
    const generation = object.metadata.generation ?? 0;
    if (Number(status.observedGeneration ?? 0) > generation) return [`observedGeneration is ahead at ${at(atMs)}`];
    const job = isRecord(status.jobStatus) ? status.jobStatus : {};
    if (job.state !== 'RUNNING' || ranAround(truth, atMs)) return [];
    return [`job RUNNING in status at ${at(atMs)}, when none was`];
  });
  const inTheEnd = gone ? [] : untoldInTheEnd(truth, witness.statuses.at(-1)?.object);
  return [...lies.slice(0, 3), ...inTheEnd];
}

/** What has been running for long is in status, and nothing that has long ended. */
function untoldInTheEnd(truth: Ran, last: KubeObject | undefined): readonly string[] {
  const status = isRecord(last?.status) ? last.status : {};
  const state = isRecord(status.jobStatus) ? status.jobStatus.state : undefined;
  const processes = running(truth).some(({ processingSinceMs }) => processingSinceMs !== undefined);
  if (processes && state !== 'RUNNING') return [`a job runs and status says ${state}`];
  return state === 'RUNNING' && running(truth).length === 0 ? ['no job runs and status says RUNNING'] : [];
}

function ranAround({ executions }: Ran, atMs: number): boolean {
  return executions.some((execution) => execution.startedMs <= atMs && ended(execution) >= atMs - STALE_MS);
}

function smallStatus({ witness }: Evidence): readonly string[] {
  const largest = Math.max(0, ...witness.statuses.map(({ object }) => JSON.stringify(object.status).length));
  return largest > MAX_STATUS ? [`a status of ${largest} bytes`] : [];
}

/** What runs, or does not, otherwise than wanted last. */
export function lastIntentWins(standing: Standing): readonly string[] {
  const { truth, intents, settlesOn, gone } = standing;
  const last = intents.at(-1);
  const spec = last?.spec;
  if (spec === undefined && !gone) return ['deleted, and still there'];
  const stands = spec === undefined || settlesOn === 'nothing' || jobOf(last).state === 'suspended';
  if (stands) return nothingRuns(standing);
  return settlesOn === 'finished' ? specFinished(standing, spec) : specRuns(running(truth), spec, settlesOn);
}

function specFinished({ truth, witness }: Standing, spec: NonNullable<Intent['spec']>): readonly string[] {
  const last = truth.executions.at(-1);
  if (last?.end !== 'FINISHED') return ['its job is to have finished, and has not'];
  const { jobStatus } = (witness.statuses.at(-1)?.object.status ?? {}) as FlinkDeploymentStatus;
  return jobStatus?.state === 'FINISHED'
    ? isOfSpec(last, spec)
    : [`its job has finished, and status says ${jobStatus?.state}`];
}

function nothingRuns({ truth, witness, settlesOn }: Standing): readonly string[] {
  const alive = running(truth).length;
  if (alive > 0) return [`${alive} jobs run, and none is to`];
  return settlesOn === 'nothing' && !saysStalled(witness) ? ['nothing runs, and status does not say why'] : [];
}

function specRuns(
  [execution]: readonly Execution[],
  spec: NonNullable<Intent['spec']>,
  settled?: Settled,
): readonly string[] {
  if (execution?.processingSinceMs === undefined) return ['it is to run, and no job does'];
  return isOfSpec(execution, spec, settled);
}

function isOfSpec(
  execution: Execution,
  spec: NonNullable<Intent['spec']>,
  { image, args, parallelism = Number(wantedParallelism(spec)) }: Settled = asWritten(spec),
): readonly string[] {
  const sameCode = image === undefined ? isDeepStrictEqual(execution.args, args ?? []) : execution.image === image;
  const sameJar = fetchedJar(spec) === undefined || fetchedJar(spec) === execution.jar;
  const wrong = !sameCode || !sameJar || execution.parallelism !== parallelism;
  return wrong ? [`${execution.image} runs with ${execution.parallelism}, not what the spec says`] : [];
}

function asWritten(spec: NonNullable<Intent['spec']>): Settled {
  const { image, args } = { ...spec, ...jobOf({ spec }) } as Settled;
  return { ...(image === undefined ? {} : { image }), ...(args === undefined ? {} : { args }) };
}

/** The URL of the jar it has fetched, where that is how its code comes to the cluster. */
function fetchedJar(spec: NonNullable<Intent['spec']>): unknown {
  const { jarURI } = jobOf({ spec });
  return String(jarURI).startsWith('https:') ? jarURI : undefined;
}

function saysStalled({ statuses }: Witness): boolean {
  const { conditions } = (statuses.at(-1)?.object.status ?? {}) as { readonly conditions?: readonly Condition[] };
  return findCondition(conditions, 'Stalled')?.status === 'True';
}

function at(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}

/** Slots of the TaskManagers it asks for, else its widest vertex, else the job's. */
function wantedParallelism({ job, taskManager, flinkConfiguration }: Readonly<Record<string, unknown>>): unknown {
  const options = isRecord(flinkConfiguration) ? flinkConfiguration : {};
  const replicas = isRecord(taskManager) ? taskManager.replicas : undefined;
  if (replicas !== undefined) return Number(replicas) * Number(options['taskmanager.numberOfTaskSlots']);
  const overrides = String(options['pipeline.jobvertex-parallelism-overrides'] ?? '').match(/\d+(?=$|,)/g) ?? [];
  return overrides.length > 0 ? Math.max(...overrides.map(Number)) : isRecord(job) ? job.parallelism : undefined;
}
