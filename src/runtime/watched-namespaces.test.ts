import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { type Caches, createCaches } from './caches.ts';
import { createController } from './controller.ts';
import type { KubeClient } from './kube-client.ts';
import { silentLogger } from './logger.ts';
import { readinessOf } from './readiness.ts';
import { createTestClient } from './testing/client.ts';
import { type FakeApiServer, startFakeApiServer } from './testing/fake-api-server.ts';
import { createFastTime } from './testing/fast-time.ts';
import { POD, pod, THING, thing } from './testing/objects.ts';
import { convergingPlan, thingReconciler } from './testing/things.ts';
import { NAMESPACE_KIND } from './watched-namespaces.ts';
import { createWriter } from './writer.ts';

const soon = { timeout: 20_000, interval: 1 };
vi.setConfig({ testTimeout: 60_000 });
const NAMESPACES = '/api/v1/namespaces';
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

const podsIn = (namespace: string): string => `${NAMESPACES}/${namespace}/pods`;
const thingsIn = (namespace: string): string => `/apis/test.weir.dev/v1/namespaces/${namespace}/things`;

/** Makes the namespace if need be; the selector of these tests takes it if it is watched. */
function label(name: string, watched: boolean): void {
  const labels: Record<string, string> = watched ? { watched: 'true' } : {};
  server.put(NAMESPACES, { ...NAMESPACE_KIND, metadata: { name, labels } });
}

/** Caches that follow namespaces; `always` is one of them. */
function caches(): Caches {
  label('always', true);
  const time = createFastTime();
  return createCaches({ client, namespaces: [], namespaceSelector: 'watched=true', time, log: silentLogger });
}

let marks = 0;

/** Returns when the caches have seen whatever was done before. */
async function seen(made: Caches): Promise<void> {
  const name = `mark-${++marks}`;
  server.put(podsIn('always'), pod(name, { namespace: 'always' }));
  label(name, true);
  await vi.waitFor(() => {
    expect(made.reader.get({ ...POD, namespace: 'always', name })).toBeDefined();
    expect(made.includes(name)).toBe(true);
  }, soon);
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

const STEPS = ['enter', 'leave', 'make', 'change'] as const;
type Step = (typeof STEPS)[number] | 'cut off';

describe('namespaces taken by a selector', () => {
  it('show their objects in every order of coming, going and changing', async () => {
    const made = caches();
    /** What a listener that keeps account knows, by namespace and name. */
    const told = new Map<string, string | undefined>();
    made.watch({ kind: POD }, ({ type, object: { metadata } }) => {
      const key = `${metadata.namespace}/${metadata.name}`;
      expect([key, type, told.has(key)]).toEqual([key, type, type !== 'added']);
      if (type === 'deleted') told.delete(key);
      else told.set(key, metadata.annotations?.version);
    });
    made.start(stop.signal);
    await made.synced([POD], stop.signal);
    for (const [number, some] of permutations(STEPS).entries()) {
      // The watches are cut off and list anew at each place in turn.
      const order = (some as readonly Step[]).toSpliced(number % (some.length + 1), 0, 'cut off');
      const namespace = `n-${number}`;
      const world = { entered: false, version: undefined as string | undefined };
      const move = (entered: boolean): void => {
        world.entered = entered;
        label(namespace, entered);
      };
      const put = (version: string): void => {
        world.version = version;
        server.put(podsIn(namespace), pod('x', { namespace, annotations: { version } }));
      };
      const take: Record<Step, () => void> = {
        enter: () => move(true),
        leave: () => move(false),
        make: () => put('made'),
        change: () => put('changed'),
        'cut off': () => {
          server.compact();
          server.cutWatches();
        },
      };
      label(namespace, false);
      const taken: Step[] = [];
      for (const step of [...order, 'enter', 'leave'] as const) {
        take[step]();
        taken.push(step);
        await seen(made);
        const shown = made.reader.get({ ...POD, namespace, name: 'x' })?.metadata.annotations?.version;
        const expected = world.entered ? world.version : undefined;
        expect([taken, shown, told.get(`${namespace}/x`)]).toEqual([taken, expected, expected]);
        expect(made.reader.list(POD, namespace, { app: 'x' })).toHaveLength(expected === undefined ? 0 : 1);
      }
    }
  });

  it('are not known before they are listed, which those who wait and readiness go by', async () => {
    label('a', true);
    server.put(podsIn('a'), pod('x'));
    let refuse = true;
    server.onRequest(({ path }) => (path === NAMESPACES && refuse ? { status: 403 } : undefined));
    const made = caches();
    made.watch({ kind: POD }, () => {});
    made.start(stop.signal);
    const synced = vi.fn<() => void>();
    const waiting = made.synced([POD], stop.signal).then(synced);
    await vi.waitFor(
      () =>
        expect(readinessOf(made.health()).reasons).toEqual([expect.stringContaining('Namespace: not listed yet (')]),
      soon,
    );
    expect(synced).not.toHaveBeenCalled();
    expect(made.reader.get({ ...POD, namespace: 'a', name: 'x' })).toBeUndefined();
    refuse = false;
    await waiting;
    expect(made.reader.get({ ...POD, namespace: 'a', name: 'x' })).toBeDefined();
    expect(readinessOf(made.health()).ready).toBe(true);
  });

  it('show our own writes when they come back, whatever the watch has brought', async () => {
    label('a', true);
    const made = caches();
    made.watch({ kind: POD }, () => {});
    made.start(stop.signal);
    await made.synced([POD], stop.signal);
    const own = pod('x', { uid: 'u', resourceVersion: '999999' });
    made.wrote(own);
    const read = (): KubeObject | undefined => made.reader.get({ ...POD, namespace: 'a', name: 'x' });
    expect(read()).toEqual(own);
    label('a', false);
    await vi.waitFor(() => expect(made.includes('a')).toBe(false), soon);
    expect([read(), made.reader.list(POD, 'a', {})]).toEqual([undefined, []]);
    label('a', true);
    await vi.waitFor(() => expect(made.includes('a')).toBe(true), soon);
    expect(read()).toEqual(own);
  });

  it('have their resources looked at at once, and left as they are once they are out', async () => {
    label('a', false);
    server.put(thingsIn('a'), thing('x'));
    const made = caches();
    const writers = createWriter({ client, wrote: made.wrote, removed: made.removed });
    const events = { record: () => undefined };
    const reconciler = thingReconciler(convergingPlan);
    const time = createFastTime();
    const controller = createController({ reconciler, caches: made, writers, events, time, log: silentLogger });
    made.start(stop.signal);
    await controller.start();
    const status = (): unknown => server.get(thingsIn('a'), 'x')?.status;
    expect(status()).toBeUndefined();
    label('a', true);
    await vi.waitFor(() => expect(status()).toEqual({ pod: 'there' }), soon);
    label('a', false);
    await vi.waitFor(() => expect(made.reader.get({ ...THING, namespace: 'a', name: 'x' })).toBeUndefined(), soon);
    const before = server.requests.filter(({ method }) => method !== 'GET').length;
    server.remove(podsIn('a'), 'x');
    controller.enqueueAll();
    await seen(made);
    expect(server.get(thingsIn('a'), 'x')?.metadata.finalizers).toEqual(['weir/f']);
    expect(server.requests.filter(({ method }) => method !== 'GET')).toHaveLength(before);
    label('a', true);
    await vi.waitFor(() => expect(server.get(podsIn('a'), 'x')).toBeDefined(), soon);
    await controller.stop(1_000);
  });
});
