import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KubeClient } from './kube-client.ts';
import { silentLogger } from './logger.ts';
import { createReflector, type ReflectorOptions } from './reflector.ts';
import { createStore, type StoreEvent } from './store.ts';
import { createTestClient } from './testing/client.ts';
import { type FakeApiServer, startFakeApiServer } from './testing/fake-api-server.ts';
import { createFastTime } from './testing/fast-time.ts';
import { POD, PODS, pod } from './testing/objects.ts';

// Generous, since a busy machine is no failure; nothing waits that long on a quiet one.
const soon = { timeout: 20_000, interval: 5 };
vi.setConfig({ testTimeout: 30_000 });
let server: FakeApiServer;
let client: KubeClient;
let stop: AbortController;

beforeEach(async () => {
  server = await startFakeApiServer();
  client = createTestClient(server.config);
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await client.close();
  await server.stop();
});

function start(options: Partial<ReflectorOptions> = {}) {
  const store = createStore();
  const events: string[] = [];
  const tell = (told: readonly StoreEvent[]): void => {
    for (const { type, object } of told) events.push(`${type} ${object.metadata.name}`);
  };
  const sink = {
    put: (object: Parameters<typeof store.put>[0]) => tell(store.put(object)),
    remove: (object: Parameters<typeof store.put>[0]) => tell(store.remove(object)),
    replace: (objects: readonly Parameters<typeof store.put>[0][]) => tell(store.replace(objects)),
  };
  const reflector = createReflector({ client, kind: POD, sink, time: createFastTime(), log: silentLogger, ...options });
  void reflector.run(stop.signal);
  return { reflector, store, events };
}

function names(store: ReturnType<typeof createStore>): string[] {
  return store
    .list(undefined, {})
    .map(({ metadata }) => metadata.name)
    .sort();
}

const watchesSeen = (): number => server.requests.filter(({ query }) => query.get('watch')).length;
const listsSeen = (): number => server.requests.filter(({ query }) => query.get('limit')).length;

async function watching(): Promise<void> {
  await vi.waitFor(() => expect(server.openWatches).toBe(1), soon);
}

