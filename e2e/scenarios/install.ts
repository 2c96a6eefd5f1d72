import { join } from 'node:path';
import type { KubeObject } from '../../src/kube/object.ts';
import { flinkDeployment } from '../kit/flink.ts';
import { imageSettings, installOperator } from '../kit/operator.ts';
import { deleteFlink, untilRunning } from './life.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';

const chart = join(import.meta.dirname, '../../charts/weir');
const release = 'weir';
const name = 'kept';

/** The chart with its defaults, as a platform team has it, over what the scenarios use, with a job that must notice nothing. */
export const install: Scenario = {
  name: 'install',
  summary:
    'helm upgrade to the defaults (two replicas, webhook, CRD hook), helm test, a leader lost, listed namespaces, uninstall',
  images: ['flink-2.3.0'],
  byDefault: false,
  alone: true,
  async run(context) {
    const { kube, namespace, operator, stage } = context;
    const image = context.flinkImage('2.3.0');
    await kube.apply(flinkDeployment({ name, namespace, image, flinkVersion: 'v2_3' }));
    await untilRunning(context, name, { parallelism: 2 });
    const before = await podsOf(context);
    try {
      await upgraded(context, []);
      await twoReplicas(context);
      await refusedAtAdmission(context);
      await leaderLost(context);
      context.say('helm test');
      await stage.run('helm', ['test', release, '--namespace', operator.namespace, '--timeout', '3m']);
      await upgraded(context, ['--set', `watchNamespaces={${namespace}}`, ...withoutAccounts]);
      await twoReplicas(context);
      expectEqual('the pods of the job', await podsOf(context), before);
      context.say('helm uninstall');
      await stage.run('helm', ['uninstall', release, '--namespace', operator.namespace, '--wait']);
      await stage.run('kubectl', ['get', 'crd', 'flinkdeployments.flink.apache.org']);
      expectEqual('the pods of the job without an operator', await podsOf(context), before);
    } finally {
      await installOperator(stage, operator.namespace);
    }
    await untilRunning(context, name, { parallelism: 2 });
    expectEqual('the pods of the job in the end', await podsOf(context), before);
    await deleteFlink(context, name);
  },
};

/** The accounts of jobs are in the namespace already, with their rights. */
const withoutAccounts = [
  'jobServiceAccount.create=false',
  'rbac.jobRole.create=false',
  'rbac.jobRoleBinding.create=false',
  'spark.serviceAccount.create=false',
  'spark.role.create=false',
].flatMap((setting) => ['--set', setting]);

/** helm upgrade with nothing but the image and these flags: the rest is the chart's own choice, the hook for CRDs among it. */
async function upgraded({ stage, operator, say }: ScenarioContext, flags: readonly string[]): Promise<void> {
  say(`helm upgrade ${['with the defaults', ...flags].join(' ')}`);
  const settings = Object.entries(imageSettings(stage.image('weir')));
  await stage.run('helm', [
    ...['upgrade', release, chart, '--namespace', operator.namespace, '--reset-values', '--wait', '--timeout', '3m'],
    ...settings.flatMap(([key, value]) => ['--set-string', `${key}=${value}`]),
    ...flags,
  ]);
}

async function twoReplicas(context: ScenarioContext): Promise<void> {
  await context.until('two replicas, one of which leads', async () => {
    const pods = await operatorPods(context);
    const leader = await holder(context);
    const leads = pods.filter(({ metadata }) => leader.startsWith(metadata.name));
    return pods.length === 2 && leads.length === 1
      ? { done: true }
      : { not: `${pods.map(({ metadata }) => metadata.name).join(', ')}; ${leader} leads` };
  });
}

/** What the loop would refuse is refused when it is applied, and nothing is stored. */
async function refusedAtAdmission({ kube, stage, namespace, flinkImage, until }: ScenarioContext): Promise<void> {
  const bad = flinkDeployment({ name: 'bad', namespace, image: flinkImage('2.3.0'), flinkVersion: 'v2_3' });
  const { job } = bad.spec as { job: object };
  const manifest = JSON.stringify({ ...bad, spec: { ...(bad.spec as object), job: { ...job, parallelism: -1 } } });
  const said = await until('the webhook to refuse', async () => {
    const answer = await stage.run('kubectl', ['create', '--dry-run=server', '-f', '-'], manifest).then(
      () => 'taken',
      (error: unknown) => String(error),
    );
    return answer.includes('denied the request') ? { done: answer } : { not: answer };
  });
  expect(said.includes('spec.job.parallelism'), `the refusal does not name the field: ${said}`);
  expectEqual('what was stored', await kube.list('flinkdeployments', namespace, 'app=bad'), []);
}

/** The pod that leads is killed without a chance to say so: the other one leads after the lease at the latest. */
async function leaderLost(context: ScenarioContext): Promise<void> {
  const { stage, operator, until, say } = context;
  const before = await holder(context);
  const pod = (await operatorPods(context)).find(({ metadata }) => before.startsWith(metadata.name));
  expect(pod !== undefined, `${before} leads and is no pod`);
  say(`kill ${pod.metadata.name}, which leads`);
  await stage.run('kubectl', [
    '-n',
    operator.namespace,
    'delete',
    'pod',
    pod.metadata.name,
    '--grace-period=0',
    '--force',
  ]);
  await until('another replica to lead', async () => {
    const now = await holder(context);
    return now !== '' && now !== before ? { done: now } : { not: `${now} leads` };
  });
  await stage.run('kubectl', [
    '-n',
    operator.namespace,
    'rollout',
    'status',
    `deployment/${release}`,
    '--timeout=120s',
  ]);
}

async function holder({ kube, operator }: ScenarioContext): Promise<string> {
  const [lease] = await kube.list('leases', operator.namespace);
  return (lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity ?? '';
}

async function operatorPods({ kube, operator }: ScenarioContext): Promise<readonly KubeObject[]> {
  const pods = await kube.list('pods', operator.namespace, `app.kubernetes.io/instance=${release}`);
  return pods.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined && (status as { phase?: string }).phase === 'Running',
  );
}

/** Name, uid and restarts: what must not change. */
async function podsOf({ kube, namespace }: ScenarioContext): Promise<unknown> {
  const pods = await kube.list('pods', namespace, `app=${name}`);
  return pods.map(({ metadata, status }) => {
    const { containerStatuses = [] } = (status ?? {}) as { containerStatuses?: { restartCount: number }[] };
    return {
      name: metadata.name,
      uid: metadata.uid,
      restarts: containerStatuses.map(({ restartCount }) => restartCount),
    };
  });
}
