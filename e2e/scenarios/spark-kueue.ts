import { findCondition } from '../../src/kube/conditions.ts';
import type { KubeObject } from '../../src/kube/object.ts';
import { installKueue } from '../kit/kueue.ts';
import { installOperator } from '../kit/operator.ts';
import { sparkTarget, weirJob } from '../kit/spark.ts';
import { upgraded } from './release.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import {
  applySpark,
  checkEnded,
  type DriverHistory,
  deleteSpark,
  type StatusHistory,
  untilState,
  watchDrivers,
  watchStatus,
} from './spark-life.ts';

const NAMES = ['first', 'second', 'urgent', 'edited'] as const;
type Name = (typeof NAMES)[number];

const queue = 'team';
const priority = 'urgent';

/** Kueue itself, which admits, holds back and preempts applications by spec.suspend. */
export const sparkKueue: Scenario = {
  name: 'spark-kueue',
  summary:
    'Spark 4.3 under Kueue 0.17: applications are held back until their queue has room, go where it says, and give way to one of more priority',
  images: ['spark-4.3.0'],
  byDefault: false,
  alone: true,
  async run(context) {
    await upgraded(context, ['--set', 'replicas=1,crds.upgrade=false']); // with the webhook, which judges Kueue's edits
    const kueue = await installKueue(context.stage);
    const histories = await watched(context);
    try {
      await makeQueue(context);
      await admitted(context, histories);
      await preempted(context, histories);
      await goesOn(context, histories);
      await edited(context, histories);
      await allFinished(context);
      for (const name of NAMES) await deleteSpark(context, name);
    } finally {
      for (const { statuses, drivers } of Object.values(histories)) {
        statuses.stop();
        drivers.stop();
      }
      const { kube, namespace } = context;
      for (const name of NAMES) await kube.delete(sparkTarget(namespace, name));
      await kueue.uninstall();
      await installOperator(context.stage, context.operator.namespace);
    }
  },
};

interface History {
  readonly statuses: StatusHistory;
  readonly drivers: DriverHistory;
}

type Histories = Readonly<Record<Name, History>>;

async function watched(context: ScenarioContext): Promise<Histories> {
  const { kube, namespace } = context;
  const entries = NAMES.map(async (name) => {
    const history = { statuses: await watchStatus(kube, namespace, name), drivers: await watchDrivers(context, name) };
    return [name, history] as const;
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<Name, History>;
}

/** What the flavour of the queue says of nodes, which the pods of what it admits must be given. */
const placement = {
  nodeLabels: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'weir.dev/e2e', operator: 'Exists', effect: 'NoSchedule' }],
};

/** A queue with room for a driver and an executor, not for two of each. */
function queueObjects(namespace: string): object {
  const apiVersion = 'kueue.x-k8s.io/v1beta2';
  const quotas = [
    { name: 'cpu', nominalQuota: '300m' },
    { name: 'memory', nominalQuota: '100Gi' },
  ];
  const flavors = [{ name: queue, resources: quotas }];
  const spec = {
    namespaceSelector: {},
    resourceGroups: [{ coveredResources: ['cpu', 'memory'], flavors }],
    preemption: { withinClusterQueue: 'LowerPriority' },
  };
  const items = [
    { apiVersion, kind: 'ResourceFlavor', metadata: { name: queue }, spec: placement },
    { apiVersion, kind: 'ClusterQueue', metadata: { name: queue }, spec },
    { apiVersion, kind: 'LocalQueue', metadata: { name: queue, namespace }, spec: { clusterQueue: queue } },
    { apiVersion, kind: 'WorkloadPriorityClass', metadata: { name: priority }, value: 1000 },
  ];
  return { apiVersion: 'v1', kind: 'List', items };
}

async function makeQueue({ stage, namespace, until }: ScenarioContext): Promise<void> {
  const objects = JSON.stringify(queueObjects(namespace));
  await until('Kueue to take its queues', () =>
    stage.run('kubectl', ['apply', '-f', '-'], objects).then(
      () => ({ done: true }),
      (error: unknown) => ({ not: String(error) }),
    ),
  );
}

async function applyTo(context: ScenarioContext, name: Name, stay: number): Promise<void> {
  const labels = {
    'kueue.x-k8s.io/queue-name': queue,
    ...(name === 'urgent' ? { 'kueue.x-k8s.io/priority-class': priority } : {}),
  };
  await applySpark(context, { name, labels, spec: weirJob('Inspect', '--stay', `${stay}`) });
}

/** The first is let run, on the nodes of the flavour; the second waits, and no driver of it is made. */
async function admitted(context: ScenarioContext, { second }: Histories): Promise<void> {
  await applyTo(context, 'first', 45);
  const { status } = await untilState(context, 'first', 'RUNNING');
  expectEqual('runs of the first', status.executionAttempts, 1);
  await context.until('driver and executor of the first', async () => {
    const pods = await podsOf(context, 'first');
    return pods.length === 2 ? { done: true } : { not: `${pods.length} pods` };
  });
  for (const pod of await podsOf(context, 'first')) checkPlaced(pod);
  await applyTo(context, 'second', 1);
  const waits = await untilState(context, 'second', 'SUSPENDED');
  const { reason } = findCondition(waits.status.conditions, 'Ready') ?? {};
  expectEqual('why the second waits', reason, 'Suspended');
  expectEqual('drivers of the second', second.drivers.all(), 0);
}

