import { createController } from '../../../../runtime/controller.ts';
import {
  CONNECT_ACCESS,
  type ConnectReconciler,
  createConnectReconciler,
} from '../../../../spark/connect/controller.ts';
import { SPARK_CONNECT_KIND } from '../../../../spark/connect/schema.ts';
import { createSimulation } from '../../../kube/simulation.ts';
import { sparkProcesses } from '../../../spark/spark.ts';
import { SparkWorld } from '../../../spark/world.ts';
import { type Disturbance, live, type Outcome } from '../../life.ts';
import { RUN_ACCESS, RUN_KINDS, RUN_NODES } from '../cluster.ts';
import { applicationEnd, applicationObjects } from '../end-state.ts';
import { SparkStage } from '../stage.ts';
import { SparkWitness } from '../witness.ts';
import { judgeConnect, lastIntentWins } from './oracles.ts';
import type { ConnectScenario } from './scenario.ts';
import { ConnectWitness } from './witness.ts';

/** How a life of a SparkConnect differs from an ordinary one. */
export interface ConnectDisturbance extends Disturbance {
  /** Changes the reconciler: a planted bug that the oracles must find. */
  readonly mutate?: (reconciler: ConnectReconciler) => ConnectReconciler;
}

const KINDS = [...RUN_KINDS, { ...SPARK_CONNECT_KIND, plural: 'sparkconnects', namespaced: true }];

const STREAM = { runsMs: Number.POSITIVE_INFINITY };

/** Lives a scenario from beginning to end; `calm` is the end of the undisturbed life. Never rejects for what the operator does. */
export async function liveConnect(
  scenario: ConnectScenario,
  disturbance: ConnectDisturbance = {},
  calm?: readonly string[],
): Promise<Outcome> {
  const { resource, steps, spark = {}, except = {} } = scenario;
  const { mutate = (same: ConnectReconciler) => same, seed = 1, faults = [] } = disturbance;
  const world = new SparkWorld({ ...spark, program: (ref) => ({ ...STREAM, ...spark.program?.(ref) }) });
  const simulation = createSimulation({
    seed,
    kinds: KINDS,
    access: [...RUN_ACCESS, ...CONNECT_ACCESS],
    nodes: RUN_NODES,
    checksAccounts: true,
    controllers: (parts) => [createController({ ...parts, reconciler: mutate(createConnectReconciler()) })],
    startProcess: sparkProcesses(world),
    faults,
  });
  const { user, nodes, skewClock } = simulation;
  const now = (): number => simulation.time.now();
  const { truth } = world;
  const run = new SparkWitness(user, truth, now);
  const witness = new ConnectWitness(user, now);
  const podLabels = { 'sparkoperator.k8s.io/connect-name': resource.metadata.name };
  const stage = new SparkStage({ user, world, nodes, resource, podLabels, now, skewClock });
  const verdict = (lateWrites: readonly string[]) => {
    const objects = applicationObjects(user, resource.metadata.namespace ?? 'default', SPARK_CONNECT_KIND);
    const misdeeds = [...simulation.violations, ...run.foreignTouched.filter((what) => !stage.dropped.has(what))];
    const writes = simulation.counts.write;
    const connect = stage.stored();
    const evidence = { truth, witness, run, stage, connect, objects, scenario, lateWrites, writes, misdeeds };
    return { violations: judgeConnect(evidence), end: applicationEnd(objects) };
  };
  const changes = (): number => witness.changes + run.changes;
  const met = (): boolean => lastIntentWins({ truth, stage, connect: stage.stored(), scenario }).length === 0;
  return live({ simulation, stage, steps, except, changes, met, verdict }, disturbance, calm);
}
