import { setTimeout as sleep } from 'node:timers/promises';
import { step } from '../e2e/lib/steps.ts';
import { refOf } from '../src/kube/object.ts';
import type { Api, Sighting } from './api.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { machineFacts } from './machine.ts';
import { bigFlinkApplication, flinkRef, smallConfigMap } from './objects.ts';
import { withCpuUse } from './process-use.ts';
import type { CeilingFigures, FanOut, Measured, Throughput } from './results.ts';
import { median, round, spread } from './stats.ts';

/** How much is measured. */
export interface CeilingEffort {
  /** Times each measurement is repeated; the median counts. */
  readonly rounds: number;
  /** Operations of one measurement with many writers; with one writer a quarter. */
  readonly operations: number;
}

const WRITERS = [1, 16, 64] as const;
const WATCHERS = [1, 16, 64, 256] as const;
const PATCHED = 64;

type Operation = (api: Api, index: number) => Promise<unknown>;

/** B0: what the API server of this machine can do at best, so that no target is set above the wall. */
export async function measureCeiling(effort: CeilingEffort): Promise<Measured<CeilingFigures>> {
  const machine = machineFacts();
  const plane = await startControlPlane([]);
  try {
    const throughput: Throughput[] = [];
    for (const [name, operation] of Object.entries(await operations(plane.api)))
      for (const writers of WRITERS) throughput.push(await measured(plane, { name, operation, writers, effort }));
    const fanOut: FanOut[] = [];
    for (const watchers of WATCHERS)
      fanOut.push(await measureFanOut(plane, watchers, Math.min(100, effort.operations)));
    const value = throughput.find(({ operation, writers }) => operation === CREATE_SMALL && writers === 16)?.perSecond;
    if (value === undefined) throw new Error('the headline was not measured');
    // This benchmark is the ceiling, so it is its own.
    const headline = { bench: 'b0', value, unit: 'creates/s', ceiling: value, ratio: 1 };
    return { headline, machine, figures: { headline: CREATE_SMALL, throughput, fanOut } };
  } finally {
    await plane.stop();
  }
}

const CREATE_SMALL = 'create 1 kB ConfigMap';

async function operations(api: Api): Promise<Readonly<Record<string, Operation>>> {
  for (let index = 0; index < PATCHED; index++) await api.create(bigFlinkApplication(`patched-${index}`));
  let made = 0;
  return {
    [CREATE_SMALL]: () => api.create(smallConfigMap(`map-${made++}`)),
    'create 8 kB FlinkDeployment': () => api.create(bigFlinkApplication(`flink-${made++}`)),
    'merge-patch status of an 8 kB FlinkDeployment': (_, index) =>
      api.patch(flinkRef(`patched-${index % PATCHED}`), { status: { error: `change ${made++}` } }, 'status'),
    'get an 8 kB FlinkDeployment': (_, index) => api.get(flinkRef(`patched-${index % PATCHED}`)),
  };
}

interface Series {
  readonly name: string;
  readonly operation: Operation;
  readonly writers: number;
  readonly effort: CeilingEffort;
}

async function measured(plane: ControlPlane, series: Series): Promise<Throughput> {
  const { name, writers, effort } = series;
  return step(`${name}, ${writers} at once`, async () => {
    const rounds: Throughput[] = [];
    for (let index = 0; index < effort.rounds; index++) rounds.push(await oneRound(plane, series));
    const middle = median(rounds.map(({ perSecond }) => perSecond));
    const found = rounds.find(({ perSecond }) => perSecond === middle);
    if (found === undefined) throw new Error('nothing was measured');
    return found;
  });
}

async function oneRound(
  { api, pids }: ControlPlane,
  { name, operation, writers, effort }: Series,
): Promise<Throughput> {
  const count = Math.ceil(effort.operations / (writers === 1 ? 4 : 1));
  const took: number[] = [];
  let next = 0;
  const write = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const started = performance.now();
      await operation(api, index);
      took.push(performance.now() - started);
    }
  };
  const { cpu } = await withCpuUse(pids, () => Promise.all(Array.from({ length: writers }, write)));
  const { bench = 0, ...programs } = cpu.seconds;
  const controlPlane = Object.values(programs).reduce((sum, seconds) => sum + seconds, 0);
  return {
    operation: name,
    writers,
    perSecond: round(count / cpu.wallSeconds, 0),
    ms: spread(took),
    controlPlaneCpuMs: round((controlPlane * 1000) / count),
    clientCpuMs: round((bench * 1000) / count),
    foreignCores: round(cpu.foreignCores),
  };
}

/** Writes one at a time and waits until every watcher has seen each. */
async function measureFanOut({ api }: ControlPlane, watchers: number, writes: number): Promise<FanOut> {
  return step(`watch with ${watchers} watchers`, async () => {
    const all: number[] = [];
    const last: number[] = [];
    let seen: (at: number) => void = () => undefined;
    const onSighting = ({ at, type }: Sighting): void => {
      if (type === 'ADDED') seen(at);
    };
    const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
    const watches = await Promise.all(Array.from({ length: watchers }, () => api.watch(kind, onSighting)));
    for (let index = 0; index < writes; index++) {
      const map = smallConfigMap(`watched-${watchers}-${index}`);
      const times: number[] = [];
      const everyone = new Promise<void>((resolve) => {
        seen = (at) => {
          if (times.push(at) === watchers) resolve();
        };
      });
      const started = performance.now();
      await api.create(map);
      await everyone;
      all.push(...times.map((at) => at - started));
      last.push(Math.max(...times) - started);
      await api.delete(refOf(map));
      await sleep(5);
    }
    for (const watch of watches) watch.stop();
    return { watchers, ms: spread(all), lastMs: spread(last) };
  });
}
