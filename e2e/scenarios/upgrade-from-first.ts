import { importImage } from '../cluster/cluster.ts';
import { firstOperator } from '../images/first-operator.ts';
import { flinkDeployment } from '../kit/flink.ts';
import { imageSettings, installOperator, uninstallOperator } from '../kit/operator.ts';
import { deleteFlink, editJob, untilRunning } from './life.ts';
import { podsOf, release, twoReplicas, upgraded } from './release.ts';
import { expectEqual, type Scenario, type ScenarioContext } from './scenario.ts';

const name = 'from-the-first';

/** A job started by the first operator there was, with its chart and its CRD, notices nothing of an upgrade to this one. */
export const upgradeFromFirst: Scenario = {
  name: 'upgrade-from-first',
  summary:
    'helm upgrade from the first chart of the history, its operator and CRD, with a job running: no restart, and then an edit',
  images: ['flink-2.3.0'],
  byDefault: false,
  alone: true,
  async run(context) {
    const { kube, namespace, operator, stage } = context;
    try {
      await first(context);
      const image = context.flinkImage('2.3.0');
      await kube.apply(flinkDeployment({ name, namespace, image, flinkVersion: 'v2_3' }));
      await context.until(`the first operator to have ${name} running`, async () => {
        const found = await kube.get({ plural: 'flinkdeployments', namespace, name });
        const { jobStatus, lifecycleState } = (found?.status ?? {}) as {
          jobStatus?: { state?: string };
          lifecycleState?: string;
        };
        // It said so as soon as the job asked for its TaskManager.
        const pods = await podsOf(context, `app=${name}`);
        const runs = jobStatus?.state === 'RUNNING' && lifecycleState === 'STABLE' && pods.length === 2;
        return runs ? { done: true } : { not: `${JSON.stringify(found?.status)}; ${pods.length} pods` };
      });
      const before = await podsOf(context, `app=${name}`);
      await upgraded(context, []);
      await twoReplicas(context);
      const settled = await untilRunning(context, name, { parallelism: 2 });
      expectEqual('the pods of the job', await podsOf(context, `app=${name}`), before);
      await editJob(context, name, { parallelism: 1 });
      await untilRunning(context, name, { parallelism: 1, after: settled.status });
    } finally {
      await installOperator(stage, operator.namespace);
    }
    await deleteFlink(context, name);
  },
};

/** In place of the operator of the scenarios, whose release goes first: the old chart knows another Deployment. */
async function first({ stage, operator, say, until, kube }: ScenarioContext): Promise<void> {
  const { commit, chart, crds, image } = await firstOperator();
  say(`the operator of ${commit.slice(0, 7)} in place of this one`);
  await importImage(stage.cluster, image);
  await uninstallOperator(stage, operator.namespace);
  await stage.run('kubectl', ['replace', '-f', crds]);
  const settings = Object.entries(imageSettings(image.name)).flatMap(([key, value]) => [
    '--set-string',
    `${key}=${value}`,
  ]);
  await stage.run('helm', [
    ...['install', release, chart, '--namespace', operator.namespace, '--skip-crds', '--wait', '--timeout', '3m'],
    ...settings,
  ]);
  await until('its pod to run', async () => {
    const pods = await kube.list('pods', operator.namespace, `app.kubernetes.io/instance=${release}`);
    const images = pods.map(({ spec }) => (spec as { containers: { image: string }[] }).containers[0]?.image);
    return images.length === 1 && images[0] === image.name ? { done: true } : { not: images.join() };
  });
}
