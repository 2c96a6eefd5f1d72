import { describe, expect, it } from 'vitest';
import type { WriteFault } from '../core/testing/fake-api.ts';
import type { KubeObject } from '../kube/object.ts';
import { type Disturbance, Simulation } from './testing/simulation.ts';
import { aFlinkDeployment } from './testing.ts';

/** A life of one FlinkDeployment: each step is done after the one before has come to rest. */
interface Scenario {
  readonly name: string;
  readonly steps: readonly ((simulation: Simulation) => void)[];
  /** JobManagers running in the end. */
  readonly running: number;
}

function create(simulation: Simulation, mode: 'native' | 'standalone'): void {
  const { metadata, ...rest } = aFlinkDeployment({ spec: { mode } });
  const { uid: _uid, resourceVersion: _version, ...fresh } = metadata;
  simulation.api.put({ ...rest, metadata: fresh });
}

function edit(simulation: Simulation, job: Readonly<Record<string, unknown>>): void {
  const live = simulation.deployment() as KubeObject & { spec: { job: object } };
  simulation.api.put({ ...live, spec: { ...live.spec, job: { ...live.spec.job, ...job } } });
}

const apply =
  (mode: 'native' | 'standalone' = 'native') =>
  (simulation: Simulation) =>
    create(simulation, mode);
const parallelism = (value: number) => (simulation: Simulation) => edit(simulation, { parallelism: value });
const state = (value: string) => (simulation: Simulation) => edit(simulation, { state: value });

function remove(simulation: Simulation): void {
  simulation.api.remove(
    { apiVersion: '', kind: 'FlinkDeployment', namespace: 'default', name: 'orders' },
    'Background',
    simulation.now(),
  );
}

function loseDeployment(simulation: Simulation): void {
  const found = simulation.api.all('Deployment').find((object) => object.metadata.name === 'orders');
  if (found !== undefined) simulation.world.userDeletes(found, simulation.now());
}

function loseJobManagerPod(simulation: Simulation): void {
  const pod = simulation.api.all('Pod').find((object) => object.metadata.labels?.component === 'jobmanager');
  if (pod !== undefined) simulation.world.kill(pod, simulation.now());
}

function together(...steps: Scenario['steps']): (simulation: Simulation) => void {
  return (simulation) => {
    for (const step of steps) step(simulation);
  };
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'create, native', steps: [apply()], running: 1 },
  { name: 'create, standalone', steps: [apply('standalone')], running: 1 },
  { name: 'edit', steps: [apply(), parallelism(3)], running: 1 },
  { name: 'edit, standalone', steps: [apply('standalone'), parallelism(3)], running: 1 },
  { name: 'suspend', steps: [apply(), state('suspended')], running: 0 },
  { name: 'suspend and resume', steps: [apply(), state('suspended'), state('running')], running: 1 },
  { name: 'JobManager Deployment deleted by hand', steps: [apply(), loseDeployment], running: 1 },
  { name: 'JobManager pod lost', steps: [apply(), loseJobManagerPod], running: 1 },
  { name: 'delete, native', steps: [apply(), remove], running: 0 },
  { name: 'delete, standalone', steps: [apply('standalone'), remove], running: 0 },
  {
    name: 'edit and delete at once',
    steps: [apply(), together(parallelism(3), remove)],
    running: 0,
  },
  {
    name: 'two edits at once',
    steps: [apply(), together(parallelism(3), parallelism(4))],
    running: 1,
  },
];

async function live(scenario: Scenario, disturbance: Disturbance = {}): Promise<Simulation> {
  const simulation = new Simulation(disturbance);
  for (const step of scenario.steps) {
    step(simulation);
    await simulation.settle();
  }
  return simulation;
}

/** What must hold however the run was disturbed; returns what does not, in words. */
function violations(scenario: Scenario, run: Simulation, calm: Simulation): string[] {
  const found = [...run.overlaps.map((overlap) => `two JobManagers ${overlap}`)];
  const count = run.world.running().length;
  if (count !== scenario.running) found.push(`${count} JobManagers run in the end instead of ${scenario.running}`);
  if (JSON.stringify(run.endState()) !== JSON.stringify(calm.endState()))
    found.push('the end state differs from the undisturbed run');
  return found;
}

describe('a FlinkDeployment comes to rest at the same objects', () => {
  it.each(SCENARIOS)('undisturbed: $name', async (scenario) => {
    const calm = await live(scenario);
    expect(calm.overlaps).toEqual([]);
    expect(calm.world.running()).toHaveLength(scenario.running);
    if (scenario.steps.includes(remove)) expect(calm.api.all()).toEqual([]);
  });

  it.each(
    SCENARIOS.flatMap((scenario) => (['crash', 'lost', 'refused'] as const).map((kind) => ({ ...scenario, kind }))),
  )('$name, with every write in turn: $kind', async ({ kind, ...scenario }) => {
    const calm = await live(scenario);
    const bad: string[] = [];
    for (let at = 1; at <= calm.api.writeCount; at++) {
      const write: WriteFault = { at, kind };
      const run = await live(scenario, { write });
      bad.push(...violations(scenario, run, calm).map((what) => `write ${at} (${run.api.log[at - 1]}): ${what}`));
    }
    expect(calm.api.writeCount).toBeGreaterThan(5);
    expect(bad).toEqual([]);
  });

  it.each(SCENARIOS.flatMap((scenario) => [1, 3].map((rounds) => ({ ...scenario, rounds }))))(
    '$name, with every watch event $rounds rounds late and every write crashing in turn',
    async ({ rounds, ...scenario }) => {
      const calm = await live(scenario);
      const bad: string[] = [];
      for (let at = 0; at <= calm.api.writeCount; at++) {
        const run = await live(scenario, {
          lateByRounds: rounds,
          ...(at === 0 ? {} : { write: { at, kind: 'crash' } as const }),
        });
        bad.push(...violations(scenario, run, calm).map((what) => `write ${at} (${run.api.log[at - 1]}): ${what}`));
      }
      expect(bad).toEqual([]);
    },
  );
});
