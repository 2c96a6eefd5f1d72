import { setTimeout as sleep } from 'node:timers/promises';
import { step } from '../e2e/lib/steps.ts';
import type { FlinkDeploymentStatus } from '../src/flink/schema.ts';
import type { Sighting } from './api.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { createNode } from './fake-node.ts';
import { machineFacts } from './machine.ts';
import { flinkRef } from './objects.ts';
import { type Observer, observe } from './observer.ts';
import { type OperatorProcess, startOperator, writesOf } from './operator-process.ts';
import { withCpuUse } from './process-use.ts';
import type { Measured, StormFigures, StormModeFigures } from './results.ts';
import { round, spread } from './stats.ts';
import { stormApplication } from './storm/application.ts';
import { type Happening, type StormClusters, startStormClusters } from './storm/clusters.ts';
import { stormFloor } from './storm/floor.ts';
import { wrongTransitions } from './storm/truth.ts';

/** How much is measured. */
export interface StormEffort {
  /** Running jobs that are all edited at once. */
  readonly jobs: number;
}

const CONTROLLERS = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller'];
const WATCHED = [
  { apiVersion: 'flink.apache.org/v1beta1', kind: 'FlinkDeployment' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'v1', kind: 'Pod' },
];

type Mode = StormModeFigures['mode'];

const IMAGE = 'flink:2.0.2';

/** Jobs at once that come to be before the storm. */
const STARTING = 16;

/** After which a storm that is not over is given up. */
const PATIENCE_MS = 600_000;

/** Long enough for events and last polls. */
const SETTLE_MS = 3000;

/**
 * B-storm: every one of many running jobs gets a new image at the same moment. JobManagers are stand-ins that keep the
 * truth about what ran and from what state, and take next to no time; the operator and the API server are real. The floor is
 * the same number of Deployments replaced by the bench itself.
 */
export async function measureUpgradeStorm({ jobs }: StormEffort): Promise<Measured<StormFigures>> {
  const machine = machineFacts();
  const modes: StormModeFigures[] = [];
  for (const mode of ['last-state', 'savepoint'] as const) modes.push(await onOwnPlane(mode, jobs));
  const [lastState] = modes;
  const [value, ceiling] = [lastState?.seconds ?? Number.NaN, lastState?.floorSeconds ?? Number.NaN];
  const headline = { bench: 'upgrade-storm', value, unit: 's', ceiling, ratio: round(value / ceiling) };
  return { headline, machine, figures: { jobs, modes } };
}

async function onOwnPlane(mode: Mode, jobs: number): Promise<StormModeFigures> {
  const plane = await startControlPlane(CONTROLLERS);
  await createNode(plane.api);
  const observer = await observe(plane.api, WATCHED);
  const clusters = await startStormClusters(plane.api, observer);
  try {
    const floorSeconds = await step(`${jobs} Deployments replaced without an operator`, () =>
      stormFloor(plane, observer, jobs),
    );
    const operator = await step('bundle and start the operator', () =>
      startOperator({ kubeconfigPath: plane.kubeconfigPath }),
    );
    try {
      const figures = await storm({ plane, observer, clusters, operator, mode, jobs });
      return { ...figures, floorSeconds: round(floorSeconds) };
    } finally {
      await operator.stop();
    }
  } finally {
    observer.stop();
    await clusters.close();
    await plane.stop();
  }
}

interface Stage {
  readonly plane: ControlPlane;
  readonly observer: Observer;
  readonly clusters: StormClusters;
  readonly operator: OperatorProcess;
  readonly mode: Mode;
  readonly jobs: number;
}

