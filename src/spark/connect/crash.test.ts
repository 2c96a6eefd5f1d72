import { describe, expect, it } from 'vitest';
import type { DeepPartial } from '../../core/testing/merged.ts';
import type { Disturbance } from '../testing/operator.ts';
import { SPARK_CONNECT_KIND, type SparkConnectSpec } from './schema.ts';
import { ConnectSimulation } from './testing/simulation.ts';
import { aSparkConnect } from './testing.ts';

type Step = (simulation: ConnectSimulation) => void | Promise<void>;

/** The life of one SparkConnect: each step is done in turn, and then everything comes to rest. */
interface Scenario {
  readonly name: string;
  /** Exit codes of servers that end by themselves after twenty seconds; without them they run for good. */
  readonly exits?: readonly number[];
  readonly steps: readonly Step[];
  /** Servers there were: least and most, where one may be stopped before it begins. */
  readonly servers: number | readonly [number, number];
  /** The state in the end; undefined: the resource is gone. */
  readonly state: string | undefined;
}

const create =
  (spec: DeepPartial<SparkConnectSpec> = {}): Step =>
  ({ api }) => {
    const { metadata, ...rest } = aSparkConnect({ spec });
    const { uid: _uid, resourceVersion: _version, ...fresh } = metadata;
    api.put({ ...rest, metadata: fresh });
  };

const edit =
  (changes: object): Step =>
  (simulation) => {
    const live = simulation.connect();
    if (live !== undefined) simulation.api.put({ ...live, spec: { ...(live.spec as object), ...changes } });
  };

const ready: Step = (simulation) => simulation.until('Ready');

const rest: Step = (simulation) => simulation.settle();

const remove: Step = ({ api }) =>
  api.remove({ ...SPARK_CONNECT_KIND, namespace: 'default', name: 'query' }, 'Background', api.now());

const loseServer: Step = (simulation) => simulation.world.userDeletesDriver(simulation.now());

const never = { restartPolicy: { restartPolicyType: 'Never' } } as const;

const SCENARIOS: readonly Scenario[] = [
  { name: 'serves', steps: [create()], servers: 1, state: 'Ready' },
  { name: 'another spec', steps: [create(), ready, edit({ sparkConf: { a: 'b' } })], servers: 2, state: 'Ready' },
  {
    name: 'another Service',
    steps: [
      create(),
      ready,
      edit({ server: { cores: 1, memory: '1g', serviceAccount: 'spark', service: { metadata: { name: 'sql' } } } }),
    ],
    servers: 1,
    state: 'Ready',
  },
  { name: 'server deleted by hand', steps: [create(), ready, loseServer], servers: 2, state: 'Ready' },
  {
    name: 'server that ends, never started again',
    exits: [0],
    steps: [create(never)],
    servers: 1,
    state: 'Completed',
  },
  {
    name: 'server that fails, started again once',
    exits: [1],
    steps: [create({ restartPolicy: { restartPolicyType: 'OnFailure', onFailureRetries: 1 } })],
    servers: 2,
    state: 'Failed',
  },
  {
    name: 'an edit that is refused',
    steps: [create(), ready, edit({ executor: { memory: '12xb' } })],
    servers: 1,
    state: 'Ready',
  },
  {
    name: 'a server lost while its spec is refused, which is taken back',
    steps: [
      create(),
      ready,
      edit({ executor: { memory: '12xb' } }),
      rest,
      loseServer,
      rest,
      edit({ executor: { cores: 1, memory: '512m', instances: 2 } }),
    ],
    servers: 2,
    state: 'Ready',
  },
  {
    name: 'an edit after the end',
    exits: [1],
    steps: [create(never), rest, edit({ sparkConf: { a: 'b' } })],
    servers: 2,
    state: 'Failed',
  },
  { name: 'delete', steps: [create(), ready, remove], servers: 1, state: undefined },
];

async function live({ exits, steps }: Scenario, disturbance: Disturbance = {}): Promise<ConnectSimulation> {
  const server = exits === undefined ? { runMs: 1e9, exits: [0] } : { runMs: 20_000, exits };
  const simulation = new ConnectSimulation(server, disturbance);
  for (const step of steps) await step(simulation);
  await simulation.settle();
  return simulation;
}

/** What must hold however the run was disturbed; returns what does not, in words. */
function violations({ servers, state }: Scenario, run: ConnectSimulation, calm: ConnectSimulation): string[] {
  const { executions } = run.world;
  const [least, most] = typeof servers === 'number' ? [servers, servers] : servers;
  const now = run.connect() === undefined ? undefined : run.status().state;
  return [
    ...run.overlaps.map((overlap) => `two servers ran at once: ${overlap}`),
    ...(executions.length >= least && executions.length <= most
      ? []
      : [`${executions.length} servers instead of ${least} to ${most}`]),
    ...(now === state ? [] : [`${now} in the end instead of ${state}`]),
    ...(run.world.running().length === (state === 'Ready' ? 1 : 0) ? [] : ['another number of servers in the end']),
    ...(JSON.stringify(run.endState()) === JSON.stringify(calm.endState())
      ? []
      : ['another end state than undisturbed']),
  ];
}

describe('a SparkConnect has one server at a time', () => {
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
      const run = await live(scenario, { write: { at, kind } });
      bad.push(...violations(scenario, run, calm).map((what) => `write ${at} (${run.api.log[at - 1]}): ${what}`));
    }
    expect(bad).toEqual([]);
  });

  it.each(SCENARIOS)('$name, with watch events late and every write crashing in turn', async (scenario) => {
    const calm = await live(scenario);
    const bad: string[] = [];
    for (let at = 0; at <= calm.api.writeCount; at++) {
      const write = at === 0 ? {} : { write: { at, kind: 'crash' } as const };
      const run = await live(scenario, { lateByRounds: 2, ...write });
      bad.push(...violations(scenario, run, calm).map((what) => `write ${at} (${run.api.log[at - 1]}): ${what}`));
    }
    expect(bad).toEqual([]);
  });

  it('writes little, and last what the pod cannot start without', async () => {
    const calm = await live(SCENARIOS[0] as Scenario);
    const kinds = calm.api.log.map((line) => line.replace(/^\d+ /, '').split(' ').slice(0, 2).join(' '));
    expect(kinds).toEqual([
      'status',
      'apply Service',
      'create Pod',
      'apply Service',
      'apply ConfigMap',
      'status',
      'status',
    ]);
    expect(calm.events.map(({ reason }) => reason)).toEqual(['SparkConnectSubmitted', 'SparkConnectServerRunning']);
  });
});
