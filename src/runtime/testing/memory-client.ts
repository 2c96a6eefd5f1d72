import type { KubeObject } from '../../kube/object.ts';
import { applyMergePatch } from '../../lib/merge-patch.ts';
import { KubeError } from '../classify-failure.ts';
import { createKinds, runtimeKinds } from '../kinds.ts';
import type { KubeClient, KubeRequest } from '../kube-client.ts';
import { testKinds } from './objects.ts';

/** Objects by path, without sockets or time, for tests under a manual clock. */
export interface MemoryApi {
  readonly objects: Map<string, KubeObject>;
  readonly requests: readonly KubeRequest[];
  /** A client; `before` may throw, `after` may lose the answer to a request that was carried out. */
  client(hooks?: { before?: (request: KubeRequest) => unknown; after?: (request: KubeRequest) => unknown }): KubeClient;
}

/** An empty API that serves GET, POST and merge PATCH. */
export function createMemoryApi(): MemoryApi {
  const objects = new Map<string, KubeObject>();
  const requests: KubeRequest[] = [];
  let version = 0;
  const store = (path: string, object: KubeObject): KubeObject => {
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++version) } };
    objects.set(path, stored);
    return stored;
  };
  const serve = (request: KubeRequest): KubeObject => {
    const body = request.body as KubeObject;
    const path = request.method === 'POST' ? `${request.path}/${body.metadata.name}` : request.path;
    const found = objects.get(path);
    if (request.method === 'POST') return found ? refuse(409, 'AlreadyExists') : store(path, body);
    if (found === undefined) return refuse(404, 'NotFound');
    if (request.method === 'GET') return found;
    const wanted = body.metadata?.resourceVersion;
    if (wanted !== undefined && wanted !== found.metadata.resourceVersion) return refuse(409, 'Conflict');
    return store(path, applyMergePatch(found, body) as KubeObject);
  };
  return {
    objects,
    requests,
    client: (hooks = {}) => ({
      kinds: createKinds([...runtimeKinds, ...testKinds]),
      fieldManager: 'weir',
      async request(request) {
        await hooks.before?.(request);
        requests.push(request);
        const answer = serve(request);
        await hooks.after?.(request);
        return answer;
      },
      stream: () => Promise.reject(new Error('no watches here')),
      close: () => Promise.resolve(),
    }),
  };
}

function refuse(status: number, reason: string): never {
  throw new KubeError({ kind: status === 409 ? 'conflict' : 'transient', message: reason }, { status, reason });
}
