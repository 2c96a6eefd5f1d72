import type { KubeObject } from '../../src/kube/object.ts';
import { countingJob } from '../kit/count.ts';
import { describeFlink, highlyAvailable, type LiveFlink, readFlink } from '../kit/flink.ts';
import { continued, counting, countingFlink, untilKept } from './counting.ts';
import { eventsAbout } from './events.ts';
import { deleteFlink, untilRunning } from './life.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';

const name = 'autoscaled';
/** Says what each record costs, in milliseconds. */
const workFile = `/state/${name}-work`;

/** A job that is scaled by what is measured of it, up and down, and by nothing else. */
export const autoscaler: Scenario = {
  name: 'autoscaler',
  summary:
    'Flink 2.3: a vertex that is too small is scaled up in place by what is measured, across a restart of the operator, stays, and is scaled down when there is less to do',
  images: ['flink-2.3.0'],
  byDefault: false,
  alone: true,
  async run(context) {
    const { kube, operator } = context;
    await kube.apply(autoscaledFlink(context));
    const small = await untilRunning(context, name, counting(1));
    const kept = await untilKept(context, name, small.status);
    await untilSaid(context, ['WindowNotFull', 'Scaling']);
    context.say('the operator is killed while it measures');
    await operator.restart();
    await untilSize(context, 'more than one task', (size) => size > 1);
    await untilSaid(context, ['Balanced']);
    const { large, size } = await largeRun(context);
    await sameRun(context, { before: small, after: large, kept });
    await reported(context, `1 -> ${size}`);
    const keptLarge = await untilKept(context, name, large.status);
    await setWork(context, 3);
    const again = await untilSize(context, 'one task', (is) => is === 1);
    await sameRun(context, { before: small, after: again, kept: keptLarge });
    await reported(context, `${size} -> 1`);
    const { object } = (await readFlink(kube, context.namespace, name)) ?? small;
    expectEqual('the generation: the resource was never edited', object.metadata.generation, 1);
    await deleteFlink(context, name);
    await context.until('what the autoscaler remembered to be gone', async () => {
      const left = await kube.list('configmaps', context.namespace, 'component=autoscaler');
      return left.length === 0 ? { done: true } : { not: `${left.length} ConfigMaps` };
    });
  },
};

/** One task can do some 16 records a second, and 20 come; keys are not alike for all tasks, so that their average counts. */
function autoscaledFlink({ namespace, flinkImage }: ScenarioContext): KubeObject {
  return countingFlink({
    name,
    namespace,
    image: flinkImage('2.3.0'),
    flinkVersion: 'v2_3',
    flinkConfiguration: {
      ...highlyAvailable(`file:///state/${name}`),
      'jobmanager.scheduler': 'adaptive',
      'jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling': '1s',
      'jobmanager.adaptive-scheduler.executing.resource-stabilization-timeout': '1s',
      'job.autoscaler.enabled': 'true',
      'job.autoscaler.stabilization.interval': '10 s',
      'job.autoscaler.metrics.window': '1 min',
      'job.autoscaler.metrics.busy-time.aggregator': 'AVG',
      'job.autoscaler.scale-down.interval': '0 s',
      'job.autoscaler.scale-down.max-factor': '1',
      'job.autoscaler.restart.time': '1 s',
      'job.autoscaler.utilization.target': '0.7',
      'job.autoscaler.utilization.max': '0.95',
      'job.autoscaler.utilization.min': '0.2',
    },
    job: {
      ...countingJob('--per-second', '20', '--work-ms', '60', '--work-file', workFile),
      parallelism: 1,
      upgradeMode: 'last-state',
    },
  });
}

async function setWork({ stage, kube, namespace, say }: ScenarioContext, milliseconds: number): Promise<void> {
  say(`from now on a record costs ${milliseconds} ms`);
  const [pod] = await kube.list('pods', namespace, `app=${name},component=jobmanager`);
  const write = `echo ${milliseconds} > ${workFile}`;
  const container = ['-c', 'flink-main-container'];
  await stage.run('kubectl', [
    '-n',
    namespace,
    'exec',
    pod?.metadata.name ?? '',
    ...container,
    '--',
    'sh',
    '-c',
    write,
  ]);
}

async function untilSaid(context: ScenarioContext, reasons: readonly string[]): Promise<void> {
  await context.until(`the autoscaler to say ${reasons.join(' or ')}`, async () => {
    const seen = await readFlink(context.kube, context.namespace, name);
    const { reason = 'nothing', message = '' } = seen?.status.autoscaler ?? {};
    return reasons.includes(reason) ? { done: reason } : { not: `${reason}: ${message}; ${describeFlink(seen)}` };
  });
}

async function untilSize(context: ScenarioContext, what: string, is: (size: number) => boolean): Promise<LiveFlink> {
  return context.until(`${name} to count with ${what}`, async () => {
    const seen = await readFlink(context.kube, context.namespace, name);
    const { tasks, scaling, autoscaler: said } = seen?.status ?? {};
    const done = is(tasks?.maxParallelism ?? 0) && tasks?.running === tasks?.total && scaling === undefined;
    const not = `${said?.reason}: ${said?.message}; ${describeFlink(seen)}`;
    return seen !== undefined && done ? { done: seen } : { not };
  });
}

/** How it runs once it is left as it is. */
async function largeRun(context: ScenarioContext): Promise<{ readonly large: LiveFlink; readonly size: number }> {
  const large = await untilSize(context, 'the tasks it stays with', (size) => size > 1);
  return { large, size: large.status.tasks?.maxParallelism ?? 0 };
}

interface Runs {
  readonly before: LiveFlink;
  readonly after: LiveFlink;
  readonly kept: number;
}

async function sameRun(context: ScenarioContext, { before, after, kept }: Runs): Promise<void> {
  const [was, is] = [before.status.jobStatus, after.status.jobStatus];
  expectEqual('id and start of the job', [is?.jobId, is?.startTime], [was?.jobId, was?.startTime]);
  await continued(context, name, after.status, kept);
}

async function reported({ kube, namespace }: ScenarioContext, change: string): Promise<void> {
  const reports = await eventsAbout(kube, namespace, name, 'ScalingReport');
  const messages = reports.map(({ message }) => String(message));
  const told = messages.filter((message) => message.includes(`Parallelism ${change}`));
  expect(told.length === 1, `one ScalingReport of ${change}, but there are ${JSON.stringify(messages)}`);
}
