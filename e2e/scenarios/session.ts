import { findCondition } from '../../src/kube/conditions.ts';
import { describeFlink, flinkRest, flinkTarget, highlyAvailable, type LiveFlink, readFlink } from '../kit/flink.ts';
import { type S3, startS3 } from '../kit/s3.ts';
import {
  countingSessionJob,
  describeSessionJob,
  flinkSession,
  type LiveSessionJob,
  readSessionJob,
  sessionJobTarget,
} from '../kit/session.ts';
import { readSnapshot, snapshotTarget } from '../kit/snapshot.ts';
import { continued, untilKept } from './counting.ts';
import { checkpointsOf, untilGone } from './life.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { takeSnapshot } from './snapshots.ts';

const session = 'session';

/** A cluster that several jobs share, from the first job to nothing left. */
export const sessionLife: Scenario = {
  name: 'session',
  summary:
    'Flink 2.3, session with two jobs on S3: submit, upgrade, savepoint and its disposal, protection, delete all',
  images: ['flink-2.3.0'],
  byDefault: true,
  alone: false,
  async run(context) {
    const s3 = await startS3(context.stage.cluster);
    try {
      await begin(context, s3);
      const one = await submit(context, 'one');
      const two = await submit(context, 'two');
      await upgradeBySavepoint(context, session, one);
      await disposeSavepoint(context, s3);
      await expectUntouched(context, two);
      await protectedWhileUsed(context, two);
      await deleteLast(context);
    } finally {
      await s3.stop();
    }
  },
};

async function begin(context: ScenarioContext, s3: S3): Promise<LiveFlink> {
  const { kube, namespace } = context;
  const flinkConfiguration = { ...s3.configuration, ...highlyAvailable(`s3://${s3.bucket}`), ...often };
  const image = context.flinkImage('2.3.0');
  await kube.apply(flinkSession({ name: session, namespace, image, flinkVersion: 'v2_3', flinkConfiguration }));
  return untilSessionReady(context, session);
}

/** Waits until jobs can be submitted to a session. */
export async function untilSessionReady(context: ScenarioContext, name: string): Promise<LiveFlink> {
  return context.until(`session ${name} to be ready`, async () => {
    const seen = await readFlink(context.kube, context.namespace, name);
    const ready = findCondition(seen?.status.conditions, 'Ready');
    const done = ready?.status === 'True' && ready.reason === 'JobManagerReady';
    return seen !== undefined && done ? { done: seen } : { not: describeFlink(seen) };
  });
}

/** So that a checkpoint and the count of a job are soon known. */
const often = { 'execution.checkpointing.interval': '1s', 'heartbeat.interval': '1000' };

async function submit(context: ScenarioContext, name: string): Promise<LiveSessionJob> {
  const { kube, namespace } = context;
  context.say(`apply FlinkSessionJob ${name}`);
  await kube.apply(countingSessionJob({ namespace, name, session }, { upgradeMode: 'savepoint' }));
  const live = await untilJobRuns(context, name);
  expectEqual(`what ${name} starts from`, live.status.restore?.mode, 'stateless');
  return live;
}

/** Waits until the resource says that the job of its newest generation runs, another than `before` if that is given. */
export async function untilJobRuns(context: ScenarioContext, name: string, before?: string): Promise<LiveSessionJob> {
  const live = await context.until(`session job ${name} to be RUNNING`, async () => {
    const seen = await readSessionJob(context.kube, context.namespace, name);
    const done =
      seen?.status.observedGeneration === seen?.object.metadata.generation &&
      seen?.status.lifecycleState === 'STABLE' &&
      seen.status.jobStatus?.state === 'RUNNING' &&
      seen.status.jobStatus.jobId !== before &&
      findCondition(seen.status.conditions, 'Ready')?.status === 'True';
    return seen !== undefined && done ? { done: seen } : { not: describeSessionJob(seen) };
  });
  expectEqual(`status.error of ${name}`, live.status.error, undefined);
  return live;
}

