import { findCondition } from '../../src/kube/conditions.ts';
import { describeFlink, flinkTarget, highlyAvailable, type LiveFlink, readFlink } from '../kit/flink.ts';
import { counting, countingFlink, untilContinued, untilKept } from './counting.ts';
import { eventsAbout } from './events.ts';
import { deleteFlink, editSpec, untilRunning } from './life.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';

const name = 'greedy';

/** An upgrade that cannot fit the node: with the gate nothing is stopped for it, without it the resource says what is wrong. */
export const capacity: Scenario = {
  name: 'capacity',
  summary:
    '64 GiB for a TaskManager: under the gate the old job runs on, without it the resource says what will not fit',
  images: ['flink-2.3.0'],
  byDefault: true,
  alone: false,
  async run(context) {
    const { kube, namespace } = context;
    const image = context.flinkImage('2.3.0');
    const flinkConfiguration = highlyAvailable('file:///state');
    const job = { upgradeMode: 'last-state' };
    await kube.apply(countingFlink({ name, namespace, image, flinkVersion: 'v2_3', flinkConfiguration, job }));
    const first = await untilRunning(context, name, counting(2));
    await heldByGate(context, first);
    const kept = await untilKept(context, name, first.status);
    await withoutGate(context);
    await editSpec(context, name, { taskManager: { resource: { memory: '1100m' } } });
    await untilContinued(context, name, counting(2, first.status), kept);
    await deleteFlink(context, name);
  },
};

const SUMS =
  /^a TaskManager pod requests 0\.2 cores, 64 GiB memory; the largest of 1 node it may run on, "[^"]+", gives [\d.]+ GiB memory when empty: [\d.]+ GiB memory missing$/;

async function heldByGate(context: ScenarioContext, before: LiveFlink): Promise<void> {
  const { kube, namespace } = context;
  const pods = await podsOf(context);
  context.say('set the capacity gate, ask for 64 GiB');
  await kube.patch(flinkTarget(namespace, name), {
    metadata: { annotations: { 'weir.dev/capacity-gate': 'wait' } },
    spec: { taskManager: { resource: { memory: '64g' } } },
  });
  const { status } = await untilSaidNotToFit(context, 'WaitingForCapacity');
  const reconciling = findCondition(status.conditions, 'Reconciling')?.message ?? '';
  expect(SUMS.test(reconciling), `Reconciling does not say the sums: ${reconciling}`);
  expectEqual(
    'the job',
    [status.jobStatus?.state, status.jobStatus?.jobId],
    ['RUNNING', before.status.jobStatus?.jobId],
  );
  expectEqual('Running', findCondition(status.conditions, 'Running')?.status, 'True');
  expectEqual('the start of the job', status.jobStatus?.startTime, before.status.jobStatus?.startTime);
  expectEqual('the pods', await podsOf(context), pods);
}

async function withoutGate(context: ScenarioContext): Promise<void> {
  const { kube, namespace } = context;
  context.say('take the gate away');
  await kube.patch(flinkTarget(namespace, name), { metadata: { annotations: { 'weir.dev/capacity-gate': null } } });
  await untilSaidNotToFit(context, 'Unschedulable');
  await context.until('an event with the sums', async () => {
    const events = await eventsAbout(kube, namespace, name, 'NoNodeLargeEnough');
    const done = events.some(({ type, message }) => type === 'Warning' && SUMS.test(message));
    return done ? { done } : { not: JSON.stringify(events) };
  });
}

async function untilSaidNotToFit(context: ScenarioContext, because: string): Promise<LiveFlink> {
  const live = await context.until(`${name} to be Reconciling because of ${because}, and not to fit`, async () => {
    const seen = await readFlink(context.kube, context.namespace, name);
    const done =
      seen?.status.observedGeneration === seen?.object.metadata.generation &&
      findCondition(seen?.status.conditions, 'Reconciling')?.reason === because &&
      findCondition(seen?.status.conditions, 'CapacityAvailable')?.status === 'False';
    return seen !== undefined && done ? { done: seen } : { not: describeFlink(seen) };
  });
  const { reason, message = '' } = findCondition(live.status.conditions, 'CapacityAvailable') ?? {};
  expectEqual('reason of CapacityAvailable', reason, 'NoNodeLargeEnough');
  expect(SUMS.test(message), `CapacityAvailable does not say the sums: ${message}`);
  return live;
}

async function podsOf({ kube, namespace }: ScenarioContext): Promise<unknown> {
  return (await kube.list('pods', namespace, `app=${name}`)).map(({ metadata }) => metadata.uid).sort();
}
