import type { SparkScenario, SparkStep } from '../scenario.ts';
import { create, edit, life, limit, REST, resume, retries, suspend, WORKS, wait } from './steps.ts';

const withoutAccount: SparkStep = { name: 'create', act: (stage) => stage.create(), until: REST };
const account: SparkStep = { name: 'create the account', act: (stage) => stage.createAccount(), until: REST };

const foreign: SparkStep = {
  name: 'a pod of that name',
  act: (stage) => stage.createForeign('pi-driver'),
  until: 1_000,
};
const foreignGoes: SparkStep = { name: 'it goes', act: (stage) => stage.dropForeign('pi-driver'), until: 90_000 };

const BIG = { driver: { cores: 64, memory: '512m', serviceAccount: 'spark' } };

/** Submissions that do not succeed at once. */
export const SUBMISSION_LIVES: readonly SparkScenario[] = [
  life('Never: service account missing', {}, { steps: [withoutAccount], runs: 0, state: 'FAILED' }),
  life('OnFailure: service account made in time', retries(0, { onSubmissionFailureRetries: 4 }), {
    steps: [{ ...withoutAccount, until: 8_000 }, account],
    runs: 1,
    state: 'COMPLETED',
    except: { end: 'how often it is tried depends on how long each try takes' },
  }),
  life('OnFailure: service account never made', retries(0, { onSubmissionFailureRetries: 2 }), {
    steps: [withoutAccount],
    runs: 0,
    state: 'FAILED',
  }),
  life(
    'quota exceeded, then raised',
    {},
    {
      steps: [
        limit(1, 100),
        { name: 'another pod', act: (stage) => stage.createForeign('other'), until: 100 },
        create(60_000),
        limit(0, 90_000),
        wait(),
      ],
      runs: 1,
      state: 'COMPLETED',
    },
  ),
  life(
    'quota exceeded by executors',
    {},
    {
      steps: [limit(2, 100), create()],
      runs: 1,
      state: 'COMPLETED',
    },
  ),
  life(
    'image missing',
    {},
    {
      steps: [create(), wait(400_000)],
      spark: { missingImages: ['spark:1'] },
      runs: 0,
      state: 'FAILED',
    },
  ),
  life('does not fit on any node, then smaller', BIG, {
    steps: [create(), edit('smaller', { driver: { cores: 1 } })],
    runs: 1,
    state: 'COMPLETED',
  }),
  life('does not fit on any node, suspended and resumed', BIG, {
    steps: [create(), suspend(), resume()],
    runs: 0,
    state: 'SUBMITTED',
  }),
  life(
    'a pod that has its name',
    {},
    {
      steps: [foreign, create(60_000), foreignGoes, wait()],
      spark: { program: () => WORKS },
      runs: 1,
      state: 'COMPLETED',
    },
  ),
];
