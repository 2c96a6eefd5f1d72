import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubeError } from './classify-failure.ts';
import { createKinds, runtimeKinds } from './kinds.ts';
import { createKubeClient } from './kube-client.ts';
import { loadKubeConfig } from './kube-config.ts';
import { createTestClient } from './testing/client.ts';
import { type FakeApiServer, startFakeApiServer } from './testing/fake-api-server.ts';
import { THING, THINGS, thing } from './testing/objects.ts';

let server: FakeApiServer;
let folder: string;

beforeEach(async () => {
  server = await startFakeApiServer();
  folder = mkdtempSync(join(tmpdir(), 'weir-client-'));
});

afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function failureOf(answer: Promise<unknown>): Promise<KubeError> {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof KubeError)) throw new Error(`expected a KubeError, got ${String(error)}`);
  return error;
}

const status = (reason: string, message: string): object => ({ kind: 'Status', reason, message });

describe('requests', () => {
  it('share a bounded number of connections', async () => {
    const client = createKubeClient({
      config: server.config,
      kinds: createKinds(runtimeKinds),
      userAgent: 'weir/test',
      maxConnections: 3,
    });
    await Promise.all(Array.from({ length: 100 }, () => client.request({ method: 'GET', path: THINGS })));
    expect(server.openSockets).toBeLessThanOrEqual(3);
    expect(server.requests).toHaveLength(100);
    await client.close();
  });

  it.each(['DELETE', 'PATCH', 'POST'] as const)('do not end their connection: %s with a body', async (method) => {
    const { config } = server;
    const client = createKubeClient({
      config,
      kinds: createKinds(runtimeKinds),
      userAgent: 'weir/test',
      maxConnections: 1,
    });
    server.onRequest(() => ({ status: 200, body: {} }));
    for (let sent = 0; sent < 3; sent++)
      await client.request({ method, path: `${THINGS}/x`, body: { kind: 'Options' } });
    expect(server.connections).toBe(1);
    await client.close();
  });

  it.each([
    [409, status('Conflict', 'modified'), { kind: 'conflict' }],
    [404, status('NotFound', 'no such thing'), { kind: 'waiting', reason: 'NotFound' }],
    [
      404,
      '404 page not found',
      { kind: 'waiting', reason: 'KindNotFound', message: expect.stringContaining('is its CRD installed?') },
    ],
    [422, status('Invalid', 'spec.x: is bad'), { kind: 'stalled', reason: 'Invalid' }],
    [400, '<html>', { kind: 'stalled', reason: 'BadRequest' }],
    [413, '', { kind: 'stalled', reason: 'RequestEntityTooLarge' }],
    [403, status('Forbidden', 'pods is forbidden: exceeded quota: q'), { kind: 'waiting', reason: 'QuotaExceeded' }],
    [
      403,
      status('Forbidden', 'namespace a because it is being terminated'),
      { kind: 'waiting', reason: 'NamespaceTerminating' },
    ],
    [403, status('Forbidden', 'cannot patch'), { kind: 'stalled', reason: 'Forbidden' }],
    [410, status('Expired', 'too old'), { kind: 'transient' }],
    [500, status('InternalError', 'etcdserver: leader changed'), { kind: 'transient' }],
    [503, 'upstream', { kind: 'transient' }],
  ])('sort a %i', async (code, body, failure) => {
    const client = createTestClient(server.config);
    server.onRequest(() => ({ status: code, body }));
    const error = await failureOf(client.request({ method: 'GET', path: THINGS, what: 'get Thing a/x' }));
    expect(error.failure).toMatchObject(failure);
    expect(error.status).toBe(code);
    expect(error.message).toMatch(/^get Thing a\/x: .*HTTP/);
    await client.close();
  });

  it('pass on how long the server asks to wait', async () => {
    const client = createTestClient(server.config);
    server.onRequest(() => ({ status: 429, headers: { 'retry-after': '7' } }));
    expect((await failureOf(client.request({ method: 'GET', path: THINGS }))).failure).toMatchObject({
      retryAfterMs: 7000,
    });
    await client.close();
  });

  it.each(['cut', 'hang'] as const)('are transient when the server does this: %s', async (fault) => {
    const client = createTestClient(server.config);
    server.onRequest(() => fault);
    const error = await failureOf(client.request({ method: 'GET', path: THINGS, timeoutMs: 200 }));
    expect(error.failure.kind).toBe('transient');
    expect(error.status).toBeUndefined();
    await client.close();
  });

  it('are transient when the answer is not JSON', async () => {
    const client = createTestClient(server.config);
    server.onRequest(() => ({ status: 200, body: '<html>' }));
    expect((await failureOf(client.request({ method: 'GET', path: THINGS }))).failure.kind).toBe('transient');
    await client.close();
  });
});

