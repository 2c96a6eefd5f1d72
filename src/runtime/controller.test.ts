import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CapacitySurvey } from '../core/capacity/survey.ts';
import { unasked } from '../core/fact.ts';
import { FailureError } from '../core/failure.ts';
import type { EventDraft, Plan } from '../core/plan.ts';
import type { Reconciler } from '../core/reconciler.ts';
import type { KubeObject } from '../kube/object.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { createCaches } from './caches.ts';
import { type Controller, createController } from './controller.ts';
import type { KubeClient } from './kube-client.ts';
import { createLogger, type Logger, silentLogger } from './logger.ts';
import { createTestClient } from './testing/client.ts';
import { type FakeApiServer, startFakeApiServer } from './testing/fake-api-server.ts';
import { createFastTime } from './testing/fast-time.ts';
import { createManualTime } from './testing/manual-time.ts';
import { POD, PODS, pod, THING, THINGS, thing } from './testing/objects.ts';
import { convergingPlan, nothing, type Seen, thingReconciler } from './testing/things.ts';
import type { Time } from './time.ts';
import { createWriter } from './writer.ts';

// Generous, since a busy machine is no failure; nothing waits that long on a quiet one.
const soon = { timeout: 20_000, interval: 5 };
vi.setConfig({ testTimeout: 30_000 });
let server: FakeApiServer;
let client: KubeClient;
let stop: AbortController;
const controllers: Controller[] = [];

beforeEach(async () => {
  server = await startFakeApiServer();
  client = createTestClient(server.config);
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await Promise.all(controllers.splice(0).map((controller) => controller.stop(1_000)));
  await client.close();
  await server.stop();
});

interface Running {
  readonly controller: Controller;
  readonly events: EventDraft[];
  readonly metric: (line: string) => Promise<boolean>;
}

async function run(
  reconciler: Reconciler<Seen, unknown, string, unknown>,
  log: Logger = silentLogger,
  survey: CapacitySurvey | undefined = undefined,
  time: Time = createFastTime(),
): Promise<Running> {
  const metrics = createMetrics({ version: 'test', processMetrics: false });
  const caches = createCaches({ client, namespaces: [], time, log });
  const writers = createWriter({ client, wrote: caches.wrote, removed: caches.removed });
  const events: EventDraft[] = [];
  const recorder = { record: (_about: KubeObject, event: EventDraft) => void events.push(event) };
  const asked = survey === undefined ? {} : { survey };
  const controller = createController({ reconciler, caches, writers, events: recorder, time, log, metrics, ...asked });
  controllers.push(controller);
  caches.start(stop.signal);
  await controller.start();
  const metric = async (line: string): Promise<boolean> => (await metrics.registry.metrics()).includes(line);
  return { controller, events, metric };
}

const writes = (): string[] =>
  server.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);

/** A timer that goes off when it is called by hand. */
function stopped(wake: (() => void)[], call: () => void): () => void {
  wake.push(call);
  return () => void wake.splice(wake.indexOf(call), 1);
}

const statusOf = (name: string): unknown => server.get(THINGS, name)?.status;

function makesPodX({ method, path, body }: FakeApiServer['requests'][number]): boolean {
  return method === 'POST' && path === PODS && (body as KubeObject).metadata.name === 'x';
}

