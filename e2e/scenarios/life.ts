import type { FlinkDeploymentStatus } from '../../src/flink/status-schema.ts';
import { findCondition } from '../../src/kube/conditions.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { killPods } from '../cluster/node/cgroup.ts';
import {
  type CheckpointsAnswer,
  describeFlink,
  type FlinkJobAnswer,
  flinkRest,
  flinkTarget,
  type LiveFlink,
  readFlink,
} from '../kit/flink.ts';
import { expect, expectEqual, type ScenarioContext } from './scenario.ts';

/** What a running job is compared with. */
export interface RunningWish {
  readonly parallelism: number;
  /** The parallelism of each vertex from the sources on; when left out, all have the one above. */
  readonly vertices?: readonly number[];
  /** The run before: the job must have started anew since. */
  readonly after?: FlinkDeploymentStatus;
}

/** Waits until the resource says that the job of its newest generation runs, and checks everything else it says. */
export async function untilRunning(context: ScenarioContext, name: string, wish: RunningWish): Promise<LiveFlink> {
  const { kube, namespace } = context;
  const before = Number(wish.after?.jobStatus?.startTime ?? 0);
  const live = await context.until(`${name} to be RUNNING with parallelism ${wish.parallelism}`, async () => {
    const seen = await readFlink(kube, namespace, name);
    const { status } = seen ?? {};
    const settled =
      status?.observedGeneration === seen?.object.metadata.generation &&
      status?.lifecycleState === 'STABLE' &&
      status.jobStatus?.state === 'RUNNING' &&
      Number(status.jobStatus.startTime ?? 0) > before &&
      findCondition(status.conditions, 'Ready')?.status === 'True' &&
      runningByVertex(status) === status.tasks?.running;
    return seen !== undefined && settled ? { done: seen } : { not: describeFlink(seen) };
  });
  checkSettled(live.status);
  await checkJob(context, name, live.status, wish);
  return live;
}

/** The JobManager serves a job's vertices from a cache, so they follow the job's own counts a little later. */
function runningByVertex({ tasks }: FlinkDeploymentStatus): number {
  return (tasks?.perVertex ?? []).reduce((total, vertex) => total + (vertex.running ?? 0), 0);
}

/** What the status of a resource at rest must be like, whatever its job. */
function checkSettled(status: FlinkDeploymentStatus): void {
  const of = (type: string): unknown => findCondition(status.conditions, type)?.status;
  expectEqual('conditions Ready, Running', [of('Ready'), of('Running')], ['True', 'True']);
  expectEqual('conditions Reconciling, Stalled', [of('Reconciling'), of('Stalled')], [undefined, undefined]);
  expectEqual('status.jobManagerDeploymentStatus', status.jobManagerDeploymentStatus, 'READY');
  expectEqual('status.reconciliationStatus.state', status.reconciliationStatus?.state, 'DEPLOYED');
  expectEqual('status.error', status.error, undefined);
  expectEqual('status.reconciliationStatus.error', status.reconciliationStatus?.error, undefined);
  const { lastStableSpec, lastReconciledSpec } = status.reconciliationStatus ?? {};
  expectEqual('the last stable spec', lastStableSpec, lastReconciledSpec);
}

/** Compares status.tasks with what the JobManager itself says. */
async function checkJob(
  context: ScenarioContext,
  name: string,
  status: FlinkDeploymentStatus,
  { parallelism, vertices }: RunningWish,
): Promise<void> {
  const job = await jobOf(context, name, status);
  expectEqual("the job's state as the JobManager says it", job.state, 'RUNNING');
  const wanted = vertices ?? job.vertices.map(() => parallelism);
  expectEqual(
    'parallelism of the vertices',
    job.vertices.map((vertex) => vertex.parallelism),
    wanted,
  );
  const total = wanted.reduce((sum, each) => sum + each, 0);
  expectEqual(
    'status.tasks total, running, maxParallelism',
    [status.tasks?.total, status.tasks?.running, status.tasks?.maxParallelism],
    [total, total, parallelism],
  );
}

/** The job as the JobManager describes it. */
export async function jobOf(
  context: ScenarioContext,
  name: string,
  status: FlinkDeploymentStatus,
): Promise<FlinkJobAnswer> {
  const path = `/jobs/${status.jobStatus?.jobId ?? ''}`;
  return (await flinkRest(context.kube, context.namespace, name, path)) as FlinkJobAnswer;
}

/** The job that a status is about: of a FlinkDeployment, or of a FlinkSessionJob on the session that is asked. */
export type JobOfStatus = Pick<FlinkDeploymentStatus, 'jobStatus'>;

/** The job's checkpoints as the JobManager tells of them. */
export async function checkpointsOf(
  context: ScenarioContext,
  name: string,
  status: JobOfStatus,
): Promise<CheckpointsAnswer> {
  const path = `/jobs/${status.jobStatus?.jobId ?? ''}/checkpoints`;
  return (await flinkRest(context.kube, context.namespace, name, path)) as CheckpointsAnswer;
}

/** Waits until the JobManager has completed so many checkpoints of the job. */
export async function untilCheckpoints(
  context: ScenarioContext,
  name: string,
  status: FlinkDeploymentStatus,
  count: number,
): Promise<void> {
  await context.until(`${count} checkpoints of ${name}`, async () => {
    const { counts } = await checkpointsOf(context, name, status);
    return counts.completed >= count ? { done: counts } : { not: JSON.stringify(counts) };
  });
}

