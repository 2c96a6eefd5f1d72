import type { SparkScenario } from '../scenario.ts';
import { byRun, create, FAILS, life, REST, RUNS, retries, STREAMS, WORKS } from './steps.ts';

const ALWAYS = { restartPolicy: { type: 'Always' } };

/** Every restart policy with every end of a program. */
export const POLICY_LIVES: readonly SparkScenario[] = [
  life('Never: success', {}, { steps: [create()], runs: 1, state: 'COMPLETED' }),
  life('Never: failure', {}, { steps: [create()], spark: { program: byRun(FAILS) }, runs: 1, state: 'FAILED' }),
  life(
    'Never: out of memory',
    {},
    {
      steps: [create()],
      spark: { program: byRun({ oom: true }) },
      runs: 1,
      state: 'FAILED',
    },
  ),
  life(
    'Never: executors fail again and again',
    {},
    {
      steps: [create()],
      spark: { program: byRun({ runsMs: 60_000, executorsFailAfterMs: 1_000 }) },
      runs: 1,
      state: 'FAILED',
    },
  ),
  life('OnFailure: success', retries(2), { steps: [create()], runs: 1, state: 'COMPLETED' }),
  life('OnFailure: failure, then success', retries(2), {
    steps: [create()],
    spark: { program: byRun(FAILS, WORKS) },
    runs: 2,
    state: 'COMPLETED',
  }),
  life('OnFailure: out of memory, then success', retries(1), {
    steps: [create()],
    spark: { program: byRun({ oom: true }, WORKS) },
    runs: 2,
    state: 'COMPLETED',
  }),
  life('OnFailure: retries used up', retries(1), {
    steps: [create()],
    spark: { program: byRun(FAILS) },
    runs: 2,
    state: 'FAILED',
  }),
  life('Always: success, failure, then a stream', ALWAYS, {
    steps: [create()],
    spark: { program: byRun(WORKS, FAILS, STREAMS) },
    runs: 3,
    state: 'RUNNING',
  }),
  life(
    'Never: a stream whose executors come and go',
    {},
    {
      steps: [
        create(RUNS),
        { name: 'an executor crashes', act: (stage) => stage.crash('executor'), until: 7_000 },
        { name: 'an executor is deleted', act: (stage) => stage.deletePod('executor'), until: 7_000 },
        { name: 'an executor is evicted', act: (stage) => stage.evict('executor'), until: REST },
      ],
      spark: { program: byRun(STREAMS) },
      runs: 1,
      state: 'RUNNING',
    },
  ),
];
