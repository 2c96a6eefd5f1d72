import { type KubeObject, keyOf } from '../../../kube/object.ts';
import { isRecord } from '../../../lib/json.ts';
import type { SparkApplicationStatus } from '../../../spark/schema.ts';
import { type DriverRun, runningDrivers, type SparkTruth, succeeded } from '../../spark/truth.ts';
import type { Rule, Violation } from '../scenario.ts';
import type { SeenStatus } from '../witness.ts';
import type { SparkEvidence } from './evidence.ts';
import { ledger } from './ledger.ts';
import { programOf, programRun } from './wishes.ts';

/** How long a status may lag behind what really runs: a minute until a missed event is told. */
export const STALE_MS = 75_000;

const MAX_STATUS = 64 * 1024;

/** Checks every invariant; a run without a finding is clean. */
export function judgeApplication(evidence: SparkEvidence): readonly Violation[] {
  const rules: readonly (readonly [Rule, (evidence: SparkEvidence) => readonly string[]])[] = [
    ['I1', singleDriver],
    ['I5', ledger],
    ['I6', nothingEarlyNothingLeft],
    ['I7', statusTrue],
    ['I9', quiet],
    ['I15', ({ witness }) => smallStatus(witness.statuses)],
    ['I16', lastIntentWins],
    ['I19', ({ misdeeds }) => misdeeds],
    ['starts', runsAsTold],
    ['end', stateAsTold],
  ];
  return rules.flatMap(([rule, check]) => check(evidence).map((text) => ({ rule, text })));
}

/** When a driver ended, in virtual milliseconds since the epoch; Infinity: it has not. */
export function ended(run: DriverRun): number {
  return run.endedMs ?? Number.POSITIVE_INFINITY;
}

/** Drivers of one application that ran at once. */
export function singleDriver({ truth }: Pick<SparkEvidence, 'truth'>): readonly string[] {
  return truth.runs.flatMap((later, index) =>
    truth.runs
      .slice(0, index)
      .filter(({ application }) => application === later.application)
      .filter((earlier) => ended(earlier) > later.startedMs)
      .map((earlier) => `drivers ${earlier.id} and ${later.id} ran at once from ${at(later.startedMs)}`),
  );
}

function nothingEarlyNothingLeft({ truth, witness, application, objects }: SparkEvidence): readonly string[] {
  if (application !== undefined) return witness.early;
  const left = objects.filter(({ metadata }) => metadata.labels?.['sparkoperator.k8s.io/app-name'] !== undefined);
  const alive = runningDrivers(truth).map(({ id }) => `driver ${id}`);
  const all = [...left.map(({ kind, metadata }) => `${kind} ${metadata.name}`), ...alive];
  return [...witness.early, ...(all.length === 0 ? [] : [`left behind: ${all.join(', ')}`])];
}

function statusOf(object: KubeObject | undefined): SparkApplicationStatus {
  return isRecord(object?.status) ? (object.status as SparkApplicationStatus) : {};
}

function statusTrue({ truth, witness, application }: SparkEvidence): readonly string[] {
  const told = application === undefined ? [] : untoldInTheEnd(truth, statusOf(application));
  return [...liesOf(truth, witness.statuses), ...told];
}

/** What statuses of applications said that was not so; the first three. */
export function liesOf(truth: SparkTruth, statuses: readonly SeenStatus[]): readonly string[] {
  const lies = statuses.flatMap((seen) => {
    const lie = lieIn(truth, seen);
    return lie === undefined ? [] : [`${lie} at ${at(seen.atMs)}`];
  });
  return lies.slice(0, 3);
}

/** What is said too early, too late or without ground. Not judged: what another operator left behind. */
function lieIn(truth: SparkTruth, { atMs, object }: SeenStatus): string | undefined {
  const status = statusOf(object);
  if ((status.observedGeneration ?? 0) > (object.metadata.generation ?? 0)) return 'observedGeneration is ahead';
  if (status.submittedSpec === undefined) return undefined;
  const { state } = status.applicationState ?? {};
  if (state === undefined) return 'a status without a state';
  const runs = truth.runs.filter(({ submissionId }) => submissionId === status.submissionID);
  const all = truth.runs.filter(({ application }) => application === keyOf(object.metadata));
  return CLAIMS[state]?.({ atMs, runs, all });
}

