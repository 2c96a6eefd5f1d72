import type { ScenarioContext } from './scenario.ts';

/** What a drain asks is refused for the JobManager, by the budget of docs/drain-and-spot.md, and for the driver, by its own. */
export async function keptFromDrains(context: ScenarioContext, flink: string, spark: string): Promise<void> {
  const { stage, namespace, until } = context;
  const matchLabels = { app: flink, component: 'jobmanager' };
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: `${flink}-jobmanager`, namespace },
    spec: { maxUnavailable: 0, selector: { matchLabels } },
  };
  await stage.run('kubectl', ['apply', '-f', '-'], JSON.stringify(budget));
  await until('a drain to be refused JobManager and driver', async () => {
    const driver = `sparkoperator.k8s.io/app-name=${spark},spark-role=driver`;
    const answers = await Promise.all(
      [`app=${flink},component=jobmanager`, driver].map((selector) => evicted(context, selector)),
    );
    const refused = answers.every((answer) => answer.includes("violate the pod's disruption budget"));
    return refused ? { done: true } : { not: answers.join('; ') };
  });
}

/** What the API server would say to the eviction of the only pod that a selector takes. */
async function evicted({ kube, stage, namespace }: ScenarioContext, selector: string): Promise<string> {
  const [pod, ...more] = await kube.list('pods', namespace, selector);
  if (pod === undefined || more.length > 0) throw new Error(`not one pod with ${selector}`);
  const { name } = pod.metadata;
  const eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { dryRun: ['All'] },
  };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  return stage.run('kubectl', ['create', '--raw', path, '-f', '-'], JSON.stringify(eviction)).then(
    () => `${name} may go`,
    (error: unknown) => String(error),
  );
}
