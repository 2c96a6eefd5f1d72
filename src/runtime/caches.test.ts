import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { type Caches, type CachesOptions, createCaches } from './caches.ts';
import type { KubeClient } from './kube-client.ts';
import { silentLogger } from './logger.ts';
import { createTestClient } from './testing/client.ts';
import { type FakeApiServer, startFakeApiServer } from './testing/fake-api-server.ts';
import { createFastTime } from './testing/fast-time.ts';
import { POD, PODS, pod, THING, thing } from './testing/objects.ts';

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

function caches(options: Partial<CachesOptions> = {}): Caches {
  return createCaches({ client, namespaces: [], time: createFastTime(), log: silentLogger, ...options });
}

const lists = (): string[] =>
  server.requests
    .filter(({ query }) => query.has('limit'))
    .map(({ path, query }) => `${path} ${query.get('labelSelector') ?? ''}`.trim());

describe('caches', () => {
  it('watch a kind once for all who ask, without a selector if anybody asks so', async () => {
    server.put(PODS, pod('x'));
    const told: string[] = [];
    const made = caches();
    made.watch({ kind: POD }, () => void told.push('all'));
    made.watch({ kind: POD, labelSelector: 'a=b' }, () => void told.push('some'));
    made.watch({ kind: POD, trim: (object) => ({ ...object, spec: 'trimmed' }) }, () => void told.push('trimmed'));
    made.start(stop.signal);
    await made.synced([POD], stop.signal);
    expect(lists()).toEqual(['/api/v1/pods']);
    expect(told).toEqual(['all', 'some', 'trimmed']);
    expect(made.reader.get({ ...POD, namespace: 'a', name: 'x' })).not.toHaveProperty('spec');
    expect(() => made.watch({ kind: THING }, () => {})).toThrow(/before the caches start/);
  });

  it('add the labels that a kind must have in any case', async () => {
    const made = caches({ labelSelector: ({ kind }) => (kind === 'Pod' ? 'team=a' : undefined) });
    made.watch({ kind: POD, labelSelector: 'x' }, () => {});
    made.watch({ kind: THING }, () => {});
    made.start(stop.signal);
    await made.synced([POD, THING], stop.signal);
    expect(lists().sort()).toEqual(['/api/v1/pods team=a,x', '/apis/test.weir.dev/v1/things']);
  });

  it('watch each selector, show an object once, and tell everybody of both', async () => {
    server.put(PODS, pod('x', { labels: { app: 'x', one: '', two: '' } }));
    let told = 0;
    const made = caches();
    made.watch({ kind: POD, labelSelector: 'one' }, () => void told++);
    made.watch({ kind: POD, labelSelector: 'two' }, () => {});
    made.start(stop.signal);
    await made.synced([POD], stop.signal);
    expect(lists().toSorted()).toEqual(['/api/v1/pods one', '/api/v1/pods two']);
    expect(made.reader.list(POD, 'a', { app: 'x' })).toHaveLength(1);
    expect(told).toBe(2);
  });

  it('watch only the given namespaces, and kinds without namespace as a whole', async () => {
    const made = caches({ namespaces: ['a', 'b'] });
    const namespaces = { apiVersion: 'v1', kind: 'Namespace' };
    made.watch({ kind: POD }, () => {});
    made.watch({ kind: namespaces }, () => {});
    server.put('/api/v1/namespaces', { ...namespaces, metadata: { name: 'a' } });
    for (const namespace of ['a', 'b', 'c'])
      server.put(`/api/v1/namespaces/${namespace}/pods`, pod('x', { namespace }));
    made.start(stop.signal);
    await made.synced([POD, namespaces], stop.signal);
    expect(lists().toSorted()).toEqual([
      '/api/v1/namespaces',
      '/api/v1/namespaces/a/pods',
      '/api/v1/namespaces/b/pods',
    ]);
    const found = ['a', 'b', 'c'].map(
      (namespace) => made.reader.get({ ...POD, namespace, name: 'x' })?.metadata.namespace,
    );
    expect(found).toEqual(['a', 'b', undefined]);
    expect(made.reader.get({ ...namespaces, name: 'a' })).toBeDefined();
    expect(made.health().map(({ kind, namespace }) => [kind, namespace])).toEqual([
      ['Pod', 'a'],
      ['Pod', 'b'],
      ['Namespace', undefined],
    ]);
  });

  it('keep the parts of an object that a change leaves as they were, of watch events and own writes alike', async () => {
    const version = (phase: string, more: Partial<KubeObject['metadata']> = {}): KubeObject => {
      const object = { ...pod('x'), spec: { containers: [{ name: 'main' }] }, status: { phase } };
      return { ...object, metadata: { ...object.metadata, ...more } };
    };
    server.put(PODS, version('Pending'));
    const made = caches();
    made.watch({ kind: POD }, () => {});
    made.start(stop.signal);
    await made.synced([POD], stop.signal);
    const read = (): KubeObject | undefined => made.reader.get({ ...POD, namespace: 'a', name: 'x' });
    const first = read();
    expect(first?.spec).toBeDefined();
    server.put(PODS, version('Running'));
    await vi.waitFor(() => expect(read()?.status).toEqual({ phase: 'Running' }), soon);
    expect(read()?.spec).toBe(first?.spec);
    const { uid } = first?.metadata ?? {};
    made.wrote(version('Succeeded', { ...(uid === undefined ? {} : { uid }), resourceVersion: '999999' }));
    expect(read()?.status).toEqual({ phase: 'Succeeded' });
    expect(read()?.spec).toBe(first?.spec);
  });

  it('go on telling when a listener throws', async () => {
    const told = vi.fn<() => void>();
    const made = caches();
    made.watch({ kind: POD }, () => {
      throw new Error('bug');
    });
    made.watch({ kind: POD }, told);
    made.start(stop.signal);
    await made.synced([POD], stop.signal);
    server.put(PODS, pod('x'));
    await vi.waitFor(() => expect(told).toHaveBeenCalledTimes(1), soon);
  });

  it('do not wait for a kind that is not installed, nor after a stop', async () => {
    server.onRequest(({ path }) =>
      path.endsWith('/things') ? { status: 404 } : path.endsWith('/pods') ? { status: 500 } : undefined,
    );
    const made = caches();
    made.watch({ kind: THING }, () => {});
    made.watch({ kind: POD }, () => {});
    made.start(stop.signal);
    await made.synced([THING], stop.signal);
    expect(made.health()[0]).toMatchObject({ missing: true, synced: false });
    const never = made.synced([POD], stop.signal);
    stop.abort();
    await never;
  });

  it('trim by what those ask for whom a watch is', async () => {
    const mark = (spec: string) => (object: KubeObject) => ({ ...object, spec });
    const made = caches();
    const seen = new Set<unknown>();
    made.watch({ kind: POD, labelSelector: 'app=a', trim: mark('a') }, ({ object }) => void seen.add(object.spec));
    made.watch({ kind: POD, labelSelector: 'app=b', trim: mark('b') }, () => {});
    for (const name of ['a', 'b']) server.put(PODS, pod(name));
    made.start(stop.signal);
    await made.synced([POD], stop.signal);
    expect(seen).toEqual(new Set(['a', 'b']));
  });

  it('show own writes at once, trimmed as the watch would, and ignore kinds nobody watches', async () => {
    const made = caches();
    made.watch({ kind: POD, trim: (object) => ({ ...object, spec: 'trimmed' }) }, () => {});
    made.start(stop.signal);
    await made.synced([POD], stop.signal);
    made.wrote(pod('x', { uid: 'u', resourceVersion: '100000' }));
    made.wrote(thing('x', { uid: 'u', resourceVersion: '100000' }));
    expect(made.reader.get({ ...POD, namespace: 'a', name: 'x' })).toMatchObject({ spec: 'trimmed' });
    expect(made.reader.list(POD, 'a', { app: 'x' })).toHaveLength(1);
    expect(made.reader.get({ ...THING, namespace: 'a', name: 'x' })).toBeUndefined();
  });

  it('show the end of an own write once its watch tells of it, though nothing happens in another of the kind', async () => {
    const made = caches();
    for (const labelSelector of ['app=x', 'app=y']) made.watch({ kind: POD, labelSelector }, () => {});
    made.start(stop.signal);
    await made.synced([POD], stop.signal);
    const stored = server.put(PODS, pod('x', { labels: { app: 'x' } }));
    const read = () => made.reader.get({ ...POD, namespace: 'a', name: 'x' });
    await vi.waitFor(() => expect(read()).toBeDefined(), soon);
    server.remove(PODS, 'x');
    await vi.waitFor(() => expect(read()).toBeUndefined(), soon);
    made.wrote(stored); // an answer that comes late
    expect(read()).toBeUndefined();
  });
});
