import type { FlinkDeploymentStatus } from '../../src/flink/status-schema.ts';
import { type Left, leftResource } from '../../src/flink/testing/incumbent.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { flinkTarget, highlyAvailable, type LiveFlink } from '../kit/flink.ts';
import type { Target } from '../kit/kube.ts';
import { counting, countingFlink, untilContinued, untilKept } from './counting.ts';
import { deleteFlink, editSpec, untilRunning } from './life.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';

const name = 'left';

/** A job that runs, with a status and objects as the incumbent leaves them: it is found, not started. */
export const takeOver: Scenario = {
  name: 'take-over',
  summary:
    'Flink 2.3: a running job with the status of the Apache operator is taken over as it is, then upgraded with its state',
  images: ['flink-2.3.0'],
  byDefault: false,
  alone: true,
  async run(context) {
    const { kube, namespace, operator } = context;
    const image = context.flinkImage('2.3.0');
    const flinkConfiguration = highlyAvailable('file:///state');
    const job = { upgradeMode: 'last-state' };
    await kube.apply(countingFlink({ name, namespace, image, flinkVersion: 'v2_3', flinkConfiguration, job }));
    const before = await untilRunning(context, name, counting(2));
    const pods = await podsOf(context);
    context.say('stop the operator');
    await operator.whileStopped(() => asLeft(context, before));
    const taken = await untilRunning(context, name, counting(2));
    expectEqual('the job', jobOf(taken), jobOf(before));
    expectEqual('the spec', taken.object.metadata.generation, before.object.metadata.generation);
    expectEqual('the pods', await podsOf(context), pods);
    const kept = await untilKept(context, name, taken.status);
    await editSpec(context, name, { taskManager: { resource: { memory: '1150m' } } });
    const live = await untilContinued(context, name, counting(2, taken.status), kept);
    expectEqual('the id of the job', live.status.jobStatus?.jobId, taken.status.jobStatus?.jobId);
    await deleteFlink(context, name);
  },
};

async function asLeft(context: ScenarioContext, { object, status }: LiveFlink): Promise<void> {
  await leave(context, {
    target: flinkTarget(context.namespace, object.metadata.name),
    kind: 'application',
    jobStatus: status.jobStatus,
  });
  await withoutOwnAnnotations(context);
}

/** A resource of Flink that is to have a status as the incumbent leaves it, about the job that it has. */
export interface Leaving {
  readonly target: Target;
  readonly kind: NonNullable<Left['kind']>;
  readonly jobStatus: FlinkDeploymentStatus['jobStatus'];
}

/** Writes the status of a resource as the incumbent does, which knows nothing of Weir's own fields. */
export async function leave(context: ScenarioContext, { target, kind, jobStatus: found = {} }: Leaving): Promise<void> {
  const object = await context.kube.get(target);
  expect(object !== undefined, `${target.name} is gone`);
  const { jobName, jobId, state, startTime, updateTime } = found;
  const jobStatus = kind === 'session cluster' ? {} : { jobName, jobId, state, startTime, updateTime };
  const left = leftResource({
    kind,
    spec: object.spec as object,
    status: { jobStatus } as NonNullable<Left['status']>,
  });
  context.say(`write the status of ${target.name} as the incumbent does`);
  await writeStatus(context, target, left.status as object);
}

/** Puts a status in the place of the one a resource has. */
export async function writeStatus({ kube, stage }: ScenarioContext, target: Target, status: object): Promise<void> {
  const stored = await kube.get(target);
  await stage.run('kubectl', ['replace', '--subresource=status', '-f', '-'], JSON.stringify({ ...stored, status }));
}

/** Takes Weir's annotations from what it made for clusters: the incumbent makes none. */
export async function withoutOwnAnnotations({ kube, namespace }: ScenarioContext): Promise<void> {
  for (const plural of ['deployments', 'services', 'configmaps'] as const) {
    const made = (await kube.list(plural, namespace)).map(({ metadata }) => metadata);
    for (const { name: own, annotations = {} } of made) {
      const ours = Object.keys(annotations).filter((key) => key.startsWith('weir.dev/'));
      const gone = { metadata: { annotations: Object.fromEntries(ours.map((key) => [key, null])) } };
      if (ours.length > 0) await kube.patch({ plural, namespace, name: own }, gone);
    }
  }
}

/** The job as the status tells of it. */
function jobOf({ status }: LiveFlink): unknown {
  const { jobId, jobName, startTime } = status.jobStatus ?? {};
  return { jobId, jobName, startTime };
}

/** Pods and how often their containers were started again. */
async function podsOf({ kube, namespace }: ScenarioContext): Promise<unknown> {
  const pods = await kube.list('pods', namespace, `app=${name}`);
  const restarts = ({ status }: KubeObject): unknown =>
    ((status ?? {}) as { containerStatuses?: { restartCount: number }[] }).containerStatuses?.map(
      ({ restartCount }) => restartCount,
    );
  return pods.map((pod) => [pod.metadata.uid, restarts(pod)]).sort();
}
