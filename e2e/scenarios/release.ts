import { join } from 'node:path';
import type { KubeObject } from '../../src/kube/object.ts';
import { imageSettings } from '../kit/operator.ts';
import type { ScenarioContext } from './scenario.ts';

const chart = join(import.meta.dirname, '../../charts/weir');

/** The release of the chart that scenarios use. */
export const release = 'weir';

/** helm upgrade with nothing but the image and these flags: the rest is the chart's own choice, the hook for CRDs among it. */
export async function upgraded({ stage, operator, say }: ScenarioContext, flags: readonly string[]): Promise<void> {
  say(`helm upgrade ${['with the defaults', ...flags].join(' ')}`);
  const settings = Object.entries(imageSettings(stage.image('weir')));
  await stage.run('helm', [
    ...['upgrade', release, chart, '--namespace', operator.namespace, '--reset-values', '--wait', '--timeout', '3m'],
    ...settings.flatMap(([key, value]) => ['--set-string', `${key}=${value}`]),
    ...flags,
  ]);
}

/** Waits until two replicas of the release run and one of them leads. */
export async function twoReplicas(context: ScenarioContext): Promise<void> {
  await context.until('two replicas, one of which leads', async () => {
    const pods = await operatorPods(context);
    const leader = await holder(context);
    const leads = pods.filter(({ metadata }) => leader.startsWith(metadata.name));
    return pods.length === 2 && leads.length === 1
      ? { done: true }
      : { not: `${pods.map(({ metadata }) => metadata.name).join(', ')}; ${leader} leads` };
  });
}

/** Who holds the Lease; empty when nobody does. */
export async function holder({ kube, operator }: ScenarioContext): Promise<string> {
  const [lease] = await kube.list('leases', operator.namespace);
  return (lease?.spec as { holderIdentity?: string } | undefined)?.holderIdentity ?? '';
}

/** The pods of the release that run and are to stay. */
export async function operatorPods({ kube, operator }: ScenarioContext): Promise<readonly KubeObject[]> {
  const pods = await kube.list('pods', operator.namespace, `app.kubernetes.io/instance=${release}`);
  return pods.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined && (status as { phase?: string }).phase === 'Running',
  );
}

/** Name, uid and restarts of the pods that a selector takes, by name: what must not change. */
export async function podsOf({ kube, namespace }: ScenarioContext, selector: string): Promise<readonly unknown[]> {
  const pods = await kube.list('pods', namespace, selector);
  return pods.map(({ metadata: { name, uid }, status }) => {
    const { containerStatuses = [] } = (status ?? {}) as { containerStatuses?: { restartCount: number }[] };
    return { name, uid, restarts: containerStatuses.map(({ restartCount }) => restartCount) };
  });
}
