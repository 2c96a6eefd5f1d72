import { driverLog, pythonPi } from '../kit/spark.ts';
import { eventsAbout } from './events.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { applySpark, checkEnded, conditionsOf, deleteSpark, untilState, watchStatus } from './spark-life.ts';

const name = 'pi';

/** A Python application on real Spark, from its first status to nothing left. */
export const sparkPi43: Scenario = {
  name: 'spark-pi-4.3',
  summary: 'Spark 4.3: Pi in Python completes, every status on the way is right, deleting it leaves nothing',
  images: ['spark-4.3.0'],
  byDefault: true,
  alone: false,
  run: (context) => pi(context, '4.3.0'),
};

/** The same on the last release of the older line. */
export const sparkPi35: Scenario = {
  name: 'spark-pi-3.5',
  summary: 'Spark 3.5: Pi in Python completes, every status on the way is right, deleting it leaves nothing',
  images: ['spark-3.5.9'],
  byDefault: false,
  alone: false,
  run: (context) => pi(context, '3.5.9'),
};

async function pi(context: ScenarioContext, version: '4.3.0' | '3.5.9'): Promise<void> {
  const { kube, namespace } = context;
  const history = await watchStatus(kube, namespace, name);
  try {
    await applySpark(context, {
      name,
      image: context.sparkImage(version),
      sparkVersion: version,
      spec: pythonPi(2),
    });
    const live = await untilState(context, name, 'COMPLETED');
    await context.until('the watch to show the end', async () =>
      history.states().includes('COMPLETED') ? { done: true } : { not: history.states().join(', ') },
    );
    expectEqual('states', history.states(), ['SUBMITTED', 'RUNNING', 'COMPLETED']);
    const [first] = history.statuses;
    const attempts = [first?.applicationState?.state, first?.executionAttempts, first?.submissionAttempts];
    expectEqual('the first status', attempts, ['SUBMITTED', 1, 1]);
    const submissions = new Set(history.statuses.map(({ submissionID }) => submissionID));
    expectEqual('submissions', submissions.size, 1);
    const executors = new Set(history.statuses.flatMap(({ executorState = {} }) => Object.values(executorState)));
    expect(executors.has('RUNNING'), `no executor was seen to run: ${[...executors].join(', ')}`);
    checkEnded(live, { runs: 1 });
    expectEqual('executors', Object.values(live.status.executorState ?? {}), ['COMPLETED']);
    expectEqual('conditions', conditionsOf(live), { Ready: 'True Completed' });
    const pod = live.status.driverInfo?.podName ?? '';
    const log = await driverLog(kube, namespace, pod);
    expect(/^Pi is roughly 3/m.test(log), `the driver did not say Pi: ${log.slice(-500)}`);
    await toldInEvents(context);
  } finally {
    history.stop();
  }
  await deleteSpark(context, name);
}

async function toldInEvents({ kube, namespace, until }: ScenarioContext): Promise<void> {
  const wanted = [
    'SparkApplicationSubmitted',
    'SparkDriverRunning',
    'SparkDriverCompleted',
    'SparkApplicationCompleted',
  ];
  await until('the events of a run', async () => {
    const seen = (await eventsAbout(kube, namespace, name)).map(({ reason }) => reason);
    const missing = wanted.filter((reason) => !seen.includes(reason));
    return missing.length === 0 ? { done: seen } : { not: `${missing.join(', ')} missing` };
  });
}
