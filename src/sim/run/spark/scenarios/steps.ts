import { runningDrivers } from '../../../spark/truth.ts';
import type { Program, ProgramRef } from '../../../spark/world.ts';
import { sparkApplication } from '../application.ts';
import type { SparkScenario, SparkStep } from '../scenario.ts';
import type { SparkStage } from '../stage.ts';

/** Once nothing changes any more. */
export const REST = 'rest';

/** What a SparkApplication's spec says other than an ordinary one. */
export type Spec = Readonly<Record<string, unknown>>;

/** kubectl create, with the account for drivers. */
export const create = (until: SparkStep['until'] = REST): SparkStep => ({
  name: 'create',
  act(stage) {
    stage.createAccount();
    stage.create();
  },
  until,
});

/** Driver and executors have been at work for a while, and the program has not ended. */
export const RUNS = (stage: SparkStage): boolean =>
  runningDrivers(stage.world.truth).some(({ startedMs }) => stage.now() - startedMs > 6_000);

/** The submission has just been made. */
export const SUBMITS = 60;

/** Time goes by. */
export const wait = (until: SparkStep['until'] = REST): SparkStep => ({ name: 'wait', act: () => undefined, until });

/** A change of the spec, as a merge patch. */
export function edit(name: string, spec: object, until: SparkStep['until'] = REST): SparkStep {
  return { name, act: (stage) => stage.edit(spec), until };
}

/** The second version of the program. */
export const newImage = (until: SparkStep['until'] = REST): SparkStep => edit('new image', { image: 'spark:2' }, until);

/** Not to run for now. */
export const suspend = (until: SparkStep['until'] = REST): SparkStep => edit('suspend', { suspend: true }, until);

/** To run after all. */
export const resume = (until: SparkStep['until'] = REST): SparkStep => edit('resume', { suspend: false }, until);

/** At most so many pods in the namespace; 0: no quota. */
export const limit = (pods: number, until: SparkStep['until'] = REST): SparkStep => ({
  name: `a quota of ${pods} pods`,
  act: (stage) => stage.limitPods(pods),
  until,
});

/** kubectl delete. */
export const remove = (until: SparkStep['until'] = REST): SparkStep => ({
  name: 'delete',
  act: (stage) => stage.remove(),
  until,
});

/** spec.restartPolicy with a failure retried so often, after a second. */
export function retries(onFailureRetries: number, more: object = {}): Spec {
  const restartPolicy = { type: 'OnFailure', onFailureRetries, onFailureRetryInterval: 1, ...more };
  return { restartPolicy };
}

/** Programs by the number of the run, the last one for all that follow. */
export function byRun(...programs: readonly Partial<Program>[]): (ref: ProgramRef) => Partial<Program> {
  return ({ n }) => programs[Math.min(n, programs.length) - 1] ?? {};
}

/** A program that fails. */
export const FAILS: Partial<Program> = { exitCode: 3, message: 'Exception in thread "main": no such table' };

/** A program that ends well. */
export const WORKS: Partial<Program> = {};

/** A program that never ends. */
export const STREAMS: Partial<Program> = { runsMs: Number.POSITIVE_INFINITY };

/** A life of one SparkApplication, named `spark, <life>`. */
export function life(
  name: string,
  spec: Spec,
  { steps, ...more }: Omit<SparkScenario, 'name' | 'resource'>,
): SparkScenario {
  return { name: `spark, ${name}`, resource: sparkApplication(spec), steps, ...more };
}
