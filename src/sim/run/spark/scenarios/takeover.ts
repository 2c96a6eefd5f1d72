import { SUBMISSION_BEFORE, submittedBefore } from '../incumbent.ts';
import type { SparkScenario, SparkStep } from '../scenario.ts';
import { byRun, FAILS, life, newImage, REST, retries, STREAMS, WORKS } from './steps.ts';

const TIMES = { lastSubmissionAttemptTime: '2026-01-01T00:00:00Z', executionAttempts: 1, submissionAttempts: 1 };

/** What the operator before has left: an application and, unless told otherwise, the run of its driver so far. */
const ran = (forMs: number): SparkStep => ({
  name: 'run it with the operator before',
  act(stage) {
    stage.createAccount();
    stage.create();
    submittedBefore(stage);
  },
  until: forMs,
});

const only: SparkStep = {
  name: 'create',
  act(stage) {
    stage.createAccount();
    stage.create();
  },
  until: 100,
};

/** The status it has left. */
const says = (state: string, more: object = {}): SparkStep => ({
  name: `status ${state}`,
  act: (stage) => stage.writeStatus({ ...TIMES, ...SUBMISSION_BEFORE, applicationState: { state }, ...more }),
  until: 100,
});

const driverGone: SparkStep = { name: 'driver deleted', act: (stage) => stage.deletePod('driver'), until: 2_000 };
const nothing: SparkStep = { name: 'take over', act: () => undefined, until: REST };

const FAILS_FIRST = { program: byRun(FAILS, WORKS) };
const WAITS = retries(3, { onFailureRetryInterval: 30 });
const none = { submissionID: '', sparkApplicationId: '', driverInfo: {} };

/** Applications that the operator before left in each of its states. */
export const TAKEOVER_LIVES: readonly SparkScenario[] = [
  ...(['SUBMITTED', 'RUNNING', 'UNKNOWN'] as const).map((state) =>
    life(
      `taken over ${state}`,
      {},
      { before: [ran(7_000), says(state)], steps: [nothing], runs: 1, state: 'COMPLETED' },
    ),
  ),
  life(
    'taken over RUNNING, its driver ended meanwhile',
    {},
    {
      before: [ran(20_000), says('RUNNING')],
      steps: [nothing],
      runs: 1,
      state: 'COMPLETED',
    },
  ),
  life(
    'taken over RUNNING, a stream that is edited',
    {},
    {
      before: [ran(20_000), says('RUNNING')],
      steps: [nothing, newImage()],
      spark: { program: byRun(STREAMS) },
      runs: 2,
      state: 'RUNNING',
    },
  ),
  life(
    'taken over SUCCEEDING',
    {},
    { before: [ran(20_000), says('SUCCEEDING')], steps: [nothing], runs: 1, state: 'COMPLETED' },
  ),
  life(
    'taken over COMPLETED',
    {},
    { before: [ran(20_000), says('COMPLETED')], steps: [nothing], runs: 1, state: 'COMPLETED' },
  ),
  life(
    'taken over COMPLETED, its driver gone',
    {},
    {
      before: [ran(20_000), driverGone, says('COMPLETED')],
      steps: [nothing],
      runs: 1,
      state: 'COMPLETED',
    },
  ),
  life(
    'taken over FAILED',
    {},
    {
      before: [ran(20_000), says('FAILED', { applicationState: { state: 'FAILED', errorMessage: 'no such table' } })],
      steps: [nothing],
      spark: { program: byRun(FAILS) },
      runs: 1,
      state: 'FAILED',
    },
  ),
  life('taken over FAILING', WAITS, {
    before: [ran(20_000), says('FAILING')],
    steps: [nothing],
    spark: FAILS_FIRST,
    runs: 2,
    state: 'COMPLETED',
  }),
  life('taken over PENDING_RERUN', WAITS, {
    before: [ran(20_000), driverGone, says('PENDING_RERUN', none)],
    steps: [nothing],
    spark: FAILS_FIRST,
    runs: 2,
    state: 'COMPLETED',
    except: { end: 'in a list that is behind its driver is still there, and counts as another run' },
  }),
  // Its driver, of which the status does not tell, counts as another run: it is followed, and repeated 30 s after it was made.
  life('taken over PENDING_RERUN, its driver not gone', retries(3, { onFailureRetryInterval: 15 }), {
    before: [ran(20_000), says('PENDING_RERUN', none)],
    steps: [nothing],
    spark: FAILS_FIRST,
    runs: 2,
    state: 'COMPLETED',
  }),
  life(
    'taken over INVALIDATING',
    {},
    {
      before: [ran(7_000), says('INVALIDATING')],
      steps: [nothing],
      runs: 2,
      state: 'COMPLETED',
      except: { I5: 'its edit was before' },
    },
  ),
  life('taken over SUBMISSION_FAILED', retries(0, { onSubmissionFailureRetries: 2 }), {
    before: [only, says('SUBMISSION_FAILED', none)],
    steps: [nothing],
    runs: 1,
    state: 'COMPLETED',
  }),
  life(
    'taken over SUSPENDING',
    { suspend: true },
    {
      before: [ran(7_000), says('SUSPENDING')],
      steps: [nothing],
      spark: { program: byRun({ runsMs: 120_000 }) },
      runs: 1,
      state: 'SUSPENDED',
    },
  ),
  life(
    'taken over SUSPENDED',
    { suspend: true },
    {
      before: [only, says('SUSPENDED', none)],
      steps: [nothing],
      runs: 0,
      state: 'SUSPENDED',
    },
  ),
  life(
    'taken over RESUMING',
    {},
    { before: [only, says('RESUMING', none)], steps: [nothing], runs: 1, state: 'COMPLETED' },
  ),
];
