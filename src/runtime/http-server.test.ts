import { request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics } from '../metrics/metrics.ts';
import type { SourceHealth } from './caches.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';
import { silentLogger } from './logger.ts';
import { createProfiler, type Profiler } from './profiler.ts';
import { readinessOf } from './readiness.ts';

let server: HttpServer;

afterEach(() => server.stop());

async function get(options: Partial<HttpServerOptions>, path: string, method: 'GET' | 'POST' = 'GET') {
  server = createHttpServer({ port: 0, host: '127.0.0.1', log: silentLogger, ...options });
  const port = await server.start();
  const { statusCode, headers, body } = await request(`http://127.0.0.1:${port}${path}`, { method });
  return { status: statusCode, type: headers['content-type'], text: await body.text() };
}

const healthy: SourceHealth = {
  kind: 'Pod',
  namespace: undefined,
  synced: true,
  missing: false,
  version: '1',
  silentMs: 1_500,
  error: undefined,
};

describe('endpoints', () => {
  it('say whether the process lives', async () => {
    expect(await get({ alive: () => [] }, '/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
  });

  it('say what is wrong with it', async () => {
    expect(await get({ alive: () => ['lease lost'] }, '/healthz?verbose')).toMatchObject({
      status: 503,
      text: 'lease lost\n',
    });
  });

  it('say how each watch is doing', async () => {
    const answer = await get({ ready: () => readinessOf([healthy]) }, '/readyz');
    expect(answer).toMatchObject({ status: 200, type: 'application/json' });
    expect(JSON.parse(answer.text)).toEqual({
      ready: true,
      reasons: [],
      watches: [{ kind: 'Pod', synced: true, missing: false, lastEventAgeSeconds: 1.5 }],
    });
  });

  it.each([
    [{ synced: false, silentMs: undefined, error: 'HTTP 403' }, 'Pod: not listed yet (HTTP 403)'],
    [{ silentMs: 400_000, namespace: 'a' }, 'Pod in a: nothing heard for 400 s'],
  ])('are not ready when a watch is not: %j', async (change, reason) => {
    const answer = await get({ ready: () => readinessOf([{ ...healthy, ...change }]) }, '/readyz');
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text).reasons).toEqual([reason]);
  });

  it('are ready without a kind that is not installed', async () => {
    expect(readinessOf([{ ...healthy, synced: false, missing: true }]).ready).toBe(true);
    expect((await get({}, '/readyz')).status).toBe(404);
  });

  it('refuse other methods', async () => {
    expect((await get({ alive: () => [] }, '/healthz', 'POST')).status).toBe(405);
  });

  it('serve metrics under the names dashboards know, from zero', async () => {
    const metrics = createMetrics({ version: '1.2.3' });
    metrics.controller('thing', 50);
    metrics.queue('thing', { depth: () => 3, unfinishedSeconds: () => 0, longestSeconds: () => 0 });
    metrics.rest.requested('GET', 'host:443', '200');
    metrics.rest.took('GET', 'host:443', 0.01);
    metrics.leading('weir-leader', true);
    metrics.watchAge('Pod', () => 4);
    const { text, type } = await get({ metrics: metrics.registry }, '/metrics');
    expect(type).toMatch(/^text\/plain/);
    for (const line of [
      'controller_runtime_reconcile_total{controller="thing",result="requeue_after"} 0',
      'controller_runtime_reconcile_errors_total{controller="thing"} 0',
      'controller_runtime_reconcile_panics_total{controller="thing"} 0',
      'controller_runtime_reconcile_time_seconds_count{controller="thing"} 0',
      'controller_runtime_max_concurrent_reconciles{controller="thing"} 50',
      'controller_runtime_active_workers{controller="thing"} 0',
      'workqueue_depth{name="thing",controller="thing"} 3',
      'workqueue_adds_total{name="thing",controller="thing"} 0',
      'workqueue_retries_total{name="thing",controller="thing"} 0',
      'workqueue_queue_duration_seconds_count{name="thing",controller="thing"} 0',
      'workqueue_work_duration_seconds_count{name="thing",controller="thing"} 0',
      'workqueue_unfinished_work_seconds{name="thing",controller="thing"} 0',
      'workqueue_longest_running_processor_seconds{name="thing",controller="thing"} 0',
      'rest_client_requests_total{code="200",method="GET",host="host:443"} 1',
      'rest_client_request_duration_seconds_count{verb="GET",host="host:443"} 1',
      'leader_election_master_status{name="weir-leader"} 1',
      'weir_watch_last_event_age_seconds{kind="Pod"} 4',
      'weir_build_info{version="1.2.3"',
      'process_cpu_seconds_total',
    ]) {
      expect(text).toContain(line);
    }
  });
});

describe('a profile', () => {
  it('is a CPU profile of this process', async () => {
    const answer = await get({ profiler: createProfiler() }, '/debug/profile?seconds=1');
    expect(answer).toMatchObject({ status: 200, type: 'application/json' });
    const { nodes, samples } = JSON.parse(answer.text);
    expect(nodes[0].callFrame.functionName).toBe('(root)');
    expect(samples.length).toBeGreaterThan(0);
  });

  it('is not there unless switched on', async () => {
    expect(await get({}, '/debug/profile?seconds=1')).toMatchObject({ status: 404 });
  });

  it.each(['0', '121', '1.5', 'long', ''])('of %j seconds is refused', async (seconds) => {
    const answer = await get({ profiler: createProfiler() }, `/debug/profile?seconds=${seconds}`);
    expect(answer).toMatchObject({
      status: 400,
      text: `seconds: "${seconds}" is not valid, it must be a whole number from 1 to 120\n`,
    });
  });

  it('is taken one at a time', async () => {
    const taken: number[] = [];
    const busy: Profiler = { take: async (seconds) => void taken.push(seconds) };
    expect(await get({ profiler: busy }, '/debug/profile')).toMatchObject({ status: 409 });
    expect(taken).toEqual([30]);
  });

  it('can be taken again once the one before is done', async () => {
    const profiler = createProfiler();
    const first = profiler.take(0.01);
    expect(await profiler.take(0.01)).toBeUndefined();
    expect(await first).toContain('"nodes"');
    expect(await profiler.take(0.01)).toContain('"nodes"');
  });
});
