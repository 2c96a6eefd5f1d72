import { setTimeout as sleep } from 'node:timers/promises';
import { createOperatorAccount } from '../e2e/kit/operator-account.ts';
import { step } from '../e2e/lib/steps.ts';
import { operatorAccess } from '../src/operator-access.ts';
import { SPARK_APPLICATION_KIND } from '../src/spark/schema.ts';
import { openApi } from './api.ts';
import { startControlPlane } from './control-plane.ts';
import { createNode, fakeNode } from './fake-node.ts';
import { machineFacts } from './machine.ts';
import { observe } from './observer.ts';
import { type OperatorProcess, startOperator, writesOf } from './operator-process.ts';
import { memoryMiB, withCpuUse } from './process-use.ts';
import type { Measured, RateFigures, SparkFigures, SteadyFigures } from './results.ts';
import { floorOfObjects, floorOfWrites, type SparkStage } from './spark/floor.ts';
import { between, hasRunningStatus, type Load, nobodyWaits, putOn, track } from './spark/load.ts';
import { sparkApplication } from './spark/objects.ts';
import { round, spread } from './stats.ts';

/** How much is measured. */
export interface SparkEffort {
  /** Applications that run one after the other, to count what each costs. */
  readonly counted: number;
  /** Applications that have ended when the operator is started again, and when a load begins. */
  readonly settled: number;
  /** Applications that have ended when its memory is looked at. */
  readonly finished: number;
  /** How long each load is put on. */
  readonly seconds: number;
  /** Applications a second of each steady load. */
  readonly rates: readonly number[];
  readonly profileTo?: string | undefined;
}

/** Applications on their way at once, in the load that takes as many as it can. */
const QUEUE = 16;
/** Of the steady load: far more than it should come to, so that what is slow shows in its times. */
const STEADY_QUEUE = 200;
/** How long a driver runs. */
const DRIVER_MS = 3000;
/** What is written after the last pass: events, and what ended drivers leave. */
const SETTLING_MS = DRIVER_MS + 2000;

const POD = { apiVersion: 'v1', kind: 'Pod' };

/**
 * B3: SparkApplications as fast as they can be submitted and at steady rates, what each costs, a restart among those that
 * ended, and what they take of memory. The operator is the real one, under its own rights; scheduler, kubelet and drivers are
 * stand-ins that take next to no time, and work for the floors too. Each load, and each floor of the fastest, is put on a
 * control plane of its own, so that none finds more there than another.
 */
export async function measureSparkRate(effort: SparkEffort): Promise<Measured<SparkFigures>> {
  const machine = machineFacts();
  const load: Load = { prefix: 'floor', seconds: Math.min(effort.seconds, 60), queue: QUEUE };
  const floor = await onStage((stage) =>
    step(`${load.seconds} s of the same objects without an operator`, () => floorOfObjects(stage, load)),
  );
  const writes = await onStage((stage) =>
    step(`${load.seconds} s of all its requests without an operator`, () => floorOfWrites(stage, load)),
  );
  const operated = await onStage((stage) => fastestLoad(stage, effort));
  const steady: SteadyFigures[] = [];
  for (const asked of effort.rates) steady.push(await onStage((stage) => steadyLoad(stage, effort, asked)));
  const figures: SparkFigures = {
    floorPerSecond: round(floor),
    writesFloorPerSecond: round(writes.perSecond),
    ...operated,
    steady,
  };
  const value = figures.fastest.perSecond;
  const headline = { bench: 'b3', value, unit: 'applications/s', ceiling: round(floor), ratio: round(value / floor) };
  return { headline, machine, figures };
}

/** Gives a control plane of its own, with a node and an account for the operator, to `work`. */
async function onStage<T>(work: (stage: SparkStage) => Promise<T>): Promise<T> {
  const plane = await startControlPlane([]);
  try {
    await createNode(plane.api);
    const { kubeconfigPath } = await createOperatorAccount(plane, operatorAccess());
    const operatorApi = openApi(kubeconfigPath, 64);
    const observer = await observe(plane.api, [SPARK_APPLICATION_KIND, POD]);
    observer.each(fakeNode({ api: plane.api, onRunning: () => undefined, runsMs: DRIVER_MS }));
    try {
      return await work({ plane, observer, kubeconfigPath, operatorApi });
    } finally {
      observer.stop();
      await operatorApi.close();
    }
  } finally {
    await plane.stop();
  }
}

interface Operated extends SparkStage {
  readonly operator: OperatorProcess;
}

function start({ kubeconfigPath }: SparkStage, { profileTo }: SparkEffort): Promise<OperatorProcess> {
  return step('bundle and start the operator', () => startOperator({ kubeconfigPath, profileTo }));
}