function podsOf({ kube, namespace }: ScenarioContext, name: Name): Promise<readonly KubeObject[]> {
  return kube.list('pods', namespace, `sparkoperator.k8s.io/app-name=${name}`);
}

interface PodSpec {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly { readonly key?: string }[];
}

function checkPlaced({ metadata: { name, labels = {} }, spec }: KubeObject): void {
  const { nodeSelector, tolerations = [] } = spec as PodSpec;
  expectEqual(`the nodes of ${name}`, nodeSelector, placement.nodeLabels);
  expect(
    tolerations.some(({ key }) => key === placement.tolerations[0]?.key),
    `${name} does not tolerate what its flavour does`,
  );
  expectEqual(`the podset of ${name}`, labels['kueue.x-k8s.io/podset'], labels['spark-role']);
  expectEqual(`the queue of ${name}, which is its application's`, labels['kueue.x-k8s.io/queue-name'], undefined);
}

/** One of more priority comes: the first is stopped for it, and that is no failure of its run. */
async function preempted(context: ScenarioContext, { first, second }: Histories): Promise<void> {
  await applyTo(context, 'urgent', 1);
  const { status } = await untilState(context, 'first', 'SUSPENDED');
  expectEqual('what is told of an error', status.applicationState?.errorMessage, undefined);
  expectEqual('states of the first', first.statuses.states().slice(-4), [
    ...['SUBMITTED', 'RUNNING', 'SUSPENDING', 'SUSPENDED'],
  ]);
  checkEnded(await untilState(context, 'urgent', 'COMPLETED'), { runs: 1 });
  expectEqual('drivers of the second', second.drivers.all(), 0);
}

/** The first runs again from the start, and after its end the second. */
async function goesOn(context: ScenarioContext, { first, second, urgent }: Histories): Promise<void> {
  const patience = { timeoutMs: 180_000 };
  const ended = await untilState(context, 'first', 'COMPLETED', patience);
  const { executionAttempts, submissionAttempts, stoppedRuns } = ended.status;
  expectEqual(
    'its runs, its submissions, and those stopped',
    [executionAttempts, submissionAttempts, stoppedRuns],
    [2, 2, 1],
  );
  const last = await untilState(context, 'second', 'COMPLETED', patience);
  expect(
    Date.parse(`${last.status.lastSubmissionAttemptTime}`) >= Date.parse(`${ended.status.terminationTime}`),
    'the second was submitted before the first had ended',
  );
  expectEqual('drivers of the first, the second and the urgent one', counts([first, second, urgent], 'all'), [2, 1, 1]);
  expectEqual('drivers of each at once', counts([first, second, urgent], 'most'), [1, 1, 1]);
}

/**
 * Another number of executors is another run for Weir, which begins to stop what runs. Kueue has admitted something else: it
 * suspends, takes the number back, and admits the application as it was.
 */
async function edited(context: ScenarioContext, { edited: { drivers } }: Histories): Promise<void> {
  const { kube, namespace } = context;
  await applyTo(context, 'edited', 20);
  await untilState(context, 'edited', 'RUNNING');
  context.say('edit it: two executors');
  await kube.patch(sparkTarget(namespace, 'edited'), { spec: { executor: { instances: 2 } } });
  const { object, status } = await untilState(context, 'edited', 'COMPLETED', { timeoutMs: 180_000 });
  const { executor } = object.spec as { executor: { instances?: number } };
  expectEqual('executors that are wanted', executor.instances, 1);
  expectEqual('runs that may count as failed', (status.executionAttempts ?? 0) - (status.stoppedRuns ?? 0), 1);
  expectEqual('its drivers at once', drivers.most(), 1);
}

async function allFinished(context: ScenarioContext): Promise<void> {
  await context.until('Kueue to hold all of them for finished', async () => {
    const found = await finished(context);
    return found.every((reason) => reason === 'Succeeded') ? { done: true } : { not: JSON.stringify(found) };
  });
}

function counts(histories: readonly History[], what: 'all' | 'most'): readonly number[] {
  return histories.map(({ drivers }) => drivers[what]());
}

/** Why each of Kueue's workloads is finished, as far as it is. */
async function finished({ stage, namespace }: ScenarioContext): Promise<readonly unknown[]> {
  const answer = await stage.run('kubectl', ['-n', namespace, 'get', 'workloads.kueue.x-k8s.io', '-o', 'json']);
  const { items } = JSON.parse(answer) as { items: readonly KubeObject[] };
  return items.map(({ status }) => {
    const { conditions } = (status ?? {}) as { conditions?: readonly { type: string; reason: string }[] };
    return conditions?.find(({ type }) => type === 'Finished')?.reason;
  });
}
