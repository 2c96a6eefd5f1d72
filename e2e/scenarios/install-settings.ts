import type { KubeObject } from '../../src/kube/object.ts';
import { flinkDeployment, flinkTarget } from '../kit/flink.ts';
import { deleteFlink } from './life.ts';
import { operatorPods, release, twoReplicas, upgraded } from './release.ts';
import { expectEqual, type ScenarioContext } from './scenario.ts';

const LABEL = 'weir.dev/watched';

/** Another default in the chart's ConfigMap is what the next start goes by; no pod of the operator is another. */
export async function changedConfiguration(context: ScenarioContext): Promise<void> {
  const { kube, namespace, operator, until } = context;
  const pods = await operatorPods(context);
  const before = await Promise.all(pods.map((pod) => lastRead(context, pod)));
  // Another one each time: Helm leaves in a ConfigMap what it did not write, so that of a run cut short may be there still.
  const timeout = `${Date.now()}`;
  context.say('another default in the ConfigMap of the chart');
  const map = { plural: 'configmaps', namespace: operator.namespace, name: `${release}-flink-config` } as const;
  await kube.patch(map, { data: { 'config.yaml': `web.timeout: ${timeout}\n` } });
  // A kubelet looks at what is mounted when it looks at the pod: once a minute, or when the pod changes.
  for (const { metadata } of pods) {
    const pod = { plural: 'pods', namespace: operator.namespace, name: metadata.name } as const;
    await kube.patch(pod, { metadata: { annotations: { 'weir.dev/looked-at': 'again' } } });
  }
  await until('every replica to have read it', async () => {
    const now = await Promise.all(pods.map((pod) => lastRead(context, pod)));
    return now.every((at, index) => at > (before[index] ?? at)) ? { done: now } : { not: `read at ${now.join(', ')}` };
  });
  await kube.apply(nowhere(context, 'with-default'));
  await until('a new cluster to have it', async () => {
    const conf = await kube.get({ plural: 'configmaps', namespace, name: 'flink-config-with-default' });
    const text = JSON.stringify(conf?.data ?? {});
    return text.includes(timeout) ? { done: true } : { not: text };
  });
  await deleteFlink(context, 'with-default');
  const uids = (all: readonly KubeObject[]): unknown => all.map(({ metadata }) => metadata.uid);
  expectEqual('the pods of the operator', uids(await operatorPods(context)), uids(pods));
}

/** Namespaces by their labels: nothing is judged or taken up before this one has the label, everything at once after. */
export async function selectedNamespaces(context: ScenarioContext): Promise<void> {
  const { kube, namespace, until } = context;
  await upgraded(context, ['--set', `watchNamespaceSelector.matchLabels.${LABEL.replace('.', '\\.')}=yes`]);
  await twoReplicas(context);
  await kube.apply(nowhere(context, 'selected', { parallelism: -1 }));
  await kube.patch(flinkTarget(namespace, 'selected'), { spec: { job: { parallelism: 1 } } });
  expectEqual(
    'its status while the namespace has no label',
    (await kube.get(flinkTarget(namespace, 'selected')))?.status,
    undefined,
  );
  context.say('label the namespace');
  await kube.patch({ plural: 'namespaces', name: namespace }, { metadata: { labels: { [LABEL]: 'yes' } } });
  await until('it to be taken up', async () => {
    const found = await kube.get(flinkTarget(namespace, 'selected'));
    return found?.status === undefined ? { not: 'no status' } : { done: true };
  });
  await until('the webhook to judge what is applied', async () => {
    const answer = await kube.apply(nowhere(context, 'refused', { parallelism: -1 })).then(() => 'taken', String);
    return answer.includes('spec.job.parallelism') ? { done: true } : { not: answer };
  });
  await deleteFlink(context, 'selected');
}

/** A FlinkDeployment whose pods no node takes, so that it costs nothing. */
function nowhere({ namespace, flinkImage }: ScenarioContext, name: string, job: object = {}): KubeObject {
  const image = flinkImage('2.3.0');
  const flinkConfiguration = { 'kubernetes.jobmanager.node-selector': 'nowhere:true' };
  return flinkDeployment({ name, namespace, image, flinkVersion: 'v2_3', flinkConfiguration, job: { ...job } });
}

/** When a replica last read its configuration and found it good, in seconds since the epoch. */
async function lastRead({ kube }: ScenarioContext, { metadata }: KubeObject): Promise<number> {
  const metrics = await kube.text(`/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}:8080/proxy/metrics`);
  return Number(/^weir_configuration_last_reload_success_timestamp_seconds(?:\{[^}]*\})? (\S+)$/m.exec(metrics)?.[1]);
}
