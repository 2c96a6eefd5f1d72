import { findCondition } from '../../src/kube/conditions.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { type GangScheduler, startGangScheduler } from '../kit/gang.ts';
import { installOperator } from '../kit/operator.ts';
import { describeSpark, readSpark, sparkTarget, weirJob } from '../kit/spark.ts';
import { upgraded } from './release.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { applySpark, checkEnded, deleteSpark, untilState } from './spark-life.ts';

const name = 'group';

/** A batch scheduler for real: kube-scheduler with the coscheduling of scheduler-plugins. */
export const sparkGang: Scenario = {
  name: 'spark-gang',
  summary:
    'Spark 4.3 under the scheduler of scheduler-plugins: PodGroup and pods are its own, and nothing is placed where the group has no room',
  images: ['spark-4.3.0'],
  byDefault: false,
  alone: true,
  async run(context) {
    const scheduler = await startGangScheduler(context.stage);
    try {
      await upgraded(context, settings(scheduler));
      await noRoom(context, scheduler);
      await placed(context, scheduler);
      await deleteSpark(context, name);
    } finally {
      await scheduler.stop();
      await installOperator(context.stage, context.operator.namespace);
    }
  },
};

function settings({ name: scheduler }: GangScheduler): readonly string[] {
  const batch = `spark.batchScheduler.enable=true,spark.batchScheduler.kubeSchedulerNames={${scheduler}}`;
  return ['--set', 'replicas=1,crds.upgrade=false,webhook.create=false', '--set', batch];
}

/** The driver alone would fit, but not with its executors: it is not placed, and the application says why. */
async function noRoom(context: ScenarioContext, { name: scheduler }: GangScheduler): Promise<void> {
  const { kube, namespace } = context;
  const spec = { ...weirJob('Inspect', '--stay', '20'), batchScheduler: scheduler };
  await applySpark(context, { name, spec, executor: { instances: 1000 } });
  await context.until(`${name} to say that its group has no room`, async () => {
    const seen = await readSpark(kube, namespace, name);
    const { reason, message = '' } = findCondition(seen?.status.conditions, 'Ready') ?? {};
    const done = reason === 'Unschedulable' && message.includes('resource gap');
    return done ? { done } : { not: describeSpark(seen) };
  });
  const [pod, ...more] = await kube.list('pods', namespace, selector);
  expectEqual('pods beside the driver', more, []);
  expectEqual('the node of the driver', specOf(pod).nodeName, undefined);
  expectEqual('the room that is asked for', await groups(context), [['100100m', '896896Mi']]);
}

/** With fewer executors it fits: a group of its own again, which goes with the run. */
async function placed(context: ScenarioContext, { name: scheduler }: GangScheduler): Promise<void> {
  const { kube, namespace } = context;
  context.say('edit it: one executor');
  await kube.patch(sparkTarget(namespace, name), { spec: { executor: { instances: 1 } } });
  await context.until('an executor to run', async () => {
    const seen = await readSpark(kube, namespace, name);
    return seen?.status.executors?.running === 1 ? { done: true } : { not: describeSpark(seen) };
  });
  const pods = await kube.list('pods', namespace, selector);
  for (const pod of pods) {
    const { schedulerName, nodeName } = specOf(pod);
    expectEqual(`the scheduler of ${pod.metadata.name}`, schedulerName, scheduler);
    expect(nodeName !== undefined, `${pod.metadata.name} is on no node`);
    expectEqual(`who placed ${pod.metadata.name}`, await placedBy(context, pod), [scheduler]);
  }
  expectEqual('driver and executor', pods.length, 2);
  expectEqual('the room that is asked for', await groups(context), [['200m', '1792Mi']]);
  checkEnded(await untilState(context, name, 'COMPLETED'), { runs: 1 });
  await context.until('the PodGroup to be gone', async () => {
    const left = await groups(context);
    return left.length === 0 ? { done: true } : { not: JSON.stringify(left) };
  });
}

const selector = `sparkoperator.k8s.io/app-name=${name}`;

interface PodSpec {
  readonly schedulerName?: string;
  readonly nodeName?: string;
}

function specOf(pod: KubeObject | undefined): PodSpec {
  return (pod?.spec ?? {}) as PodSpec;
}

/** Processors and memory of each PodGroup of the application. */
async function groups({ kube, namespace }: ScenarioContext): Promise<readonly unknown[]> {
  const found = await kube.list('podgroups', namespace);
  return found.map(({ spec }) => {
    const { minResources } = spec as { minResources: { cpu: string; memory: string } };
    return [minResources.cpu, minResources.memory];
  });
}

/** Who says in an event that he placed a pod. */
async function placedBy({ kube, namespace }: ScenarioContext, pod: KubeObject): Promise<readonly string[]> {
  const events = (await kube.list('events', namespace)) as (KubeObject & {
    readonly reason: string;
    readonly reportingComponent: string;
    readonly involvedObject: { readonly uid?: string };
  })[];
  return events
    .filter(({ reason, involvedObject }) => reason === 'Scheduled' && involvedObject.uid === pod.metadata.uid)
    .map(({ reportingComponent }) => reportingComponent);
}
