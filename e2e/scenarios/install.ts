import { flinkDeployment } from '../kit/flink.ts';
import { installOperator } from '../kit/operator.ts';
import { weirJob } from '../kit/spark.ts';
import { changedConfiguration, selectedNamespaces } from './install-settings.ts';
import { keptFromDrains } from './kept-from-drains.ts';
import { deleteFlink, untilRunning } from './life.ts';
import { holder, operatorPods, podsOf, release, twoReplicas, upgraded } from './release.ts';
import { expect, expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';
import { applySpark, deleteSpark, untilState } from './spark-life.ts';

const flink = 'kept';
const spark = 'kept-spark';

/** The chart with its defaults, as a platform team has it, over what the scenarios use, with a job and an application that must notice nothing. */
export const install: Scenario = {
  name: 'install',
  summary:
    'helm upgrade to the defaults (two replicas, webhook, CRD hook), helm test, a leader lost, its configuration changed, listed namespaces, selected ones, uninstall',
  images: ['flink-2.3.0', 'spark-4.3.0'],
  byDefault: false,
  alone: true,
  async run(context) {
    const { kube, namespace, operator, stage } = context;
    const image = context.flinkImage('2.3.0');
    await kube.apply(flinkDeployment({ name: flink, namespace, image, flinkVersion: 'v2_3' }));
    const waves = weirJob('Waves', '--tasks', '1', '--busy', '0', '--idle', '900');
    await applySpark(context, { name: spark, spec: { ...waves, driverPodDisruptionBudget: true } });
    await untilRunning(context, flink, { parallelism: 2 });
    await untilState(context, spark, 'RUNNING');
    await keptFromDrains(context, flink, spark);
    const before = await jobPods(context);
    try {
      await upgraded(context, []);
      await twoReplicas(context);
      await refusedAtAdmission(context);
      await changedConfiguration(context);
      await leaderLost(context);
      context.say('helm test');
      await stage.run('helm', ['test', release, '--namespace', operator.namespace, '--timeout', '3m']);
      await upgraded(context, ['--set', `watchNamespaces={${namespace}}`, ...withoutAccounts]);
      await twoReplicas(context);
      await selectedNamespaces(context);
      expectEqual('the pods of the jobs', await jobPods(context), before);
      context.say('helm uninstall');
      await stage.run('helm', ['uninstall', release, '--namespace', operator.namespace, '--wait']);
      await stage.run('kubectl', [
        'get',
        'crd',
        'flinkdeployments.flink.apache.org',
        'sparkapplications.sparkoperator.k8s.io',
      ]);
      expectEqual('the pods of the jobs without an operator', await jobPods(context), before);
    } finally {
      await installOperator(stage, operator.namespace);
    }
    await untilRunning(context, flink, { parallelism: 2 });
    await untilState(context, spark, 'RUNNING');
    expectEqual('the pods of the jobs in the end', await jobPods(context), before);
    await deleteSpark(context, spark);
    await deleteFlink(context, flink);
  },
};

/** JobManager and TaskManagers, driver and executors. */
async function jobPods(context: ScenarioContext): Promise<unknown> {
  return [await podsOf(context, `app=${flink}`), await podsOf(context, `sparkoperator.k8s.io/app-name=${spark}`)];
}

/** The accounts of jobs are in the namespace already, with their rights. */
const withoutAccounts = [
  'jobServiceAccount.create=false',
  'rbac.jobRole.create=false',
  'rbac.jobRoleBinding.create=false',
  'spark.serviceAccount.create=false',
  'spark.role.create=false',
].flatMap((setting) => ['--set', setting]);

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
