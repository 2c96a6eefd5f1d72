import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { KubeObject } from '../../kube/object.ts';
import { createMetrics } from '../../metrics/metrics.ts';
import { createCaches } from '../caches.ts';
import type { KubeError } from '../classify-failure.ts';
import { createController } from '../controller.ts';
import { createEventRecorder } from '../event-recorder.ts';
import type { KubeClient } from '../kube-client.ts';
import type { KubeConfig } from '../kube-config.ts';
import { createLeaderElection, type LeaderElection } from '../leader-election.ts';
import { silentLogger } from '../logger.ts';
import { createReflector } from '../reflector.ts';
import { compareVersions } from '../resource-version.ts';
import { systemTime } from '../time.ts';
import { createWriter } from '../writer.ts';
import { createTestClient } from './client.ts';
import { POD, PODS, pod, THING, THINGS, thing } from './objects.ts';
import { convergingPlan, thingReconciler } from './things.ts';

const soon = { timeout: 30_000, interval: 10 };
const MERGE = 'application/merge-patch+json';
const container = { name: 'main', image: 'none' };

const thingCrd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.test.weir.dev' },
  spec: {
    group: 'test.weir.dev',
    names: { kind: 'Thing', plural: 'things', singular: 'thing', listKind: 'ThingList' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

/** What the runtime relies on in an API server. `connect` gives access as administrator to an empty one. */
export function clientContract(connect: () => Promise<KubeConfig>): void {
  let client: KubeClient;
  let stop: AbortController;

  const post = async (path: string, body: unknown): Promise<KubeObject> =>
    (await client.request({ method: 'POST', path, body })) as KubeObject;
  const get = async (path: string): Promise<KubeObject> =>
    (await client.request({ method: 'GET', path })) as KubeObject;
  const patchAs = (manager: string, path: string, body: unknown): Promise<unknown> =>
    client.request({ method: 'PATCH', path, body, contentType: MERGE, query: { fieldManager: manager } });
  const statusOf = (promise: Promise<unknown>): Promise<number | undefined> =>
    promise.then(
      () => 200,
      (error: KubeError) => error.status,
    );
  const write = () => createWriter({ client }).in('a');

  beforeAll(async () => {
    client = createTestClient(await connect());
    stop = new AbortController();
    await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
  });

  afterAll(async () => {
    stop.abort();
    await client.close();
  });

  it('is told of a kind as missing until its definition is there', async () => {
    const found: KubeObject[] = [];
    const sink = {
      replace: (all: readonly KubeObject[]) => void found.push(...all),
      put: (one: KubeObject) => void found.push(one),
      remove: () => {},
    };
    const reflector = createReflector({ client, kind: THING, sink, time: systemTime, log: silentLogger });
    void reflector.run(stop.signal);
    await vi.waitFor(() => expect(reflector.health().missing).toBe(true), soon);
    await post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', thingCrd);
    await vi.waitFor(async () => expect(await statusOf(get(THINGS))).toBe(200), soon);
    await post(THINGS, thing('first'));
    await vi.waitFor(() => expect(found.map(({ metadata }) => metadata.name)).toContain('first'), soon);
    expect(reflector.health()).toMatchObject({ synced: true, missing: false });
  });

  describe('server-side apply', () => {
    const map = (data: object): KubeObject => ({
      ...pod('applied', { annotations: { ...data } }),
      spec: { containers: [container] },
    });

    it('creates, changes nothing when repeated, and drops what is no longer applied', async () => {
      const made = await write().apply(map({ one: '1', two: '2' }));
      expect(made.metadata.uid).toBeDefined();
      const taken = await write().apply(map({ one: '1', two: '2' }));
      const again = await write().apply(map({ one: '1', two: '2' }));
      expect(again.metadata.resourceVersion).toBe(taken.metadata.resourceVersion);
      const less = await write().apply(map({ one: '1' }));
      expect(less.metadata.annotations).toEqual({ one: '1' });
    });

    it('takes fields from other managers and leaves alone what it does not apply', async () => {
      await patchAs('other', `${PODS}/applied`, { metadata: { annotations: { one: 'theirs', three: '3' } } });
      const taken = await write().apply(map({ one: '1' }));
      expect(taken.metadata.annotations).toEqual({ one: '1', three: '3' });
    });
  });

  describe('status', () => {
    it('is written for the version it was decided on only, and leaves spec and generation alone', async () => {
      const made = await post(THINGS, thing('status', {}, { spec: { a: 1 } }));
      const stored = await write().status(made, { state: 'one', list: [1, 2], nested: { a: 1, b: 2 } });
      expect(stored.metadata.generation).toBe(made.metadata.generation);
      expect(compareVersions(made.metadata.resourceVersion, stored.metadata.resourceVersion)).toBeLessThan(0);
      const next = await write().status(stored, { state: 'two', list: [2], nested: { b: 2 } });
      expect(next.status).toEqual({ state: 'two', list: [2], nested: { b: 2 } });
      await expect(write().status(stored, { state: 'late' })).rejects.toMatchObject({ failure: { kind: 'conflict' } });
      expect((await get(`${THINGS}/status`)).status).toMatchObject({ state: 'two' });
    });

    it('is refused for an object that was re-created', async () => {
      const made = await post(THINGS, thing('recreated'));
      await client.request({ method: 'DELETE', path: `${THINGS}/recreated` });
      await post(THINGS, thing('recreated'));
      await expect(write().status(made, { state: 'late' })).rejects.toMatchObject({ failure: { kind: 'conflict' } });
    });
  });

  it('keeps the finalizers of others', async () => {
    const made = await post(THINGS, thing('finalized', { finalizers: ['other.dev/f'] }));
    const added = await write().finalizer(made, 'add', 'weir.dev/f');
    expect(added.metadata.finalizers).toEqual(['other.dev/f', 'weir.dev/f']);
    await expect(write().finalizer(made, 'add', 'weir.dev/late')).rejects.toMatchObject({
      failure: { kind: 'conflict' },
    });
    await write().delete({ ...THING, namespace: 'a', name: 'finalized' }, made.metadata.uid ?? '', 'Background');
    const deleted = await get(`${THINGS}/finalized`);
    expect(deleted.metadata.deletionTimestamp).toBeDefined();
    const removed = await write().finalizer(deleted, 'remove', 'weir.dev/f');
    expect(removed.metadata.finalizers).toEqual(['other.dev/f']);
  });

  it('deletes only the object that is meant', async () => {
    const made = await post(THINGS, thing('doomed'));
    const ref = { ...THING, namespace: 'a', name: 'doomed' };
    const gone: string[] = [];
    const removed = (_ref: unknown, uid: string): void => void gone.push(uid);
    const writer = createWriter({ client, removed }).in('a');
    await writer.delete(ref, '00000000-0000-0000-0000-000000000000', 'Background');
    expect(await statusOf(get(`${THINGS}/doomed`))).toBe(200);
    await writer.delete(ref, made.metadata.uid ?? '', 'Background');
    expect(await statusOf(get(`${THINGS}/doomed`))).toBe(404);
    await writer.delete(ref, made.metadata.uid ?? '', 'Background');
    expect(gone).toHaveLength(3);
  });

  it('sorts the refusals of the server', async () => {
    const made = await post(THINGS, thing('refused'));
    const bad = { ...pod('bad'), spec: { containers: [] } };
    await expect(write().apply(bad)).rejects.toMatchObject({ failure: { kind: 'stalled', reason: 'Invalid' } });
    const missing = { ...made, metadata: { ...made.metadata, name: 'missing' } };
    await expect(write().status(missing, { a: 1 })).rejects.toMatchObject({
      failure: { kind: 'waiting', reason: 'NotFound' },
    });
    await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'doomed' } });
    await client.request({ method: 'DELETE', path: '/api/v1/namespaces/doomed' });
    const late = { ...pod('late', { namespace: 'doomed' }), spec: { containers: [container] } };
    await expect(createWriter({ client }).in('doomed').apply(late)).rejects.toMatchObject({
      failure: { kind: 'waiting', reason: 'NamespaceTerminating' },
    });
  });

  describe('watches', () => {
    it('are followed in pages, through changes and re-creation', async () => {
      for (let i = 0; i < 5; i++) await post(THINGS, thing(`page-${i}`, { labels: { page: 'yes' } }));
      const caches = createCaches({ client, namespaces: ['a'], time: systemTime, log: silentLogger, pageSize: 2 });
      const told: string[] = [];
      const kind = THING;
      caches.watch(
        { kind, labelSelector: 'page=yes' },
        ({ type, object }) => void told.push(`${type} ${object.metadata.name}`),
      );
      caches.start(stop.signal);
      await caches.synced([kind], stop.signal);
      expect(caches.reader.list(kind, 'a', { page: 'yes' })).toHaveLength(5);
      expect(caches.reader.get({ ...kind, namespace: 'a', name: 'page-0' })?.metadata).not.toHaveProperty(
        'managedFields',
      );
      await client.request({ method: 'DELETE', path: `${THINGS}/page-1` });
      await post(THINGS, thing('page-1', { labels: { page: 'yes' } }));
      await patchAs('other', `${THINGS}/page-2`, { metadata: { labels: { page: 'no' } } });
      await vi.waitFor(() => expect(told.slice(5)).toEqual(['deleted page-1', 'added page-1', 'deleted page-2']), soon);
    });
  });

  it('lets one of two electors lead and hands over on release', async () => {
    const lost = vi.fn<() => void>();
    const elect = (identity: string): LeaderElection =>
      createLeaderElection({
        client,
        namespace: 'a',
        name: 'leader',
        identity,
        time: systemTime,
        log: silentLogger,
        onLost: lost,
      });
    const [one, two] = [elect('one'), elect('two')];
    await one.start();
    const taken = two.start();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([one.leads(), two.leads()]).toEqual([true, false]);
    await one.release();
    await taken;
    expect([one.writeBudgetMs(), two.leads()]).toEqual([0, true]);
    await two.release();
    expect(lost).not.toHaveBeenCalled();
  });

  it('takes events under the names of the incumbents and counts them up', async () => {
    const about = await post(THINGS, thing('eventful'));
    const metrics = createMetrics({ version: 'test', processMetrics: false });
    const recorder = createEventRecorder({ client, time: systemTime, log: silentLogger, metrics, instance: 'test' });
    const event = {
      type: 'Warning',
      reason: 'Broken',
      message: 'it broke',
      component: 'JobManagerDeployment',
    } as const;
    recorder.record(about, event);
    await recorder.flush(5_000);
    recorder.record(about, event);
    await recorder.flush(5_000);
    const events = (await get('/api/v1/namespaces/a/events')) as unknown as { items: KubeObject[] };
    expect(events.items).toEqual([expect.objectContaining({ count: 2, reason: 'Broken', type: 'Warning' })]);
    expect(events.items[0]?.metadata.name).toMatch(/^JobManagerDeployment\.\d+$/);
  });

  it('lets a controller bring a resource to rest in four writes', async () => {
    const caches = createCaches({ client, namespaces: [], time: systemTime, log: silentLogger });
    const writes: string[] = [];
    const counted: KubeClient = {
      ...client,
      request: (request) => {
        writes.push(`${request.method} ${request.what}`);
        return client.request(request);
      },
    };
    const reconciler = thingReconciler((seen) => {
      const plan =
        seen.resource.metadata.name === 'rest'
          ? convergingPlan(seen)
          : { ...convergingPlan(seen), actions: [], status: undefined };
      const actions = plan.actions.map((action) =>
        action.kind === 'apply'
          ? { ...action, object: { ...action.object, spec: { containers: [container] } } }
          : action,
      );
      return {
        ...plan,
        actions: actions.map((action) => (action.kind === 'finalizer' ? { ...action, finalizer: 'weir/f' } : action)),
      };
    });
    const writers = createWriter({ client: counted, wrote: caches.wrote, removed: caches.removed });
    const controller = createController({
      reconciler,
      caches,
      writers,
      events: { record: () => {} },
      time: systemTime,
      log: silentLogger,
    });
    caches.start(stop.signal);
    await controller.start();
    await post(THINGS, thing('rest'));
    await vi.waitFor(async () => expect((await get(`${THINGS}/rest`)).status).toEqual({ pod: 'there' }), soon);
    await controller.stop(5_000);
    expect(writes).toEqual([
      'PATCH add finalizer of Thing a/rest',
      'PUT write status of Thing a/rest',
      'POST create Pod a/rest',
      'PUT write status of Thing a/rest',
    ]);
    expect(caches.reader.get({ ...POD, namespace: 'a', name: 'rest' })).toBeDefined();
  });
}
