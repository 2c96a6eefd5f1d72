import { createController } from '../../../../runtime/controller.ts';
import { createSparkReconciler } from '../../../../spark/controller.ts';
import {
  createScheduleReconciler,
  SCHEDULE_ACCESS,
  type ScheduleReconciler,
} from '../../../../spark/schedule/controller.ts';
import { SCHEDULE_KIND } from '../../../../spark/schedule/schema.ts';
import { DEFAULT_SCHEDULE_SETTINGS } from '../../../../spark/schedule/settings.ts';
import { DEFAULT_SETTINGS } from '../../../../spark/settings.ts';
import { createSimulation } from '../../../kube/simulation.ts';
import { sparkProcesses } from '../../../spark/spark.ts';
import { SparkWorld } from '../../../spark/world.ts';
import { type Disturbance, live, type Outcome } from '../../life.ts';
import { RUN_ACCESS, RUN_KINDS, RUN_NODES } from '../cluster.ts';
import { applicationEnd, applicationObjects } from '../end-state.ts';
import { SparkWitness } from '../witness.ts';
import { isMet, judgeSchedule } from './oracles.ts';
import type { ScheduleScenario } from './scenario.ts';
import { ScheduleStage } from './stage.ts';
import { ScheduleWitness } from './witness.ts';

/** How a life of a schedule differs from an ordinary one. */
export interface ScheduleDisturbance extends Disturbance {
  /** Changes the reconciler of schedules: a planted bug that the oracles must find. */
  readonly mutate?: (reconciler: ScheduleReconciler) => ScheduleReconciler;
}

const KINDS = [...RUN_KINDS, { ...SCHEDULE_KIND, plural: 'scheduledsparkapplications', namespaced: true }];

/**
 * Lives a scenario from beginning to end under the controllers of schedules and of applications in one operator; `calm` is
 * the end of the undisturbed life. Never rejects for what the operator does.
 */
export async function liveSchedule(
  scenario: ScheduleScenario,
  disturbance: ScheduleDisturbance = {},
  calm?: readonly string[],
): Promise<Outcome> {
  const { resource, steps, except = {}, startMs: start } = scenario;
  const { mutate = (same: ScheduleReconciler) => same, seed = 1, faults = [] } = disturbance;
  const world = new SparkWorld(scenario.spark);
  const simulation = createSimulation({
    seed,
    start,
    kinds: KINDS,
    access: [...RUN_ACCESS, ...SCHEDULE_ACCESS],
    nodes: RUN_NODES,
    checksAccounts: true,
    controllers: (parts) => [
      createController({ ...parts, reconciler: createSparkReconciler(() => DEFAULT_SETTINGS) }),
      createController({ ...parts, reconciler: mutate(createScheduleReconciler(DEFAULT_SCHEDULE_SETTINGS)) }),
    ],
    startProcess: sparkProcesses(world),
    faults,
  });
  const { user, operator, nodes, skewClock } = simulation;
  const now = (): number => simulation.time.now();
  const { truth } = world;
  const runs = new SparkWitness(user, truth, now);
  const witness = new ScheduleWitness(user, truth, now);
  const stage = new ScheduleStage({ user, operator, world, nodes, resource, podLabels: {}, now, skewClock });
  const verdict = (lateWrites: readonly string[]) => {
    const objects = applicationObjects(user, resource.metadata.namespace ?? 'default', SCHEDULE_KIND);
    const misdeeds = [...simulation.violations, ...runs.foreignTouched];
    const writes = simulation.counts.write;
    const schedule = stage.stored();
    const evidence = { truth, witness, runs, stage, schedule, objects, scenario, lateWrites, writes, misdeeds };
    return { violations: judgeSchedule(evidence), end: applicationEnd(objects) };
  };
  const changes = (): number => witness.changes + runs.changes;
  const met = (): boolean => isMet({ truth, stage, scenario });
  return live({ simulation, stage, steps, except, changes, met, verdict }, disturbance, calm);
}
