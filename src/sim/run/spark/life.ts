import { isGated } from '../../../core/capacity/gate.ts';
import { createCapacitySurvey } from '../../../runtime/capacity-survey.ts';
import { createController } from '../../../runtime/controller.ts';
import { createSparkReconciler, type SparkReconciler } from '../../../spark/controller.ts';
import { DEFAULT_SETTINGS } from '../../../spark/settings.ts';
import { createSimulation } from '../../kube/simulation.ts';
import { sparkProcesses } from '../../spark/spark.ts';
import { SparkWorld } from '../../spark/world.ts';
import { type Disturbance, live, type Outcome } from '../life.ts';
import { RUN_ACCESS, RUN_KINDS, RUN_NODES } from './cluster.ts';
import { applicationEnd, applicationObjects } from './end-state.ts';
import { judgeApplication, lastIntentWins } from './oracles.ts';
import type { SparkScenario } from './scenario.ts';
import { SparkStage } from './stage.ts';
import { SparkWitness } from './witness.ts';

/** How a life of an application differs from an ordinary one. */
export interface SparkDisturbance extends Disturbance {
  /** Changes the reconciler: a planted bug that the oracles must find. */
  readonly mutate?: (reconciler: SparkReconciler) => SparkReconciler;
}

/** Lives a scenario from beginning to end; `calm` is the end of the undisturbed life. Never rejects for what the operator does. */
export async function liveSpark(
  scenario: SparkScenario,
  disturbance: SparkDisturbance = {},
  calm?: readonly string[],
): Promise<Outcome> {
  const { resource, steps, except = {}, before = [] } = scenario;
  const { mutate = (same: SparkReconciler) => same, seed = 1, faults = [] } = disturbance;
  const world = new SparkWorld(scenario.spark);
  const settings = { ...DEFAULT_SETTINGS, ...scenario.settings };
  const simulation = createSimulation({
    seed,
    kinds: RUN_KINDS,
    access: RUN_ACCESS,
    nodes: RUN_NODES,
    checksAccounts: true,
    controllers: (parts) => {
      // Without the gate a verdict only tells of what Kubernetes finds no place for.
      const survey = isGated(resource) ? { survey: createCapacitySurvey(parts) } : {};
      const reconciler = createSparkReconciler(() => settings, survey.survey);
      return [createController({ ...parts, ...survey, reconciler: mutate(reconciler) })];
    },
    startProcess: sparkProcesses(world),
    faults,
  });
  const { user, nodes, skewClock } = simulation;
  const now = (): number => simulation.time.now();
  const witness = new SparkWitness(user, world.truth, now);
  const podLabels = { 'sparkoperator.k8s.io/app-name': resource.metadata.name };
  const stage = new SparkStage({ user, world, nodes, resource, podLabels, now, skewClock });
  for (const { act, until } of before) {
    act(stage);
    await simulation.advance(Number(until));
  }
  const { truth } = world;
  const met = (): boolean => lastIntentWins({ truth, stage, application: stage.stored(), scenario }).length === 0;
  const verdict = (lateWrites: readonly string[]) => {
    const objects = applicationObjects(user, resource.metadata.namespace ?? 'default');
    const touched = witness.foreignTouched.filter((what) => !stage.dropped.has(what));
    const misdeeds = [...simulation.violations, ...touched];
    const application = stage.stored();
    const writes = simulation.counts.write;
    const evidence = { truth, witness, stage, application, objects, scenario, lateWrites, writes, misdeeds };
    return { violations: judgeApplication(evidence), end: applicationEnd(objects) };
  };
  return live({ simulation, stage, steps, except, changes: () => witness.changes, met, verdict }, disturbance, calm);
}
