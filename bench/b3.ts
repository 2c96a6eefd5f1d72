import { setTimeout as sleep } from 'node:timers/promises';
import { step } from '../e2e/lib/steps.ts';
import { SPARK_APPLICATION_KIND } from '../src/spark/schema.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { createNode, fakeNode } from './fake-node.ts';
import { machineFacts } from './machine.ts';
import { type Observer, observe } from './observer.ts';
import { type OperatorProcess, startOperator, writesOf } from './operator-process.ts';
import { memoryMiB, withCpuUse } from './process-use.ts';
import type { Measured, RateFigures, SparkFigures, SteadyFigures } from './results.ts';
import { floorOfObjects, floorOfWrites } from './spark/floor.ts';
import { hasRunningStatus, type Load, type Moments, nobodyWaits, putOn, type Track, track } from './spark/load.ts';
import { sparkApplication } from './spark/objects.ts';
import { round, spread } from './stats.ts';

/** How much is measured. */
export interface SparkEffort {
  /** Applications that run one after the other, to count what each costs. */
  readonly counted: number;
  /** Applications that have ended when the operator is started again. */
  readonly settled: number;
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
 * B3: SparkApplications as fast as they can be submitted and at a steady rate, what each costs, and a restart among those
 * that ended. The operator is the real one; scheduler, kubelet and drivers are stand-ins that take next to no time, and
 * work for the floors too: the same objects, and all the same requests, made by the bench itself before any operator.
 */
export async function measureSparkRate(effort: SparkEffort): Promise<Measured<SparkFigures>> {
  const machine = machineFacts();
  const plane = await startControlPlane([]);
  await createNode(plane.api);
  const observer = await observe(plane.api, [SPARK_APPLICATION_KIND, POD]);
  observer.each(fakeNode({ api: plane.api, onRunning: () => undefined, runsMs: DRIVER_MS }));
  try {
    const load: Load = { prefix: 'floor', seconds: Math.min(effort.seconds, 60), queue: QUEUE };
    const floor = await step(`${load.seconds} s of the same objects without an operator`, () =>
      floorOfObjects(plane, observer, load),
    );
    const writes = await step(`${load.seconds} s of all its requests without an operator`, () =>
      floorOfWrites(plane, observer, { ...load, prefix: 'writes' }),
    );
    const operated = await withOperator(plane, observer, effort);
    const figures: SparkFigures = { floorPerSecond: round(floor), writesFloorPerSecond: round(writes), ...operated };
    const value = figures.fastest.perSecond;
    const headline = { bench: 'b3', value, unit: 'applications/s', ceiling: round(floor), ratio: round(value / floor) };
    return { headline, machine, figures };
  } finally {
    observer.stop();
    await plane.stop();
  }
}

interface Operated {
  readonly plane: ControlPlane;
  readonly observer: Observer;
  readonly operator: OperatorProcess;
}

async function withOperator(
  plane: ControlPlane,
  observer: Observer,
  effort: SparkEffort,
): Promise<Omit<SparkFigures, 'floorPerSecond' | 'writesFloorPerSecond'>> {
  const start = (): Promise<OperatorProcess> =>
    startOperator({ kubeconfigPath: plane.kubeconfigPath, profileTo: effort.profileTo });
  let operator = await step('bundle and start the operator', start);
  try {
    const operated = { plane, observer, operator };
    const one = await step(`${effort.counted} applications, one at a time`, () => countRequests(operated, effort));
    const { settled } = effort;
    await step(`more applications, until ${settled} have ended`, () => settle(operated, settled));
    await operator.stop();
    operator = await step('start the operator again', start);
    const restart = {
      settled,
      readyMs: round(operator.readyMs, 0),
      writes: await writesAtRest(operator),
    };
    const again = { ...operated, operator };
    const { seconds, rates } = effort;
    const fastest = await step(`${seconds} s of submissions, ${QUEUE} at once`, () =>
      loaded(again, { prefix: 'fast', seconds, queue: QUEUE }),
    );
    const steady: SteadyFigures[] = [];
    for (const asked of rates) {
      const of: Load = { prefix: `steady-${asked}`, seconds, queue: STEADY_QUEUE, perSecond: asked };
      const measured = await step(`${seconds} s of ${asked} submissions a second`, () => loaded(again, of));
      steady.push({ asked, ...measured });
    }
    const { rss, peak } = await memoryMiB(operator.pid);
    const memory = {
      finished: (await plane.api.list(SPARK_APPLICATION_KIND)).length,
      rssMiB: round(rss, 1),
      peakMiB: round(peak, 1),
    };
    return { fastest, steady, requestsToRunning: one, restart, memory };
  } finally {
    await operator.stop();
  }
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
async function settle({ plane, observer }: Operated, settled: number): Promise<void> {
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

function between({ all }: Track, from: keyof Moments, to: keyof Moments): readonly number[] {
  return [...all.values()].flatMap((moments) => {
    const [start, end] = [moments[from], moments[to]];
    return start === undefined || end === undefined ? [] : [end - start];
  });
}
