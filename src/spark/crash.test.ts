import { describe, expect, it } from 'vitest';
import type { WriteFault } from '../core/testing/fake-api.ts';
import type { DeepPartial } from '../core/testing/merged.ts';
import { SPARK_APPLICATION_KIND, type SparkApplicationSpec } from './schema.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from './settings.ts';
import { type Disturbance, Simulation } from './testing/simulation.ts';
import { aSparkApplication } from './testing.ts';

type Step = (simulation: Simulation) => void | Promise<void>;

/** A life of one SparkApplication: each step is done in turn, and then everything comes to rest. */
interface Scenario {
  readonly name: string;
  /** Exit codes of its runs, in turn. */
  readonly exits: readonly number[];
  readonly steps: readonly Step[];
  /** Runs there were (least and most, where a run may be stopped before it begins), and how many ran to their end. */
  readonly runs: number | readonly [number, number];
  readonly finished: number;
  readonly settings?: Partial<SparkSettings>;
  /** The state in the end; undefined: the application is gone. */
  readonly state: string | undefined;
}

const create =
  (spec: DeepPartial<SparkApplicationSpec> = {}): Step =>
  ({ api }) => {
    const { metadata, ...rest } = aSparkApplication({ spec });
    const { uid: _uid, resourceVersion: _version, ...fresh } = metadata;
    api.put({ ...rest, metadata: fresh });
  };

const edit =
  (changes: object): Step =>
  (simulation) => {
    const live = simulation.application();
    if (live !== undefined) simulation.api.put({ ...live, spec: { ...(live.spec as object), ...changes } });
  };

const until =
  (state: string): Step =>
  (simulation) =>
    simulation.until(state);

const rest: Step = (simulation) => simulation.settle();

const remove: Step = ({ api }) =>
  api.remove({ ...SPARK_APPLICATION_KIND, namespace: 'default', name: 'pi' }, 'Background', api.now());

const loseDriver: Step = (simulation) => simulation.world.userDeletesDriver(simulation.now());

const retries = (count: number) => ({ restartPolicy: { type: 'OnFailure', onFailureRetries: count } as const });

/** A port of the driver with an address of its own. */
const PORT = { servicePort: 8080, servicePortName: 'app', ingressURLFormat: '{{$appName}}.example.org' };

const SCENARIOS: readonly Scenario[] = [
  { name: 'success', exits: [0], steps: [create()], runs: 1, finished: 1, state: 'COMPLETED' },
  { name: 'failure', exits: [1], steps: [create()], runs: 1, finished: 1, state: 'FAILED' },
  {
    name: 'failure, then success',
    exits: [1, 0],
    steps: [create(retries(1))],
    runs: 2,
    finished: 2,
    state: 'COMPLETED',
  },
  { name: 'retries used up', exits: [1], steps: [create(retries(1))], runs: 2, finished: 2, state: 'FAILED' },
  {
    name: 'suspend',
    exits: [0],
    steps: [create(), until('RUNNING'), edit({ suspend: true })],
    runs: 1,
    finished: 0,
    state: 'SUSPENDED',
  },
  {
    name: 'created suspended',
    exits: [0],
    steps: [create({ suspend: true })],
    runs: 0,
    finished: 0,
    state: 'SUSPENDED',
  },
  {
    name: 'suspend and resume',
    exits: [0],
    steps: [create(), until('RUNNING'), edit({ suspend: true }), rest, edit({ suspend: false })],
    runs: 2,
    finished: 1,
    state: 'COMPLETED',
  },
  {
    name: 'edit of what runs',
    exits: [0],
    steps: [create(), until('RUNNING'), edit({ arguments: ['new'] })],
    runs: 2,
    finished: 1,
    state: 'COMPLETED',
  },
  {
    name: 'edit right after the submission',
    exits: [0],
    steps: [create(), until('SUBMITTED'), edit({ arguments: ['new'] })],
    runs: [1, 2],
    finished: 1,
    state: 'COMPLETED',
  },
  {
    name: 'suspend right after the submission',
    exits: [0],
    steps: [create(), until('SUBMITTED'), edit({ suspend: true })],
    runs: [0, 1],
    finished: 0,
    state: 'SUSPENDED',
  },
  {
    name: 'another pod name right after the submission',
    exits: [0],
    steps: [
      create(),
      until('SUBMITTED'),
      edit({ driver: { podName: 'other', memory: '512m', serviceAccount: 'spark' } }),
    ],
    runs: [1, 2],
    finished: 1,
    state: 'COMPLETED',
  },
  {
    name: 'edit of what has ended',
    exits: [1, 0],
    steps: [create(), rest, edit({ arguments: ['new'] })],
    runs: 2,
    finished: 2,
    state: 'COMPLETED',
  },
  {
    name: 'another placement of executors',
    exits: [0],
    steps: [
      create({ executor: { nodeSelector: { spot: 'true' } } }),
      until('RUNNING'),
      edit({ executor: { instances: 2, cores: 1, memory: '512m', nodeSelector: { spot: 'false' } } }),
    ],
    runs: 1,
    finished: 1,
    settings: { partialRestart: true },
    state: 'COMPLETED',
  },
  {
    name: 'edit that is refused',
    exits: [0],
    steps: [create(), until('RUNNING'), edit({ mode: 'client' })],
    runs: 1,
    finished: 1,
    state: 'COMPLETED',
  },
  {
    name: 'driver deleted by hand',
    exits: [0],
    steps: [create(), until('RUNNING'), loseDriver],
    runs: 1,
    finished: 0,
    state: 'FAILED',
  },
  {
    name: 'time to live',
    exits: [0],
    steps: [create({ timeToLiveSeconds: 5 })],
    runs: 1,
    finished: 1,
    state: undefined,
  },
  {
    name: 'objects around it, kept from run to run',
    exits: [1, 0],
    steps: [create({ ...retries(1), driverPodDisruptionBudget: true, driverIngressOptions: [PORT] })],
    runs: 2,
    finished: 2,
    state: 'COMPLETED',
  },
  {
    name: 'objects around it, given up by an edit of what has ended',
    exits: [0],
    steps: [
      create({ driverPodDisruptionBudget: true, driverIngressOptions: [PORT] }),
      rest,
      edit({ driverPodDisruptionBudget: false, driverIngressOptions: [] }),
    ],
    runs: 2,
    finished: 2,
    state: 'COMPLETED',
  },
  { name: 'delete', exits: [0], steps: [create(), until('RUNNING'), remove], runs: 1, finished: 0, state: undefined },
];

