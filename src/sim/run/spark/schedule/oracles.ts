import { isRecord } from '../../../../lib/json.ts';
import { type DriverRun, runningDrivers } from '../../../spark/truth.ts';
import type { Rule, Violation } from '../../scenario.ts';
import { ended, liesOf, quiet, singleDriver, smallStatus } from '../oracles.ts';
import type { ScheduleEvidence } from './evidence.ts';
import { scheduleTold } from './status-oracle.ts';
import { dueMsOf, tickOf } from './ticks.ts';

/** Checks every invariant of a schedule and its runs; a life without a finding is clean. */
export function judgeSchedule(evidence: ScheduleEvidence): readonly Violation[] {
  const rules: readonly (readonly [Rule, (evidence: ScheduleEvidence) => readonly string[]])[] = [
    ['I1', oneAtATime],
    ['I5', oneRunForATime],
    ['I6', nothingEarlyNothingLeft],
    ['I7', statusTrue],
    ['I9', quiet],
    ['I15', ({ witness, runs }) => smallStatus([...witness.statuses, ...runs.statuses])],
    ['I16', templateInForce],
    ['I19', ({ misdeeds }) => misdeeds],
    ['starts', runsAsTold],
    ['end', keptAsTold],
  ];
  return rules.flatMap(([rule, check]) => check(evidence).map((text) => ({ rule, text })));
}

/** The SparkApplication a driver ran for. */
function runOf({ application }: DriverRun): string {
  return application.slice(application.indexOf('/') + 1);
}

function oneAtATime({ truth, scenario }: ScheduleEvidence): readonly string[] {
  const twice = singleDriver({ truth });
  if (scenario.overlap === true) return twice;
  const beside = truth.runs.flatMap((later, index) =>
    truth.runs
      .slice(0, index)
      .filter(({ application }) => application !== later.application)
      .filter((earlier) => ended(earlier) > later.startedMs)
      .map((earlier) => `run ${tickOf(runOf(later))} began while ${tickOf(runOf(earlier))} was not over`),
  );
  return [...twice, ...beside];
}

/** One SparkApplication for each time, not before it, and one for each text that asks. */
function oneRunForATime({ witness, truth }: ScheduleEvidence): readonly string[] {
  const names = witness.made.map(({ run }) => run.metadata.name);
  const again = names.filter((name, index) => names.indexOf(name) < index);
  const early = truth.runs.filter((run) => (dueMsOf(runOf(run)) ?? 0) > run.startedMs);
  return [
    ...again.map((name) => `run ${tickOf(name)} was made twice`),
    ...early.map((run) => `run ${tickOf(runOf(run))} began before its time`),
  ];
}

function nothingEarlyNothingLeft(evidence: ScheduleEvidence): readonly string[] {
  const { witness, runs, stage, schedule, objects, truth } = evidence;
  const early = witness.early
    .filter(({ name }) => !stage.taken.includes(name))
    .filter(({ atMs }) => isWanted(evidence, atMs))
    .map(({ name }) => `run ${tickOf(name)} was deleted before it was over`);
  const left = objects.filter(({ metadata }) => metadata.labels?.['sparkoperator.k8s.io/app-name'] !== undefined);
  const alive = runningDrivers(truth).map(({ id }) => `driver ${id}`);
  const names =
    schedule === undefined ? [...left.map(({ kind, metadata }) => `${kind} ${metadata.name}`), ...alive] : [];
  return [...early, ...runs.early, ...(names.length === 0 ? [] : [`left behind: ${names.join(', ')}`])];
}

function specAt({ stage }: ScheduleEvidence, atMs: number): Readonly<Record<string, unknown>> | undefined {
  return stage.intents.findLast((intent) => intent.atMs <= atMs)?.spec;
}

/** Whether a run that goes on is to go on: the schedule is to be there, and no run replaces another. */
function isWanted(evidence: ScheduleEvidence, atMs: number): boolean {
  const spec = specAt(evidence, atMs);
  return spec !== undefined && spec.concurrencyPolicy !== 'Replace';
}

function statusTrue(evidence: ScheduleEvidence): readonly string[] {
  const { truth, runs } = evidence;
  return [...scheduleTold(evidence), ...liesOf(truth, runs.statuses)];
}

/** A run is made from the template as it was then, and what it runs is that. */
function templateInForce(evidence: ScheduleEvidence): readonly string[] {
  const { witness, truth, schedule } = evidence;
  return witness.made.flatMap(({ atMs, run }) => {
    if (schedule !== undefined && run.metadata.ownerReferences === undefined) return [];
    const { template } = specAt(evidence, atMs) ?? {};
    const image = isRecord(template) ? template.image : undefined;
    const ran = truth.runs.filter((driver) => runOf(driver) === run.metadata.name && driver.image !== image);
    return ran.map((driver) => `run ${tickOf(run.metadata.name)} ran ${driver.image}, not ${image}`);
  });
}

/** Whether what really ran is what is wanted: each run there is to be, or none any more once the schedule is to be gone. */
export function isMet(evidence: Pick<ScheduleEvidence, 'truth' | 'stage' | 'scenario'>): boolean {
  const wanted = evidence.stage.intents.at(-1)?.spec !== undefined;
  return wanted ? runsAsTold(evidence).length === 0 : runningDrivers(evidence.truth).length === 0;
}

function runsAsTold({ truth, scenario }: Pick<ScheduleEvidence, 'truth' | 'scenario'>): readonly string[] {
  const names = truth.runs.map(runOf);
  const ran = names.filter((name, index) => names.indexOf(name) === index).map(tickOf);
  return ran.toSorted().join() === scenario.runs.toSorted().join()
    ? []
    : [`${list(ran)} ran, not ${list(scenario.runs)}`];
}

function keptAsTold({ objects, schedule, scenario }: ScheduleEvidence): readonly string[] {
  const kept = objects.filter(({ kind }) => kind === 'SparkApplication').map(({ metadata }) => metadata.name);
  const found = schedule === undefined ? undefined : kept.toSorted().map(tickOf);
  return found?.join() === scenario.kept?.join() ? [] : [`${list(found)} there in the end, not ${list(scenario.kept)}`];
}

function list(ticks: readonly string[] | undefined): string {
  return ticks === undefined ? 'no schedule' : ticks.join(', ') || 'nothing';
}
