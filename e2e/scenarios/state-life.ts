import type { FlinkVersion } from '../images/images.ts';
import { type FlinkWish, type LiveFlink, readFlink } from '../kit/flink.ts';
import { counting, countingFlink, untilContinued, untilCountsAnew, untilKept } from './counting.ts';
import {
  checkpointsOf,
  deleteFlink,
  editJob,
  editSpec,
  killPod,
  loseNode,
  loseOwnPods,
  suspend,
  untilRunning,
} from './life.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { takeSnapshot } from './snapshots.ts';
import { type Store, withStore } from './state-store.ts';

const name = 'count';

/** Which Flink the life is led with, and where it keeps what must not be lost. */
interface Way {
  readonly line: '2.3' | '1.20';
  readonly store: Store;
  /** What is lost in the middle of an upgrade, beside the operator: all pods of the node, or those of the job. */
  readonly loses: 'node' | 'pods';
  readonly byDefault: boolean;
}

const versions: Readonly<Record<Way['line'], Pick<FlinkWish, 'flinkVersion'> & { readonly version: FlinkVersion }>> = {
  '2.3': { version: '2.3.0', flinkVersion: 'v2_3' },
  '1.20': { version: '1.20.5', flinkVersion: 'v1_20' },
};

/** The life of a job that must never lose what it counted: each version and each store by default, all pairs by name. */
export const stateLives: readonly Scenario[] = [
  stateLife({ line: '2.3', store: 'S3', loses: 'pods', byDefault: true }),
  stateLife({ line: '1.20', store: 'volume', loses: 'pods', byDefault: true }),
  stateLife({ line: '2.3', store: 'volume', loses: 'node', byDefault: false }),
  stateLife({ line: '1.20', store: 'S3', loses: 'pods', byDefault: false }),
];

function stateLife({ line, store, loses, byDefault }: Way): Scenario {
  const { version, flinkVersion } = versions[line];
  return {
    name: `state-${line}-${store.toLowerCase()}`,
    summary: `Flink ${line}, state on ${store}: upgrades, suspensions and a second life keep the count, killed or not`,
    images: [`flink-${version}`],
    byDefault,
    alone: loses === 'node',
    async run(context) {
      await withStore(context, store, async (flinkConfiguration) => {
        const { kube, namespace } = context;
        const image = context.flinkImage(version);
        const job = { upgradeMode: 'last-state' };
        const wish: FlinkWish = { name, namespace, image, flinkVersion, flinkConfiguration, job };
        await kube.apply(countingFlink(wish));
        const first = await untilRunning(context, name, counting(2));
        expectEqual('what the first run starts from', first.status.restore?.mode, 'stateless');
        const upgraded = await upgradeByLastState(context, first, version);
        const survived = await upgradeWhileKilled(context, upgraded, loses === 'node' ? loseNode : loseOwnPods);
        const saved = await upgradeBySavepoint(context, survived);
        const resumed = await resumeFromSavepoint(context, saved);
        const again = await resumeFromLastState(context, resumed);
        const recreated = await recreate(context, again, wish);
        await suspend(context, name, { upgradeMode: 'stateless' });
        await editJob(context, name, { state: 'running' });
        await untilCountsAnew(context, name, counting(2, recreated.status));
        await deleteFlink(context, name);
      });
    },
  };
}

/** Image, configuration, parallelism and arguments change at once. */
async function upgradeByLastState(
  context: ScenarioContext,
  before: LiveFlink,
  version: FlinkVersion,
): Promise<LiveFlink> {
  const kept = await untilKept(context, name, before.status);
  const image = await context.stage.imageAgain(`flink-${version}`);
  const flinkConfiguration = { 'execution.checkpointing.tolerable-failed-checkpoints': '7' };
  await editSpec(context, name, { image, flinkConfiguration, job: { parallelism: 3, args: ['--name', 'recount'] } });
  const live = await untilContinued(context, name, counting(3, before.status), kept);
  await expectLastState(context, before, live);
  expectEqual('the name that its arguments gave the job', live.status.jobStatus?.jobName, 'recount');
  const [jobManager] = await context.kube.list('pods', context.namespace, `app=${name},component=jobmanager`);
  const { containers = [] } = (jobManager?.spec ?? {}) as { containers?: { image: string }[] };
  expectEqual('the image of the JobManager', containers[0]?.image, image);
  return live;
}

