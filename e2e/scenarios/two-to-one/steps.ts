import { findCondition } from '../../../src/kube/conditions.ts';
import type { KubeObject } from '../../../src/kube/object.ts';
import { RUN_NOW_ANNOTATION, type ScheduledSparkApplicationStatus } from '../../../src/spark/schedule/schema.ts';
import { flinkTarget, readFlink } from '../../kit/flink.ts';
import { readSessionJob } from '../../kit/session.ts';
import { readSnapshot } from '../../kit/snapshot.ts';
import { counting, untilContinued, untilKept } from '../counting.ts';
import { editSpec, untilRunning } from '../life.ts';
import { podsOf } from '../release.ts';
import { expect, expectEqual, type ScenarioContext } from '../scenario.ts';
import { untilJobRuns } from '../session.ts';
import { untilState } from '../spark-life.ts';
import { submissionID } from '../spark-take-over.ts';
import { LEFT, leaveApplications, leaveFlink, NEXT_RUN, type Running, scheduleTarget } from './left.ts';
import { NAMESPACES, type Walk } from './walk.ts';

/** Everything as the old operators leave it, their CRDs and releases among it. */
export async function leaveAll(context: ScenarioContext, walk: Walk, running: Running): Promise<void> {
  context.say('the CRDs, statuses and releases of the old operators');
  await walk.run('kubectl replace -f old-crds');
  await leaveFlink(context, running);
  await leaveApplications(context);
  const install = (release: string, chart: string, namespace: string, values: string): Promise<string> =>
    walk.run(
      `helm install ${release} ${chart} -n ${namespace} --create-namespace --take-ownership --wait -f ${values}`,
    );
  await install(
    'flink-kubernetes-operator',
    'flink-operator-repo/flink-kubernetes-operator',
    NAMESPACES.flink,
    'installed-flink.yaml',
  );
  await install('spark-operator', 'spark-operator/spark-operator', NAMESPACES.spark, 'installed-spark.yaml');
}

/** The move itself, engine by engine. */
export async function move(context: ScenarioContext, walk: Walk, { flink, sessionJob }: Running): Promise<void> {
  const before = await podsOfAll(context);
  const [plan = ''] = await walk.follow('Before');
  expectEqual('decisions of weir plan', [...new Set(decisions(plan))], ['no-op']);
  const untouched = await sparkVersions(context);
  await walk.follow('Flink');
  const taken = await untilRunning(context, LEFT.flink, counting(2));
  expectEqual('the job', taken.status.jobStatus?.jobId, flink.status.jobStatus?.jobId);
  const clicks = await untilJobRuns(context, LEFT.sessionJob);
  expectEqual('the session job', clicks.status.jobStatus?.jobId, sessionJob.status.jobStatus?.jobId);
  await snapshotStays(context);
  expectEqual('what there is of Spark, while its engine is off', await sparkVersions(context), untouched);
  await walk.follow('Spark');
  const left = await untilState(context, LEFT.spark, 'RUNNING');
  expectEqual('the submission', [left.status.submissionID, left.status.submissionAttempts], [submissionID, 1]);
  await untilState(context, LEFT.ended, 'COMPLETED');
  const schedule = await scheduleStatus(context);
  expectEqual('the schedule', [schedule.lastRunName, schedule.nextRun], [LEFT.lastRun, NEXT_RUN]);
  expectEqual('pods', await podsOfAll(context), before);
}

/** The words of `weir plan` for what it would do. */
function decisions(plan: string): readonly string[] {
  return [...plan.matchAll(/^ {2}([a-z-]+): /gm)].map(([, word = '']) => word);
}

async function snapshotStays({ kube, namespace }: ScenarioContext): Promise<void> {
  const status = await readSnapshot(kube, namespace, LEFT.snapshot);
  const ready = findCondition(status?.conditions, 'Ready')?.status;
  expectEqual('the snapshot', [status?.state, ready], ['COMPLETED', 'True']);
}

/** By name and version: what nobody wrote to is the same. */
async function sparkVersions({ kube, namespace }: ScenarioContext): Promise<readonly unknown[]> {
  const kinds = ['sparkapplications', 'scheduledsparkapplications'] as const;
  const found = await Promise.all(kinds.map((plural) => kube.list(plural, namespace)));
  return found.flat().map(({ metadata: { name, resourceVersion } }: KubeObject) => [name, resourceVersion]);
}

