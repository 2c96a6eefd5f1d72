import type { ScheduledSparkApplicationStatus } from '../../src/spark/schedule/schema.ts';
import { readSpark, sparkApplication, weirJob } from '../kit/spark.ts';
import { eventsAbout } from './events.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { leftOf, untilState, watchDrivers } from './spark-life.ts';

const name = 'often';

/** A schedule on a real clock, under each policy in turn, with runs that do not end by themselves. */
export const sparkSchedule: Scenario = {
  name: 'spark-schedule',
  summary:
    'Spark 4.3: a schedule skips, replaces and allows runs beside each other as its policy says, runs at once when asked',
  images: ['spark-4.3.0'],
  byDefault: false,
  alone: false,
  async run(context) {
    const { kube } = context;
    const drivers = await watchDrivers(context);
    try {
      await apply(context);
      const first = await untilRuns(context, 1);
      await untilState(context, first[0] ?? '', 'RUNNING');
      await untilSkipped(context);
      expectEqual('runs under Forbid', await runsOf(context), first);
      await policy(context, { concurrencyPolicy: 'Replace' });
      const second = await untilRuns(context, 1, first);
      await untilState(context, second[0] ?? '', 'RUNNING');
      expectEqual('drivers at once under Forbid and Replace', drivers.most(), 1);
      await policy(context, { concurrencyPolicy: 'Allow', suspend: true });
      await runNow(context, second);
      const runs = await runsOf(context);
      expect(runs.includes(second[0] ?? ''), `${second[0]} is gone: ${runs.join(', ')}`);
      await context.until('two drivers to be there', async () =>
        drivers.most() === 2 ? { done: true } : { not: `${drivers.most()} at once` },
      );
      await kube.delete(target(context));
      for (const run of runs) await untilGone(context, run);
      expectEqual('runs that are left', await runsOf(context), []);
      expectEqual('schedule', await kube.get(target(context)), undefined);
    } finally {
      drivers.stop();
    }
  },
};

function target({ namespace }: ScenarioContext) {
  return { plural: 'scheduledsparkapplications', namespace, name } as const;
}

async function apply(context: ScenarioContext): Promise<void> {
  const { kube, namespace } = context;
  const image = context.sparkImage('4.3.0');
  const spec = weirJob('Inspect', '--stay', '600');
  const application = sparkApplication({ name, namespace, image, sparkVersion: '4.3.0', spec });
  context.say('apply a schedule of every 20 s that forbids runs beside each other');
  await kube.apply({
    apiVersion: 'sparkoperator.k8s.io/v1beta2',
    kind: 'ScheduledSparkApplication',
    metadata: { name, namespace },
    spec: { schedule: '@every 20s', concurrencyPolicy: 'Forbid', template: application.spec },
  });
}

async function policy(context: ScenarioContext, change: Readonly<Record<string, unknown>>): Promise<void> {
  context.say(`edit its spec: ${JSON.stringify(change)}`);
  await context.kube.patch(target(context), { spec: change });
}

/** Names of the applications that the schedule made and that are there, in the order of their times. */
async function runsOf({ kube, namespace }: ScenarioContext): Promise<string[]> {
  const found = await kube.list('sparkapplications', namespace, `sparkoperator.k8s.io/scheduled-app-name=${name}`);
  return found.map(({ metadata }) => metadata.name).sort();
}

/** Waits for this many runs, none of them among those before. */
async function untilRuns(context: ScenarioContext, count: number, before: readonly string[] = []): Promise<string[]> {
  return context.until(`${count} run that was not there before`, async () => {
    const runs = await runsOf(context);
    const done = runs.length === count && runs.every((run) => !before.includes(run));
    return done ? { done: runs } : { not: runs.join(', ') };
  });
}

async function untilSkipped(context: ScenarioContext): Promise<void> {
  await context.until('a run to be skipped', async () => {
    const events = await eventsAbout(context.kube, context.namespace, name, 'ScheduledRunSkipped');
    return events.length > 0 ? { done: events } : { not: 'no event' };
  });
}

async function runNow(context: ScenarioContext, before: readonly string[]): Promise<void> {
  context.say('ask for a run now, while it is suspended');
  await context.kube.patch(target(context), { metadata: { annotations: { 'weir.dev/run-now': 'once' } } });
  const run = await context.until('one more run', async () => {
    const more = (await runsOf(context)).filter((found) => !before.includes(found));
    return more.length === 1 ? { done: more[0] ?? '' } : { not: more.join(', ') };
  });
  await untilState(context, run, 'RUNNING');
  const status = (await context.kube.get(target(context)))?.status as ScheduledSparkApplicationStatus;
  expectEqual('status', [status.runNowToken, status.lastRunName], ['once', run]);
}

async function untilGone(context: ScenarioContext, run: string): Promise<void> {
  await context.until(`${run} and all that belongs to it to be gone`, async () => {
    const left = await leftOf(context, run);
    const seen = await readSpark(context.kube, context.namespace, run);
    return left.length === 0 && seen === undefined ? { done: true } : { not: left.join(', ') };
  });
}
