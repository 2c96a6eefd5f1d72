import { setTimeout as sleep } from 'node:timers/promises';
import { step } from '../e2e/lib/steps.ts';
import { FLINK_API_VERSION, type FlinkDeploymentStatus } from '../src/flink/schema.ts';
import type { KubeObject } from '../src/kube/object.ts';
import { fakeClusters } from './clusters.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { type FakeJobManagers, startFakeJobManagers } from './fake-job-manager.ts';
import { createNode } from './fake-node.ts';
import { burst, removal } from './fleet/burst.ts';
import { machineFacts } from './machine.ts';
import { applicationObjects, flinkApplication, flinkRef, smallConfigMap } from './objects.ts';
import { type Observer, observe } from './observer.ts';
import { type OperatorProcess, startOperator, writesOf } from './operator-process.ts';
import { memoryMiB, withCpuUse } from './process-use.ts';
import type { FleetFigures, Measured } from './results.ts';
import { round, spread } from './stats.ts';

/** How much is measured. */
export interface FleetEffort {
  /** Numbers of FlinkDeployments, each on a control plane of its own. */
  readonly sizes: readonly number[];
  readonly restSeconds: number;
  /** Folder for CPU profiles of the operators. */
  readonly profileTo?: string | undefined;
}

const CONTROLLERS = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller'];
const POD = { apiVersion: 'v1', kind: 'Pod' };
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };
const FLINK = { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment' };
const WATCHED = [FLINK, DEPLOYMENT, POD];
const PATIENCE_MS = 600_000;
/** Long enough for events and last polls. */
const SETTLE_MS = 3000;

/**
 * B2, B4, B5, B8, B9: many FlinkDeployments made at once, all of them at rest, the operator started anew beside them, and
 * all deleted. Operator, API server and the controllers of Deployments are real; scheduler, kubelet and JobManagers are
 * stand-ins. The floor is the same burst and removal by the bench itself, without an operator; the operator's own Deployments
 * go in the foreground, since only then nothing comes back, so the floor of that is measured too.
 */
export async function measureFleet(
  effort: FleetEffort,
): Promise<Measured<{ readonly fleets: readonly FleetFigures[] }>> {
  const machine = machineFacts();
  const fleets: FleetFigures[] = [];
  for (const size of effort.sizes) fleets.push(await onOwnPlane(size, effort));
  const [first] = fleets;
  const [value, ceiling] = [first?.burst.perSecond ?? Number.NaN, first?.burst.floorPerSecond ?? Number.NaN];
  return {
    headline: { bench: 'fleet', value, unit: 'clusters/s', ceiling, ratio: round(value / ceiling) },
    machine,
    figures: { fleets },
  };
}

interface Stage {
  readonly plane: ControlPlane;
  readonly observer: Observer;
  readonly jobManagers: FakeJobManagers;
  readonly names: readonly string[];
  readonly effort: FleetEffort;
}

async function onOwnPlane(size: number, effort: FleetEffort): Promise<FleetFigures> {
  const plane = await startControlPlane(CONTROLLERS);
  await createNode(plane.api);
  const jobManagers = await startFakeJobManagers();
  const observer = await observe(plane.api, WATCHED);
  fakeClusters(plane.api, observer, jobManagers);
  const names = Array.from({ length: size }, (_, index) => `fleet-${index}`);
  try {
    const stage: Stage = { plane, observer, jobManagers, names, effort };
    const floor = await step(`${size} applications without an operator`, () => floorOf(stage, 'Background'));
    const safely = await step('the same, deleted in the foreground', () => floorOf(stage, 'Foreground'));
    return await operated(stage, { ...floor, foregroundSeconds: safely.deleteSeconds });
  } finally {
    observer.stop();
    await jobManagers.close();
    await plane.stop();
  }
}

interface Floor {
  readonly perSecond: number;
  readonly deleteSeconds: number;
}

type Propagation = 'Background' | 'Foreground';

/** A ConfigMap in place of each resource, which owns the same objects; the Deployments are deleted in one way. */
async function floorOf({ plane, observer, names }: Stage, propagationPolicy: Propagation): Promise<Floor> {
  const { api } = plane;
  const { seconds } = await burst(observer, names, async (name) => {
    const owner = await api.create(smallConfigMap(`owner-${name}`));
    for (const object of applicationObjects(name, { ...owner, ...CONFIG_MAP })) await api.create(object);
  });
  await sleep(SETTLE_MS);
  const remove = (name: string): Promise<void> =>
    api.delete({ ...DEPLOYMENT, namespace: plane.namespace, name }, { propagationPolicy });
  const { pods } = await removal(observer, names, { kind: DEPLOYMENT.kind, remove });
  for (const name of names) await api.delete({ ...CONFIG_MAP, namespace: plane.namespace, name: `owner-${name}` });
  while ((await api.list(CONFIG_MAP)).some(({ metadata }) => metadata.labels?.app !== undefined)) await sleep(200);
  return { perSecond: names.length / seconds, deleteSeconds: pods };
}

async function operated(stage: Stage, floor: Floor & { readonly foregroundSeconds: number }): Promise<FleetFigures> {
  const { plane, names, effort } = stage;
  const start = (): Promise<OperatorProcess> =>
    startOperator({ kubeconfigPath: plane.kubeconfigPath, profileTo: effort.profileTo });
  let operator = await step('bundle and start the operator', start);
  try {
    const made = await step(`${names.length} FlinkDeployments at once`, () => measureBurst(stage, operator));
    const rest = await step('nothing happens', () => measureRest(stage, operator));
    await operator.stop();
    const restart = await step('start the operator again', async () => {
      const askedBefore = stage.jobManagers.asked();
      operator = await start();
      return measureRestart(stage, operator, askedBefore);
    });
    const removed = await step(`${names.length} FlinkDeployments deleted at once`, () =>
      removal(stage.observer, names, { kind: FLINK.kind, remove: (name) => plane.api.delete(flinkRef(name)) }),
    );
    return {
      jobs: names.length,
      burst: { ...made, floorPerSecond: round(floor.perSecond) },
      rest,
      restart,
      deleteSeconds: {
        resources: round(removed.resources),
        pods: round(removed.pods),
        floor: round(floor.deleteSeconds),
        foregroundFloor: round(floor.foregroundSeconds),
      },
    };
  } finally {
    await operator.stop();
  }
}

async function measureBurst(
  { plane, observer, jobManagers, names }: Stage,
  operator: OperatorProcess,
): Promise<Omit<FleetFigures['burst'], 'floorPerSecond'>> {
  const writesBefore = writesOf(await operator.requests());
  const started = performance.now();
  const { result, cpu } = await withCpuUse({ ...plane.pids, operator: operator.pid }, async () => {
    const stable = Promise.all(names.map((name) => whenStable(observer, name)));
    const made = await burst(observer, names, (name) => plane.api.create(flinkApplication(name, jobManagers.port)));
    await stable;
    const stableSeconds = (performance.now() - started) / 1000;
    await sleep(SETTLE_MS);
    return { ...made, stableSeconds };
  });
  const { bench: _bench, operator: operatorSeconds = 0, ...programs } = cpu.seconds;
  const planeSeconds = Object.values(programs).reduce((sum, used) => sum + used, 0);
  return {
    perSecond: round(names.length / result.seconds),
    boundMs: spread(result.boundMs, 0),
    stableSeconds: round(result.stableSeconds),
    writesEach: round((writesOf(await operator.requests()) - writesBefore) / names.length),
    operatorCpuMsEach: round((operatorSeconds * 1000) / names.length),
    controlPlaneCpuMsEach: round((planeSeconds * 1000) / names.length),
    foreignCores: round(cpu.foreignCores),
  };
}

async function whenStable(observer: Observer, name: string): Promise<void> {
  await observer.next(`${name} to be STABLE`, ({ object }) => isStable(object, name), PATIENCE_MS);
}

function isStable({ kind, metadata, status }: KubeObject, name: string): boolean {
  if (kind !== 'FlinkDeployment' || metadata.name !== name) return false;
  const { lifecycleState, jobStatus } = (status ?? {}) as FlinkDeploymentStatus;
  return lifecycleState === 'STABLE' && jobStatus?.state === 'RUNNING';
}

async function measureRest(
  { jobManagers, effort: { restSeconds } }: Stage,
  operator: OperatorProcess,
): Promise<FleetFigures['rest']> {
  await sleep(SETTLE_MS);
  const [writes, asked] = [writesOf(await operator.requests()), jobManagers.asked()];
  const { cpu } = await withCpuUse({ operator: operator.pid }, () => sleep(restSeconds * 1000));
  const { rss, peak } = await memoryMiB(operator.pid);
  return {
    seconds: restSeconds,
    cpuPercent: round(((cpu.seconds.operator ?? 0) / cpu.wallSeconds) * 100),
    writesPerSecond: round((writesOf(await operator.requests()) - writes) / cpu.wallSeconds),
    jobManagerCallsPerSecond: round((jobManagers.asked() - asked) / cpu.wallSeconds, 1),
    rssMiB: round(rss, 1),
    peakMiB: round(peak, 1),
    foreignCores: round(cpu.foreignCores),
  };
}

/** Until every JobManager was asked by the new process, which is its first look at each resource, and what it wrote by then. */
async function measureRestart(
  { jobManagers, names }: Stage,
  operator: OperatorProcess,
  askedBefore: number,
): Promise<FleetFigures['restart']> {
  const ready = performance.now();
  while (jobManagers.asked() - askedBefore < names.length) await sleep(10);
  const lookedAtMs = operator.readyMs + performance.now() - ready;
  await sleep(SETTLE_MS);
  const { rss } = await memoryMiB(operator.pid);
  return {
    readyMs: round(operator.readyMs, 0),
    lookedAtMs: round(lookedAtMs, 0),
    writes: writesOf(await operator.requests()),
    rssMiB: round(rss, 1),
  };
}
