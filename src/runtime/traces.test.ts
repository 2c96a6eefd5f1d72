import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FailureError } from '../core/failure.ts';
import type { Reconciler } from '../core/reconciler.ts';
import { createCaches } from './caches.ts';
import { createController } from './controller.ts';
import { silentLogger } from './logger.ts';
import { createDnsServiceHttp } from './service-http.ts';
import { createSpanExporter } from './span-exporter.ts';
import { createTestClient } from './testing/client.ts';
import { type FakeApiServer, startFakeApiServer } from './testing/fake-api-server.ts';
import { THINGS, thing } from './testing/objects.ts';
import { convergingPlan, nothing, type Seen, thingReconciler } from './testing/things.ts';
import { systemTime } from './time.ts';
import { tracedClient, tracedServiceHttp } from './traced.ts';
import { createTracer } from './tracer.ts';
import { createWriter } from './writer.ts';

// Generous, since a busy machine is no failure; nothing waits that long on a quiet one.
const soon = { timeout: 20_000, interval: 5 };

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[];
  readonly status: { readonly code?: number; readonly message?: string };
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: OtlpSpan['attributes'] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

let api: FakeApiServer;
let receiver: Server;
let received: { path: string; type: string | undefined; body: OtlpRequest }[];
let answerWith: number;

/** A local server that is both the OTLP receiver and, under other paths, a JobManager. */
beforeEach(async () => {
  api = await startFakeApiServer();
  received = [];
  answerWith = 200;
  receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    if (request.url?.startsWith('/jobs')) response.writeHead(202).end('{}');
    else {
      received.push({ path: request.url ?? '', type: request.headers['content-type'], body: JSON.parse(body) });
      response.writeHead(answerWith).end('{}');
    }
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  await api.stop();
});

const endpoint = (): string => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;

const spansOf = (): readonly OtlpSpan[] =>
  received.flatMap(({ body }) => body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((s) => s.spans)));

const attributesOf = ({ attributes }: Pick<OtlpSpan, 'attributes'>): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

function tracing({ ratio = 1, dropped = (_count: number): void => undefined } = {}) {
  const parts = { time: systemTime, log: silentLogger, version: '1.2.3', instance: 'weir-0', dropped };
  const exporter = createSpanExporter({ ...parts, endpoint: `${endpoint()}/` });
  return { exporter, tracer: createTracer({ time: systemTime, ratio, ended: exporter.add }) };
}

/** Lives one thing through the controller until `until` holds, and sends its spans. */
async function lived(
  reconciler: (traced: ReturnType<typeof tracing>) => Reconciler<Seen, unknown, string, unknown>,
  until: () => void,
): Promise<readonly OtlpSpan[]> {
  const traced = tracing();
  const client = tracedClient(createTestClient(api.config), traced.tracer);
  const common = { client, time: systemTime, log: silentLogger };
  const caches = createCaches({ ...common, namespaces: [] });
  const writers = createWriter({ client, wrote: caches.wrote, removed: caches.removed });
  const events = { record: () => undefined };
  const { tracer } = traced;
  const controller = createController({ ...common, reconciler: reconciler(traced), caches, writers, events, tracer });
  const stop = new AbortController();
  caches.start(stop.signal);
  await controller.start();
  await vi.waitFor(until, soon);
  await controller.stop(1_000);
  stop.abort();
  await traced.exporter.stop();
  await client.close();
  return spansOf();
}

