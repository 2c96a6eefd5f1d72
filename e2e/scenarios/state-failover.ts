import type { LiveFlink } from '../kit/flink.ts';
import { counting, countingFlink, untilContinued, untilKept } from './counting.ts';
import { checkpointsOf, killPod, loseNode, untilRunning } from './life.ts';
import { expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { withStore } from './state-store.ts';

const name = 'count';

/** What Flink's own high availability does without any help: the operator must only not be in its way. */
export const stateFailover: Scenario = {
  name: 'state-failover',
  summary:
    'Flink 2.3, state on S3: a TaskManager, the JobManager, then every pod of the node killed; the count goes on',
  images: ['flink-2.3.0'],
  byDefault: false,
  alone: true,
  async run(context) {
    await withStore(context, 'S3', async (flinkConfiguration) => {
      const { kube, namespace } = context;
      const image = context.flinkImage('2.3.0');
      await kube.apply(countingFlink({ name, namespace, image, flinkVersion: 'v2_3', flinkConfiguration }));
      const first = await untilRunning(context, name, counting(2));
      await loseTaskManager(context, first);
      const second = await losePods(context, first, () => killPod(context, name, 'jobmanager'));
      await losePods(context, second, () => loseNode(context));
    });
  },
};

async function loseTaskManager(context: ScenarioContext, { status }: LiveFlink): Promise<void> {
  const kept = await untilKept(context, name, status);
  const before = (await checkpointsOf(context, name, status)).counts.restored;
  await killPod(context, name, 'taskmanager');
  await context.until('the job to restore a checkpoint', async () => {
    const { restored } = (await checkpointsOf(context, name, status)).counts;
    return restored > before ? { done: restored } : { not: `restored ${restored} times` };
  });
  await untilContinued(context, name, counting(2), kept);
}

/** The JobManager goes, alone or with all: the same job, with the same id, starts again from its newest checkpoint. */
async function losePods(
  context: ScenarioContext,
  { status }: LiveFlink,
  kill: () => Promise<void>,
): Promise<LiveFlink> {
  const kept = await untilKept(context, name, status);
  await kill();
  const live = await untilContinued(context, name, counting(2, status), kept);
  expectEqual('the id of the job', live.status.jobStatus?.jobId, status.jobStatus?.jobId);
  return live;
}
