import type { KindRef } from '../src/core/ports.ts';
import type { KubeObject, ObjectRef } from '../src/kube/object.ts';
import { OPERATOR_KINDS } from '../src/operator-access.ts';
import { KubeError } from '../src/runtime/classify-failure.ts';
import { createKinds } from '../src/runtime/kinds.ts';
import { createKubeClient, type KubeClient, type KubeRequest } from '../src/runtime/kube-client.ts';
import { loadKubeConfig } from '../src/runtime/kube-config.ts';
import { createLineReader } from '../src/runtime/line-reader.ts';

/** The namespace everything is made in. */
export const NAMESPACE = 'weir-bench';

const RBAC = 'rbac.authorization.k8s.io/v1';

const kinds = createKinds([
  ...OPERATOR_KINDS,
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  },
  { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true },
  { apiVersion: 'v1', kind: 'ServiceAccount', plural: 'serviceaccounts', namespaced: true },
  { apiVersion: RBAC, kind: 'ClusterRole', plural: 'clusterroles', namespaced: false },
  { apiVersion: RBAC, kind: 'RoleBinding', plural: 'rolebindings', namespaced: true },
  { apiVersion: RBAC, kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', namespaced: false },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    plural: 'validatingwebhookconfigurations',
    namespaced: false,
  },
]);

/** One change seen on a watch, with the time its bytes arrived (performance.now()). */
export interface Sighting {
  readonly at: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

/** Requests of the bench itself. All reject with KubeError. */
export interface Api {
  /** POST, as a client without server-side apply does. */
  create(object: KubeObject): Promise<KubeObject>;
  /** The same as a dry run: everything is checked, nothing is stored. */
  tryCreate(object: KubeObject): Promise<KubeObject>;
  /** A request as it stands. */
  send(request: KubeRequest): Promise<KubeObject>;
  /** POST to a subresource such as a pod's `binding`. */
  post(ref: ObjectRef, subresource: string, body: unknown): Promise<unknown>;
  get(ref: ObjectRef): Promise<KubeObject>;
  /** Objects of a kind in the bench's namespace. */
  list(kind: KindRef, labelSelector?: string): Promise<readonly KubeObject[]>;
  /** A JSON merge patch, of a subresource if one is named. */
  patch(ref: ObjectRef, body: unknown, subresource?: string): Promise<KubeObject>;
  /** Absent is fine. */
  delete(ref: ObjectRef, options?: object): Promise<void>;
  /** Deletes all objects of a kind in the bench's namespace that have the label; their dependents are collected later. */
  deleteAll(kind: KindRef, labelSelector: string): Promise<void>;
  /** Reports changes of a kind in the bench's namespace from now on, until `stop`; over a connection of its own. */
  watch(kind: KindRef, onSighting: (sighting: Sighting) => void): Promise<{ stop(): void }>;
  close(): Promise<void>;
}

/** A client with up to `connections` requests at once. */
export function openApi(kubeconfigPath: string, connections: number): Api {
  const config = loadKubeConfig({ path: kubeconfigPath });
  const client = createKubeClient({ config, kinds, userAgent: 'weir-bench', maxConnections: connections });
  const send = (request: KubeRequest): Promise<KubeObject> => client.request(request) as Promise<KubeObject>;
  const collection = (kind: KindRef): string => kinds.collection(kind, NAMESPACE);
  return {
    send,
    create: (object) =>
      send({ method: 'POST', path: kinds.collection(object, object.metadata.namespace), body: object }),
    tryCreate: (object) =>
      send({
        method: 'POST',
        path: kinds.collection(object, object.metadata.namespace),
        query: { dryRun: 'All' },
        body: object,
      }),
    post: (ref, subresource, body) => send({ method: 'POST', path: kinds.object(ref, subresource), body }),
    get: (ref) => send({ method: 'GET', path: kinds.object(ref) }),
    async list(kind, labelSelector) {
      const query = labelSelector === undefined ? {} : { labelSelector };
      const answer = await client.request({ method: 'GET', path: collection(kind), query });
      return (answer as { readonly items: readonly KubeObject[] }).items;
    },
    patch: (ref, body, subresource) =>
      send({
        method: 'PATCH',
        path: kinds.object(ref, subresource),
        body,
        contentType: 'application/merge-patch+json',
      }),
    async delete(ref, options = {}) {
      await send({ method: 'DELETE', path: kinds.object(ref), body: options }).catch((error: unknown) => {
        if (!(error instanceof KubeError && error.status === 404)) throw error;
      });
    },
    async deleteAll(kind, labelSelector) {
      const body = { propagationPolicy: 'Background' };
      await client.request({ method: 'DELETE', path: collection(kind), query: { labelSelector }, body });
    },
    watch: (kind, onSighting) => watch(client, collection(kind), onSighting),
    close: () => client.close(),
  };
}

/** Goes on where it was when the server ends the stream, which it does with whoever reads too slowly. */
async function watch(
  client: KubeClient,
  path: string,
  onSighting: (sighting: Sighting) => void,
): Promise<{ stop(): void }> {
  const { metadata } = (await client.request({ method: 'GET', path, query: { limit: 1 } })) as {
    readonly metadata: { readonly resourceVersion: string };
  };
  const stopping = new AbortController();
  let version = metadata.resourceVersion;
  const see = (sighting: Sighting): void => {
    version = sighting.object.metadata.resourceVersion ?? version;
    onSighting(sighting);
  };
  const open = (): Promise<AsyncIterable<Buffer>> => {
    const query = { watch: true, resourceVersion: version, timeoutSeconds: 7200 };
    return client.stream({ method: 'GET', path, query, signal: stopping.signal });
  };
  const first = await open();
  const follow = async (): Promise<void> => {
    for (let stream = first; !stopping.signal.aborted; stream = await open()) await read(stream, see);
  };
  follow().catch((error: unknown) => {
    if (!stopping.signal.aborted) process.emitWarning(`watch of ${path} ended: ${String(error)}`);
  });
  return { stop: () => stopping.abort() };
}

async function read(stream: AsyncIterable<Buffer>, see: (sighting: Sighting) => void): Promise<void> {
  const lines = createLineReader();
  for await (const chunk of stream) {
    const at = performance.now();
    for (const line of lines.push(chunk)) {
      const event = JSON.parse(line) as Omit<Sighting, 'at' | 'type'> & { readonly type: Sighting['type'] | 'ERROR' };
      if (event.type === 'ERROR') throw new Error(`the server says ${line}`);
      see({ at, type: event.type, object: event.object });
    }
  }
}