describe('reflector', () => {
  it('lists in pages, completes items, trims, and follows changes', async () => {
    for (const name of ['x', 'y', 'z'])
      server.put(PODS, { ...pod(name), metadata: { ...pod(name).metadata, managedFields: [] } as never });
    const { store, events, reflector } = start({ pageSize: 2, trim: (object) => ({ ...object, spec: 'trimmed' }) });
    await watching();
    expect(names(store)).toEqual(['x', 'y', 'z']);
    expect(listsSeen()).toBe(2);
    expect(store.get('a/x')).toMatchObject({ ...POD, spec: 'trimmed' });
    expect(store.get('a/x')?.metadata).not.toHaveProperty('managedFields');
    server.remove(PODS, 'x');
    server.put(PODS, pod('w'));
    await vi.waitFor(() => expect(events.slice(3)).toEqual(['deleted x', 'added w']), soon);
    expect(reflector.health()).toMatchObject({ synced: true, missing: false, error: undefined });
    const [list] = server.requests;
    expect(list?.query.has('resourceVersion')).toBe(false);
    expect(server.requests.at(-1)?.query.get('allowWatchBookmarks')).toBe('true');
  });

  it('recovers when lists and watches are refused', async () => {
    server.put(PODS, pod('x'));
    const faults = [500, 429, 503, 401, 401, 500];
    server.onRequest(() => {
      const status = faults.shift();
      return status === undefined ? undefined : { status, headers: status === 429 ? { 'retry-after': '1' } : {} };
    });
    const { store } = start();
    await watching();
    expect(names(store)).toEqual(['x']);
    faults.push(500, 503, 429);
    server.cutWatches();
    server.put(PODS, pod('y'));
    await vi.waitFor(() => expect(names(store)).toEqual(['x', 'y']), soon);
    expect(listsSeen()).toBe(7);
  });

  it('goes on from the last version when the connection is cut', async () => {
    const { store } = start();
    await watching();
    server.cutWatches();
    server.put(PODS, pod('x'));
    await vi.waitFor(() => expect(names(store)).toEqual(['x']), soon);
    expect(listsSeen()).toBe(1);
  });

  it('lists again when its version is gone, and sees what was deleted and re-created meanwhile', async () => {
    for (const name of ['x', 'y', 'z']) server.put(PODS, pod(name));
    const { store, events } = start();
    await watching();
    server.remove(PODS, 'x', 'silently');
    server.remove(PODS, 'y', 'silently');
    server.put(PODS, pod('y'), 'silently');
    server.compact();
    server.cutWatches();
    await vi.waitFor(() => expect(events.slice(3)).toEqual(['deleted x', 'deleted y', 'added y']), soon);
    expect(names(store)).toEqual(['y', 'z']);
  });

  it('lists again on a 410 inside the stream', async () => {
    const { store } = start();
    await watching();
    server.put(PODS, pod('x'), 'silently');
    server.sendEvent('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    await vi.waitFor(() => expect(names(store)).toEqual(['x']), soon);
  });

  it('starts a list anew when its continue token is too old', async () => {
    for (const name of ['x', 'y', 'z']) server.put(PODS, pod(name));
    let refused = false;
    server.onRequest(({ query }) => {
      if (!query.has('continue') || refused) return undefined;
      refused = true;
      return { status: 410 };
    });
    const { store } = start({ pageSize: 2 });
    await watching();
    expect(names(store)).toEqual(['x', 'y', 'z']);
    expect(listsSeen()).toBe(4);
  });

  it('leaves a watch that has gone silent', async () => {
    const warn = vi.fn();
    const { reflector, store } = start({ idleMs: 3_000, log: { ...silentLogger, warn } });
    await watching();
    await vi.waitFor(() => expect(watchesSeen()).toBeGreaterThan(1), soon);
    expect(warn).not.toHaveBeenCalled();
    expect(reflector.health().error).toBeUndefined();
    server.put(PODS, pod('x'));
    await vi.waitFor(() => expect(names(store)).toEqual(['x']), soon);
    expect(listsSeen()).toBe(1);
  });

  it.each(['{"type":"ADDED","object":{"met', '[]', '{"type":"ADDED","object":{"kind":"Secret"}}'])(
    'survives the unreadable line %s',
    async (line) => {
      const { store } = start();
      await watching();
      server.sendLine(line);
      server.put(PODS, pod('x'));
      await vi.waitFor(() => expect(names(store)).toEqual(['x']), soon);
    },
  );

  it('lists anew when the server was restored from an older backup', async () => {
    for (const name of ['x', 'y']) server.put(PODS, pod(name));
    const { store } = start();
    await watching();
    server.remove(PODS, 'x', 'silently');
    server.setVersion(50);
    server.put(PODS, pod('z'));
    await vi.waitFor(() => expect(names(store)).toEqual(['y', 'z']), soon);
  });

  it('waits for a kind that is not installed', async () => {
    let installed = false;
    server.onRequest(() => (installed ? undefined : { status: 404 }));
    const { reflector, store } = start();
    await vi.waitFor(() => expect(reflector.health().missing).toBe(true), soon);
    installed = true;
    server.put(PODS, pod('x'));
    await vi.waitFor(() => expect(names(store)).toEqual(['x']), soon);
    expect(reflector.health()).toMatchObject({ missing: false, synced: true });
  });

  it('does not storm a server that closes every watch at once', async () => {
    const fast = createFastTime();
    start({ time: fast });
    await watching();
    const started = fast.monotonic();
    server.onRequest(({ query }) => (query.get('watch') ? { status: 200, body: '' } : undefined));
    server.cutWatches();
    await vi.waitFor(() => expect(watchesSeen()).toBeGreaterThan(5), soon);
    // Waits of 0.8, 1.6, 3.2, 6.4 s at least halved by chance, whatever the machine's speed.
    expect(fast.monotonic() - started).toBeGreaterThan(6_000);
    expect(listsSeen()).toBe(1);
  });
});
