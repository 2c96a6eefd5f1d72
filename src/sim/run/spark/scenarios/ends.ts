import type { SparkScenario, SparkStep } from '../scenario.ts';
import {
  byRun,
  create,
  edit,
  FAILS,
  life,
  REST,
  RUNS,
  remove,
  retries,
  STREAMS,
  SUBMITS,
  suspend,
  wait,
} from './steps.ts';

const MINUTE = { timeToLiveSeconds: 60 };
const DAY = { timeToLiveSeconds: 86_400 };

const again: SparkStep = { name: 'create it again', act: (stage) => stage.create(), until: REST };

const foreground: SparkStep = {
  name: 'delete, dependents first',
  act: (stage) => stage.remove('Foreground'),
  until: REST,
};

/** Applications that go: when their time is over, or because somebody wants it. */
export const END_LIVES: readonly SparkScenario[] = [
  life('time to live after it completed', MINUTE, { steps: [create(), wait(90_000)], runs: 1, state: undefined }),
  life('time to live after it failed', MINUTE, {
    steps: [create(), wait(90_000)],
    spark: { program: byRun(FAILS) },
    runs: 1,
    state: undefined,
  }),
  life('shorter time to live after it completed', DAY, {
    steps: [create(), edit('a minute', MINUTE), wait(90_000)],
    runs: 1,
    state: undefined,
  }),
  life(
    'time to live while it runs',
    { timeToLiveSeconds: 5 },
    {
      steps: [create(RUNS), wait(60_000)],
      spark: { program: byRun(STREAMS) },
      runs: 1,
      state: 'RUNNING',
    },
  ),
  life('deleted while it runs', {}, { steps: [create(RUNS), remove()], runs: 1, state: undefined }),
  life('deleted while it runs, dependents first', {}, { steps: [create(RUNS), foreground], runs: 1, state: undefined }),
  life('deleted while it is submitted', {}, { steps: [create(SUBMITS), remove()], runs: [0, 1], state: undefined }),
  life(
    'deleted while its driver is pending',
    {},
    {
      steps: [create(20_000), remove()],
      spark: { missingImages: ['spark:1'] },
      runs: 0,
      state: undefined,
    },
  ),
  life('deleted while it is retried', retries(5, { onFailureRetryInterval: 60 }), {
    steps: [create(20_000), remove()],
    spark: { program: byRun(FAILS) },
    runs: 1,
    state: undefined,
  }),
  life('deleted after it completed', {}, { steps: [create(), remove()], runs: 1, state: undefined }),
  life('deleted while suspended', {}, { steps: [create(RUNS), suspend(), remove()], runs: 1, state: undefined }),
  life(
    'deleted and created again at once',
    {},
    {
      steps: [create(RUNS), remove(50), again],
      spark: { timing: { shutdown: 12_000 } },
      runs: 2,
      state: 'COMPLETED',
    },
  ),
  life(
    'namespace deleted while it runs',
    {},
    {
      steps: [create(RUNS), { name: 'delete the namespace', act: (stage) => stage.removeNamespace(), until: REST }],
      runs: 1,
      state: undefined,
    },
  ),
];
