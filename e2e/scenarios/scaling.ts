import { describeFlink, type FlinkWish, highlyAvailable, type LiveFlink, readFlink } from '../kit/flink.ts';
import {
  countingSessionJob,
  describeSessionJob,
  flinkSession,
  readSessionJob,
  sessionJobTarget,
} from '../kit/session.ts';
import { continued, counting, countingFlink, untilKept } from './counting.ts';
import { deleteFlink, editSpec, jobOf, untilRunning } from './life.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { untilJobRuns, untilSessionReady } from './session.ts';

/** Another size without another start: by TaskManagers, or by what Flink is asked for. */
export const scaling: Scenario = {
  name: 'scaling',
  summary:
    'Flink 2.3: kubectl scale in reactive mode, vertices by the adaptive scheduler, on a session too: the same job, the count goes on',
  images: ['flink-2.3.0'],
  byDefault: false,
  alone: false,
  async run(context) {
    await byTaskManagers(context);
    await byVertex(context);
    await onSession(context);
  },
};

/** Flink waits for minutes before it takes another size; here it need not. */
const atOnce = {
  'jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling': '1s',
  'jobmanager.adaptive-scheduler.executing.resource-stabilization-timeout': '1s',
};

async function byTaskManagers(context: ScenarioContext): Promise<void> {
  const name = 'reactive';
  const flinkConfiguration = { 'scheduler-mode': 'reactive', 'taskmanager.numberOfTaskSlots': '1' };
  const before = await begin(context, name, { flinkConfiguration, spec: { mode: 'standalone' } });
  await keepsCounting(context, name, before, async () => {
    const scale = ['-n', context.namespace, 'scale', `flinkdeployment/${name}`, '--replicas=2'];
    context.say(`kubectl ${scale.join(' ')}`);
    await context.stage.run('kubectl', scale);
  });
  await deleteFlink(context, name);
}

async function byVertex(context: ScenarioContext): Promise<void> {
  const name = 'adaptive';
  const flinkConfiguration = { 'jobmanager.scheduler': 'adaptive' };
  const before = await begin(context, name, { flinkConfiguration });
  const { vertices } = await jobOf(context, name, before.status);
  const counter = vertices[1];
  expect(counter !== undefined, 'the counting job has two vertices');
  await keepsCounting(context, name, before, () => {
    const overrides = { 'pipeline.jobvertex-parallelism-overrides': `${counter.id}:2` };
    return editSpec(context, name, { flinkConfiguration: overrides });
  });
  await deleteFlink(context, name);
}

/** The same job on a session, and the other job of that session is not touched. */
async function onSession(context: ScenarioContext): Promise<void> {
  const { kube, namespace } = context;
  const session = 'shared';
  const flinkConfiguration = {
    ...highlyAvailable(`file:///state/${session}`),
    ...atOnce,
    'jobmanager.scheduler': 'adaptive',
    'execution.checkpointing.interval': '1s',
  };
  const image = context.flinkImage('2.3.0');
  await kube.apply(flinkSession({ name: session, namespace, image, flinkVersion: 'v2_3', flinkConfiguration }));
  await untilSessionReady(context, session);
  for (const name of ['one', 'two']) {
    await kube.apply(countingSessionJob({ namespace, name, session }, { upgradeMode: 'savepoint' }));
  }
  const [one, two] = [await untilJobRuns(context, 'one'), await untilJobRuns(context, 'two')];
  const { vertices } = await jobOf(context, session, one.status);
  const kept = await untilKept(context, session, one.status);
  const overrides = { 'pipeline.jobvertex-parallelism-overrides': `${vertices[1]?.id}:2` };
  context.say('edit one: two counting tasks');
  await kube.patch(sessionJobTarget(namespace, 'one'), { spec: { flinkConfiguration: overrides } });
  await context.until('one to count with two tasks', async () => {
    const seen = await readSessionJob(kube, namespace, 'one');
    const { tasks, scaling } = seen?.status ?? {};
    const done = tasks?.maxParallelism === 2 && tasks.running === tasks.total && scaling === undefined;
    return done ? { done } : { not: describeSessionJob(seen) };
  });
  for (const before of [one, two]) {
    const live = await untilJobRuns(context, before.object.metadata.name);
    const [was, is] = [before.status.jobStatus, live.status.jobStatus];
    expectEqual('id and start of the job', [is?.jobId, is?.startTime], [was?.jobId, was?.startTime]);
  }
  await continued(context, session, one.status, kept);
  for (const name of ['one', 'two']) await kube.delete(sessionJobTarget(namespace, name));
  await deleteFlink(context, session);
}

async function begin(context: ScenarioContext, name: string, wish: Partial<FlinkWish>): Promise<LiveFlink> {
  const { kube, namespace } = context;
  const flinkConfiguration = { ...highlyAvailable(`file:///state/${name}`), ...atOnce, ...wish.flinkConfiguration };
  const job = { upgradeMode: 'last-state', parallelism: 1 };
  const basics = { name, namespace, image: context.flinkImage('2.3.0'), flinkVersion: 'v2_3', job };
  await kube.apply(countingFlink({ ...basics, ...wish, flinkConfiguration }));
  return untilRunning(context, name, counting(1));
}

/** From one counting task to two: by the same JobManager, for the same job, from the state it has. */
async function keepsCounting(
  context: ScenarioContext,
  name: string,
  { status }: LiveFlink,
  scale: () => Promise<void>,
): Promise<void> {
  const kept = await untilKept(context, name, status);
  const pods = await jobManagers(context, name);
  await scale();
  await context.until(`${name} to count with two tasks`, async () => {
    const seen = await readFlink(context.kube, context.namespace, name);
    const size = seen?.status.tasks?.maxParallelism;
    return size === 2 ? { done: size } : { not: `${size}; ${describeFlink(seen)}` };
  });
  const live = await untilRunning(context, name, { parallelism: 2, vertices: [1, 2] });
  await continued(context, name, live.status, kept);
  expectEqual('the id of the job', live.status.jobStatus?.jobId, status.jobStatus?.jobId);
  expectEqual('the start of the job', live.status.jobStatus?.startTime, status.jobStatus?.startTime);
  expectEqual('JobManager pods', await jobManagers(context, name), pods);
}

async function jobManagers({ kube, namespace }: ScenarioContext, name: string): Promise<unknown> {
  const pods = await kube.list('pods', namespace, `app=${name},component=jobmanager`);
  return pods.map(({ metadata }) => metadata.uid);
}