interface Claimed {
  readonly atMs: number;
  /** Of the submission the status is about, and all of the application. */
  readonly runs: readonly DriverRun[];
  readonly all: readonly DriverRun[];
}

/** What is wrong with a state that is claimed at a moment. */
const CLAIMS: Readonly<Record<string, (claimed: Claimed) => string | undefined>> = {
  RUNNING: ({ atMs, runs }) =>
    runs.some((run) => run.startedMs <= atMs && ended(run) >= atMs - STALE_MS)
      ? undefined
      : 'RUNNING, when no driver was',
  COMPLETED: (claimed) => (hasSucceeded(claimed) ? undefined : 'COMPLETED, when no driver had ended well'),
  FAILED: (claimed) => (hasSucceeded(claimed) ? 'FAILED, when its driver had ended well' : undefined),
  FAILING: (claimed) => (hasSucceeded(claimed) ? 'FAILING, when its driver had ended well' : undefined),
  SUSPENDED: ({ atMs, all }) =>
    all.some((run) => run.startedMs <= atMs && ended(run) > atMs) ? 'SUSPENDED, when a driver ran' : undefined,
};

function hasSucceeded({ atMs, runs }: Claimed): boolean {
  return runs.some((run) => succeeded(run) && ended(run) <= atMs);
}

/** What has been running for long is in status, and nothing that has long ended. */
function untoldInTheEnd(truth: SparkTruth, status: SparkApplicationStatus): readonly string[] {
  const { state } = status.applicationState ?? {};
  const [run] = runningDrivers(truth);
  if (run === undefined) return state === 'RUNNING' ? ['no driver runs and status says RUNNING'] : [];
  if (state !== 'RUNNING') return [`a driver runs and status says ${state}`];
  const said = status.executors?.running;
  return said === run.executors ? [] : [`${run.executors} executors work and status says ${said}`];
}

/** Many times what the longest life takes. */
const MAX_WRITES = 300;

/** Nothing is written at rest, and nothing over and over again on the way there. */
export function quiet({ lateWrites, writes }: Pick<SparkEvidence, 'lateWrites' | 'writes'>): readonly string[] {
  return [...lateWrites, ...(writes > MAX_WRITES ? [`${writes} writes`] : [])];
}

/** Statuses stay small. */
export function smallStatus(statuses: readonly SeenStatus[]): readonly string[] {
  const largest = Math.max(0, ...statuses.map(({ object }) => JSON.stringify(object.status).length));
  return largest > MAX_STATUS ? [`a status of ${largest} bytes`] : [];
}

/** In the end nothing runs that nobody wants, and what ran last is what was wanted last. */
export function lastIntentWins({
  truth,
  stage,
  application,
  scenario,
}: Pick<SparkEvidence, 'truth' | 'stage' | 'application' | 'scenario'>): readonly string[] {
  const spec = stage.intents.at(-1)?.spec;
  const alive = runningDrivers(truth);
  if (spec === undefined || scenario.state === undefined) {
    return application === undefined ? [] : ['it is to be gone, and still there'];
  }
  if (spec.suspend === true) return alive.length === 0 ? [] : ['suspended, and its driver runs'];
  const last = truth.runs.at(-1);
  if (scenario.state !== 'COMPLETED' || last === undefined) return [];
  return programRun(last) === programOf(spec) ? [] : [`${programRun(last)} ran last, not what the spec says`];
}

function runsAsTold({ truth, scenario }: SparkEvidence): readonly string[] {
  const { runs } = scenario;
  const [least, most] = typeof runs === 'number' ? [runs, runs] : runs;
  const found = truth.runs.length;
  return found >= least && found <= most ? [] : [`${found} drivers ran, not ${least} to ${most}`];
}

function stateAsTold({ application, scenario }: SparkEvidence): readonly string[] {
  const state = application === undefined ? undefined : statusOf(application).applicationState?.state;
  return state === scenario.state ? [] : [`${state ?? 'gone'} in the end, not ${scenario.state ?? 'gone'}`];
}

function at(ms: number): string {
  return new Date(ms).toISOString().slice(11, 23);
}
