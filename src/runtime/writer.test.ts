import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type KubeObject, refOf } from '../kube/object.ts';
import { createTestClient } from './testing/client.ts';
import { type FakeApiServer, startFakeApiServer } from './testing/fake-api-server.ts';
import { PODS, pod, THINGS, thing } from './testing/objects.ts';
import { createWriter, type WriterOptions } from './writer.ts';

let server: FakeApiServer;

beforeEach(async () => {
  server = await startFakeApiServer();
});

afterEach(() => server.stop());

function writer(options: Partial<WriterOptions> = {}) {
  return createWriter({ client: createTestClient(server.config), ...options }).in('a');
}

const lastBody = (): unknown => server.requests.at(-1)?.body;

describe('status', () => {
  it('is not written when it says the same, in whatever order', async () => {
    const object = server.put(THINGS, thing('x', {}, { status: { a: 1, b: [1, 2] } }));
    expect(await writer().status(object, { b: [1, 2], a: 1, c: undefined })).toBe(object);
    expect(server.requests).toHaveLength(0);
  });

  it('is sent whole, for the version it was decided on', async () => {
    const object = server.put(THINGS, thing('x', {}, { status: { a: 1, b: { c: 1, d: 2 }, gone: true } }));
    const stored = await writer().status(object, { a: 1, b: { c: 1, d: 3 } });
    const { uid, resourceVersion } = object.metadata;
    const { metadata: said, status } = lastBody() as KubeObject;
    expect(said).toMatchObject({ uid, resourceVersion });
    expect(status).toEqual({ a: 1, b: { c: 1, d: 3 } });
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([`PUT ${THINGS}/x/status`]);
    expect(stored.status).toEqual({ a: 1, b: { c: 1, d: 3 } });
  });

  it('is a conflict when somebody wrote in between', async () => {
    const object = server.put(THINGS, thing('x'));
    server.put(THINGS, { ...object, spec: 1 });
    await expect(writer().status(object, { a: 1 })).rejects.toMatchObject({ failure: { kind: 'conflict' } });
  });

  it('tells that the object is gone where there is none to write it to', async () => {
    const removed = vi.fn<() => void>();
    const object = server.put(THINGS, thing('x'));
    const refused = async (message: string): Promise<void> => {
      const body = { kind: 'Status', apiVersion: 'v1', code: 404, reason: 'NotFound', message };
      server.onRequest(() => ({ status: 404, body }));
      await expect(writer({ removed }).status(object, { a: 1 })).rejects.toThrow(message);
    };
    await refused('the server could not find the requested resource');
    expect(removed).not.toHaveBeenCalled();
    await refused('things.test "x" not found');
    expect(removed).toHaveBeenCalledExactlyOnceWith(refOf(object), object.metadata.uid);
  });

  it('is never written blindly', async () => {
    await expect(writer().status(thing('x'), { a: 1 })).rejects.toMatchObject({ failure: { kind: 'stalled' } });
  });
});

describe('create', () => {
  it('makes what is not there, and tells of it', async () => {
    const wrote = vi.fn<(object: KubeObject) => void>();
    const stored = await writer({ wrote }).create(pod('x'));
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([`POST ${PODS}`]);
    expect(stored.metadata.uid).toBe(server.get(PODS, 'x')?.metadata.uid);
    expect(wrote).toHaveBeenCalledWith(stored);
  });

  it('leaves what is there as it is, and waits until it is seen', async () => {
    const there = server.put(PODS, pod('x'));
    await expect(writer().create({ ...pod('x'), spec: 1 })).rejects.toMatchObject({
      failure: { kind: 'waiting', reason: 'AlreadyExists' },
    });
    expect(server.get(PODS, 'x')).toEqual(there);
  });
});

describe('patches', () => {
  it('change what they name of the version they were decided on', async () => {
    const object = server.put(THINGS, thing('x', {}, { data: { a: '1', b: '2' } }));
    const { uid, resourceVersion } = object.metadata;
    const stored = await writer().patch(object, { data: { a: null } });
    expect(lastBody()).toEqual({ metadata: { uid, resourceVersion }, data: { a: null } });
    expect(stored.data).toEqual({ b: '2' });
  });

  it('are a conflict when somebody wrote in between', async () => {
    const object = server.put(THINGS, thing('x'));
    server.put(THINGS, { ...object, spec: 1 });
    const patched = writer().patch(object, { spec: 2 });
    await expect(patched).rejects.toMatchObject({ failure: { kind: 'conflict' } });
  });
});

