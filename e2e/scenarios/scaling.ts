import { describeFlink, type FlinkWish, highlyAvailable, type LiveFlink, readFlink } from '../kit/flink.ts';
import { continued, counting, countingFlink, untilKept } from './counting.ts';
import { deleteFlink, editSpec, jobOf, untilRunning } from './life.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';

/** Another size without another start: by TaskManagers, or by what Flink is asked for. */
export const scaling: Scenario = {
  name: 'scaling',
  summary:
    'Flink 2.3: kubectl scale in reactive mode, a vertex by the adaptive scheduler: the same job, the count goes on',
  images: ['flink-2.3.0'],
  byDefault: false,
  alone: false,
  async run(context) {
    await byTaskManagers(context);
    await byVertex(context);
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
