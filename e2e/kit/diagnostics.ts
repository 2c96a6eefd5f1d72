import type { KubeObject } from '../../src/kube/object.ts';
import { describeFlink } from './flink.ts';
import { flinkKinds } from './kube.ts';
import { describeSpark } from './spark.ts';
import type { Stage } from './stage.ts';

/** Whoever has a log of which the end can be read. */
interface Logged {
  log(lines?: number): Promise<string>;
}

/** Everything worth reading when something in a namespace did not come about; parts that cannot be had say so. */
export async function diagnostics(stage: Stage, namespace: string, operator: Logged | undefined): Promise<string> {
  const parts: [title: string, read: () => Promise<string>][] = [
    ['resources', () => resources(stage, namespace)],
    [
      'objects',
      () => stage.run('kubectl', ['-n', namespace, 'get', 'pods,deployments,services,configmaps', '-o', 'wide']),
    ],
    ['events', () => events(stage, namespace)],
    ['pods', () => pods(stage, namespace)],
    ['operator log', async () => (operator === undefined ? 'no operator' : operator.log(60))],
  ];
  const texts: string[] = [];
  for (const [title, read] of parts) {
    const text = await read().catch(
      (error: unknown) => `not to be had: ${error instanceof Error ? error.message : error}`,
    );
    texts.push(`--- ${title} (${namespace})\n${text.trimEnd()}`);
  }
  return texts.join('\n');
}

async function resources({ kube }: Stage, namespace: string): Promise<string> {
  const found = (await Promise.all(flinkKinds.map((plural) => kube.list(plural, namespace)))).flat();
  const applications = await kube.list('sparkapplications', namespace);
  const lines = [
    ...found.map((object) => [object, describeFlink({ object, status: object.status ?? {} })] as const),
    ...applications.map((object) => [object, describeSpark({ object, status: object.status ?? {} })] as const),
  ];
  return lines.map(([{ kind, metadata }, text]) => `${kind} ${metadata.name}: ${text}`).join('\n');
}

interface EventBody {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string;
  readonly eventTime?: string;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
}

async function events({ kube }: Stage, namespace: string): Promise<string> {
  const found = (await kube.list('events', namespace)) as (KubeObject & EventBody)[];
  const dated = found.map((event) => ({ at: event.lastTimestamp ?? event.eventTime ?? '', event }));
  return dated
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .slice(-40)
    .map(({ at, event }) => {
      const { type, reason, message, involvedObject } = event;
      return `${at} ${type} ${involvedObject?.kind}/${involvedObject?.name} ${reason}: ${message?.split('\n')[0]}`;
    })
    .join('\n');
}

interface PodState {
  readonly phase?: string;
  readonly containerStatuses?: readonly { readonly restartCount: number }[];
}

/** Of every pod its state and the end of its log: the containers' own words are mostly what is missing. */
async function pods({ kube }: Stage, namespace: string): Promise<string> {
  const texts: string[] = [];
  for (const pod of await kube.list('pods', namespace)) {
    const { name } = pod.metadata;
    const { phase, containerStatuses = [] } = (pod.status ?? {}) as PodState;
    const restarted = containerStatuses.some(({ restartCount }) => restartCount > 0);
    texts.push(`${name} ${phase} ${JSON.stringify(containerStatuses)}`);
    for (const previous of restarted ? [true, false] : [false]) {
      const path = `/api/v1/namespaces/${namespace}/pods/${name}/log?tailLines=25&previous=${previous}`;
      const log = await kube.text(path).catch((error: unknown) => String(error));
      texts.push(`${previous ? 'log before its restart' : 'log'}:\n${log.trimEnd()}`);
    }
  }
  return texts.join('\n');
}