describe('traces', () => {
  it('are of each pass, with what it decided and did, and with its requests', async () => {
    api.put(THINGS, thing('x'));
    const settled = () => expect(api.get(THINGS, 'x')?.status).toEqual({ pod: 'there' });
    const spans = await lived(() => thingReconciler(convergingPlan), settled);
    const [first] = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(first).toMatchObject({ name: 'reconcile Thing', kind: 1, status: {} });
    expect(first && attributesOf(first)).toMatchObject({
      'weir.controller': 'thing',
      'weir.pass': '1',
      'weir.resource.kind': 'Thing',
      'k8s.namespace.name': 'a',
      'weir.resource.name': 'x',
      'weir.because': 'Converging',
      'weir.outcome': 'success',
    });
    const requests = spans.filter(({ parentSpanId }) => parentSpanId === first?.spanId);
    expect(requests.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['add finalizer of Thing a/x', 'write status of Thing a/x', 'create Pod a/x']),
    );
    for (const span of requests) {
      expect(span).toMatchObject({ traceId: first?.traceId, kind: 3 });
      expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(first?.startTimeUnixNano ?? 0));
      expect(BigInt(span.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(first?.endTimeUnixNano ?? 0));
    }
    expect(requests[0] && attributesOf(requests[0])).toMatchObject({ 'http.request.method': 'PATCH' });
  });

  it('have the requests to JobManagers in them', async () => {
    api.put(THINGS, thing('x'));
    const asks = ({ tracer }: ReturnType<typeof tracing>) => {
      const http = tracedServiceHttp(createDnsServiceHttp({ resolve: endpoint }), tracer);
      const submit = { kind: 'effect', effect: 'submit', because: 'Submitting' } as const;
      return thingReconciler(() => ({ ...nothing, actions: [submit] }), {
        perform: async (_resource, _effect, signal) => {
          const to = { namespace: 'a', service: 'x-rest', port: 8081 };
          await http.request({ ...to, method: 'POST', path: '/jobs?secret=1' }, signal);
          done = true;
        },
      });
    };
    let done = false;
    const spans = await lived(asks, () => expect(done).toBe(true));
    const [request] = spans.filter(({ kind }) => kind === 3);
    expect(request?.name).toBe('POST x-rest.a/jobs');
    expect(request && attributesOf(request)).toEqual({
      'http.request.method': 'POST',
      'url.path': '/jobs',
      'server.address': 'x-rest.a',
      'http.response.status_code': '202',
    });
    expect(spans.find(({ spanId }) => spanId === request?.parentSpanId)?.name).toBe('reconcile Thing');
  });

  it('tell of passes that fail', async () => {
    api.put(THINGS, thing('x'));
    let failed = false;
    const fails = thingReconciler(() => {
      failed = true;
      throw new FailureError({ kind: 'stalled', reason: 'Odd', message: 'it is odd' });
    });
    const [span] = await lived(
      () => fails,
      () => expect(failed).toBe(true),
    );
    expect(span?.status).toEqual({ code: 2, message: 'it is odd' });
  });

  it('are sent as JSON to the path of OTLP, with who tells', async () => {
    const { tracer, exporter } = tracing();
    const work = (): Promise<number> =>
      tracer.root({ name: 'a', attributes: { rate: 0.5, ok: true, list: ['b'] } }, async () => 1);
    expect(await work()).toBe(1);
    await exporter.stop();
    expect(received.map(({ path, type }) => [path, type])).toEqual([['/v1/traces', 'application/json']]);
    const [resource] = received[0]?.body.resourceSpans ?? [];
    expect(resource && attributesOf(resource.resource)).toEqual({
      'service.name': 'weir',
      'service.version': '1.2.3',
      'service.instance.id': 'weir-0',
    });
    expect(spansOf()[0]?.attributes).toEqual([
      { key: 'rate', value: { doubleValue: 0.5 } },
      { key: 'ok', value: { boolValue: true } },
      { key: 'list', value: { arrayValue: { values: [{ stringValue: 'b' }] } } },
    ]);
    expect(spansOf()[0]?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(spansOf()[0]?.spanId).toMatch(/^[0-9a-f]{16}$/);
  });

  it('are given up where nobody takes them, and hold nothing up', async () => {
    const dropped = vi.fn<(count: number) => void>();
    const { tracer, exporter } = tracing({ dropped });
    answerWith = 503;
    for (let pass = 0; pass < 2_050; pass++) await tracer.root({ name: 'a', attributes: {} }, async () => 1);
    expect(dropped.mock.calls).toEqual([[1], [1]]);
    await exporter.stop();
    expect(dropped.mock.calls.at(-1)).toEqual([2_048]);
  });

  it('are of a share of the passes', async () => {
    const { tracer, exporter } = tracing({ ratio: 0 });
    const request = () => tracer.request({ name: 'b', attributes: {} }, async () => 2);
    expect(await tracer.root({ name: 'a', attributes: {} }, request)).toBe(2);
    await exporter.stop();
    expect(received).toEqual([]);
  });

  it('do not take in what goes on after the pass has ended', async () => {
    const { tracer, exporter } = tracing();
    const later = Promise.withResolvers<void>();
    let after: Promise<number> | undefined;
    await tracer.root({ name: 'a', attributes: {} }, async () => {
      after = later.promise.then(() => tracer.request({ name: 'b', attributes: {} }, async () => 2));
    });
    later.resolve();
    expect(await after).toBe(2);
    await exporter.stop();
    expect(spansOf().map(({ name }) => name)).toEqual(['a']);
  });
});
