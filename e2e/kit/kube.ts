import type { KubeObject } from '../../src/kube/object.ts';
import { KubeError } from '../../src/runtime/classify-failure.ts';
import { createKinds } from '../../src/runtime/kinds.ts';
import { createKubeClient, type KubeClient } from '../../src/runtime/kube-client.ts';
import { loadKubeConfig } from '../../src/runtime/kube-config.ts';
import { createLineReader } from '../../src/runtime/line-reader.ts';

const core = { root: '/api/v1', apiVersion: 'v1' };
const rbac = { root: '/apis/rbac.authorization.k8s.io/v1', apiVersion: 'rbac.authorization.k8s.io/v1' };
const apps = { root: '/apis/apps/v1', apiVersion: 'apps/v1' };
const spark = { root: '/apis/sparkoperator.k8s.io/v1beta2', apiVersion: 'sparkoperator.k8s.io/v1beta2' };
const flink = { root: '/apis/flink.apache.org/v1beta1', apiVersion: 'flink.apache.org/v1beta1' };

/** The kinds that tests look at, by the plural that stands in paths. */
const kinds = {
  configmaps: { ...core, kind: 'ConfigMap' },
  events: { ...core, kind: 'Event' },
  namespaces: { ...core, kind: 'Namespace', clusterWide: true },
  persistentvolumeclaims: { ...core, kind: 'PersistentVolumeClaim' },
  pods: { ...core, kind: 'Pod' },
  secrets: { ...core, kind: 'Secret' },
  serviceaccounts: { ...core, kind: 'ServiceAccount' },
  services: { ...core, kind: 'Service' },
  deployments: { ...apps, kind: 'Deployment' },
  replicasets: { ...apps, kind: 'ReplicaSet' },
  rolebindings: { ...rbac, kind: 'RoleBinding' },
  roles: { ...rbac, kind: 'Role' },
  leases: { root: '/apis/coordination.k8s.io/v1', apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
  flinkdeployments: { ...flink, kind: 'FlinkDeployment' },
  flinksessionjobs: { ...flink, kind: 'FlinkSessionJob' },
  flinkstatesnapshots: { ...flink, kind: 'FlinkStateSnapshot' },
  sparkconnects: {
    root: '/apis/sparkoperator.k8s.io/v1alpha1',
    apiVersion: 'sparkoperator.k8s.io/v1alpha1',
    kind: 'SparkConnect',
  },
  scheduledsparkapplications: { ...spark, kind: 'ScheduledSparkApplication' },
  sparkapplications: { ...spark, kind: 'SparkApplication' },
} as const;

/** The kinds that have finalizers of the operator's, in the order in which they can be deleted. */
export const flinkKinds = ['flinkstatesnapshots', 'flinksessionjobs', 'flinkdeployments'] as const;

/** A kind, by the plural that stands in paths. */
export type Plural = keyof typeof kinds;

/** One object by kind, namespace (absent for cluster-wide kinds) and name. */
export interface Target {
  readonly plural: Plural;
  readonly namespace?: string;
  readonly name: string;
}

/** One line of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** Requests to the API server of a cluster under test, as its administrator. All reject with KubeError. */
export interface Kube {
  get(target: Target): Promise<KubeObject | undefined>;
  /** Objects of a kind in a namespace; `selector` as labelSelector has it. */
  list(plural: Plural, namespace?: string, selector?: string): Promise<KubeObject[]>;
  /** Server-side apply with the field manager `weir-e2e`. */
  apply(object: KubeObject): Promise<KubeObject>;
  /** A JSON merge patch. */
  patch(target: Target, change: unknown): Promise<KubeObject>;
  /** Asks for deletion and returns without waiting; absent is fine. */
  delete(target: Target, options?: { readonly graceSeconds?: number }): Promise<void>;
  /** Calls back for what is there and for each change after, until `stop`. */
  watch(plural: Plural, namespace: string, onEvent: (event: WatchEvent) => void): Promise<{ stop(): void }>;
  /** Any path, answered with JSON. */
  json(path: string): Promise<unknown>;
  /** Any path, answered with text. */
  text(path: string): Promise<string>;
  close(): Promise<void>;
}

/** A client for the cluster of a kubeconfig's current context. */
export function openKube(kubeconfig: string): Kube {
  const client = createKubeClient({
    config: loadKubeConfig({ path: kubeconfig }),
    kinds: createKinds([]),
    userAgent: 'weir-e2e',
  });
  const object = (path: string, rest: Partial<Parameters<KubeClient['request']>[0]> = {}): Promise<KubeObject> =>
    client.request({ method: 'GET', path, ...rest }) as Promise<KubeObject>;
  return {
    get: (target) => absentIfNotFound(object(pathOf(target))),
    async list(plural, namespace, selector) {
      const query = selector === undefined ? {} : { labelSelector: selector };
      const answer = await client.request({ method: 'GET', path: collectionOf(plural, namespace), query });
      const { apiVersion, kind } = kinds[plural];
      return (answer as { items: KubeObject[] }).items.map((item) => ({ ...item, apiVersion, kind }));
    },
    apply: (wanted) =>
      object(pathOf(targetOf(wanted)), {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        query: { fieldManager: 'weir-e2e', force: true },
        body: wanted,
      }),
    patch: (target, change) =>
      object(pathOf(target), { method: 'PATCH', contentType: 'application/merge-patch+json', body: change }),
    async delete(target, { graceSeconds } = {}) {
      const body = graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds };
      await absentIfNotFound(object(pathOf(target), { method: 'DELETE', body }));
    },
    watch: (plural, namespace, onEvent) => watch(client, collectionOf(plural, namespace), onEvent),
    json: (path) => client.request({ method: 'GET', path }),
    text: (path) => readText(client, path),
    close: () => client.close(),
  };
}

function collectionOf(plural: Plural, namespace: string | undefined): string {
  const { root } = kinds[plural];
  return namespace === undefined ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}

function pathOf({ plural, namespace, name }: Target): string {
  return `${collectionOf(plural, namespace)}/${name}`;
}

/** Where an object belongs. Throws for a kind the tests do not know. */
export function targetOf({ kind, metadata }: KubeObject): Target {
  const found = Object.entries(kinds).find(([, info]) => info.kind === kind);
  if (found === undefined) throw new Error(`the tests do not know the kind ${kind}`);
  const { name, namespace } = metadata;
  return { plural: found[0] as Plural, name, ...(namespace === undefined ? {} : { namespace }) };
}

async function absentIfNotFound(answer: Promise<KubeObject>): Promise<KubeObject | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return undefined;
    throw error;
  }
}

async function readText(client: KubeClient, path: string): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await client.stream({ method: 'GET', path })) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function watch(
  client: KubeClient,
  path: string,
  onEvent: (event: WatchEvent) => void,
): Promise<{ stop(): void }> {
  const stream = await client.stream({ method: 'GET', path, query: { watch: true, timeoutSeconds: 3600 } });
  let stopped = false;
  const read = async (): Promise<void> => {
    const lines = createLineReader();
    for await (const chunk of stream) for (const line of lines.push(chunk)) onEvent(JSON.parse(line) as WatchEvent);
  };
  read().catch((error: unknown) => {
    if (!stopped) process.emitWarning(`watch of ${path} ended: ${String(error)}`);
  });
  return {
    stop() {
      stopped = true;
      stream.destroy();
    },
  };
}
