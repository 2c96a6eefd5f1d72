import type { FlinkStateSnapshotStatus } from '../../../src/flink/snapshot/schema.ts';
import { type KubeObject, ownerReference } from '../../../src/kube/object.ts';
import { SCHEDULE_LABEL } from '../../../src/spark/schedule/schema.ts';
import { flinkTarget, highlyAvailable, type LiveFlink } from '../../kit/flink.ts';
import type { Target } from '../../kit/kube.ts';
import { countingSessionJob, flinkSession, type LiveSessionJob, sessionJobTarget } from '../../kit/session.ts';
import { readSnapshot, snapshotTarget } from '../../kit/snapshot.ts';
import { sparkApplication, sparkTarget, weirJob } from '../../kit/spark.ts';
import { counting, countingFlink } from '../counting.ts';
import { untilRunning } from '../life.ts';
import { expect, type ScenarioContext } from '../scenario.ts';
import { untilJobRuns } from '../session.ts';
import { takeSnapshot } from '../snapshots.ts';
import { leaveSpark } from '../spark-take-over.ts';
import { leave, withoutOwnAnnotations, writeStatus } from '../take-over.ts';

/** Names of what the old operators leave. */
export const LEFT = {
  flink: 'orders',
  session: 'shared',
  sessionJob: 'clicks',
  snapshot: 'nightly',
  spark: 'left',
  ended: 'ended',
  schedule: 'report',
  lastRun: 'report-1767225600000000000',
} as const;

/** When the next run of the schedule is due: far enough away. */
export const NEXT_RUN = `${new Date().getUTCFullYear() + 1}-01-01T03:00:00Z`;

/** What runs, as it was before the old operators are taken to have made it. */
export interface Running {
  readonly flink: LiveFlink;
  readonly sessionJob: LiveSessionJob;
}

/** Starts everything of Flink by Weir, since the old operators themselves are not at hand. */
export async function startFlink(context: ScenarioContext): Promise<Running> {
  const { kube, namespace } = context;
  const wish = { namespace, image: context.flinkImage('2.3.0'), flinkVersion: 'v2_3' };
  const flinkConfiguration = highlyAvailable('file:///state');
  await kube.apply(
    countingFlink({ ...wish, name: LEFT.flink, flinkConfiguration, job: { upgradeMode: 'last-state' } }),
  );
  const flink = await untilRunning(context, LEFT.flink, counting(2));
  await kube.apply(flinkSession({ ...wish, name: LEFT.session, flinkConfiguration }));
  const job = { namespace, name: LEFT.sessionJob, session: LEFT.session };
  await kube.apply(countingSessionJob(job, { upgradeMode: 'savepoint' }));
  const sessionJob = await untilJobRuns(context, LEFT.sessionJob);
  const savepoint = { disposeOnDelete: false };
  await takeSnapshot(context, { name: LEFT.snapshot, job: { kind: 'FlinkDeployment', name: LEFT.flink }, savepoint });
  return { flink, sessionJob };
}

/** Gives it the statuses that the old Flink operator writes. No operator may look after it meanwhile. */
export async function leaveFlink(context: ScenarioContext, { flink, sessionJob }: Running): Promise<void> {
  const { namespace } = context;
  const application = { target: flinkTarget(namespace, LEFT.flink), jobStatus: flink.status.jobStatus };
  await leave(context, { ...application, kind: 'application' });
  await leave(context, { target: flinkTarget(namespace, LEFT.session), kind: 'session cluster', jobStatus: undefined });
  const job = { target: sessionJobTarget(namespace, LEFT.sessionJob), jobStatus: sessionJob.status.jobStatus };
  await leave(context, { ...job, kind: 'session job' });
  const found = await readSnapshot(context.kube, namespace, LEFT.snapshot);
  expect(found !== undefined, 'the snapshot is gone');
  const { state, path, triggerId, triggerTimestamp, resultTimestamp } = found;
  const status: FlinkStateSnapshotStatus = { state, path, triggerId, triggerTimestamp, resultTimestamp, failures: 0 };
  await writeStatus(context, snapshotTarget(namespace, LEFT.snapshot), status);
  await withoutOwnAnnotations(context);
}

/** Leaves applications and a schedule as the old Spark operator does, and returns the driver pod of the one that runs. */
export async function leaveApplications(context: ScenarioContext): Promise<KubeObject> {
  const { kube, namespace } = context;
  const wish = {
    namespace,
    image: context.sparkImage('4.3.0'),
    sparkVersion: '4.3.0',
    spec: weirJob('Inspect', '--stay', '1'),
  };
  await kube.apply(sparkApplication({ ...wish, name: LEFT.ended }));
  await writeStatus(context, sparkTarget(namespace, LEFT.ended), completed(LEFT.ended));
  const { spec: template } = sparkApplication({ ...wish, name: LEFT.schedule });
  const schedule = await kube.apply({
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'ScheduledSparkApplication',
    metadata: { namespace, name: LEFT.schedule },
    spec: { schedule: '0 3 1 1 *', timeZone: 'UTC', concurrencyPolicy: 'Forbid', template },
  });
  const run = sparkApplication({ ...wish, name: LEFT.lastRun });
  const ownerReferences = [ownerReference(schedule, { controller: true })];
  const labels = { [SCHEDULE_LABEL]: LEFT.schedule };
  await kube.apply({ ...run, metadata: { ...run.metadata, labels, ownerReferences } });
  await writeStatus(context, sparkTarget(namespace, LEFT.lastRun), completed(LEFT.lastRun));
  await writeStatus(context, scheduleTarget(namespace), {
    scheduleState: 'Scheduled',
    lastRun: '2026-01-01T00:00:00Z',
    lastRunName: LEFT.lastRun,
    nextRun: NEXT_RUN,
    pastSuccessfulRunNames: [LEFT.lastRun],
  });
  return leaveSpark(context, { name: LEFT.spark, stay: 1800 });
}

/** Where the schedule is. */
export function scheduleTarget(namespace: string): Target {
  return { plural: 'scheduledsparkapplications', namespace, name: LEFT.schedule };
}

/** The status of an application that has ended well, and whose driver pod is gone since. */
function completed(name: string): object {
  return {
    applicationState: { state: 'COMPLETED' },
    driverInfo: { podName: `${name}-driver` },
    executionAttempts: 1,
    submissionAttempts: 1,
    executorState: { [`${name}-exec-1`]: 'COMPLETED' },
    lastSubmissionAttemptTime: '2026-01-01T00:00:00Z',
    terminationTime: '2026-01-01T00:01:00Z',
    sparkApplicationId: `spark-${name}`,
    submissionID: '4be1f0a2-7d6c-4b0e-8f00-3a0c5c1d2e3f',
  };
}