/** Changes fields of the spec, as a user would. */
export async function editSpec(context: ScenarioContext, name: string, spec: Record<string, unknown>): Promise<void> {
  context.say(`edit ${name}: ${JSON.stringify(spec)}`);
  await context.kube.patch(flinkTarget(context.namespace, name), { spec });
}

/** Changes fields of spec.job, as a user would. */
export async function editJob(context: ScenarioContext, name: string, job: Record<string, unknown>): Promise<void> {
  await editSpec(context, name, { job });
}

/**
 * Suspends the job, changing other fields of spec.job in the same edit, waits until nothing of its cluster is left and the
 * resource says so.
 */
export async function suspend(
  context: ScenarioContext,
  name: string,
  job: Record<string, unknown> = {},
): Promise<LiveFlink> {
  await editJob(context, name, { ...job, state: 'suspended' });
  const live = await context.until(`${name} to be SUSPENDED`, async () => {
    const seen = await readFlink(context.kube, context.namespace, name);
    const done =
      seen?.status.lifecycleState === 'SUSPENDED' && seen.status.observedGeneration === seen.object.metadata.generation;
    return seen !== undefined && done ? { done: seen } : { not: describeFlink(seen) };
  });
  const { status } = live;
  expectEqual('pods while suspended', await namesOf(context, 'pods'), []);
  expectEqual('Deployments while suspended', await namesOf(context, 'deployments'), []);
  expectEqual('Ready while suspended', findCondition(status.conditions, 'Ready')?.status, 'True');
  expectEqual('status.taskManager.replicas while suspended', status.taskManager?.replicas, 0);
  return live;
}

/** Asks for the job to run again and waits until it does. */
export async function resume(context: ScenarioContext, name: string, wish: RunningWish): Promise<LiveFlink> {
  await editJob(context, name, { state: 'running' });
  return untilRunning(context, name, wish);
}

/** Kills the JobManager pod, as a failing node would, and waits until the job runs again. */
export async function killJobManager(context: ScenarioContext, name: string, wish: RunningWish): Promise<LiveFlink> {
  await killPod(context, name, 'jobmanager');
  return untilRunning(context, name, wish);
}

/** Kills one pod of the component, as a failing node would, and returns at once. */
export async function killPod(
  { kube, namespace, say }: ScenarioContext,
  name: string,
  component: 'jobmanager' | 'taskmanager',
): Promise<void> {
  const [pod] = await kube.list('pods', namespace, `app=${name},component=${component}`);
  expect(pod !== undefined, `there is no ${component} pod to kill`);
  say(`kill pod ${pod.metadata.name}`);
  await kube.delete({ plural: 'pods', namespace, name: pod.metadata.name }, { graceSeconds: 0 });
}

/** Kills every process of every pod of the node, as a loss of power would. */
export async function loseNode({ stage: { cluster }, say }: ScenarioContext): Promise<void> {
  expect(cluster.kind === 'node', KILLS_IN);
  say('kill every process of every pod of the node');
  await killPods(cluster.folders.cgroup);
}

const KILLS_IN = 'only a cluster built from packages can have the processes of its pods killed';

/** Kills every process of the operator and of the pods of this scenario; others on the node are left alone. */
export async function loseOwnPods(context: ScenarioContext): Promise<void> {
  const { stage, kube, namespace, operator, say } = context;
  expect(stage.cluster.kind === 'node', KILLS_IN);
  const pods = [...(await kube.list('pods', namespace)), ...(await kube.list('pods', operator.namespace))];
  say('kill every process of the operator and of all pods of the job');
  await killPods(
    stage.cluster.folders.cgroup,
    pods.map(({ metadata }) => metadata.uid ?? ''),
  );
}

/** Deletes the JobManager Deployment behind the operator's back and waits until the job runs again. */
export async function deleteDeployment(context: ScenarioContext, name: string, wish: RunningWish): Promise<LiveFlink> {
  context.say(`delete Deployment ${name} by hand`);
  await context.kube.delete({ plural: 'deployments', namespace: context.namespace, name });
  return untilRunning(context, name, wish);
}

/** Deletes the FlinkDeployment and waits until nothing of it is left. */
export async function deleteFlink(context: ScenarioContext, name: string): Promise<void> {
  const { kube, namespace } = context;
  context.say(`delete FlinkDeployment ${name}`);
  await kube.delete(flinkTarget(namespace, name));
  await untilGone(context, name);
}

/** Waits until a FlinkDeployment that is to go is gone, and checks that nothing of its cluster outlived it. */
export async function untilGone(context: ScenarioContext, name: string): Promise<void> {
  const { kube, namespace } = context;
  await context.until(`FlinkDeployment ${name} to be gone`, async () => {
    const seen = await readFlink(kube, namespace, name);
    return seen === undefined ? { done: true } : { not: describeFlink(seen) };
  });
  for (const plural of ['pods', 'deployments', 'replicasets', 'services', 'configmaps'] as const) {
    const left = (await kube.list(plural, namespace)).filter((object) => belongsTo(object, name));
    expectEqual(
      `${plural} left of ${name}`,
      left.map((object) => object.metadata.name),
      [],
    );
  }
}

/** By label, or by the names Flink and Weir give to what they make for a cluster. */
function belongsTo({ metadata }: KubeObject, name: string): boolean {
  const plain = metadata.name.replace(/^(flink-config|pod-template)-/, '');
  return metadata.labels?.app === name || plain === name || plain.startsWith(`${name}-`);
}

async function namesOf({ kube, namespace }: ScenarioContext, plural: 'pods' | 'deployments'): Promise<string[]> {
  return (await kube.list(plural, namespace)).map(({ metadata }) => metadata.name);
}
