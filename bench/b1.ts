import { setTimeout as sleep } from 'node:timers/promises';
import { step } from '../e2e/lib/steps.ts';
import type { KubeObject } from '../src/kube/object.ts';
import { fakeClusters } from './clusters.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { type FakeJobManagers, startFakeJobManagers } from './fake-job-manager.ts';
import { createNode } from './fake-node.ts';
import { measureFloor } from './floor.ts';
import { flipOne, type Stage, type StartTimes, startOne } from './life.ts';
import { machineFacts } from './machine.ts';
import { observe } from './observer.ts';
import { type OperatorProcess, startOperator, writesOf } from './operator-process.ts';
import { type CpuUse, memoryMiB, withCpuUse } from './process-use.ts';
import type { LatencyFigures, Measured } from './results.ts';
import { round, spread } from './stats.ts';

/** How much is measured. */
export interface LatencyEffort {
  readonly warmUp: number;
  /** FlinkDeployments made one after the other. */
  readonly starts: number;
  /** Jobs that come to run while they are watched. */
  readonly flips: number;
  /** How long nothing happens. */
  readonly restSeconds: number;
  /** Folder for a CPU profile of the operator. */
  readonly profileTo?: string | undefined;
}

const CONTROLLERS = ['deployment-controller', 'replicaset-controller', 'garbage-collector-controller'];
const WATCHED = [
  { apiVersion: 'flink.apache.org/v1beta1', kind: 'FlinkDeployment' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
];
/** Events are written after the pass that records them. */
const EVENTS_MS = 1000;

/**
 * B1: how fast one FlinkDeployment after the other becomes a running cluster on an idle control plane, and what it costs.
 * The operator is the real one; scheduler, kubelet and JobManagers are stand-ins that take next to no time. The floor is
 * measured half before and half after, so that a change of the machine's mood shows in both.
 */
export async function measureLatency(effort: LatencyEffort): Promise<Measured<LatencyFigures>> {
  const machine = machineFacts();
  const plane = await startControlPlane(CONTROLLERS);
  await createNode(plane.api);
  const jobManagers = await startFakeJobManagers();
  const observer = await observe(plane.api, WATCHED);
  try {
    const clusters = fakeClusters(plane.api, observer, jobManagers);
    const stage: Stage = { api: plane.api, observer, clusters, restPort: jobManagers.port };
    const half = Math.ceil(effort.starts / 4);
    const floor = (): Promise<{ chain: readonly number[]; shortest: readonly number[] }> =>
      step(`${2 * half} applications without an operator`, () => measureFloor(plane, observer, half));
    await step('warm up', () => measureFloor(plane, observer, Math.ceil(effort.warmUp / 2)));
    const before = await floor();
    const operated = await withOperator(plane, { stage, jobManagers, effort });
    await step('remove them', () => removeAll(plane));
    const after = await floor();
    const figures: LatencyFigures = {
      ...operated,
      floorChain: spread([...before.chain, ...after.chain]),
      floorShortest: spread([...before.shortest, ...after.shortest]),
    };
    const [value, ceiling] = [figures.firstChild.p50, figures.floorChain.p50];
    return { headline: { bench: 'b1', value, unit: 'ms', ceiling, ratio: round(value / ceiling) }, machine, figures };
  } finally {
    observer.stop();
    await jobManagers.close();
    await plane.stop();
  }
}

interface Operated {
  readonly operator: OperatorProcess;
  readonly stage: Stage;
  readonly jobManagers: FakeJobManagers;
  readonly effort: LatencyEffort;
}

type WithOperator = Omit<LatencyFigures, 'floorChain' | 'floorShortest'>;

async function withOperator(plane: ControlPlane, parts: Omit<Operated, 'operator'>): Promise<WithOperator> {
  const { stage, effort } = parts;
  const operator = await step('bundle and start the operator', () =>
    startOperator({ kubeconfigPath: plane.kubeconfigPath, profileTo: effort.profileTo }),
  );
  const operated: Operated = { ...parts, operator };
  try {
    const empty = await memoryMiB(operator.pid);
    await step(`${effort.warmUp} FlinkDeployments to warm up`, () =>
      inSequence('warm', effort.warmUp, (name) => startOne(stage, name)),
    );
    const starts = await step(`${effort.starts} FlinkDeployments, one at a time`, () => measureStarts(plane, operated));
    const rest = await step('nothing happens', () => measureRest(plane, operated));
    const [memory, heap] = [await memoryMiB(operator.pid), await operator.heapMiB()];
    stage.clusters.startJobsAs('INITIALIZING');
    const flips = await step(`${effort.flips} jobs that begin to run`, () =>
      inSequence('flip', effort.flips, (name) => flipOne(stage, name)),
    );
    return {
      warmUp: effort.warmUp,
      ...figuresOf(starts, rest, effort),
      rest,
      jobRunningToStatus: spread(flips),
      operator: {
        readyMs: round(operator.readyMs, 0),
        rssMiBEmpty: round(empty.rss, 1),
        rssMiB: round(memory.rss, 1),
        peakMiB: round(memory.peak, 1),
        heapMiB: round(heap, 1),
      },
    };
  } finally {
    await operator.stop();
  }
}

async function inSequence<T>(prefix: string, count: number, one: (name: string) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < count; index++) results.push(await one(`${prefix}-${index}`));
  return results;
}