describe('finalizers', () => {
  it('are added and removed beside those of others', async () => {
    const object = server.put(THINGS, thing('x', { finalizers: ['other/f'] }));
    const added = await writer().finalizer(object, 'add', 'weir/f');
    expect(added.metadata.finalizers).toEqual(['other/f', 'weir/f']);
    expect(await writer().finalizer(added, 'add', 'weir/f')).toBe(added);
    const removed = await writer().finalizer(added, 'remove', 'weir/f');
    expect(removed.metadata.finalizers).toEqual(['other/f']);
    expect(server.requests).toHaveLength(2);
  });

  it('are not touched on a version somebody else has changed', async () => {
    const object = server.put(THINGS, thing('x', { finalizers: ['weir/f'] }));
    server.put(THINGS, thing('x', { uid: object.metadata.uid ?? '', finalizers: ['weir/f', 'new/f'] }));
    await expect(writer().finalizer(object, 'remove', 'weir/f')).rejects.toMatchObject({
      failure: { kind: 'conflict' },
    });
  });

  it('take the object along when the last is removed from one that is being deleted', async () => {
    const [removed, wrote] = [vi.fn<() => void>(), vi.fn<() => void>()];
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    const last = server.put(THINGS, thing('x', { deletionTimestamp, finalizers: ['weir/f'] }));
    await writer({ removed, wrote }).finalizer(last, 'remove', 'weir/f');
    expect(removed).toHaveBeenCalledExactlyOnceWith(refOf(last), last.metadata.uid);
    expect(wrote).not.toHaveBeenCalled();
    const held = server.put(THINGS, thing('y', { deletionTimestamp, finalizers: ['weir/f', 'other/f'] }));
    const live = server.put(THINGS, thing('z', { finalizers: ['weir/f'] }));
    for (const object of [held, live]) await writer({ removed, wrote }).finalizer(object, 'remove', 'weir/f');
    expect(wrote).toHaveBeenCalledTimes(2);
    expect(removed).toHaveBeenCalledTimes(1);
  });

  it('count as removed when the object is gone', async () => {
    const object = server.put(THINGS, thing('x', { finalizers: ['weir/f'] }));
    server.remove(THINGS, 'x');
    expect(await writer().finalizer(object, 'remove', 'weir/f')).toBe(object);
  });
});

