import { findCondition } from '../../src/kube/conditions.ts';
import { describeFlink, type FlinkWish, flinkDeployment, type LiveFlink, readFlink } from '../kit/flink.ts';
import { eventsAbout } from './events.ts';
import { deleteFlink } from './life.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';

/** Clusters that do not come up: the resource says why, in the words of whoever knows. */
export const podTrouble: Scenario = {
  name: 'pod-trouble',
  summary:
    'missing image, unschedulable TaskManager, failing job, failing main, missing jar: the resource says why; nothing is left',
  images: ['flink-2.3.0'],
  byDefault: true,
  alone: false,
  async run(context) {
    await missingImage(context);
    await unschedulable(context);
    await failingJob(context);
    await failingMain(context);
    await missingJar(context);
  },
};

async function missingImage(context: ScenarioContext): Promise<void> {
  const name = 'no-such-image';
  const image = 'localhost/no-such-image:0';
  await apply(context, { name, spec: { image, podTemplate: {} } });
  const { status } = await untilCondition(context, name, 'Reconciling', /^(ErrImagePull|ImagePullBackOff)$/);
  const message = findCondition(status.conditions, 'Reconciling')?.message ?? '';
  expect(message.includes(image), `the condition does not name the image: ${message}`);
  expectEqual('status.jobManagerDeploymentStatus', status.jobManagerDeploymentStatus, 'ERROR');
  await context.until('an event about the image', async () => {
    const events = await eventsAbout(context.kube, context.namespace, name);
    const done = events.some(
      ({ type, reason }) => type === 'Warning' && /^(ErrImagePull|ImagePullBackOff)$/.test(reason),
    );
    return done ? { done } : { not: JSON.stringify(events) };
  });
  await deleteFlink(context, name);
}

async function unschedulable(context: ScenarioContext): Promise<void> {
  const name = 'too-big';
  await apply(context, { name, spec: { taskManager: { resource: { memory: '1100m', cpu: 64 } } } });
  const { status } = await untilCondition(context, name, 'Reconciling', /^Unschedulable$/);
  const message = findCondition(status.conditions, 'Reconciling')?.message ?? '';
  expect(/TaskManager pod .*Insufficient cpu/.test(message), `not the scheduler's words: ${message}`);
  await deleteFlink(context, name);
}

const weirJobs = 'local:///opt/flink/examples/weir/weir-jobs.jar';

async function failingJob(context: ScenarioContext): Promise<void> {
  const name = 'fails';
  await apply(context, {
    name,
    flinkConfiguration: { 'restart-strategy.type': 'none' },
    job: { jarURI: weirJobs, entryClass: 'dev.weir.jobs.FailsAtOnce', args: [], parallelism: 1 },
  });
  const { status } = await untilCondition(context, name, 'Stalled', /^JobFailed$/);
  expectEqual('states', [status.jobStatus?.state, status.lifecycleState], ['FAILED', 'FAILED']);
  const cause = 'weir: deliberate failure';
  await context.until('error and event to name the cause of the failure', async () => {
    const seen = await readFlink(context.kube, context.namespace, name);
    const [event] = await eventsAbout(context.kube, context.namespace, name, 'JobException');
    const done = seen?.status.error?.includes(cause) === true && event?.message.includes(cause) === true;
    return done ? { done } : { not: `error ${seen?.status.error}, event ${JSON.stringify(event)}` };
  });
  await deleteFlink(context, name);
}

async function failingMain(context: ScenarioContext): Promise<void> {
  const name = 'bad-main';
  await apply(context, {
    name,
    job: { jarURI: weirJobs, entryClass: 'dev.weir.jobs.BadMain', args: [], parallelism: 1 },
  });
  await context.until(`${name} to say that its main failed`, async () => {
    const seen = await readFlink(context.kube, context.namespace, name);
    const words = JSON.stringify(seen?.status.conditions ?? []);
    return /CrashLoopBackOff|deliberate failure of main/.test(words) ? { done: words } : { not: describeFlink(seen) };
  });
  await deleteFlink(context, name);
}

async function missingJar(context: ScenarioContext): Promise<void> {
  const name = 'no-such-jar';
  const jarURI = 'local:///opt/flink/examples/weir/no-such.jar';
  await apply(context, { name, job: { jarURI, entryClass: 'dev.weir.jobs.BadMain', args: [], parallelism: 1 } });
  const { status } = await untilCondition(context, name, 'Reconciling', /^CrashLoopBackOff$/);
  const message = findCondition(status.conditions, 'Reconciling')?.message ?? '';
  expect(message.includes("JAR file does not exist '/opt/flink/examples/weir/no-such.jar'"), `no cause: ${message}`);
  await deleteFlink(context, name);
}

async function apply(context: ScenarioContext, wish: Pick<FlinkWish, 'name'> & Partial<FlinkWish>): Promise<void> {
  const { namespace } = context;
  context.say(`apply ${wish.name}`);
  const image = context.flinkImage('2.3.0');
  await context.kube.apply(flinkDeployment({ namespace, image, flinkVersion: 'v2_3', ...wish }));
}

async function untilCondition(
  context: ScenarioContext,
  name: string,
  type: string,
  reason: RegExp,
): Promise<LiveFlink> {
  return context.until(`${name} to be ${type} because of ${reason.source}`, async () => {
    const seen = await readFlink(context.kube, context.namespace, name);
    const condition = findCondition(seen?.status.conditions, type);
    const done = condition?.status === 'True' && reason.test(condition.reason);
    return seen !== undefined && done ? { done: seen } : { not: describeFlink(seen) };
  });
}
