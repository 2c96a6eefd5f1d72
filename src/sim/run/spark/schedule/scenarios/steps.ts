import type { Program, ProgramRef } from '../../../../spark/world.ts';
import type { ScheduleScenario, ScheduleStep } from '../scenario.ts';
import { sparkSchedule } from '../schedule.ts';
import { tickOf } from '../ticks.ts';

/** Something done at a time of the day, HH:MM or HH:MM:SS in UTC. */
export type Entry = readonly [at: string, step: Pick<ScheduleStep, 'name' | 'act'>];

/** kubectl create, with the account for drivers. */
export const create: Entry[1] = {
  name: 'create',
  act(stage) {
    stage.createAccount();
    stage.create();
  },
};

/** Time goes by. */
export const wait: Entry[1] = { name: 'wait', act: () => undefined };

/** A change of the spec, as a merge patch. */
export function edit(name: string, spec: object): Entry[1] {
  return { name, act: (stage) => stage.edit(spec) };
}

/** No runs for now. */
export const suspend = edit('suspend', { suspend: true });

/** Runs again. */
export const resume = edit('resume', { suspend: false });

/** The second version of the program. */
export const newImage = edit('new image', { template: { image: 'spark:2' } });

/** kubectl annotate with the text that asks for a run. */
export const runNow = (text: string): Entry[1] => ({ name: 'run now', act: (stage) => stage.askForRun(text) });

/** kubectl delete. */
export const remove: Entry[1] = { name: 'delete', act: (stage) => stage.remove() };

/** The operator dies and stays away. */
export const down: Entry[1] = { name: 'the operator is down', act: (stage) => stage.operator.crash() };

/** The operator is there again. */
export const up: Entry[1] = { name: 'the operator is up', act: (stage) => stage.operator.start() };

/** A program that takes twelve minutes: longer than from one time to the next. */
export const LONG: Partial<Program> = { runsMs: 720_000 };

/** A program that fails. */
export const FAILS: Partial<Program> = { exitCode: 3, message: 'Exception in thread "main": no such table' };

/** Programs by the time of their run, see tickOf; an ordinary one at all other times. */
export function byTick(programs: Readonly<Record<string, Partial<Program>>>): (ref: ProgramRef) => Partial<Program> {
  return ({ application }) => programs[tickOf(application)] ?? {};
}

/** What a life is told by. */
export interface Told extends Omit<ScheduleScenario, 'name' | 'resource' | 'startMs' | 'steps'> {
  /** The schedule's spec, laid over an ordinary one, and that of its runs. */
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly template?: Readonly<Record<string, unknown>>;
  /** The day it is; 2026-01-01 unless given. */
  readonly day?: string;
  /** In order of time. The last one is followed by rest. */
  readonly entries: readonly Entry[];
}

/** A life of one ScheduledSparkApplication, named `spark schedule, <name>`. */
export function life(name: string, { spec, template, day = '2026-01-01', entries, ...more }: Told): ScheduleScenario {
  const times = entries.map(([at]) => Date.parse(`${day}T${at}Z`));
  const steps = entries.map(([, step], index): ScheduleStep => {
    const next = times[index + 1];
    return { ...step, until: next === undefined ? 'rest' : next - (times[index] ?? next) };
  });
  return {
    name: `spark schedule, ${name}`,
    resource: sparkSchedule(spec, template),
    startMs: times[0] ?? 0,
    steps,
    ...more,
  };
}
