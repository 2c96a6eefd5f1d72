import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWebhookMetrics } from '../metrics/webhook.ts';
import { silentLogger } from '../runtime/logger.ts';
import { createMountedSource } from '../runtime/mounted-certificate.ts';
import { createManualTime } from '../runtime/testing/manual-time.ts';
import { systemTime } from '../runtime/time.ts';
import { SPARK_ADMISSION } from '../spark/admission.ts';
import { aSparkApplication } from '../spark/testing.ts';
import { type Issued, issueCertificate } from './issue.ts';
import { createWebhook, type Webhook } from './server.ts';

let folder = '';
let webhook: Webhook;
let registry: Registry;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-webhook-'));
  registry = new Registry();
});
afterEach(async () => {
  await webhook.stop();
  rmSync(folder, { recursive: true });
});

const certificate = () => issueCertificate({ hosts: ['localhost'], now: Date.now(), validityMs: 3_600_000 });

function mount({ certificate, key }: Pick<Issued, 'certificate' | 'key'>): void {
  writeFileSync(join(folder, 'tls.crt'), certificate);
  writeFileSync(join(folder, 'tls.key'), key);
}

function start(time = createManualTime()): Promise<number> {
  webhook = createWebhook({
    port: 0,
    host: '127.0.0.1',
    certificates: createMountedSource({ server: 'the webhook', folder, checkMs: 10_000, time, log: silentLogger }),
    lingerMs: 0,
    metrics: createWebhookMetrics(registry),
    time: systemTime,
    log: silentLogger,
    admissions: [SPARK_ADMISSION],
    isWatched: () => true,
    read: { get: () => undefined, list: () => [] },
  });
  return webhook.start();
}

function ask(port: number, { authority }: Issued, body: object, path = '/validate') {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const request = httpsRequest(
      { host: 'localhost', port, path, method: 'POST', ca: authority, agent: false },
      async (response) => {
        resolve({ status: response.statusCode ?? 0, text: (await response.toArray()).map(String).join('') });
      },
    );
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });
}

function creation(object: object): object {
  const request = { uid: 'u', operation: 'CREATE', object, oldObject: null };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request };
}

describe('webhook', () => {
  it('answers reviews, and counts them', async () => {
    const issued = await certificate();
    mount(issued);
    const port = await start();
    expect(webhook.problems()).toEqual([]);
    const good = await ask(port, issued, creation(aSparkApplication()));
    expect(JSON.parse(good.text)).toMatchObject({ response: { uid: 'u', allowed: true } });
    const bad = await ask(port, issued, creation(aSparkApplication({ spec: { mode: 'client' } })));
    expect(JSON.parse(bad.text).response.status.message).toMatch(
      /^spec\.mode: "client" is not valid, it must be cluster/,
    );
    expect((await ask(port, issued, {})).status).toBe(404);
    expect((await ask(port, issued, creation(aSparkApplication()), '/mutate')).status).toBe(404);
    const metrics = await registry.metrics();
    expect(metrics).toContain('weir_admission_reviews_total{answer="allowed"} 1');
    expect(metrics).toContain('weir_admission_reviews_total{answer="refused"} 1');
    expect(metrics).toContain('weir_admission_reviews_total{answer="invalid"} 1');
    expect(metrics).toContain('weir_admission_review_duration_seconds_count 3');
    expect(metrics).toMatch(/weir_webhook_certificate_expiry_timestamp_seconds 1\.\d+e\+9|_seconds \d{10}/);
  });

  it('reads nothing of so many values that judging them would take all memory', async () => {
    const issued = await certificate();
    mount(issued);
    const port = await start();
    const wrong = (count: number) => aSparkApplication({ spec: { arguments: Array(count).fill(0) } });
    const { response } = JSON.parse((await ask(port, issued, creation(wrong(100_000)))).text);
    expect(response.status.message).toMatch(/^spec\.arguments\[0\]: 0 is not valid, it must be a text, in quotes$/);
    expect((await ask(port, issued, creation(wrong(200_001)))).status).toBe(413);
  });

  it('is not ready without a certificate, and takes one as soon as it is mounted', async () => {
    const time = createManualTime();
    const port = await start(time);
    expect(webhook.problems()).toEqual(['the webhook has no certificate yet']);
    const issued = await certificate();
    await expect(ask(port, issued, {})).rejects.toThrow();
    mount(issued);
    await time.advance(10_000);
    expect(webhook.problems()).toEqual([]);
    expect((await ask(port, issued, creation(aSparkApplication()))).status).toBe(200);
  });

  it('takes what is mounted later, and keeps what it has while the files do not belong together', async () => {
    const time = createManualTime();
    const [first, second] = await Promise.all([certificate(), certificate()]);
    mount(first);
    const port = await start(time);
    mount({ certificate: second.certificate, key: first.key });
    await time.advance(10_000);
    expect((await ask(port, first, creation(aSparkApplication()))).status).toBe(200);
    mount(second);
    await time.advance(10_000);
    expect((await ask(port, second, creation(aSparkApplication()))).status).toBe(200);
    await expect(ask(port, first, creation(aSparkApplication()))).rejects.toThrow();
  });
});
