import type { SparkScenario, SparkStep } from '../scenario.ts';
import { byRun, create, life, REST, RUNS, retries, STREAMS, WORKS, wait } from './steps.ts';

const TWICE = { program: byRun({ runsMs: 15_000 }) };

const loseNode: SparkStep = { name: 'the machine dies', act: ({ nodes }) => nodes.kill('node-1'), until: 60_000 };
const removeNode: SparkStep = {
  name: 'the machine is gone',
  act: ({ nodes }) => nodes.remove('node-1'),
  until: 60_000,
};
const restoreNode: SparkStep = { name: 'it is back', act: ({ nodes }) => nodes.restore('node-1'), until: REST };

const DEAD = { I7: 'nobody can know that a driver died with its machine' };

const TAKEN = 'who deletes the pod takes away the only witness of its result, unless that was read before';

const SLOW = { ...TWICE, timing: { shutdown: 12_000 } };

/** Drivers that end otherwise than by their program. */
export const ACCIDENT_LIVES: readonly SparkScenario[] = [
  ...(['deletePod', 'evict', 'preempt', 'crash'] as const).flatMap((how) => {
    const happens: SparkStep = { name: how, act: (stage) => stage[how]('driver'), until: REST };
    const words = { deletePod: 'deleted by hand', evict: 'evicted', preempt: 'preempted', crash: 'crashes' }[how];
    const steps = [create(RUNS), happens];
    return [
      life(`Never: driver ${words}`, {}, { steps, spark: TWICE, runs: 1, state: 'FAILED' }),
      life(`OnFailure: driver ${words}`, retries(1), { steps, spark: TWICE, runs: 2, state: 'COMPLETED' }),
    ];
  }),
  life('OnFailure: driver deleted by hand, slow to stop', retries(1), {
    steps: [create(RUNS), { name: 'delete', act: (stage) => stage.deletePod('driver'), until: REST }],
    spark: SLOW,
    runs: 2,
    state: 'COMPLETED',
  }),
  life(
    'Never: driver deleted while it ends',
    {},
    {
      steps: [create(13_000), { name: 'delete', act: (stage) => stage.deletePod('driver'), until: REST }],
      runs: 1,
      state: 'COMPLETED',
      except: { I5: TAKEN, I7: TAKEN, end: TAKEN },
    },
  ),
  life('OnFailure: node lost for good', retries(1), {
    steps: [create(RUNS), loseNode, removeNode, wait()],
    spark: TWICE,
    runs: 2,
    state: 'COMPLETED',
    except: DEAD,
  }),
  life('OnFailure: node lost and back', retries(1), {
    steps: [create(RUNS), loseNode, wait(400_000), restoreNode],
    spark: TWICE,
    runs: 2,
    state: 'COMPLETED',
    except: DEAD,
  }),
  life('OnFailure: node cut off, its driver runs on', retries(1), {
    steps: [
      create(RUNS),
      { name: 'cut it off', act: ({ nodes }) => nodes.lose('node-1', { partitioned: true }), until: 400_000 },
      restoreNode,
    ],
    spark: { program: byRun(STREAMS, WORKS) },
    runs: 2,
    state: 'COMPLETED',
    except: { I7: 'nobody can know what becomes of a driver behind a cut' },
  }),
  life(
    'Never: API server fails the driver for a while',
    {},
    {
      steps: [create()],
      spark: { fails: (request, n) => request === 'create executor' && n < 8 },
      runs: 1,
      state: 'COMPLETED',
    },
  ),
  life('OnFailure: driver cannot read its pod', retries(1), {
    steps: [create()],
    spark: { fails: (request, n) => request === 'get pod' && n === 1 },
    runs: 2,
    state: 'COMPLETED',
  }),
];