async function live({ exits, steps, settings }: Scenario, disturbance: Disturbance = {}): Promise<Simulation> {
  const simulation = new Simulation(exits, disturbance, { ...DEFAULT_SETTINGS, ...settings });
  for (const step of steps) await step(simulation);
  await simulation.settle();
  return simulation;
}

/** What must hold however the run was disturbed; returns what does not, in words. */
function violations({ runs, finished, state }: Scenario, run: Simulation, calm: Simulation): string[] {
  const { executions } = run.world;
  const [least, most] = typeof runs === 'number' ? [runs, runs] : runs;
  const ended = executions.filter(({ exitCode }) => exitCode !== undefined).length;
  const now = run.status().applicationState?.state;
  return [
    ...run.overlaps.map((overlap) => `two drivers ran at once: ${overlap}`),
    ...(executions.length >= least && executions.length <= most
      ? []
      : [`${executions.length} runs instead of ${least} to ${most}`]),
    ...(ended === finished ? [] : [`${ended} finished runs instead of ${finished}`]),
    ...(now === state ? [] : [`${now} in the end instead of ${state}`]),
    ...(run.world.running().length === 0 ? [] : ['a driver still runs in the end']),
    ...(JSON.stringify(run.endState()) === JSON.stringify(calm.endState())
      ? []
      : ['another end state than undisturbed']),
  ];
}

describe('a SparkApplication runs as often as it should', () => {
  it.each(SCENARIOS)('undisturbed: $name', async (scenario) => {
    const calm = await live(scenario);
    expect(violations(scenario, calm, calm)).toEqual([]);
    if (scenario.state === undefined) expect(calm.api.all()).toEqual([]);
  });

  it.each(
    SCENARIOS.flatMap((scenario) => (['crash', 'lost', 'refused'] as const).map((kind) => ({ ...scenario, kind }))),
  )('$name, with every write in turn: $kind', async ({ kind, ...scenario }) => {
    const calm = await live(scenario);
    expect(calm.api.writeCount).toBeGreaterThan(0);
    const bad: string[] = [];
    for (let at = 1; at <= calm.api.writeCount; at++) {
      const write: WriteFault = { at, kind };
      const run = await live(scenario, { write });
      bad.push(...violations(scenario, run, calm).map((what) => `write ${at} (${run.api.log[at - 1]}): ${what}`));
    }
    expect(bad).toEqual([]);
  });

  const LATE = [{ lateByRounds: 1 }, { lateByRounds: 3 }, { latePodsByRounds: 3 }] as const;
  it.each(SCENARIOS.flatMap((scenario) => LATE.map((late) => ({ ...scenario, late }))))(
    '$name, with watch events late by $late and every write crashing in turn',
    async ({ late, ...scenario }) => {
      const calm = await live(scenario);
      const bad: string[] = [];
      for (let at = 0; at <= calm.api.writeCount; at++) {
        const write = at === 0 ? {} : { write: { at, kind: 'crash' } as const };
        const run = await live(scenario, { ...late, ...write });
        bad.push(...violations(scenario, run, calm).map((what) => `write ${at} (${run.api.log[at - 1]}): ${what}`));
      }
      expect(bad).toEqual([]);
    },
  );

  it('writes little and makes the driver pod last', async () => {
    const calm = await live(SCENARIOS[0] as Scenario);
    const kinds = calm.api.log.map((line) => line.replace(/^\d+ /, '').split(' ').slice(0, 2).join(' '));
    expect(kinds).toEqual([
      'status',
      'apply ConfigMap',
      'apply Service',
      'apply Service',
      'create Pod',
      'status',
      'status',
      'status',
    ]);
    expect(calm.events.map(({ reason }) => reason)).toEqual([
      'SparkApplicationSubmitted',
      'SparkDriverRunning',
      'SparkApplicationCompleted',
      'SparkDriverCompleted',
    ]);
  });
});
