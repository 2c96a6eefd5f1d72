import { setTimeout as sleep } from 'node:timers/promises';
import { step } from '../e2e/lib/steps.ts';
import type { FlinkDeploymentStatus } from '../src/flink/schema.ts';
import { findCondition } from '../src/kube/conditions.ts';
import type { Api } from './api.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { machineFacts } from './machine.ts';
import { flinkApplication, flinkRef } from './objects.ts';
import { type OperatorProcess, startOperator, writesOf } from './operator-process.ts';
import { memoryMiB, withCpuUse } from './process-use.ts';
import type { Measured, SettledFigures } from './results.ts';
import { round } from './stats.ts';

/** How much is measured. */
export interface SettledEffort {
  readonly resources: number;
}

const CREATORS = 16;
const PATIENCE_MS = 600_000;
/** In which a write that is not needed would come. */
const SETTLE_MS = 5000;

/**
 * The second half of B4: the operator started anew beside many resources in which nothing is to be done. They are suspended
 * FlinkDeployments, which have a status and a finalizer but no JobManager that could be asked.
 */
export async function measureSettled({ resources }: SettledEffort): Promise<Measured<SettledFigures>> {
  const machine = machineFacts();
  const plane = await startControlPlane([]);
  const start = (): Promise<OperatorProcess> => startOperator({ kubeconfigPath: plane.kubeconfigPath });
  let operator = await step('bundle and start the operator', start);
  try {
    await step(`${resources} suspended FlinkDeployments`, () => makeSuspended(plane, operator, resources));
    await operator.stop();
    const listMs = await step('list them without an operator', () => timeOfList(plane, resources));
    const restarted = await step('start the operator again', async () => {
      operator = await start();
      return measureRestart(operator, resources);
    });
    const figures = { ...restarted, listMs };
    const [value, ceiling] = [figures.lookedAtMs, figures.listMs];
    return {
      headline: { bench: 'settled', value, unit: 'ms', ceiling, ratio: round(value / ceiling) },
      machine,
      figures,
    };
  } finally {
    await operator.stop();
    await plane.stop();
  }
}

/** Until the operator has nothing left to do about any of them. */
async function makeSuspended({ api }: ControlPlane, operator: OperatorProcess, resources: number): Promise<void> {
  const left = Array.from({ length: resources }, (_, index) => `settled-${index}`);
  const makeSome = async (): Promise<void> => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) await makeOne(api, name);
  };
  await Promise.all(Array.from({ length: CREATORS }, makeSome));
  for (let before = -1, now = 0; now !== before; ) {
    [before, now] = [now, writesOf(await operator.requests())];
    await sleep(SETTLE_MS);
  }
  const { status } = await api.get(flinkRef('settled-0'));
  const ready = findCondition((status as FlinkDeploymentStatus | undefined)?.conditions, 'Ready');
  if (ready?.reason !== 'Suspended') throw new Error(`settled-0 is not suspended: ${JSON.stringify(status)}`);
}

async function makeOne(api: Api, name: string): Promise<void> {
  const application = flinkApplication(name, 8081);
  const { job } = application.spec;
  await api.create({ ...application, spec: { ...application.spec, job: { ...job, state: 'suspended' } } } as never);
}

/** The floor: nothing but reading them all once. */
async function timeOfList({ api }: ControlPlane, resources: number): Promise<number> {
  const started = performance.now();
  const { length } = await api.list(flinkRef(''));
  if (length !== resources) throw new Error(`${length} of ${resources} FlinkDeployments are there`);
  return round(performance.now() - started, 0);
}

async function measureRestart(operator: OperatorProcess, resources: number): Promise<Omit<SettledFigures, 'listMs'>> {
  const ready = performance.now();
  while ((await operator.passes('flinkdeployment')) < resources) {
    if (performance.now() - ready > PATIENCE_MS) throw new Error(`not all ${resources} were looked at`);
    await sleep(20);
  }
  const lookedAtMs = operator.readyMs + performance.now() - ready;
  const { cpu } = await withCpuUse({ operator: operator.pid }, () => sleep(SETTLE_MS));
  const { rss, peak } = await memoryMiB(operator.pid);
  return {
    resources,
    readyMs: round(operator.readyMs, 0),
    lookedAtMs: round(lookedAtMs, 0),
    writes: writesOf(await operator.requests()),
    rssMiB: round(rss, 1),
    peakMiB: round(peak, 1),
    foreignCores: round(cpu.foreignCores),
  };
}
