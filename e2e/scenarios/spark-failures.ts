import { findCondition } from '../../src/kube/conditions.ts';
import { describeSpark, driverLog, type LiveSpark, pythonPi, readSpark, weirJob } from '../kit/spark.ts';
import { eventsAbout } from './events.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { applySpark, checkEnded, conditionsOf, deleteSpark, untilState, watchStatus } from './spark-life.ts';

/** Applications that fail, or never begin: the resource says why, and how often it was tried. */
export const sparkFailures: Scenario = {
  name: 'spark-failures',
  summary: 'Spark 4.3: a failing application is run as often as told; missing account and image: the resource says why',
  images: ['spark-4.3.0'],
  byDefault: true,
  alone: false,
  async run(context) {
    await missingAccount(context);
    await missingImage(context);
    await failing(context);
  },
};

async function missingAccount(context: ScenarioContext): Promise<void> {
  const name = 'no-account';
  const history = await watchStatus(context.kube, context.namespace, name);
  try {
    const restartPolicy = { type: 'OnFailure', onSubmissionFailureRetries: 1, onSubmissionFailureRetryInterval: 1 };
    await applySpark(context, { name, spec: { ...pythonPi(1), restartPolicy }, driver: { serviceAccount: 'nobody' } });
    const live = await untilState(context, name, 'FAILED');
    expectEqual('submissions', live.status.submissionAttempts, 2);
    expectEqual('runs', live.status.executionAttempts, 0);
    expectSaid(live, /service ?account .*nobody.* not found/);
    const wanted = ['SUBMITTED', 'SUBMISSION_FAILED', 'SUBMITTED', 'SUBMISSION_FAILED', 'FAILED'];
    await context.until('the watch to show the end', async () =>
      history.states().at(-1) === 'FAILED' ? { done: true } : { not: history.states().join(', ') },
    );
    expectEqual('states', history.states(), wanted);
  } finally {
    history.stop();
  }
  await deleteSpark(context, name);
}

async function missingImage(context: ScenarioContext): Promise<void> {
  const name = 'no-image';
  const image = 'localhost/no-such-image:0';
  await applySpark(context, { name, image, spec: pythonPi(1) });
  await context.until(`${name} to say that there is no such image`, async () => {
    const seen = await readSpark(context.kube, context.namespace, name);
    const { reason = '', message = '' } = findCondition(seen?.status.conditions, 'Reconciling') ?? {};
    const done = /^(ErrImagePull|ImagePullBackOff)$/.test(reason) && message.includes(image);
    return done ? { done } : { not: describeSpark(seen) };
  });
  await deleteSpark(context, name);
}

async function failing(context: ScenarioContext): Promise<void> {
  const name = 'fails';
  const history = await watchStatus(context.kube, context.namespace, name);
  try {
    const restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 };
    await applySpark(context, { name, spec: { ...weirJob('Fails', '--exit', '3'), restartPolicy } });
    const live = await untilState(context, name, 'FAILED');
    checkEnded(live, { runs: 2 });
    expectSaid(live, /^driver container failed with ExitCode: 3, Reason: Error/);
    expectEqual('conditions', conditionsOf(live), { Ready: 'False Failed', Stalled: 'True Failed' });
    await context.until('the watch to show the end', async () =>
      history.states().at(-1) === 'FAILED' ? { done: true } : { not: history.states().join(', ') },
    );
    const log = await driverLog(context.kube, context.namespace, live.status.driverInfo?.podName ?? '');
    expect(log.includes('weir: deliberate failure'), `the log of the driver is lost: ${log}`);
    const submissions = history.statuses.map(({ submissionID }) => submissionID);
    expectEqual('submissions', new Set(submissions).size, 2);
    await untilTold(context, name, 'SparkApplicationFailed');
  } finally {
    history.stop();
  }
  await deleteSpark(context, name);
}

/** Waits until one event about the application tells of the reason, and no more. */
export async function untilTold(context: ScenarioContext, name: string, reason: string): Promise<void> {
  await context.until(`the event ${reason} of ${name}`, async () => {
    const events = await eventsAbout(context.kube, context.namespace, name, reason);
    return events.length === 1 ? { done: true } : { not: JSON.stringify(events) };
  });
}

/** Checks that status.applicationState.errorMessage and the condition Stalled say what the pattern tells. */
export function expectSaid({ status }: LiveSpark, pattern: RegExp): void {
  const { errorMessage = '' } = status.applicationState ?? {};
  expect(pattern.test(errorMessage), `the error is "${errorMessage}", expected ${pattern.source}`);
  expectEqual('message of Stalled', findCondition(status.conditions, 'Stalled')?.message, errorMessage);
}
