import { findCondition } from '../../src/kube/conditions.ts';
import type { FlinkVersion } from '../images/images.ts';
import { describeFlink, flinkTarget, type LiveFlink, readFlink } from '../kit/flink.ts';
import { counting, countingFlink, untilContinued, untilCountIsLost, untilCountsAnew, untilKept } from './counting.ts';
import { deleteFlink, editJob, editSpec, untilRunning } from './life.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { withStore } from './state-store.ts';

const name = 'renamed';

const SUMMARY = 'an operator uid changes under last-state: it is named, nothing loops, and each way out leads out';

/** Code whose operator has another uid cannot read the state: that is said at once, and there are three ways out. */
export const restoreFailure23: Scenario = {
  name: 'restore-failure',
  summary: SUMMARY,
  images: ['flink-2.3.0'],
  byDefault: true,
  alone: false,
  run: (context) => run(context, '2.3.0', 'v2_3'),
};

/** The same with a JobManager that ends a moment after such a failure: only its last words tell of it. */
export const restoreFailure120: Scenario = {
  name: 'restore-failure-1.20',
  summary: `Flink 1.20: ${SUMMARY}`,
  images: ['flink-1.20.5'],
  byDefault: false,
  alone: false,
  run: (context) => run(context, '1.20.5', 'v1_20'),
};

async function run(context: ScenarioContext, version: FlinkVersion, flinkVersion: string): Promise<void> {
  await withStore(context, 'volume', async (flinkConfiguration) => {
    const { kube, namespace } = context;
    const image = context.flinkImage(version);
    const job = { upgradeMode: 'last-state' };
    await kube.apply(countingFlink({ name, namespace, image, flinkVersion, flinkConfiguration, job }));
    const first = await untilRunning(context, name, counting(2));
    const back = await putBack(context, first);
    const dropped = await dropState(context, back);
    const anew = await startOnceWithout(context, dropped);
    await upgradeAsBefore(context, anew);
    await deleteFlink(context, name);
  });
}

/** Back to the last spec that ran: the job goes on as if nothing had been. */
async function putBack(context: ScenarioContext, before: LiveFlink): Promise<LiveFlink> {
  const kept = await untilKept(context, name, before.status);
  await renameOperator(context, 'second');
  await editJob(context, name, { args: [] });
  return untilContinued(context, name, counting(2, before.status), kept);
}

/** The job goes on with what its new code can read: where its source was, but not what it counted. */
async function dropState(context: ScenarioContext, before: LiveFlink): Promise<LiveFlink> {
  const kept = await untilKept(context, name, before.status);
  await renameOperator(context, 'second');
  await editJob(context, name, { allowNonRestoredState: true });
  return untilCountIsLost(context, name, counting(2, before.status), kept);
}

/** One start without state, by the annotation, whatever upgradeMode says. */
async function startOnceWithout(context: ScenarioContext, before: LiveFlink): Promise<LiveFlink> {
  await untilKept(context, name, before.status);
  await renameOperator(context, 'third');
  context.say(`annotate ${name}: weir.dev/stateless-once`);
  const metadata = { annotations: { 'weir.dev/stateless-once': 'begin anew' } };
  await context.kube.patch(flinkTarget(context.namespace, name), { metadata });
  const live = await untilCountsAnew(context, name, counting(2, before.status));
  const { mode, declaredMode } = live.status.restore ?? {};
  expectEqual('what it starts from, and what its spec declares', [mode, declaredMode], ['stateless', 'last-state']);
  return live;
}

/** The declared mode holds again. */
async function upgradeAsBefore(context: ScenarioContext, before: LiveFlink): Promise<void> {
  const kept = await untilKept(context, name, before.status);
  await editSpec(context, name, { taskManager: { resource: { memory: '1150m' } } });
  const live = await untilContinued(context, name, counting(2, before.status), kept);
  expectEqual('the id of the job', live.status.jobStatus?.jobId, before.status.jobStatus?.jobId);
  expectEqual('what the run starts from', live.status.restore?.mode, 'last-state');
}

const NAMED =
  /^the job cannot be restored from .+: it holds state of operator [0-9a-f]{32} \(the hash of its uid\), and the new program has no such operator\. Nothing runs and its state is kept\. /;

/** Deploys code whose counting operator has another uid, and waits until the resource says so and nothing runs any more. */
async function renameOperator(context: ScenarioContext, uid: string): Promise<void> {
  const { kube, namespace } = context;
  await editJob(context, name, { args: ['--uid', uid, '--lost-state', 'accept'], allowNonRestoredState: false });
  const { status } = await context.until(`${name} to be Stalled because of RestoreFailed`, async () => {
    const seen = await readFlink(kube, namespace, name);
    const stalled = findCondition(seen?.status.conditions, 'Stalled');
    const done =
      seen?.status.observedGeneration === seen?.object.metadata.generation &&
      stalled?.status === 'True' &&
      stalled.reason === 'RestoreFailed';
    return seen !== undefined && done ? { done: seen } : { not: describeFlink(seen) };
  });
  const message = findCondition(status.conditions, 'Stalled')?.message ?? '';
  expect(NAMED.test(message), `Stalled does not name the operator: ${message}`);
  for (const way of ['allowNonRestoredState', 'the last spec back', 'weir.dev/stateless-once']) {
    expect(message.includes(way), `Stalled does not name the way out ${way}: ${message}`);
  }
  expectEqual('status.restore.failure.kind', status.restore?.failure?.kind, 'unmapped-state');
  expectEqual('states', [status.jobStatus?.state, status.lifecycleState], ['FAILED', 'FAILED']);
  expectEqual('error', (JSON.parse(status.error ?? '{}') as { type?: string }).type, 'RestoreFailed');
  await context.until('nothing of the failed start to run', async () => {
    const found = [...(await kube.list('deployments', namespace)), ...(await kube.list('pods', namespace))];
    const names = found.map(({ metadata }) => metadata.name).join(', ');
    return names === '' ? { done: true } : { not: names };
  });
}