interface Starts {
  readonly times: readonly StartTimes[];
  readonly cpu: CpuUse;
  readonly requests: Readonly<Record<string, number>>;
  readonly asked: number;
}

function measureStarts(plane: ControlPlane, operated: Operated): Promise<Starts> {
  return counted(plane, operated, async () => {
    const { stage, effort } = operated;
    const times = await inSequence('start', effort.starts, (name) => startOne(stage, name));
    await sleep(EVENTS_MS);
    return times;
  });
}

async function measureRest(plane: ControlPlane, operated: Operated): Promise<LatencyFigures['rest']> {
  const { warmUp, starts, restSeconds } = operated.effort;
  const { cpu, requests, asked } = await counted(plane, operated, async () => {
    await sleep(restSeconds * 1000);
    return [];
  });
  return {
    jobs: warmUp + starts,
    seconds: restSeconds,
    cpuPercent: round(((cpu.seconds.operator ?? 0) / cpu.wallSeconds) * 100),
    writesPerSecond: round(writesOf(requests) / cpu.wallSeconds),
    jobManagerCallsPerSecond: round(asked / cpu.wallSeconds, 1),
    foreignCores: round(cpu.foreignCores),
  };
}

async function counted(
  { pids }: ControlPlane,
  { operator, jobManagers }: Operated,
  work: () => Promise<readonly StartTimes[]>,
): Promise<Starts> {
  await sleep(EVENTS_MS);
  const before = await operator.requests();
  const askedBefore = jobManagers.asked();
  const { result: times, cpu } = await withCpuUse({ ...pids, operator: operator.pid }, work);
  const after = await operator.requests();
  const requests = Object.entries(after).map(([method, total]) => [method, total - (before[method] ?? 0)] as const);
  return { times, cpu, requests: Object.fromEntries(requests), asked: jobManagers.asked() - askedBefore };
}

type StartFigures = Omit<WithOperator, 'warmUp' | 'rest' | 'jobRunningToStatus' | 'operator'>;

function figuresOf(
  { times, cpu, requests, asked }: Starts,
  rest: LatencyFigures['rest'],
  effort: LatencyEffort,
): StartFigures {
  const each = (total: number): number => round(total / effort.starts);
  const of = (name: keyof StartTimes) => spread(times.map((one) => one[name]));
  const { bench: _bench, operator = 0, ...programs } = cpu.seconds;
  const controlPlane = Object.values(programs).reduce((sum, seconds) => sum + seconds, 0);
  // On average half of the jobs ran already and were polled.
  const polled = (effort.warmUp + effort.starts / 2) / rest.jobs;
  const polls = (rest.cpuPercent / 100) * cpu.wallSeconds * polled;
  return {
    firstChild: of('firstChild'),
    firstChildFromAck: of('firstChildFromAck'),
    firstStatus: of('firstStatus'),
    pod: of('pod'),
    answersToStable: of('answersToStable'),
    requestsPerResource: Object.fromEntries(Object.entries(requests).map(([method, total]) => [method, each(total)])),
    writesPerResource: each(writesOf(requests)),
    jobManagerCallsPerResource: each(asked),
    operatorCpuMsPerResource: each((operator - polls) * 1000),
    controlPlaneCpuMsPerResource: each(controlPlane * 1000),
    foreignCores: round(cpu.foreignCores),
  };
}

/** What the stopped operator made, without asking the finalizers' owner. */
async function removeAll({ api }: ControlPlane): Promise<void> {
  const kind = { apiVersion: 'flink.apache.org/v1beta1', kind: 'FlinkDeployment' };
  const remove = async ({ metadata }: KubeObject): Promise<void> => {
    const ref = { ...kind, namespace: metadata.namespace ?? '', name: metadata.name };
    await api.patch(ref, { metadata: { finalizers: null } });
    await api.delete(ref);
  };
  const left = [...(await api.list(kind))];
  const removeSome = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await remove(next);
  };
  await Promise.all(Array.from({ length: 8 }, removeSome));
  await api.deleteAll({ apiVersion: 'apps/v1', kind: 'Deployment' }, 'type=flink-native-kubernetes');
  while ((await api.list({ apiVersion: 'v1', kind: 'Pod' })).length > 0) await sleep(200);
  await sleep(EVENTS_MS);
}
