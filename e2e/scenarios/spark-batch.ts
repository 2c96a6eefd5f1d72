import { findCondition } from '../../src/kube/conditions.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { startGangScheduler } from '../kit/gang.ts';
import { installOperator } from '../kit/operator.ts';
import { describeSpark, readSpark, sparkTarget, weirJob } from '../kit/spark.ts';
import { upgraded } from './release.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { applySpark, checkEnded, deleteSpark, untilState } from './spark-life.ts';

const name = 'group';

/** A batch scheduler for real. */
interface BatchCase {
  /** schedulerName of its pods, and what an application calls it. */
  readonly scheduler: string;
  /** Group and version of its PodGroups; undefined where it has none. */
  readonly podGroups: string | undefined;
  /** The reason of `Ready` for a group without room, and what is in its message. */
  readonly noRoom: readonly [reason: string, text: string];
  /** Whether pods of its own hold the room of a group until its pods come. */
  readonly placeholders?: boolean;
}

const alone = { images: ['spark-4.3.0'], byDefault: false, alone: true } as const;

/** kube-scheduler with the coscheduling of scheduler-plugins. */
export const sparkGang: Scenario = {
  name: 'spark-gang',
  summary:
    'Spark 4.3 under the scheduler of scheduler-plugins: PodGroup and pods are its own, and nothing is placed where the group has no room',
  ...alone,
  async run(context) {
    const { name: scheduler, stop } = await startGangScheduler(context.stage);
    try {
      const podGroups = 'scheduling.x-k8s.io/v1alpha1';
      await underScheduler(context, { scheduler, podGroups, noRoom: ['Unschedulable', 'resource gap'] });
    } finally {
      await stop();
    }
  },
};

/** Volcano cannot be built from packages: whoever runs this has it. */
export const sparkVolcano: Scenario = {
  name: 'spark-volcano',
  summary: 'the same under Volcano, in a cluster that has its CRDs and its scheduler',
  ...alone,
  run: (context) =>
    underScheduler(context, {
      scheduler: 'volcano',
      podGroups: 'scheduling.volcano.sh/v1beta1',
      noRoom: ['Unschedulable', 'pod group is not ready'],
    }),
};

/** Nor can YuniKorn. */
export const sparkYunikorn: Scenario = {
  name: 'spark-yunikorn',
  summary: 'the same under YuniKorn, in a cluster that has it: no object of its own, task groups on the driver',
  ...alone,
  run: (context) =>
    underScheduler(context, {
      scheduler: 'yunikorn',
      podGroups: undefined,
      noRoom: ['WaitingForDriver', 'group-driver runs'],
      placeholders: true,
    }),
};

async function underScheduler(context: ScenarioContext, batch: BatchCase): Promise<void> {
  try {
    await upgraded(context, settings(batch));
    await noRoom(context, batch);
    await placed(context, batch);
    await deleteSpark(context, name);
  } finally {
    await installOperator(context.stage, context.operator.namespace);
  }
}

function settings({ scheduler }: BatchCase): readonly string[] {
  const batch = `spark.batchScheduler.enable=true,spark.batchScheduler.kubeSchedulerNames={${scheduler}}`;
  return ['--set', 'replicas=1,crds.upgrade=false,webhook.create=false', '--set', batch];
}

/** The driver alone would fit, but not with its executor: it is not placed, and the application says why. */
async function noRoom(context: ScenarioContext, batch: BatchCase): Promise<void> {
  const { kube, namespace } = context;
  const spec = { ...weirJob('Inspect', '--stay', '20'), batchScheduler: batch.scheduler };
  await applySpark(context, { name, spec, executor: { instances: 1, coreRequest: '100' } });
  await context.until(`${name} to say that its group has no room`, async () => {
    const seen = await readSpark(kube, namespace, name);
    const { reason, message = '' } = findCondition(seen?.status.conditions, 'Ready') ?? {};
    const done = reason === batch.noRoom[0] && message.includes(batch.noRoom[1]);
    return done ? { done } : { not: describeSpark(seen) };
  });
  if (batch.placeholders === true)
    await context.until('placeholders of driver and executor', async () => {
      const { length } = (await kube.list('pods', namespace)).filter(isPlaceholder);
      return length === 2 ? { done: true } : { not: `${length} of them` };
    });
  const [pod, ...more] = await kube.list('pods', namespace, selector);
  expectEqual('pods beside the driver', more, []);
  expectEqual('the node of the driver', specOf(pod).nodeName, undefined);
  expectEqual('the room that is asked for', await groups(context, batch), room(batch, '100100m'));
}

/** With an executor of the usual size it fits: a group of its own again, which goes with the run. */
async function placed(context: ScenarioContext, batch: BatchCase): Promise<void> {
  const { kube, namespace } = context;
  const { scheduler } = batch;
  context.say('edit it: a smaller executor');
  await kube.patch(sparkTarget(namespace, name), { spec: { executor: { coreRequest: '100m' } } });
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
  expectEqual('the room that is asked for', await groups(context, batch), room(batch, '200m'));
  checkEnded(await untilState(context, name, 'COMPLETED'), { runs: 1 });
  await context.until('the PodGroup to be gone', async () => {
    const left = await groups(context, batch);
    return left.length === 0 ? { done: true } : { not: JSON.stringify(left) };
  });
}

/** YuniKorn (1.8) names them so. */
function isPlaceholder({ metadata }: KubeObject): boolean {
  return metadata.name.startsWith('tg-');
}

const selector = `sparkoperator.k8s.io/app-name=${name}`;

interface PodSpec {
  readonly schedulerName?: string;
  readonly nodeName?: string;
}

function specOf(pod: KubeObject | undefined): PodSpec {
  return (pod?.spec ?? {}) as PodSpec;
}

/** What driver and executor request, as the PodGroup of a scheduler that has one says it. */
function room({ podGroups }: BatchCase, cpu: string): readonly unknown[] {
  return podGroups === undefined ? [] : [[cpu, '1792Mi']];
}

/** Processors and memory of each PodGroup of the application. */
async function groups({ kube, namespace }: ScenarioContext, { podGroups }: BatchCase): Promise<readonly unknown[]> {
  if (podGroups === undefined) return [];
  const { items } = (await kube.json(`/apis/${podGroups}/namespaces/${namespace}/podgroups`)) as {
    readonly items: readonly { readonly spec: { minResources: { cpu: string; memory: string } } }[];
  };
  return items.map(({ spec: { minResources } }) => [minResources.cpu, minResources.memory]);
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