describe('a controller', () => {
  it('does not look again when nothing but the version of a watched object changes', async () => {
    server.put(THINGS, thing('x'));
    const child = (phase: string): KubeObject => ({ ...pod('x', { uid: 'u' }), status: { phase } }) as KubeObject;
    const told: unknown[] = [];
    const toKey = ({ status }: KubeObject): string => {
      told.push((status as { phase: string }).phase);
      return 'a/x';
    };
    const { controller } = await run(thingReconciler(() => nothing, { watches: [{ kind: POD, toKey }] }));
    for (const phase of ['Pending', 'Pending', 'Running']) server.put(PODS, child(phase));
    await vi.waitFor(() => expect(told.at(-1)).toBe('Running'), soon);
    await controller.stop(1_000);
    expect(told).toEqual(['Pending', 'Pending', 'Running']); // added, then before and after the one change
  });

  it('brings a resource to rest with one write each, and then writes nothing', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
    server.put(THINGS, thing('x'));
    const { controller, metric } = await run(thingReconciler(convergingPlan), log);
    await vi.waitFor(() => expect(statusOf('x')).toEqual({ pod: 'there' }), soon);
    await controller.stop(1_000);
    expect(writes()).toEqual([`PATCH ${THINGS}/x`, `PUT ${THINGS}/x/status`, `POST ${PODS}`, `PUT ${THINGS}/x/status`]);
    const passes = lines.map((line) => JSON.parse(line));
    expect(passes.map(({ did }) => did)).toEqual([
      ['add finalizer (Created)', 'write status', 'apply Pod a/x (PodMissing)'],
      ['write status'],
    ]);
    expect(passes[0]).toMatchObject({
      level: 'info',
      controller: 'thing',
      key: 'a/x',
      because: 'Converging',
      msg: 'reconciled',
    });
    expect(Object.keys(passes[0])).toEqual([
      'level',
      'time',
      'controller',
      'key',
      'pass',
      'because',
      'did',
      'ms',
      'msg',
    ]);
    expect(await metric('controller_runtime_reconcile_errors_total{controller="thing"} 0')).toBe(true);
    expect(await metric('controller_runtime_active_workers{controller="thing"} 0')).toBe(true);
    // Of the status that tells of the pod; the resource itself was there before the controller.
    expect(await metric('weir_status_delay_seconds_count{controller="thing"} 1')).toBe(true);
  });

  it('looks at every resource that a changed object concerns', async () => {
    const seen: string[] = [];
    for (const name of ['x', 'y']) server.put(THINGS, thing(name));
    const concerns: Reconciler<Seen, unknown, string, unknown>['watches'] = [
      {
        kind: POD,
        toKey: (_object, read) => read.list(THING, 'a', {}).map(({ metadata }) => `a/${metadata.name}`),
      },
    ];
    const reconciler = thingReconciler(
      ({ resource }) => {
        seen.push(resource.metadata.name);
        return nothing;
      },
      { watches: concerns },
    );
    const { controller } = await run(reconciler);
    await vi.waitFor(() => expect(seen.toSorted()).toEqual(['x', 'y']), soon);
    server.put(PODS, pod('p'));
    await vi.waitFor(() => expect(seen.toSorted()).toEqual(['x', 'x', 'y', 'y']), soon);
    await controller.stop(1_000);
  });

  it('asks what the cluster can give when a plan wants to know, and looks again once it is known', async () => {
    const asked: unknown[] = [];
    const survey: CapacitySurvey = {
      latest: () => unasked,
      refresh(namespace, newerThan, done) {
        asked.push([namespace, newerThan]);
        done();
      },
    };
    server.put(THINGS, thing('x'));
    let passes = 0;
    const reconciler = thingReconciler(() => ({ ...nothing, ...(passes++ === 0 ? { surveyNewerThan: 7 } : {}) }));
    const { controller } = await run(reconciler, silentLogger, survey);
    await vi.waitFor(() => expect(passes).toBe(2), soon);
    expect(asked).toEqual([['a', 7]]);
    await controller.stop(1_000);
  });

  it('looks at every resource that is still there again when asked', async () => {
    for (const name of ['x', 'y']) server.put(THINGS, thing(name));
    const passes: string[] = [];
    const { controller } = await run(
      thingReconciler(({ resource }) => {
        passes.push(resource.metadata.name);
        return nothing;
      }),
    );
    await vi.waitFor(() => expect(passes.sort()).toEqual(['x', 'y']), soon);
    server.remove(THINGS, 'y');
    server.put(THINGS, thing('z'));
    await vi.waitFor(() => expect(passes).toContain('z'), soon);
    controller.enqueueAll();
    await vi.waitFor(() => expect(passes.sort()).toEqual(['x', 'x', 'y', 'z', 'z']), soon);
    await controller.stop(1_000);
  });

  it('keeps nothing of a resource that went while a pass over it was under way, and failed', async () => {
    server.put(THINGS, thing('x'));
    const seen = Promise.withResolvers<void>();
    const effect: Plan<unknown, string> = { ...nothing, actions: [{ kind: 'effect', effect: 'e', because: 'Test' }] };
    const reconciler = thingReconciler(
      ({ resource }) => {
        if (resource.metadata.name === 'x') return effect;
        seen.resolve();
        return nothing;
      },
      {
        async perform() {
          server.remove(THINGS, 'x');
          server.put(THINGS, thing('z')); // comes after the deletion
          await seen.promise;
          throw new FailureError({ kind: 'stalled', reason: 'Test', message: 'x' });
        },
      },
    );
    const { controller, events } = await run(reconciler);
    await vi.waitFor(() => expect(events.map(({ reason }) => reason)).toEqual(['Test']), soon);
    await vi.waitFor(() => expect(controller.held()).toEqual(new Set(['a/z'])), soon);
    await controller.stop(1_000);
  });

  it('sees its own writes at once, though the watch lags behind', async () => {
    const seen: string[] = [];
    server.put(THINGS, thing('x'));
    const reconciler = thingReconciler((now) => {
      seen.push(
        `${now.resource.status === undefined ? 'fresh' : 'started'} ${now.pod === undefined ? 'absent' : 'present'}`,
      );
      if (now.resource.status !== undefined) return nothing;
      return {
        ...nothing,
        status: { started: true },
        actions: [{ kind: 'apply', object: pod('x'), because: 'Start' }],
      };
    });
    const { controller } = await run(reconciler);
    server.onRequest(({ method, path }) => {
      // From now on nothing comes back by a watch.
      if (method === 'PATCH') server.cutWatches();
      return method === 'GET' && !path.endsWith('/x') ? 'hang' : undefined;
    });
    await vi.waitFor(() => expect(writes()).toHaveLength(2), soon);
    controller.enqueue('a/x');
    await vi.waitFor(() => expect(seen.length).toBeGreaterThan(1), soon);
    expect(seen.slice(0, 2)).toEqual(['fresh absent', 'started present']);
    expect(writes()).toHaveLength(2);
  });

  it('works on when one resource makes it throw, and says so on that resource', async () => {
    for (const name of ['bad', 'good']) server.put(THINGS, thing(name));
    const reconciler = thingReconciler((seen) => {
      if (seen.resource.metadata.name === 'bad') throw new TypeError('undefined is not a function');
      return convergingPlan(seen);
    });
    const { events, metric } = await run(reconciler);
    await vi.waitFor(() => expect(statusOf('good')).toEqual({ pod: 'there' }), soon);
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(1), soon);
    expect(events[0]).toMatchObject({ type: 'Warning', reason: 'InternalError' });
    expect(await metric('controller_runtime_reconcile_panics_total{controller="thing"} 0')).toBe(false);
  });

  it.each([
    ['a conflict', 409, 0],
    ['a server error', 500, 0],
    ['too many requests', 429, 0],
    ['a refusal', 403, 1],
  ])('tries again after %s, telling the user %s with %i events at first', async (_name, status, told) => {
    server.put(THINGS, thing('x'));
    let faults = 1;
    server.onRequest(({ method }) => (method === 'PATCH' && faults-- > 0 ? { status } : undefined));
    const { events } = await run(thingReconciler(convergingPlan));
    await vi.waitFor(() => expect(statusOf('x')).toEqual({ pod: 'there' }), soon);
    expect(events).toHaveLength(told);
  });

  it('lets the reconciler put a failure into the status', async () => {
    server.put(THINGS, thing('x'));
    server.onRequest(({ path, method }) => (method === 'POST' && path === PODS ? { status: 403 } : undefined));
    const failed = (_resource: KubeObject, failure: { kind: string }): Plan<unknown, string> => ({
      ...nothing,
      status: { failed: failure.kind },
    });
    const { events } = await run(thingReconciler(convergingPlan, { failed }));
    await vi.waitFor(() => expect(statusOf('x')).toEqual({ failed: 'stalled' }), soon);
    expect(events).toEqual([]);
  });

  it('looks once more after a pass that went well after one that failed', async () => {
    server.put(THINGS, thing('x'));
    let faults = 1;
    server.onRequest(({ method }) => (method === 'PATCH' && faults-- > 0 ? { status: 500 } : undefined));
    let passes = 0;
    await run(thingReconciler((...seen) => (passes++ === 0 ? convergingPlan(...seen) : nothing)));
    await vi.waitFor(() => expect(passes).toBe(3), soon);
  });

  it('looks again before the retry where the reconciler asks for that', async () => {
    const fast = createFastTime();
    const time: Time = { ...fast, after: (ms, call) => (ms < 1_000 ? fast.after(ms, call) : () => undefined) };
    server.put(THINGS, thing('x'));
    server.onRequest((request) => (makesPodX(request) ? { status: 422 } : undefined));
    let asked = 0;
    const failed = (): Plan<unknown, string> => ({ ...nothing, ...(asked++ === 0 ? { requeueAfterMs: 100 } : {}) });
    await run(thingReconciler(convergingPlan, { failed }), silentLogger, undefined, time);
    await vi.waitFor(() => expect(asked).toBe(2), soon);
  });

  it('waits after a failure although it has just said so in the status, but not after an edit', async () => {
    const fast = createFastTime();
    const wake: (() => void)[] = [];
    const time: Time = { ...fast, after: (ms, call) => (ms < 1_000 ? fast.after(ms, call) : stopped(wake, call)) };
    server.put(THINGS, thing('x', {}, { spec: { size: 1 } }));
    server.onRequest((request) => (makesPodX(request) ? { status: 422 } : undefined));
    const failed = (_resource: KubeObject, { kind }: { kind: string }): Plan<unknown, string> => ({
      ...nothing,
      status: { failed: kind },
    });
    const tries = (): number => server.requests.filter(makesPodX).length;
    await run(thingReconciler(convergingPlan, { failed }), silentLogger, undefined, time);
    await vi.waitFor(() => expect(statusOf('x')).toEqual({ failed: 'stalled' }), soon);
    // What comes after a status on the same watch is seen, so the status was. One that came while the pass still ran asks for
    // one more.
    const others = async (prefix: string): Promise<void> => {
      for (let index = 0; index < 20; index++) {
        server.put(THINGS, thing(`${prefix}${index}`));
        await vi.waitFor(() => expect(statusOf(`${prefix}${index}`)).toEqual({ pod: 'there' }), soon);
      }
    };
    await others('y');
    expect(tries()).toBeLessThanOrEqual(2);
    const before = tries();
    for (const call of wake.splice(0)) call();
    await vi.waitFor(() => expect(tries()).toBe(before + 1), soon);
    await vi.waitFor(() => expect(statusOf('x')).toEqual({ failed: 'stalled' }), soon);
    await others('z');
    expect(tries()).toBe(before + 1);
    const { metadata } = server.get(THINGS, 'x') ?? thing('x');
    server.put(THINGS, thing('x', metadata, { spec: { size: 2 }, status: statusOf('x') }));
    await vi.waitFor(() => expect(tries()).toBe(before + 2), soon);
  });

  describe('whose effect fails', () => {
    const effect = { kind: 'effect', effect: 'fetch', because: 'Fetch' } as const;
    const refusal = { kind: 'stalled', reason: 'Test', message: 'not there' } as const;

    /** A thing whose effect fails; no timer goes off, so that only what is news tries it again. */
    async function failing() {
      const time = createManualTime();
      server.put(THINGS, thing('x', { generation: 1 }));
      let [passes, tries] = [0, 0];
      const seen = { answer: 'up', size: 0 };
      const reconciler = thingReconciler(
        () => {
          passes++;
          return { ...nothing, status: { size: seen.size, failed: false }, actions: [effect], probeEveryMs: 1_000 };
        },
        {
          perform: async () => {
            tries++;
            throw new FailureError(refusal);
          },
          failed: ({ status }) => ({ ...nothing, status: { ...(status as object), failed: true } }),
          ask: async () => seen.answer,
        },
      );
      const { controller } = await run(reconciler, silentLogger, undefined, time);
      await vi.waitFor(() => expect([statusOf('x'), tries > 0]).toEqual([{ size: 0, failed: true }, true]), soon);
      const pass = async (news: () => void = () => controller.enqueue('a/x')): Promise<void> => {
        const before = passes;
        news();
        await vi.waitFor(() => expect(passes).toBeGreaterThan(before), soon);
      };
      await pass(); // the first answer of the endpoint may have been news
      const edit = (metadata: object): void => {
        const live = server.get(THINGS, 'x') ?? thing('x');
        server.put(THINGS, { ...live, metadata: { ...live.metadata, ...metadata } });
      };
      return { controller, time, seen, pass, edit, tries: () => tries };
    }

    it('does not try it again before its time, but goes on telling what it sees', async () => {
      const { controller, seen, pass, tries, time } = await failing();
      const before = [tries(), writes().length];
      for (let index = 0; index < 5; index++) await pass();
      expect([tries(), writes().length]).toEqual(before);
      seen.size = 7;
      await pass();
      await vi.waitFor(() => expect(statusOf('x')).toEqual({ size: 7, failed: true }), soon);
      expect(tries()).toBe(before[0]);
      await time.advance(10_000);
      await vi.waitFor(() => expect(tries()).toBeGreaterThan(before[0] ?? 0), soon);
      await controller.stop(1_000);
    });

    it.each<[string, (running: Awaited<ReturnType<typeof failing>>) => void]>([
      ['an edit', ({ edit }) => edit({ generation: 2 })],
      [
        'a deletion',
        ({ edit }) => edit({ generation: 2, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['f'] }),
      ],
      ['a change of an object that it watches', () => server.put(PODS, pod('x'))],
      ['another configuration of the operator', ({ controller }) => controller.enqueueAll()],
    ])('tries it again at once after %s', async (_what, news) => {
      const running = await failing();
      const before = running.tries();
      await running.pass(() => news(running));
      await vi.waitFor(() => expect(running.tries()).toBe(before + 1), soon);
      await running.controller.stop(1_000);
    });
  });

  it('takes a resource for gone whose status cannot be written since it is, and has not failed then', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'debug', destination: { write: (line: string) => void lines.push(line) } });
    server.put(THINGS, thing('x'));
    const body = { kind: 'Status', apiVersion: 'v1', code: 404, reason: 'NotFound', message: 'things "x" not found' };
    server.onRequest(({ method }) => (method === 'PUT' ? { status: 404, body } : undefined));
    const { controller, metric } = await run(
      thingReconciler(() => ({ ...nothing, status: { a: 1 } })),
      log,
    );
    const said = (): string[] => lines.map((line) => JSON.parse(line)).map(({ level, msg }) => `${level} ${msg}`);
    await vi.waitFor(() => expect(said()).toContain('debug the resource is gone'), soon);
    controller.enqueue('a/x');
    await controller.stop(1_000);
    expect(said().filter((line) => line.includes('failed') || line.startsWith('warn'))).toEqual([]);
    expect(await metric('controller_runtime_reconcile_errors_total{controller="thing"} 0')).toBe(true);
  });

  it('looks again when the plan says so, and when an answer changed', async () => {
    server.put(THINGS, thing('x'));
    const answers = ['up', 'up', 'down'];
    const seen: unknown[] = [];
    const reconciler = thingReconciler(
      (now) => {
        seen.push(now.answer);
        return { ...nothing, probeEveryMs: 1_000, requeueAfterMs: 600_000 };
      },
      { ask: async () => answers.shift() ?? 'down' },
    );
    const { metric } = await run(reconciler);
    await vi.waitFor(() => expect(seen).toHaveLength(3), soon);
    expect(seen.slice(1)).toEqual([
      { kind: 'known', value: 'up' },
      { kind: 'known', value: 'down' },
    ]);
    expect(await metric('controller_runtime_reconcile_total{controller="thing",result="requeue_after"} 3')).toBe(true);
  });

  it('lets only one at a time take down what runs, and decides anew for the next when it comes', async () => {
    const names = ['x', 'y', 'z'];
    for (const name of names) server.put(THINGS, thing(name));
    const time = createManualTime();
    const decided: string[] = [];
    const ends = ({ resource: { metadata, status } }: Seen): Plan<unknown, string> => {
      decided.push(metadata.name);
      return status === undefined ? { ...nothing, status: { ended: true }, interrupts: true } : nothing;
    };
    await run(thingReconciler(ends), silentLogger, undefined, time);
    const ended = (): string[] => names.filter((name) => statusOf(name) !== undefined);
    await vi.waitFor(() => expect([ended(), new Set(decided).size]).toEqual([['x'], 3]), soon);
    const { metadata } = server.get(THINGS, 'y') ?? thing('y');
    server.put(THINGS, thing('y', metadata, { status: { ended: 'by another' } }));
    await vi.waitFor(() => expect(decided.filter((name) => name === 'y')).toHaveLength(2), soon);
    await time.advance(40);
    await vi.waitFor(() => expect(ended()).toEqual(names), soon);
    expect(writes()).toEqual([`PUT ${THINGS}/x/status`, `PUT ${THINGS}/z/status`]);
  });

  it('drops what it knew of a resource that is deleted', async () => {
    server.put(THINGS, thing('x'));
    const ask = vi.fn(async () => 'up');
    await run(thingReconciler(() => ({ ...nothing, probeEveryMs: 100 }), { ask }));
    await vi.waitFor(() => expect(ask).toHaveBeenCalled(), soon);
    server.remove(THINGS, 'x');
    server.put(THINGS, thing('y'));
    const asked = (name: string): number =>
      ask.mock.calls.filter((call) => (call as unknown as [KubeObject])[0].metadata.name === name).length;
    // That y is there is told after that x is gone.
    await vi.waitFor(() => expect(asked('y')).toBeGreaterThan(1), soon);
    const before = asked('x');
    await vi.waitFor(() => expect(asked('y')).toBeGreaterThan(4), soon);
    expect(asked('x')).toBe(before);
  });

  it('never runs two passes of one key at once', async () => {
    server.put(THINGS, thing('x'));
    let running = 0;
    let passes = 0;
    const perform = async (): Promise<void> => {
      expect(++running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      passes++;
    };
    const effect = { kind: 'effect', effect: 'go', because: 'Go' } as const;
    const { controller } = await run(thingReconciler(() => ({ ...nothing, actions: [effect] }), { perform }));
    const again = setInterval(() => controller.enqueue('a/x'), 1);
    await vi.waitFor(() => expect(passes).toBeGreaterThan(5), soon);
    clearInterval(again);
    expect(running).toBeLessThanOrEqual(1);
  });

  it('lets a running pass end when it stops, and starts no other', async () => {
    for (const name of ['x', 'y']) server.put(THINGS, thing(name));
    const started: string[] = [];
    const done: string[] = [];
    let finish: () => void = () => {};
    const perform = async ({ metadata }: KubeObject): Promise<void> => {
      started.push(metadata.name);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      done.push(metadata.name);
    };
    const effect = { kind: 'effect', effect: 'go', because: 'Go' } as const;
    const { controller } = await run(
      thingReconciler(
        ({ resource }) => (resource.metadata.name === 'x' ? { ...nothing, actions: [effect] } : nothing),
        { perform },
      ),
    );
    await vi.waitFor(() => expect(started).toEqual(['x']), soon);
    const stopped = controller.stop(1_000_000);
    controller.enqueue('a/x');
    finish();
    await stopped;
    expect([started, done]).toEqual([['x'], ['x']]);
  });

  it('aborts an effect that outlasts the stop, and one that outlasts a pass', async () => {
    server.put(THINGS, thing('x'));
    const reasons: string[] = [];
    const perform = (_resource: KubeObject, _effect: string, signal: AbortSignal): Promise<void> =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push(String(signal.reason));
          reject(new FailureError({ kind: 'transient', message: 'aborted' }));
        });
      });
    const effect = { kind: 'effect', effect: 'go', because: 'Go' } as const;
    const { controller } = await run(thingReconciler(() => ({ ...nothing, actions: [effect] }), { perform }));
    await vi.waitFor(() => expect(reasons).toEqual(['Error: not done within 60000 ms']), soon);
    await vi.waitFor(async () => {
      await controller.stop(100);
      expect(reasons.length).toBeGreaterThan(0);
    }, soon);
  });
});
