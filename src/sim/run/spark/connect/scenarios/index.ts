import { byRun, create, edit, newImage, REST, RUNS, remove, type Spec, STREAMS } from '../../scenarios/steps.ts';
import { sparkConnect } from '../connect.ts';
import type { ConnectScenario } from '../scenario.ts';

const NEVER = { restartPolicy: { restartPolicyType: 'Never' } };

const ONCE_MORE = {
  restartPolicy: { restartPolicyType: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 },
};

const FAILS = { runsMs: 8_000, exitCode: 3, message: 'Address already in use' };

const ANOTHER_SERVICE = edit('another Service', { server: { service: { metadata: { name: 'sql' } } } });

function life(name: string, spec: Spec, more: Omit<ConnectScenario, 'name' | 'resource'>): ConnectScenario {
  return { name: `spark connect, ${name}`, resource: sparkConnect(spec), ...more };
}

/** Every scenario of a SparkConnect there is. */
export const CONNECT_SCENARIOS: readonly ConnectScenario[] = [
  life('serves', {}, { steps: [create()], runs: 1, state: 'Ready' }),
  life('edited while it serves', {}, { steps: [create(RUNS), newImage()], runs: 2, state: 'Ready' }),
  life(
    'edited while it serves, slow to stop',
    {},
    {
      steps: [create(RUNS), newImage()],
      spark: { timing: { shutdown: 12_000 } },
      runs: 2,
      state: 'Ready',
    },
  ),
  life('edited while it starts', {}, { steps: [create(60), newImage()], runs: [1, 2], state: 'Ready' }),
  life(
    'edited while its server is pending',
    {},
    {
      steps: [create(20_000), newImage()],
      spark: { missingImages: ['spark:1'] },
      runs: 1,
      state: 'Ready',
    },
  ),
  life(
    'edited there and back again',
    {},
    {
      steps: [create(RUNS), newImage(3_000), edit('old image', { image: 'spark:1' })],
      runs: [1, 3],
      state: 'Ready',
    },
  ),
  life(
    'edited to what cannot be acted on while it serves',
    {},
    {
      steps: [create(RUNS), edit('memory', { executor: { memory: '12xb' } })],
      runs: 1,
      state: 'Ready',
    },
  ),
  life(
    'lost while its spec cannot be acted on, mended',
    {},
    {
      steps: [
        create(RUNS),
        edit('memory', { executor: { memory: '12xb' } }),
        { name: 'the server is deleted', act: (stage) => stage.deletePod('connect-server'), until: REST },
        edit('mended', { executor: { memory: '512m' } }),
      ],
      runs: 2,
      state: 'Ready',
    },
  ),
  life('another Service while it serves', {}, { steps: [create(RUNS), ANOTHER_SERVICE], runs: 1, state: 'Ready' }),
  life(
    'its Service is deleted by hand',
    {},
    {
      steps: [
        create(RUNS),
        { name: 'delete the Service', act: (stage) => stage.dropService('query-server'), until: REST },
      ],
      runs: 1,
      state: 'Ready',
    },
  ),
  ...(['deletePod', 'preempt', 'evict', 'crash'] as const).map((how) =>
    life(
      `server lost by ${how}`,
      {},
      {
        steps: [create(RUNS), { name: how, act: (stage) => stage[how]('connect-server'), until: REST }],
        runs: 2,
        state: 'Ready',
      },
    ),
  ),
  life(
    'executors come and go',
    {},
    {
      steps: [
        create(RUNS),
        { name: 'an executor crashes', act: (stage) => stage.crash('executor'), until: 7_000 },
        { name: 'an executor is deleted', act: (stage) => stage.deletePod('executor'), until: REST },
      ],
      runs: 1,
      state: 'Ready',
    },
  ),
  life('OnFailure: fails, then serves', ONCE_MORE, {
    steps: [create()],
    spark: { program: byRun(FAILS, STREAMS) },
    runs: 2,
    state: 'Ready',
  }),
  life('OnFailure: retries used up', ONCE_MORE, {
    steps: [create()],
    spark: { program: byRun(FAILS) },
    runs: 2,
    state: 'Failed',
  }),
  life('Never: ends', NEVER, {
    steps: [create()],
    spark: { program: byRun({ runsMs: 8_000 }) },
    runs: 1,
    state: 'Completed',
  }),
  life('Never: fails, then edited', NEVER, {
    steps: [create(), newImage()],
    spark: { program: ({ image }) => (image === 'spark:1' ? FAILS : {}) },
    runs: 2,
    state: 'Ready',
  }),
  life(
    "another's pod has the server's name, until it is gone",
    {},
    {
      steps: [
        {
          name: 'create beside a stranger',
          act(stage) {
            stage.createForeign('query-server');
            create().act(stage);
          },
          until: 20_000,
        },
        { name: 'the stranger goes', act: (stage) => stage.dropForeign('query-server'), until: REST },
      ],
      runs: 1,
      state: 'Ready',
    },
  ),
  life('deleted while it serves', {}, { steps: [create(RUNS), remove()], runs: 1, state: undefined }),
  life(
    'deleted in the foreground while it serves',
    {},
    {
      steps: [create(RUNS), { name: 'delete', act: (stage) => stage.remove('Foreground'), until: REST }],
      spark: { timing: { shutdown: 12_000 } },
      runs: 1,
      state: undefined,
    },
  ),
  life(
    'deleted with its namespace while it serves',
    {},
    {
      steps: [create(RUNS), { name: 'delete the namespace', act: (stage) => stage.removeNamespace(), until: REST }],
      runs: 1,
      state: undefined,
    },
  ),
  life(
    'deleted and created again at once',
    {},
    {
      steps: [create(RUNS), remove(500), { name: 'create again', act: (stage) => stage.create(), until: REST }],
      spark: { timing: { shutdown: 12_000 } },
      runs: 2,
      state: 'Ready',
    },
  ),
];

/** The scenario of a name. Throws an Error if there is none. */
export function connectScenarioNamed(name: string): ConnectScenario {
  const found = CONNECT_SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${JSON.stringify(name)}; --list prints them all`);
  return found;
}