async function storm(stage: Stage): Promise<Omit<StormModeFigures, 'floorSeconds'>> {
  const { plane, observer, clusters, operator, mode, jobs } = stage;
  const apps = Array.from({ length: jobs }, (_, index) => `storm-${index}`);
  await step(`${jobs} running jobs, ${mode}`, () => startAll(stage, apps));
  await sleep(SETTLE_MS);
  const freshness = watchFreshness(observer, clusters);
  const before = await operator.requests();
  const { result, cpu } = await step(`${jobs} upgrades at once, ${mode}`, () =>
    withCpuUse({ ...plane.pids, operator: operator.pid }, async () => {
      const times = await upgradeAll(stage, apps);
      await sleep(SETTLE_MS);
      return times;
    }),
  );
  const writes = writesOf(await operator.requests()) - writesOf(before);
  const { bench: _bench, operator: operatorSeconds = 0, ...programs } = cpu.seconds;
  const planeSeconds = Object.values(programs).reduce((sum, seconds) => sum + seconds, 0);
  const wrong = wrongTransitions(clusters.runs, { apps, image: IMAGE, keepsJobId: mode === 'last-state' });
  return {
    mode,
    seconds: round(Math.max(...result) / 1000),
    upgradeMs: spread(result, 0),
    wrong: wrong.length,
    wrongExamples: wrong.slice(0, 5),
    freshnessMs: spread(freshness(), 0),
    writesPerUpgrade: round(writes / jobs),
    operatorCpuMsPerUpgrade: round((operatorSeconds * 1000) / jobs),
    controlPlaneCpuMsPerUpgrade: round((planeSeconds * 1000) / jobs),
    foreignCores: round(cpu.foreignCores),
  };
}

async function startAll(stage: Stage, apps: readonly string[]): Promise<void> {
  const left = [...apps];
  const startSome = async (): Promise<void> => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      const stable = whenStable(stage, name, 1);
      await stage.plane.api.create(stormApplication(name, stage.mode, stage.clusters.port));
      await stable;
    }
  };
  await Promise.all(Array.from({ length: STARTING }, startSome));
}

/** Edits all at once; milliseconds from the first edit until each was STABLE with its new spec. */
async function upgradeAll(stage: Stage, apps: readonly string[]): Promise<readonly number[]> {
  const started = performance.now();
  const one = async (name: string): Promise<number> => {
    const stable = whenStable(stage, name, 2);
    await stage.plane.api.patch(flinkRef(name), { spec: { image: IMAGE } });
    return (await stable) - started;
  };
  return Promise.all(apps.map(one));
}

/** The time at which a generation of a resource is seen to be STABLE with its job RUNNING. */
async function whenStable({ observer }: Stage, name: string, generation: number): Promise<number> {
  const stable = (seen: Sighting): boolean => isStable(seen, name, generation);
  return (await observer.next(`generation ${generation} of ${name} to be STABLE`, stable, PATIENCE_MS)).at;
}

function isStable({ object }: Sighting, name: string, generation: number): boolean {
  if (object.kind !== 'FlinkDeployment' || object.metadata.name !== name) return false;
  const { lifecycleState, observedGeneration = 0, jobStatus } = (object.status ?? {}) as FlinkDeploymentStatus;
  return lifecycleState === 'STABLE' && observedGeneration >= generation && jobStatus?.state === 'RUNNING';
}

/** Milliseconds from everything that happens to a job until its status tells it. */
function watchFreshness(observer: Observer, clusters: StormClusters): () => readonly number[] {
  const untold = new Map<string, Happening>();
  const told: number[] = [];
  clusters.onHappening((happening) => void untold.set(`${happening.app} ${happening.what}`, happening));
  observer.each(({ at, object }) => {
    if (object.kind !== 'FlinkDeployment') return;
    for (const what of ['RUNNING', 'savepoint'] as const) {
      const key = `${object.metadata.name} ${what}`;
      const happening = untold.get(key);
      if (happening === undefined || !tells((object.status ?? {}) as FlinkDeploymentStatus, happening)) continue;
      untold.delete(key);
      told.push(at - happening.at);
    }
  });
  return () => [...told, ...[...untold.values()].map(() => Number.POSITIVE_INFINITY)];
}

function tells({ jobStatus, restore }: FlinkDeploymentStatus, { what, path }: Happening): boolean {
  return what === 'savepoint' ? restore?.path === path : jobStatus?.state === 'RUNNING';
}
