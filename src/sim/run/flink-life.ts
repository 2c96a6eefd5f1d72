import type { Access } from '../../core/reconciler.ts';
import { createFlinkReconciler, FLINK_ACCESS, type FlinkReconciler } from '../../flink/controller.ts';
import { FLINK_API_VERSION } from '../../flink/schema.ts';
import {
  createSessionJobReconciler,
  SESSION_JOB_ACCESS,
  type SessionJobReconciler,
} from '../../flink/session-job/controller.ts';
import { createSnapshotReconciler, SNAPSHOT_ACCESS } from '../../flink/snapshot/controller.ts';
import { createController } from '../../runtime/controller.ts';
import { flinkProcesses } from '../flink/flink.ts';
import { FlinkWorld } from '../flink/world.ts';
import type { OperatorParts } from '../kube/operator-life.ts';
import { createSimulation } from '../kube/simulation.ts';
import { clusterObjects, endState, isOfUser } from './end-state.ts';
import { judgedResource } from './judged.ts';
import { type Disturbance, live, type Outcome } from './life.ts';
import type { Scenario } from './scenario.ts';
import { isForeign } from './witness.ts';

/** How a life of a Flink cluster differs from an ordinary one. */
export interface FlinkDisturbance extends Disturbance {
  /** Changes the reconciler: a planted bug that the oracles must find. */
  readonly mutate?: (reconciler: FlinkReconciler) => FlinkReconciler;
  /** The same for jobs on sessions. */
  readonly mutateSessionJob?: (reconciler: SessionJobReconciler) => SessionJobReconciler;
  /** The same for what all controllers are made with. */
  readonly mutateParts?: (parts: OperatorParts) => OperatorParts;
}

const ACCESS: readonly Access[] = [
  ...FLINK_ACCESS,
  ...SESSION_JOB_ACCESS,
  ...SNAPSHOT_ACCESS,
  { group: '', resources: ['events'], verbs: ['create', 'patch'], why: 'tell what was done and why' },
];

const KINDS = ['FlinkDeployment', 'FlinkSessionJob', 'FlinkStateSnapshot'].map((kind) => ({
  apiVersion: FLINK_API_VERSION,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
}));

/** The operator's own configuration, and how often it asks JobManagers, in milliseconds. */
const DEFAULTS = { flinkConfiguration: {} };
const PROBE = { fast: 500, slow: 10_000 };

/** Lives a scenario from beginning to end; `calm` is the end of the undisturbed life. Never rejects for what the operator does. */
export function liveFlink(
  scenario: Scenario,
  disturbance: FlinkDisturbance = {},
  calm?: readonly string[],
): Promise<Outcome> {
  const { mutateParts = (same) => same } = disturbance;
  const world = new FlinkWorld(scenario.flink);
  const simulation = createSimulation({
    seed: disturbance.seed ?? 1,
    kinds: KINDS,
    access: ACCESS,
    controllers: (parts) => controllersOf(mutateParts(parts), scenario, disturbance),
    startProcess: flinkProcesses(world),
    faults: disturbance.faults ?? [],
    hasArtifact: (url) => !world.missingJars.has(url),
  });
  const { user } = simulation;
  const judged = judgedResource(scenario, { simulation, world });
  const { stage, witness, met } = judged;
  const verdict = (lateWrites: readonly string[]) => {
    const objects = clusterObjects(user, 'default');
    const left = stage.clusterGone ? objects.filter((object) => !isOfUser(object) && !isForeign(object)) : [];
    const violations = judged.judge({
      left: left.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      lateWrites,
      misdeeds: [...simulation.violations, ...witness.foreignTouched],
    });
    return { violations, end: endState(objects) };
  };
  const { steps, except = {} } = scenario;
  return live({ simulation, stage, steps, except, changes: () => witness.changes, met, verdict }, disturbance, calm);
}

function controllersOf(parts: OperatorParts, { session }: Scenario, disturbance: FlinkDisturbance) {
  return [
    flinkController(parts, disturbance),
    ...(session === undefined ? [] : [sessionJobController(parts, disturbance)]),
    snapshotController(parts),
  ];
}

function flinkController(parts: OperatorParts, { mutate = (same) => same }: FlinkDisturbance) {
  const reconciler = createFlinkReconciler({ http: parts.http, defaults: () => DEFAULTS, probe: PROBE });
  return createController({ ...parts, reconciler: mutate(reconciler) });
}

function sessionJobController(parts: OperatorParts, { mutateSessionJob = (same) => same }: FlinkDisturbance) {
  const { http, artifacts, caches } = parts;
  const reconciler = createSessionJobReconciler({
    http,
    artifacts,
    read: caches.reader,
    defaults: () => DEFAULTS,
    probe: PROBE,
  });
  return createController({ ...parts, reconciler: mutateSessionJob(reconciler), passTimeoutMs: 600_000 });
}

function snapshotController(parts: OperatorParts) {
  const reconciler = createSnapshotReconciler({ http: parts.http, defaults: () => DEFAULTS, probeMs: PROBE.fast });
  return createController({ ...parts, reconciler });
}