async function scheduleStatus({ kube, namespace }: ScenarioContext): Promise<ScheduledSparkApplicationStatus> {
  return ((await kube.get(scheduleTarget(namespace)))?.status ?? {}) as ScheduledSparkApplicationStatus;
}

/** Every pod of every job, with how often its containers were started again. */
async function podsOfAll(context: ScenarioContext): Promise<readonly unknown[]> {
  const selectors = [`app=${LEFT.flink}`, `app=${LEFT.session}`, `sparkoperator.k8s.io/app-name=${LEFT.spark}`];
  return Promise.all(selectors.map((selector) => podsOf(context, selector)));
}

/** An upgrade goes on from the state of before, and the schedule makes a run when it is asked for one. */
export async function edits(context: ScenarioContext): Promise<void> {
  const { kube, namespace } = context;
  const before = await untilRunning(context, LEFT.flink, counting(2));
  const kept = await untilKept(context, LEFT.flink, before.status);
  await editSpec(context, LEFT.flink, { taskManager: { resource: { memory: '1150m' } } });
  await untilContinued(context, LEFT.flink, counting(2, before.status), kept);
  context.say(`ask ${LEFT.schedule} for a run`);
  await kube.patch(scheduleTarget(namespace), { metadata: { annotations: { [RUN_NOW_ANNOTATION]: 'moved' } } });
  const run = await context.until('the run to be made', async () => {
    const { lastRunName = '' } = await scheduleStatus(context);
    return lastRunName === LEFT.lastRun ? { not: lastRunName } : { done: lastRunName };
  });
  await untilState(context, run, 'COMPLETED');
}

/** The old operators are back, and find what they know. */
export async function backOut(context: ScenarioContext, walk: Walk): Promise<void> {
  const { kube, namespace } = context;
  const before = await podsOfAll(context);
  await walk.follow('Back out');
  expectEqual('pods', await podsOfAll(context), before);
  expectEqual('pods of Weir', await kube.list('pods', NAMESPACES.weir), []);
  const { status = {} } = (await readFlink(kube, namespace, LEFT.flink)) ?? {};
  const { lastReconciledSpec = '', lastStableSpec, state } = status.reconciliationStatus ?? {};
  expectEqual('the record', [state, lastStableSpec === lastReconciledSpec], ['DEPLOYED', true]);
  const recorded = JSON.parse(lastReconciledSpec) as { spec: { taskManager: { resource: { memory: string } } } };
  expectEqual('the recorded memory', recorded.spec.taskManager.resource.memory, '1150m');
  expectEqual(
    'what only Weir writes',
    [status.restore, status.tasks, status.snapshots],
    [undefined, undefined, undefined],
  );
  const job = await readSessionJob(kube, namespace, LEFT.sessionJob);
  expectEqual('the session job', job?.status.jobStatus?.state, 'RUNNING');
  for (const old of [NAMESPACES.flink, NAMESPACES.spark]) {
    await walk.run(`kubectl -n ${old} wait deployment --all --for=condition=Available --timeout=2m`);
  }
  // Its webhooks are back, and nothing answers them here.
  const write = walk.run(`kubectl -n ${namespace} annotate flinkdep ${LEFT.flink} seen=true`);
  const refused = await write.then(() => '', String);
  expect(refused.includes('failed calling webhook'), `a write is not put to the old webhook: ${refused}`);
}

/** The same steps once more, and then the old releases go; what jobs run by stays. */
export async function moveAgain(context: ScenarioContext, walk: Walk): Promise<void> {
  const { kube, namespace } = context;
  const before = await podsOfAll(context);
  await walk.follow('Flink');
  await walk.follow('Spark');
  await untilRunning(context, LEFT.flink, counting(2));
  await untilJobRuns(context, LEFT.sessionJob);
  await walk.follow('When all is well');
  for (const name of ['flink', 'spark']) {
    for (const plural of ['serviceaccounts', 'roles'] as const) {
      expect(
        (await kube.get({ plural, namespace, name })) !== undefined,
        `${plural} ${name} went with the old release`,
      );
    }
  }
  await untilState(context, LEFT.spark, 'RUNNING');
  expectEqual('pods', await podsOfAll(context), before);
  expectEqual(
    'the FlinkDeployment',
    (await kube.get(flinkTarget(namespace, LEFT.flink)))?.metadata.deletionTimestamp,
    undefined,
  );
}
