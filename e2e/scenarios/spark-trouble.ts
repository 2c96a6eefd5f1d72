import { killPods } from '../cluster/node/cgroup.ts';
import { describeSpark, driverLog, type LiveSpark, pythonPi, readSpark, weirJob } from '../kit/spark.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { expectSaid, untilTold } from './spark-failures.ts';
import { applySpark, deleteSpark, untilState } from './spark-life.ts';

/** What happens to drivers and executors from outside, and what the image has not. */
export const sparkTrouble: Scenario = {
  name: 'spark-trouble',
  summary:
    'Spark 4.3: missing jar, missing image for good, driver deleted, out of memory, containers of driver and executor killed',
  images: ['spark-4.3.0'],
  byDefault: false,
  alone: false,
  async run(context) {
    await applySpark(context, { name: 'no-image', image: 'localhost/no-such-image:0', spec: pythonPi(1) });
    await missingJar(context);
    await deletedDriver(context);
    await outOfMemory(context);
    await killedContainers(context);
    const image = await untilState(context, 'no-image', 'FAILED', { timeoutMs: 360_000 });
    expectSaid(image, /^driver did not start: .*localhost\/no-such-image:0/);
    await deleteSpark(context, 'no-image');
  },
};

async function missingJar(context: ScenarioContext): Promise<void> {
  const name = 'no-jar';
  const jar = 'local:///opt/spark/no-such.jar';
  await applySpark(context, { name, spec: { ...weirJob('Inspect'), mainApplicationFile: jar } });
  const live = await untilState(context, name, 'FAILED');
  expectSaid(live, /^driver container failed with ExitCode: 1, .*NoSuchFileException: \/opt\/spark\/no-such\.jar/s);
  await deleteSpark(context, name);
}

/** An application that only stays, and has begun to. */
async function staying(context: ScenarioContext, name: string, spec: object = {}): Promise<LiveSpark> {
  await applySpark(context, { name, spec: { ...weirJob('Inspect', '--stay', '600'), ...spec } });
  return untilStays(context, name);
}

async function untilStays(context: ScenarioContext, name: string): Promise<LiveSpark> {
  const live = await untilState(context, name, 'RUNNING');
  await context.until(`${name} to have begun`, async () => {
    const log = await driverLog(context.kube, context.namespace, live.status.driverInfo?.podName ?? '');
    return log.includes('weir: {"role":"executor"') ? { done: true } : { not: log.slice(-200) };
  });
  return untilState(context, name, 'RUNNING');
}

async function deletedDriver(context: ScenarioContext): Promise<void> {
  const name = 'deleted';
  const restartPolicy = { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 1 };
  const first = await staying(context, name, { restartPolicy });
  const pod = { plural: 'pods', namespace: context.namespace, name: `${name}-driver` } as const;
  context.say('delete the driver pod');
  await context.kube.delete(pod);
  await context.until('another run of it', async () => {
    const live = await readSpark(context.kube, context.namespace, name);
    return live?.status.executionAttempts === 2 ? { done: live } : { not: describeSpark(live) };
  });
  const second = await untilStays(context, name);
  expect(second.status.submissionID !== first.status.submissionID, 'the second run has the id of the first');
  context.say('delete the driver pod at once');
  await context.kube.delete(pod, { graceSeconds: 0 });
  const live = await untilState(context, name, 'FAILED');
  expectSaid(live, /deleted/);
  expectEqual('runs', live.status.executionAttempts, 2);
  await deleteSpark(context, name);
}

async function outOfMemory(context: ScenarioContext): Promise<void> {
  const name = 'greedy';
  await applySpark(context, {
    name,
    spec: weirJob('Greedy'),
    driver: { javaOptions: '-XX:+UseSerialGC -XX:MaxDirectMemorySize=8g' },
  });
  const live = await untilState(context, name, 'FAILED');
  expectSaid(live, /^driver container failed with ExitCode: 137, Reason: OOMKilled/);
  await deleteSpark(context, name);
}

/** As if the node's runtime had killed them: a lost executor is replaced by Spark, a lost driver is the end. */
async function killedContainers(context: ScenarioContext): Promise<void> {
  const name = 'killed';
  const { cluster } = context.stage;
  if (cluster.kind !== 'node') return context.say('containers are only killed on a node of this machine');
  const first = await staying(context, name);
  const [executor = ''] = Object.keys(first.status.executorState ?? {});
  context.say(`kill the container of ${executor}`);
  await killPods(cluster.folders.cgroup, [await uidOf(context, executor)]);
  const { status } = await context.until('Spark to replace the executor', async () => {
    const live = await readSpark(context.kube, context.namespace, name);
    const { executorState = {} } = live?.status ?? {};
    const done = executorState[executor] === 'FAILED' && Object.values(executorState).includes('RUNNING');
    return live !== undefined && done ? { done: live } : { not: describeSpark(live) };
  });
  expectEqual('runs', status.executionAttempts, 1);
  await untilTold(context, name, 'SparkExecutorFailed');
  context.say('kill the container of the driver');
  await killPods(cluster.folders.cgroup, [await uidOf(context, `${name}-driver`)]);
  expectSaid(await untilState(context, name, 'FAILED'), /^driver container failed with ExitCode: 137, Reason: Error/);
  await deleteSpark(context, name);
}

async function uidOf({ kube, namespace }: ScenarioContext, pod: string): Promise<string> {
  const found = await kube.get({ plural: 'pods', namespace, name: pod });
  expect(found?.metadata.uid !== undefined, `there is no pod ${pod}`);
  return found.metadata.uid;
}
