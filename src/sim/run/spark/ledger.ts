import type { SparkApplicationStatus } from '../../../spark/schema.ts';
import { type DriverRun, succeeded } from '../../spark/truth.ts';
import type { SparkEvidence } from './evidence.ts';
import { allowance, policyType, programOf, programRun, type Wish, wishAt, wishesOf } from './wishes.ts';

/**
 * Every run is one that was wanted: no submission runs twice, no program more often than its restart policy allows, none
 * again that has ended well, and what has ended well is told.
 */
export function ledger(evidence: SparkEvidence): readonly string[] {
  const wishes = wishesOf(evidence.stage.intents);
  const { runs } = evidence.truth;
  return [
    ...twice(runs),
    ...tooOften(runs, wishes),
    ...again(runs, wishes),
    ...untold(evidence, wishes),
    ...forgotten(evidence, wishes),
  ];
}

/** Submissions that ran more than once. */
export function twice(runs: readonly DriverRun[]): readonly string[] {
  return runs
    .filter(({ submissionId, id }) => runs.some((other) => other.submissionId === submissionId && other.id < id))
    .map(({ id, submissionId }) => `driver ${id} ran submission ${submissionId.slice(0, 8)} again`);
}

function tooOften(runs: readonly DriverRun[], wishes: readonly Wish[]): readonly string[] {
  const programs = [...new Set(runs.map(programRun))];
  return programs.flatMap((program) => {
    const own = wishes.filter(({ spec }) => spec !== undefined && programOf(spec) === program);
    const allowed = own.reduce((sum, wish) => sum + allowance(wish), 0);
    const found = runs.filter((run) => programRun(run) === program).length;
    return found <= allowed ? [] : [`${program} ran ${found} times and may ${allowed} times`];
  });
}

function again(runs: readonly DriverRun[], wishes: readonly Wish[]): readonly string[] {
  return runs.filter(succeeded).flatMap((run) => {
    const program = programRun(run);
    const later = runs.find((other) => other.id > run.id && programRun(other) === program);
    if (later === undefined || isWantedAgain(run, wishes)) return [];
    return [`driver ${later.id} ran ${program} again, although driver ${run.id} had ended well`];
  });
}

function isWantedAgain(run: DriverRun, wishes: readonly Wish[]): boolean {
  if (policyType(wishAt(wishes, run.endedMs ?? 0)?.spec) === 'Always') return true;
  return wishes.some(
    ({ atMs, fresh, spec }) =>
      fresh && atMs >= run.startedMs && spec !== undefined && programOf(spec) === programRun(run),
  );
}

/** What has ended well and was not told as COMPLETED, though its user wanted nothing else meanwhile. */
function untold({ truth, witness }: SparkEvidence, wishes: readonly Wish[]): readonly string[] {
  const told = witness.statuses.flatMap(({ object }) => {
    const { applicationState, submissionID } = (object.status ?? {}) as SparkApplicationStatus;
    return applicationState?.state === 'COMPLETED' ? [submissionID] : [];
  });
  return truth.runs
    .filter(succeeded)
    .filter(({ submissionId }) => !told.includes(submissionId))
    .filter((run) => !isOvertaken(run, wishes))
    .map(({ id }) => `driver ${id} ended well and was never told to have COMPLETED`);
}

function isOvertaken(run: DriverRun, wishes: readonly Wish[]): boolean {
  const spec = wishAt(wishes, run.endedMs ?? 0)?.spec;
  if (policyType(spec) === 'Always') return true;
  if (spec !== undefined && programOf(spec) !== programRun(run)) return true;
  return wishes.some(({ atMs, fresh, spec }) => atMs >= run.startedMs && (fresh || spec === undefined));
}

/** Attempts are counted, and never from the beginning unless something else is wanted. */
function forgotten({ truth, application }: SparkEvidence, wishes: readonly Wish[]): readonly string[] {
  const last = wishes.findLast(({ fresh }) => fresh);
  if (application === undefined || last?.spec === undefined) return [];
  const program = programOf(last.spec);
  const found = truth.runs.filter((run) => run.startedMs >= last.atMs && programRun(run) === program).length;
  const { executionAttempts = 0 } = (application.status ?? {}) as SparkApplicationStatus;
  return executionAttempts >= found ? [] : [`${found} runs, of which status counts ${executionAttempts}`];
}
