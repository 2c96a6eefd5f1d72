import { findCondition } from '../../src/kube/conditions.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { KubeError } from '../../src/runtime/classify-failure.ts';
import { describeFlink, flinkDeployment, flinkTarget, type LiveFlink, readFlink } from '../kit/flink.ts';
import { type BadSpec, badSpecs } from './bad-specs.ts';
import { eventsAbout } from './events.ts';
import { deleteFlink, untilRunning } from './life.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';

const good = 'good';

/** Input that cannot be acted on: each is told what is wrong, and nothing else is touched. */
export const badInput: Scenario = {
  name: 'bad-input',
  summary: 'bad resources and bad edits are refused with the exact reason, a running job beside them is not touched',
  images: ['flink-2.3.0'],
  byDefault: true,
  alone: false,
  async run(context) {
    const { kube, namespace } = context;
    await kube.apply(flinkDeployment({ name: good, ...basics(context) }));
    const { status } = await untilRunning(context, good, { parallelism: 2 });
    const pods = await podsOf(context);
    await refusedByApiServer(context);
    for (const bad of badSpecs) await kube.apply(resourceOf(context, bad));
    for (const bad of badSpecs) await refusedByOperator(context, bad);
    await context.until('nothing to be created for any of them', async () => {
      const names = (await kube.list('deployments', namespace)).map(({ metadata }) => metadata.name);
      return names.length === 1 ? { done: true } : { not: names.join(', ') };
    });
    await badEdit(context);
    expectEqual('pods of the good job', await podsOf(context), pods);
    context.say('mend it, and ask for parallelism 1');
    await kube.patch(flinkTarget(namespace, good), { spec: { mode: 'native', job: { parallelism: 1 } } });
    await untilRunning(context, good, { parallelism: 1, after: status });
    for (const { name } of badSpecs) await kube.delete(flinkTarget(namespace, name));
    await deleteFlink(context, good);
  },
};

function basics(context: ScenarioContext): { namespace: string; image: string; flinkVersion: string } {
  return { namespace: context.namespace, image: context.flinkImage('2.3.0'), flinkVersion: 'v2_3' };
}

function resourceOf(context: ScenarioContext, bad: BadSpec): KubeObject {
  const object = flinkDeployment({ name: bad.name, ...basics(context) });
  return { ...object, spec: bad.change(object.spec as Record<string, unknown>) };
}

/** What the CRD and Kubernetes' own rules refuse never reaches the operator. */
async function refusedByApiServer(context: ScenarioContext): Promise<void> {
  const { kube } = context;
  const tooLong = flinkDeployment({ ...basics(context), name: 'x'.repeat(300) });
  const version = flinkDeployment({ ...basics(context), name: 'version', flinkVersion: 'v9_9' });
  for (const [what, object, words] of [
    ['a name of 300 characters', tooLong, 'must be no more than 253 characters'],
    ['an unknown flinkVersion', version, 'spec.flinkVersion: Unsupported value: "v9_9"'],
  ] as const) {
    const refused = await kube.apply(object).then(
      () => 'it was accepted',
      (error: unknown) => (error instanceof KubeError ? error.message : String(error)),
    );
    expect(refused.includes(words), `${what}: ${refused}, expected ${words}`);
  }
}

/** Condition, error and event say the same, in the exact words. */
async function refusedByOperator(context: ScenarioContext, bad: BadSpec): Promise<void> {
  const { kube, namespace } = context;
  const { status } = await untilStalled(context, bad.name);
  const { reason, message = '' } = findCondition(status.conditions, 'Stalled') ?? {};
  const asExpected = typeof bad.message === 'string' ? message === bad.message : bad.message.test(message);
  expect(asExpected, `${bad.name}: Stalled says ${message}, expected ${bad.message}`);
  expectEqual(`${bad.name}: reason of Stalled`, reason, 'ValidationError');
  expectEqual(`${bad.name}: Ready`, findCondition(status.conditions, 'Ready')?.status, 'False');
  expectEqual(`${bad.name}: status.error`, JSON.parse(status.error ?? '{}'), {
    type: 'ValidationError',
    message,
  });
  await context.until(`the event of ${bad.name}`, async () => {
    const [event] = await eventsAbout(kube, namespace, bad.name, 'ValidationError');
    const done = event?.type === 'Warning' && event.message === message;
    return done ? { done: true } : { not: JSON.stringify(event ?? 'no event') };
  });
}

async function untilStalled(context: ScenarioContext, name: string): Promise<LiveFlink> {
  return context.until(`${name} to be Stalled`, async () => {
    const seen = await readFlink(context.kube, context.namespace, name);
    const done =
      seen?.status.observedGeneration === seen?.object.metadata.generation &&
      findCondition(seen?.status.conditions, 'Stalled')?.status === 'True';
    return seen !== undefined && done ? { done: seen } : { not: describeFlink(seen) };
  });
}

/** A running job whose spec is edited to what cannot be: it goes on as it was. */
async function badEdit(context: ScenarioContext): Promise<void> {
  context.say('edit spec.mode of the good job');
  await context.kube.patch(flinkTarget(context.namespace, good), { spec: { mode: 'standalone' } });
  const { status } = await untilStalled(context, good);
  const words =
    'spec.mode: "standalone" is not valid, it must stay native; delete the resource and create it again to change it';
  expectEqual('Stalled after the bad edit', findCondition(status.conditions, 'Stalled')?.message, words);
  expectEqual('Running after the bad edit', findCondition(status.conditions, 'Running')?.status, 'True');
  expectEqual('the job after the bad edit', status.jobStatus?.state, 'RUNNING');
}

/** The good job's pods: uids and how often their containers were started again. */
async function podsOf({ kube, namespace }: ScenarioContext): Promise<unknown> {
  const pods = await kube.list('pods', namespace, `app=${good}`);
  return pods
    .map(({ metadata, status }) => {
      const { containerStatuses = [] } = status as { containerStatuses?: { restartCount: number }[] };
      return [metadata.uid, containerStatuses.map(({ restartCount }) => restartCount)];
    })
    .sort();
}