describe('authentication', () => {
  function kubeconfig(user: object): string {
    const path = join(folder, 'config');
    const config = {
      'current-context': 'c',
      clusters: [{ name: 'k', cluster: { server: server.config.cluster.server } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'n' } }],
    };
    writeFileSync(path, JSON.stringify(config));
    return path;
  }

  async function authorizationOf(user: object, between: () => void = () => {}): Promise<unknown[]> {
    const client = createTestClient(loadKubeConfig({ path: kubeconfig(user) }));
    await client.request({ method: 'GET', path: THINGS });
    between();
    await client.request({ method: 'GET', path: THINGS });
    await client.close();
    return server.requests.map(({ headers }) => headers.authorization);
  }

  it('sends a token', async () => {
    expect(await authorizationOf({ token: 't' })).toEqual(['Bearer t', 'Bearer t']);
  });

  it('reads a token file anew when the server refuses the token', async () => {
    writeFileSync(join(folder, 'token'), 'old\n');
    let valid = 'Bearer old';
    server.onRequest(({ headers }) => (headers.authorization === valid ? undefined : { status: 401 }));
    const rotate = (): void => {
      writeFileSync(join(folder, 'token'), 'new\n');
      valid = 'Bearer new';
    };
    expect(await authorizationOf({ tokenFile: 'token' }, rotate)).toEqual(['Bearer old', 'Bearer old', 'Bearer new']);
  });

  it('runs an exec plugin once for many requests, and again when the server refuses what it gave', async () => {
    const count = join(folder, 'count');
    const script = `echo x >> ${count}; printf '{"kind":"ExecCredential","status":{"token":"%s"}}' $(wc -l < ${count})`;
    const user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] } };
    const client = createTestClient(loadKubeConfig({ path: kubeconfig(user) }));
    const get = (): Promise<unknown> => client.request({ method: 'GET', path: THINGS });
    await Promise.all([get(), get(), get()]);
    expect(new Set(server.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer 1']));
    server.onRequest(({ headers }) => (headers.authorization === 'Bearer 2' ? undefined : { status: 401 }));
    await get();
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer 2');
    await client.close();
  });

  it('names what is wrong with a configuration', () => {
    expect(() => loadKubeConfig({ path: join(folder, 'none') })).toThrow(
      /not a readable kubeconfig: there is no such file$/,
    );
    expect(() => loadKubeConfig({ path: kubeconfig({}), context: 'other' })).toThrow(/no context named other/);
    const config = loadKubeConfig({ path: kubeconfig({ 'auth-provider': { name: 'gcp' } }) });
    expect(() => createTestClient(config)).toThrow(/gcp is not supported/);
  });

  it('uses the service account inside a cluster', () => {
    const config = loadKubeConfig({ env: { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' } });
    expect(config.cluster.server).toBe('https://[fd00::1]:443');
    expect(config.context).toBe('in-cluster');
  });
});

describe('paths', () => {
  const { kinds } = createTestClient({
    cluster: { name: '', server: 'http://x', skipTLSVerify: false },
    user: { name: '' },
    context: '',
    namespace: undefined,
  });

  it('name collections, objects and subresources', () => {
    expect(kinds.collection(THING)).toBe('/apis/test.weir.dev/v1/things');
    expect(kinds.object({ ...THING, namespace: 'a', name: 'x' }, 'status')).toBe(`${THINGS}/x/status`);
    expect(kinds.object({ apiVersion: 'v1', kind: 'Namespace', name: 'a' })).toBe('/api/v1/namespaces/a');
  });

  it.each(['..', 'a/b', 'a?b', ''])('refuse the name %j', (name) => {
    expect(() => kinds.object({ ...THING, namespace: 'a', name })).toThrow(/cannot be a Kubernetes name/);
  });

  it('refuse unknown kinds and missing namespaces', () => {
    expect(() => kinds.collection({ apiVersion: 'v1', kind: 'Secret' })).toThrow(/not among the kinds/);
    expect(() => kinds.object({ ...thing('x'), name: 'x' })).toThrow(/needs a namespace/);
  });
});
