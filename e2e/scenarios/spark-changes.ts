import { driverLog, sparkTarget, weirJob } from '../kit/spark.ts';
import { expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { applySpark, checkEnded, deleteSpark, leftOf, untilState, watchDrivers, watchStatus } from './spark-life.ts';

const name = 'stays';

/** What a user does to an application that runs, and what time does to one that has ended. */
export const sparkChanges: Scenario = {
  name: 'spark-changes',
  summary: 'Spark 4.3: suspend, resume, edit: never two drivers; an edit to end, and the time to live is over',
  images: ['spark-4.3.0'],
  byDefault: false,
  alone: false,
  async run(context) {
    const drivers = await watchDrivers(context);
    const history = await watchStatus(context.kube, context.namespace, name);
    try {
      await applySpark(context, { name, spec: weirJob('Inspect', '--stay', '600') });
      await begun(context, 1);
      await suspendAndResume(context);
      await edit(context);
      expectEqual('states', history.states(), [
        ...['SUBMITTED', 'RUNNING', 'SUSPENDING', 'SUSPENDED'],
        ...['SUBMITTED', 'RUNNING', 'INVALIDATING', 'SUBMITTED', 'RUNNING', 'COMPLETED'],
      ]);
      await forgotten(context);
      expectEqual('drivers at once', drivers.most(), 1);
      expectEqual('drivers in all', drivers.all(), 3);
    } finally {
      drivers.stop();
      history.stop();
    }
    await deleteSpark(context, name);
  },
};

/** Waits until the driver of this run says that it works. */
async function begun(context: ScenarioContext, run: number): Promise<void> {
  const { status } = await untilState(context, name, 'RUNNING');
  expectEqual('runs', status.executionAttempts, run);
  await context.until('the driver to say what it sees', async () => {
    const log = await driverLog(context.kube, context.namespace, status.driverInfo?.podName ?? '');
    return log.includes('weir: {"role":"executor"') ? { done: true } : { not: log.slice(-200) };
  });
}

async function suspendAndResume(context: ScenarioContext): Promise<void> {
  const { kube, namespace } = context;
  context.say('suspend it');
  await kube.patch(sparkTarget(namespace, name), { spec: { suspend: true } });
  await untilState(context, name, 'SUSPENDED');
  await context.until('nothing of the run to be left', async () => {
    const left = await leftOf(context, name);
    return left.length === 0 ? { done: true } : { not: left.join(', ') };
  });
  context.say('resume it');
  await kube.patch(sparkTarget(namespace, name), { spec: { suspend: false } });
  await begun(context, 2);
}

/** Another spec is another run, counted from one. */
async function edit(context: ScenarioContext): Promise<void> {
  context.say('edit its arguments: it stays for a second only');
  const args = { spec: { arguments: ['--stay', '1'] } };
  await context.kube.patch(sparkTarget(context.namespace, name), args);
  checkEnded(await untilState(context, name, 'COMPLETED'), { runs: 1 });
}

async function forgotten(context: ScenarioContext): Promise<void> {
  const { kube, namespace } = context;
  context.say('give it a time to live');
  const { object } = await untilState(context, name, 'COMPLETED');
  await kube.patch(sparkTarget(namespace, name), { spec: { timeToLiveSeconds: 5 } });
  await context.until('it to be deleted', async () => {
    const found = await kube.get(sparkTarget(namespace, name));
    return found === undefined ? { done: true } : { not: `generation ${object.metadata.generation}` };
  });
}