/** Edits a counting session job, and returns it when it goes on from the savepoint that was taken of it. */
export async function upgradeBySavepoint(
  context: ScenarioContext,
  cluster: string,
  before: LiveSessionJob,
): Promise<LiveSessionJob> {
  const { name } = before.object.metadata;
  const kept = await untilKept(context, cluster, before.status);
  context.say(`edit ${name}: parallelism 2`);
  await context.kube.patch(sessionJobTarget(context.namespace, name), { spec: { job: { parallelism: 2 } } });
  const live = await untilJobRuns(context, name, before.status.jobStatus?.jobId);
  await continued(context, cluster, live.status, kept);
  const { restore } = live.status;
  expectEqual('what it starts from', [restore?.mode, restore?.leftBy], ['savepoint', before.status.jobStatus?.jobId]);
  const { restored } = (await checkpointsOf(context, cluster, live.status)).latest;
  expectEqual('what was restored', [restored?.is_savepoint, restored?.external_path], [true, restore?.path]);
  return live;
}

/** The savepoint of a FlinkStateSnapshot goes with it, by the JobManager of its job. */
async function disposeSavepoint(context: ScenarioContext, s3: S3): Promise<void> {
  const { kube, namespace } = context;
  const name = 'of-two';
  const path = await takeSnapshot(context, { name, job: { kind: 'FlinkSessionJob', name: 'two' }, savepoint: {} });
  const folder = path.replace(`s3://${s3.bucket}/`, '');
  const keys = await s3.keys(folder);
  expect(keys.includes(`${folder}/_metadata`), `no savepoint at ${path}: ${keys.join(', ')}`);
  context.say(`delete FlinkStateSnapshot ${name}`);
  await kube.delete(snapshotTarget(namespace, name));
  await context.until(`FlinkStateSnapshot ${name} to be gone`, async () => {
    const seen = await readSnapshot(kube, namespace, name);
    return seen === undefined ? { done: true } : { not: JSON.stringify(seen) };
  });
  expectEqual('objects left of the savepoint', await s3.keys(folder), []);
}

/** What became of the other job and of savepoints changed nothing for this one. */
async function expectUntouched(context: ScenarioContext, { object, status }: LiveSessionJob): Promise<void> {
  const now = await readSessionJob(context.kube, context.namespace, object.metadata.name);
  const { jobId, startTime, state } = now?.status.jobStatus ?? {};
  const before = [status.jobStatus?.jobId, status.jobStatus?.startTime, 'RUNNING'];
  expectEqual('id, start and state of the other job', [jobId, startTime, state], before);
}

/** A session that is to go stays as long as a job needs it, and says which. */
async function protectedWhileUsed(context: ScenarioContext, two: LiveSessionJob): Promise<void> {
  const { kube, namespace } = context;
  context.say('delete the session');
  await kube.delete(flinkTarget(namespace, session));
  await untilHeldBy(context, 'the session jobs one, two use this session and must be deleted first');
  await deleteJob(context, 'one');
  await untilHeldBy(context, 'the session jobs two use this session and must be deleted first');
  await expectUntouched(context, two);
  const { jobs } = (await flinkRest(kube, namespace, session, '/jobs')) as { jobs: { id: string; status: string }[] };
  const running = jobs.filter(({ status }) => status === 'RUNNING').map(({ id }) => id);
  expectEqual('jobs that run on the session', running, [two.status.jobStatus?.jobId]);
}

async function untilHeldBy(context: ScenarioContext, words: string): Promise<void> {
  await context.until(`the session to say that ${words}`, async () => {
    const seen = await readFlink(context.kube, context.namespace, session);
    const { reason, message } = findCondition(seen?.status.conditions, 'Reconciling') ?? {};
    return reason === 'CleanupFailed' && message === words ? { done: true } : { not: describeFlink(seen) };
  });
}

/** Deletes a FlinkSessionJob and waits until it is gone. */
export async function deleteJob(context: ScenarioContext, name: string): Promise<void> {
  const { kube, namespace } = context;
  context.say(`delete FlinkSessionJob ${name}`);
  await kube.delete(sessionJobTarget(namespace, name));
  await context.until(`FlinkSessionJob ${name} to be gone`, async () => {
    const seen = await readSessionJob(kube, namespace, name);
    return seen === undefined ? { done: true } : { not: describeSessionJob(seen) };
  });
}

/** With its last job the session goes, as was asked for before, and everything with it. */
async function deleteLast(context: ScenarioContext): Promise<void> {
  await deleteJob(context, 'two');
  await untilGone(context, session);
}
