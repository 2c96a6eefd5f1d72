import { flinkDeployment } from '../kit/flink.ts';
import {
  deleteDeployment,
  deleteFlink,
  editJob,
  killJobManager,
  resume,
  suspend,
  untilCheckpoints,
  untilRunning,
} from './life.ts';
import { watchPods } from './pod-history.ts';
import { expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';

const name = 'machine';

/** The whole life of an application cluster whose JobManager makes its TaskManagers itself. */
export const native23: Scenario = {
  name: 'native-2.3',
  summary: 'Flink 2.3, native: run, checkpoint, edit, suspend, resume, lose pod and Deployment, delete',
  images: ['flink-2.3.0'],
  byDefault: true,
  alone: false,
  async run(context) {
    const first = await begin(context, '2.3.0', 'v2_3');
    const { taskManager } = first;
    expectEqual('status.taskManager', taskManager, {
      labelSelector: `component=taskmanager,app=${name}`,
      replicas: 1,
      slotsPerTaskManager: 2,
      totalSlots: 2,
      totalCpu: 0.2,
      totalMemory: '1100Mi',
    });
    const wider = await widen(context, first);
    expectEqual('TaskManagers after the edit', [wider.taskManager?.replicas, wider.taskManager?.totalSlots], [2, 4]);
    await suspend(context, name);
    const resumed = await resume(context, name, { parallelism: 3, after: wider });
    const killed = await killJobManager(context, name, { parallelism: 3, after: resumed.status });
    await untilCheckpoints(context, name, killed.status, 1);
    await deleteDeployment(context, name, { parallelism: 3, after: killed.status });
    await deleteFlink(context, name);
  },
};

/** The shorter life on the last release of the older line. */
export const native120: Scenario = {
  name: 'native-1.20',
  summary: 'Flink 1.20, native: run, checkpoint, edit, suspend, resume, lose the JobManager pod, delete',
  images: ['flink-1.20.5'],
  byDefault: false,
  alone: false,
  async run(context) {
    const first = await begin(context, '1.20.5', 'v1_20');
    const wider = await widen(context, first);
    await suspend(context, name);
    const resumed = await resume(context, name, { parallelism: 3, after: wider });
    await killJobManager(context, name, { parallelism: 3, after: resumed.status });
    await deleteFlink(context, name);
  },
};

async function begin(context: ScenarioContext, version: '2.3.0' | '1.20.5', flinkVersion: string) {
  const { kube, namespace } = context;
  const image = context.flinkImage(version);
  await kube.apply(flinkDeployment({ name, namespace, image, flinkVersion }));
  const { status } = await untilRunning(context, name, { parallelism: 2 });
  expectEqual('status.clusterInfo flink-version', status.clusterInfo?.['flink-version'], version);
  await untilCheckpoints(context, name, status, 2);
  return status;
}

/** Parallelism 2 → 3: every old pod must be gone before a new one comes, so that the job never runs twice. */
async function widen(context: ScenarioContext, before: Awaited<ReturnType<typeof begin>>) {
  const pods = await watchPods(context.kube, context.namespace, name);
  try {
    await context.until('the watch to show the running pods', async () =>
      pods.mostJobManagers === 1 ? { done: true } : { not: `${pods.mostJobManagers} JobManager pods` },
    );
    pods.mark();
    await editJob(context, name, { parallelism: 3 });
    const { status } = await untilRunning(context, name, { parallelism: 3, after: before });
    expectEqual('new pods beside old ones', pods.overlaps, []);
    expectEqual('JobManager pods at once', pods.mostJobManagers, 1);
    return status;
  } finally {
    pods.stop();
  }
}
