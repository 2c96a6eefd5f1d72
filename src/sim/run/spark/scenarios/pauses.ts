import type { SparkScenario } from '../scenario.ts';
import { byRun, create, FAILS, life, newImage, RUNS, resume, retries, SUBMITS, suspend, WORKS, wait } from './steps.ts';

const SLOW = { timing: { shutdown: 12_000 } };
/** Longer than it takes until a missed event is told. */
const LONG = { program: byRun({ runsMs: 120_000 }, WORKS) };
const PAUSED = { suspend: true };

/** Suspended and resumed, in every state. */
export const PAUSE_LIVES: readonly SparkScenario[] = [
  life('suspended while it runs', {}, { steps: [create(RUNS), suspend()], spark: LONG, runs: 1, state: 'SUSPENDED' }),
  life(
    'suspended and resumed',
    {},
    {
      steps: [create(RUNS), suspend(), resume(), wait(130_000), wait()],
      spark: LONG,
      runs: 2,
      state: 'COMPLETED',
    },
  ),
  life(
    'suspended and resumed at once, slow to stop',
    {},
    {
      steps: [create(RUNS), suspend(200), resume(), wait(130_000), wait()],
      spark: { ...SLOW, ...LONG },
      runs: 2,
      state: 'COMPLETED',
      except: { starts: 'who hears of both at once stops nothing', end: 'and counts one attempt less' },
    },
  ),
  life('created suspended, then resumed', PAUSED, { steps: [create(), resume()], runs: 1, state: 'COMPLETED' }),
  life('created suspended, then left alone', PAUSED, { steps: [create()], runs: 0, state: 'SUSPENDED' }),
  life(
    'suspended while it is submitted',
    {},
    {
      steps: [create(SUBMITS), suspend()],
      runs: [0, 1],
      state: 'SUSPENDED',
      except: { end: 'who hears of both at once submits nothing' },
    },
  ),
  life(
    'suspended while its driver is pending',
    {},
    {
      steps: [create(20_000), suspend()],
      spark: { missingImages: ['spark:1'] },
      runs: 0,
      state: 'SUSPENDED',
    },
  ),
  life('suspended while it is retried, then resumed', retries(5, { onFailureRetryInterval: 60 }), {
    steps: [create(20_000), suspend(), resume()],
    spark: { program: byRun(FAILS, WORKS) },
    runs: 2,
    state: 'COMPLETED',
  }),
  life(
    'suspended after it completed, then resumed',
    {},
    {
      steps: [create(), suspend(), resume()],
      runs: 1,
      state: 'COMPLETED',
    },
  ),
  life(
    'suspended while it ends, then resumed',
    {},
    {
      steps: [create(13_300), suspend(), resume()],
      runs: [1, 2],
      state: 'COMPLETED',
      except: { end: 'whether it ended before it was suspended', starts: 'is a matter of moments' },
    },
  ),
  life(
    'edited while suspended, then resumed',
    {},
    {
      steps: [create(RUNS), suspend(), newImage(), resume()],
      spark: LONG,
      runs: 2,
      state: 'COMPLETED',
    },
  ),
];
