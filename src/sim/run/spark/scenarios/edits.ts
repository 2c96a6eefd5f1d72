import type { SparkScenario } from '../scenario.ts';
import { byRun, create, edit, FAILS, life, newImage, REST, RUNS, retries, STREAMS, SUBMITS, WORKS } from './steps.ts';

const oldFails = { program: ({ image }: { readonly image: string }) => (image === 'spark:1' ? FAILS : WORKS) };

const AROUND = {
  driverPodDisruptionBudget: true,
  driverIngressOptions: [{ servicePort: 8080, servicePortName: 'app', ingressURLFormat: '{{$appName}}.example.org' }],
};

/** Another spec, in every state. */
export const EDIT_LIVES: readonly SparkScenario[] = [
  life('edited while it runs', {}, { steps: [create(RUNS), newImage()], runs: 2, state: 'COMPLETED' }),
  life(
    'edited while it runs, slow to stop',
    {},
    {
      steps: [create(RUNS), newImage()],
      spark: { timing: { shutdown: 12_000 } },
      runs: 2,
      state: 'COMPLETED',
    },
  ),
  life(
    'edited twice while it runs',
    {},
    {
      steps: [create(RUNS), newImage(300), edit('newest image', { image: 'spark:3' })],
      runs: [2, 3],
      state: 'COMPLETED',
    },
  ),
  life('edited while it is submitted', {}, { steps: [create(SUBMITS), newImage()], runs: [1, 2], state: 'COMPLETED' }),
  life(
    'edited while its driver is pending',
    {},
    {
      steps: [create(20_000), newImage()],
      spark: { missingImages: ['spark:1'] },
      runs: 1,
      state: 'COMPLETED',
    },
  ),
  life('edited after it completed', {}, { steps: [create(), newImage()], runs: 2, state: 'COMPLETED' }),
  life('edited after it failed', {}, { steps: [create(), newImage()], spark: oldFails, runs: 2, state: 'COMPLETED' }),
  life('edited while it is retried', retries(5, { onFailureRetryInterval: 60 }), {
    steps: [create(20_000), newImage()],
    spark: oldFails,
    runs: 2,
    state: 'COMPLETED',
  }),
  life(
    'edited there and back again',
    {},
    {
      steps: [create(RUNS), newImage(3_000), edit('old image', { image: 'spark:1' })],
      runs: [1, 3],
      state: 'COMPLETED',
    },
  ),
  life(
    'another pod name while it runs',
    {},
    {
      steps: [create(RUNS), edit('pod name', { driver: { podName: 'other' } })],
      runs: 2,
      state: 'COMPLETED',
      except: { I5: 'the program stays the same' },
    },
  ),
  life(
    'a spec that cannot be acted on while it runs',
    {},
    {
      steps: [create(RUNS), edit('client mode', { mode: 'client' })],
      runs: 1,
      state: 'COMPLETED',
    },
  ),
  life(
    'a spec that cannot be acted on, mended',
    { mode: 'client' },
    {
      steps: [create(), edit('cluster mode', { mode: 'cluster' })],
      runs: 1,
      state: 'COMPLETED',
    },
  ),
  life(
    'executors placed otherwise while it runs',
    { executor: { instances: 2, cores: 1, memory: '512m', nodeSelector: { disk: 'fast' } } },
    {
      steps: [create(RUNS), edit('anywhere', { executor: { nodeSelector: null } })],
      settings: { partialRestart: true },
      runs: [1, 2],
      state: 'COMPLETED',
      except: {
        I5: 'another spec is no other run',
        end: 'a driver that was not seen yet is made from the new placement, as another submission',
      },
    },
  ),
  life('with objects around it that are given up', AROUND, {
    steps: [create(), edit('without', { driverPodDisruptionBudget: false, driverIngressOptions: null })],
    runs: 2,
    state: 'COMPLETED',
    except: { I5: 'the program stays the same' },
  }),
  life(
    'with objects around it, run again',
    { ...AROUND, ...retries(1) },
    {
      steps: [create()],
      spark: { program: byRun(FAILS, WORKS) },
      runs: 2,
      state: 'COMPLETED',
    },
  ),
  life(
    'other time to live while it runs',
    {},
    {
      steps: [create(RUNS), edit('time to live', { timeToLiveSeconds: 3600 }, REST)],
      runs: 1,
      state: 'COMPLETED',
    },
  ),
  life('retried less often while a stream runs', retries(5), {
    steps: [create(RUNS), edit('policy', { image: 'spark:2', restartPolicy: { onFailureRetries: 1 } })],
    spark: { program: byRun(STREAMS) },
    runs: 2,
    state: 'RUNNING',
  }),
];