describe('apply and delete', () => {
  it("takes nobody else's object over that has the name, and says so", async () => {
    const theirs = server.put(PODS, pod('x', { labels: { app: 'web' } }));
    const ours = pod('x', {
      labels: { app: 'x' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'a', uid: '1' }],
    });
    await expect(writer().apply(ours)).rejects.toMatchObject({
      failure: {
        kind: 'waiting',
        reason: 'AlreadyExists',
        message: expect.stringMatching(
          /^apply Pod a\/x: a Pod of this name that was not made for this resource is there/,
        ),
      },
    });
    expect(server.get(PODS, 'x')).toEqual(theirs);
  });

  it.each([
    ['has an owner in common', { ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'a', uid: '1' }] }],
    ['has all its labels', { labels: { app: 'x', more: 'y' } }],
  ])('applies over what %s, and does not try to create what is known', async (_what, metadata) => {
    const there = server.put(PODS, pod('x', metadata));
    const ours = pod('x', {
      labels: { app: 'x' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'a', uid: '1' }],
    });
    await writer().apply(ours);
    await writer({ known: () => there }).apply(ours);
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'PATCH', 'GET', 'PATCH']);
  });

  it('creates what is not known to be there, in one request', async () => {
    const stored = await writer().apply(pod('x'));
    expect(stored.metadata.uid).toBe(server.get(PODS, 'x')?.metadata.uid);
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([`POST ${PODS}`]);
  });

  it('owns what it created as applied before it applies over it, so that fields can go', async () => {
    const entry = { manager: 'weir', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} };
    const others = [
      { ...entry, subresource: 'status' },
      { ...entry, manager: 'kubectl' },
    ];
    const labels = { app: 'x' };
    server.put(PODS, {
      ...pod('x', { labels }),
      metadata: { ...pod('x', { labels }).metadata, managedFields: [entry, ...others] },
    } as never);
    await writer().apply(pod('x', { labels }));
    const [, , taken] = server.requests;
    expect(taken?.body).toMatchObject({ metadata: { managedFields: [{ ...entry, operation: 'Apply' }, ...others] } });
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'PATCH', 'PATCH']);
  });

  it('applies by force as one field manager', async () => {
    const wrote = vi.fn<(object: KubeObject) => void>();
    const labels = { app: 'x' };
    const known = server.put(PODS, pod('x', { labels }));
    const stored = await writer({ wrote, known: () => known }).apply(pod('x', { labels }));
    expect(stored.metadata.uid).toBeDefined();
    expect(wrote).toHaveBeenCalledWith(stored);
    const request = server.requests.at(-1);
    expect(request?.query.toString()).toBe('fieldManager=weir&force=true');
    expect(request?.headers['content-type']).toBe('application/apply-patch+yaml');
  });

  it('deletes what it was told to, and nothing that took its name', async () => {
    const removed = vi.fn<() => void>();
    const first = server.put(PODS, pod('x'));
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'a', name: 'x' };
    await writer({ removed }).delete(ref, 'another uid', 'Background');
    expect(server.get(PODS, 'x')).toBe(first);
    await writer({ removed }).delete(ref, first.metadata.uid ?? '', 'Foreground');
    expect(server.get(PODS, 'x')).toBeUndefined();
    expect(lastBody()).toMatchObject({ preconditions: { uid: first.metadata.uid }, propagationPolicy: 'Foreground' });
    await writer({ removed }).delete(ref, first.metadata.uid ?? '', 'Foreground');
    expect(removed).toHaveBeenCalledTimes(3);
  });

  it('takes an object for gone that is answered as it was, and for there while it is marked', async () => {
    const [wrote, removed] = [vi.fn<() => void>(), vi.fn<() => void>()];
    const plain = pod('x', { uid: 'u' });
    const marked = pod('x', { uid: 'u', deletionTimestamp: '2026-01-01T00:00:00Z' });
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'a', name: 'x' };
    for (const answer of [plain, marked]) {
      const client = { ...createTestClient(server.config), request: async () => answer };
      await writer({ client, wrote, removed }).delete(ref, 'u', 'Background');
    }
    expect(removed.mock.calls).toEqual([[ref, 'u']]);
    expect(wrote.mock.calls).toEqual([[marked]]);
  });

  it.each([
    ['another namespace', pod('x', { namespace: 'b' })],
    ['no namespace', { ...pod('x'), metadata: { name: 'x' } }],
    ['a cluster-scoped kind', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a', namespace: 'a' } }],
    ['an unknown kind', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace: 'a' } }],
  ])('refuses %s', async (_name, object) => {
    await expect(writer().apply(object)).rejects.toMatchObject({ failure: { kind: 'stalled' } });
    await expect(writer().create(object)).rejects.toMatchObject({ failure: { kind: 'stalled' } });
    expect(server.requests).toHaveLength(0);
  });

  it('writes nothing once the lease could be another’s', async () => {
    const object = server.put(THINGS, thing('x', { finalizers: ['weir/f'] }));
    const fenced = writer({ budgetMs: () => 0 });
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'a', name: 'x' };
    const writes = [
      fenced.apply(pod('x')),
      fenced.create(pod('y')),
      fenced.status(object, { a: 1 }),
      fenced.finalizer(object, 'remove', 'weir/f'),
      fenced.delete(ref, 'u', 'Background'),
    ];
    for (const write of writes) await expect(write).rejects.toMatchObject({ failure: { kind: 'transient' } });
    expect(server.requests).toHaveLength(0);
  });

  it('sends nothing that waited for its connection until the lease could be another’s', async () => {
    let left = 15_000;
    const late = writer({ budgetMs: () => left }).create(pod('y'));
    left = 0;
    const unsent = { kind: 'transient', message: expect.stringContaining('not sent') };
    await expect(late).rejects.toMatchObject({ failure: unsent });
    expect(server.requests).toHaveLength(0);
    left = 15_000;
    await writer({ budgetMs: () => left }).create(pod('y'));
    expect(server.requests).toHaveLength(1);
  });
});

describe('writes of several passes', () => {
  it('let one that has changed something finish before others change anything', async () => {
    const object = server.put(THINGS, thing('x'));
    const writers = createWriter({ client: createTestClient(server.config), writesAtOnce: 1 });
    const [one, other] = [writers.in('a'), writers.in('a')];
    const doomed = server.put(PODS, pod('old', { uid: 'u' }));
    const first = one.create(pod('a1')).then(() => one.create(pod('a2')));
    const waiting = [
      other.delete(
        { apiVersion: 'v1', kind: 'Pod', namespace: 'a', name: 'old' },
        doomed.metadata.uid ?? '',
        'Background',
      ),
      writers.in('a').create(pod('b1')),
      writers.in('a').status(object, { a: 1 }),
    ];
    await Promise.all([first, ...waiting]);
    const order = server.requests.map(({ method, path, body }) => {
      return `${method} ${method === 'POST' ? (body as KubeObject).metadata.name : path}`;
    });
    expect(order).toEqual(['POST a1', `PUT ${THINGS}/x/status`, 'POST a2', 'POST b1', `DELETE ${PODS}/old`]);
  });

  it('are too many when more than half of those that may be under way at once are', async () => {
    const writers = createWriter({ client: createTestClient(server.config), writesAtOnce: 2 });
    const busy = (): boolean => writers.busy();
    const [one, other] = [writers.in('a').create(pod('a')), writers.in('a').create(pod('b'))];
    expect(busy()).toBe(true);
    await Promise.all([one, other]);
    const last = writers.in('a').create(pod('c'));
    expect(busy()).toBe(false);
    await last;
  });
});