async function fastestLoad(
  stage: SparkStage,
  effort: SparkEffort,
): Promise<Pick<SparkFigures, 'fastest' | 'requestsToRunning' | 'restart' | 'memory'>> {
  const { counted, settled, finished, seconds } = effort;
  let operator = await start(stage, effort);
  try {
    const requestsToRunning = await step(`${counted} applications, one at a time`, () =>
      countRequests({ ...stage, operator }, effort),
    );
    await step(`more applications, until ${settled} have ended`, () => settle(stage, settled));
    await operator.stop();
    operator = await start(stage, effort);
    const restart = { settled, readyMs: round(operator.readyMs, 0), writes: await writesAtRest(operator) };
    const fastest = await step(`${seconds} s of submissions, ${QUEUE} at once`, () =>
      loaded({ ...stage, operator }, { prefix: 'fast', seconds, queue: QUEUE }),
    );
    await step(`more applications, until ${finished} have ended`, () => settle(stage, finished));
    await sleep(QUIET_MS);
    const { rss, peak } = await memoryMiB(operator.pid);
    const there = (await stage.plane.api.list(SPARK_APPLICATION_KIND)).length;
    const memory = { finished: there, rssMiB: round(rss, 1), peakMiB: round(peak, 1) };
    return { fastest, requestsToRunning, restart, memory };
  } finally {
    await operator.stop();
  }
}

/** A steady load beside applications that ended, and after it its floor: every request at the same rate, no operator there. */
async function steadyLoad(stage: SparkStage, effort: SparkEffort, asked: number): Promise<SteadyFigures> {
  const { settled, seconds } = effort;
  const operator = await start(stage, effort);
  const of: Load = { prefix: 'steady', seconds, queue: STEADY_QUEUE, perSecond: asked };
  let measured: RateFigures;
  try {
    await step(`applications, until ${settled} have ended`, () => settle(stage, settled));
    measured = await step(`${seconds} s of ${asked} submissions a second`, () => loaded({ ...stage, operator }, of));
  } finally {
    await operator.stop();
  }
  const floor = await step(`${seconds} s of all their requests without an operator`, () =>
    floorOfWrites(stage, { ...of, prefix: 'floor' }),
  );
  return { asked, ...measured, floorDriverMs: floor.driverMs };
}

/** API requests by method for one application until its status says RUNNING, its driver not ending before. */
async function countRequests(
  { plane, observer, operator }: Operated,
  { counted }: SparkEffort,
): Promise<Readonly<Record<string, number>>> {
  const applications = track(observer, hasRunningStatus);
  const sums: Record<string, number> = {};
  for (let index = 0; index < counted; index++) {
    const before = await operator.requests();
    applications.asked(`one-${index}`);
    await plane.api.create(sparkApplication(`one-${index}`));
    await nobodyWaits(applications);
    await sleep(EVENT_MS);
    for (const [method, total] of Object.entries(await operator.requests()))
      sums[method] = (sums[method] ?? 0) + total - (before[method] ?? 0);
    await sleep(DRIVER_MS);
  }
  await sleep(SETTLING_MS - DRIVER_MS);
  return Object.fromEntries(Object.entries(sums).map(([method, total]) => [method, round(total / counted)]));
}

/** Makes more applications until so many are there, and lets them all end. */
async function settle({ plane, observer }: SparkStage, settled: number): Promise<void> {
  const applications = track(observer, hasRunningStatus);
  const there = (await plane.api.list(SPARK_APPLICATION_KIND)).length;
  for (let index = there; index < settled; index++) {
    while (applications.waiting() >= QUEUE) await sleep(1);
    applications.asked(`settled-${index}`);
    await plane.api.create(sparkApplication(`settled-${index}`));
  }
  await nobodyWaits(applications);
  await sleep(SETTLING_MS);
}

/** After a burst the operator tidies its memory within some twenty seconds. */
const QUIET_MS = 30_000;

/** Events are written a moment after the pass that records them, and well before the driver ends. */
const EVENT_MS = 500;

/** Writes in the seconds after a start among applications that ended. */
async function writesAtRest(operator: OperatorProcess): Promise<number> {
  await sleep(3000);
  return writesOf(await operator.requests());
}

async function loaded({ plane, observer, operator }: Operated, load: Load): Promise<RateFigures> {
  const applications = track(observer, hasRunningStatus);
  const before = writesOf(await operator.requests());
  const { result: seconds, cpu } = await withCpuUse({ ...plane.pids, operator: operator.pid }, async () => {
    const took = await putOn(load, applications, (name) => plane.api.create(sparkApplication(name)));
    await sleep(SETTLING_MS);
    return took;
  });
  const { bench: _bench, operator: operatorSeconds = 0, ...programs } = cpu.seconds;
  const planeSeconds = Object.values(programs).reduce((sum, used) => sum + used, 0);
  const count = applications.all.size;
  return {
    applications: count,
    perSecond: round(count / seconds),
    driverMs: spread(between(applications, 'asked', 'driver'), 0),
    statusLagMs: spread(between(applications, 'podRunning', 'statusRunning'), 0),
    writesPerApplication: round((writesOf(await operator.requests()) - before) / count),
    operatorCpuMsPerApplication: round((operatorSeconds * 1000) / count),
    controlPlaneCpuMsPerApplication: round((planeSeconds * 1000) / count),
    foreignCores: round(cpu.foreignCores),
  };
}