/** In the middle of an upgrade every process of pods is lost, the operator's too, and then the new JobManager. */
async function upgradeWhileKilled(
  context: ScenarioContext,
  before: LiveFlink,
  losePods: (context: ScenarioContext) => Promise<void>,
): Promise<LiveFlink> {
  const { kube, namespace } = context;
  const kept = await untilKept(context, name, before.status);
  const old = new Set((await kube.list('pods', namespace, `app=${name}`)).map(({ metadata }) => metadata.uid));
  await editSpec(context, name, { taskManager: { resource: { memory: '1150m' } } });
  await context.until('the upgrade to be under way', async () => {
    const state = (await readFlink(kube, namespace, name))?.status.reconciliationStatus?.state;
    return state === 'UPGRADING' ? { done: state } : { not: state ?? 'no state' };
  });
  await losePods(context);
  await context.until('the new JobManager pod to run', async () => {
    const pods = await kube.list('pods', namespace, `app=${name},component=jobmanager`);
    const phases = pods.map(({ metadata, status }) => [metadata.uid, (status as { phase?: string }).phase] as const);
    const runs = phases.some(([uid, phase]) => !old.has(uid) && phase === 'Running');
    return runs ? { done: runs } : { not: JSON.stringify(phases) };
  });
  await killPod(context, name, 'jobmanager');
  const live = await untilContinued(context, name, counting(3, before.status), kept);
  expectEqual('the id of the job', live.status.jobStatus?.jobId, before.status.jobStatus?.jobId);
  expectEqual('what the run starts from', live.status.restore?.mode, 'last-state');
  return live;
}

async function upgradeBySavepoint(context: ScenarioContext, before: LiveFlink): Promise<LiveFlink> {
  const kept = await untilKept(context, name, before.status);
  await editJob(context, name, { upgradeMode: 'savepoint', parallelism: 2 });
  const live = await untilContinued(context, name, counting(2, before.status), kept);
  await expectSavepoint(context, before, live);
  return live;
}

async function resumeFromSavepoint(context: ScenarioContext, before: LiveFlink): Promise<LiveFlink> {
  const kept = await untilKept(context, name, before.status);
  const suspended = await suspend(context, name);
  expectEqual('what a resumption starts from', suspended.status.restore?.mode, 'savepoint');
  await editJob(context, name, { state: 'running' });
  const live = await untilContinued(context, name, counting(2, before.status), kept);
  await expectSavepoint(context, before, live);
  return live;
}

async function resumeFromLastState(context: ScenarioContext, before: LiveFlink): Promise<LiveFlink> {
  const kept = await untilKept(context, name, before.status);
  const suspended = await suspend(context, name, { upgradeMode: 'last-state' });
  expectEqual('what a resumption starts from', suspended.status.restore?.mode, 'last-state');
  await editJob(context, name, { state: 'running' });
  const live = await untilContinued(context, name, counting(2, before.status), kept);
  await expectLastState(context, before, live);
  return live;
}

/** A savepoint outlives its job and its resource, and another resource of the same name begins from it. */
async function recreate(context: ScenarioContext, before: LiveFlink, wish: FlinkWish): Promise<LiveFlink> {
  const kept = await untilKept(context, name, before.status);
  const job = { kind: 'FlinkDeployment', name } as const;
  const initialSavepointPath = await takeSnapshot(context, {
    name: 'farewell',
    job,
    savepoint: { disposeOnDelete: false },
  });
  await deleteFlink(context, name);
  context.say(`apply ${name} with initialSavepointPath ${initialSavepointPath}`);
  await context.kube.apply(countingFlink({ ...wish, job: { ...wish.job, initialSavepointPath } }));
  const live = await untilContinued(context, name, counting(2, before.status), kept);
  const { mode, path } = live.status.restore ?? {};
  expectEqual('what the second life starts from', [mode, path], ['savepoint', initialSavepointPath]);
  await expectRestored(context, live, true);
  return live;
}

/** The same job went on from the newest checkpoint, and the status names it. */
async function expectLastState(context: ScenarioContext, before: LiveFlink, live: LiveFlink): Promise<void> {
  expectEqual('the id of the job', live.status.jobStatus?.jobId, before.status.jobStatus?.jobId);
  expectEqual('what the run starts from', live.status.restore?.mode, 'last-state');
  await expectRestored(context, live, false);
}

/** A new job went on from a savepoint, and the status names it and the job it is of. */
async function expectSavepoint(context: ScenarioContext, before: LiveFlink, live: LiveFlink): Promise<void> {
  const { jobStatus, restore } = live.status;
  expectEqual('what the run starts from', restore?.mode, 'savepoint');
  expectEqual('the job that left the savepoint', restore?.leftBy, before.status.jobStatus?.jobId);
  expectEqual('status.jobStatus.upgradeSavepointPath', jobStatus?.upgradeSavepointPath, restore?.path);
  expect(jobStatus?.jobId !== before.status.jobStatus?.jobId, `the job kept its id ${jobStatus?.jobId}`);
  await expectRestored(context, live, true);
}

/** What Flink says it restored is what status.restore says. */
async function expectRestored(context: ScenarioContext, { status }: LiveFlink, isSavepoint: boolean): Promise<void> {
  const { restored } = (await checkpointsOf(context, name, status)).latest;
  expectEqual('whether a savepoint was restored', restored?.is_savepoint, isSavepoint);
  expectEqual('the path that was restored', plain(restored?.external_path), plain(status.restore?.path));
  if (!isSavepoint) expectEqual('the checkpoint that was restored', restored?.id, status.restore?.checkpointId);
}

/** Flink writes `file:/state` for what its configuration has as `file:///state`. */
function plain(path: string | undefined): string | undefined {
  return path?.replace(/^file:\/+/, 'file:/');
}
