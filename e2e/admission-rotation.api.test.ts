import { connect } from 'node:tls';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE, openApi } from '../bench/api.ts';
import { type ControlPlane, startControlPlane } from '../bench/control-plane.ts';
import type { KubeObject } from '../src/kube/object.ts';
import { createWebhookMetrics } from '../src/metrics/webhook.ts';
import { createKinds } from '../src/runtime/kinds.ts';
import { createKubeClient, type KubeClient } from '../src/runtime/kube-client.ts';
import { loadKubeConfig } from '../src/runtime/kube-config.ts';
import { silentLogger } from '../src/runtime/logger.ts';
import { systemTime } from '../src/runtime/time.ts';
import { SPARK_ADMISSION } from '../src/spark/admission.ts';
import { aSparkApplication } from '../src/spark/testing.ts';
import { createKeeper } from '../src/webhook/keeper.ts';
import { createWebhook, type Webhook } from '../src/webhook/server.ts';
import { certificatesIn, endOf } from '../src/webhook/stored.ts';
import { until } from './kit/until.ts';
import { deniedWith, webhookConfiguration, webhookRef } from './kit/webhook.ts';

const CONFIGURATION = 'weir';
/** Certificates that are followed by others every few seconds. */
const TIMING = { validityMs: 60_000, renewBeforeMs: 57_000, settleMs: 4000, checkMs: 200 };
const APPLIERS = 4;

describe('certificates of the webhook on an API server', () => {
  let plane: ControlPlane;
  let client: KubeClient;
  const replicas: Webhook[] = [];
  const ports: number[] = [];

  beforeAll(async () => {
    plane = await startControlPlane([]);
    const config = loadKubeConfig({ path: plane.kubeconfigPath });
    client = createKubeClient({ config, kinds: createKinds([]), userAgent: 'weir-test' });
    const metadata = { name: 'weir-webhook', namespace: NAMESPACE };
    await plane.api.create({ apiVersion: 'v1', kind: 'Secret', metadata });
    for (let number = 0; number < 2; number++) {
      const replica = startReplica();
      replicas.push(replica);
      ports.push(await replica.start());
    }
    const urls = Object.fromEntries(
      ports.map((port, number) => [`replica-${number}.weir.dev`, `https://127.0.0.1:${port}/validate`]),
    );
    // Whatever goes wrong between API server and webhook fails the apply.
    await plane.api.create(webhookConfiguration(CONFIGURATION, urls, 'Fail'));
    await until('both webhooks to be trusted', async () => {
      await plane.api.create(application('first'));
      return { done: true };
    });
  }, 900_000);
  afterAll(async () => {
    for (const replica of replicas) await replica.stop();
    await client?.close();
    await plane?.stop();
  });

  function startReplica(): Webhook {
    const shared = { time: systemTime, log: silentLogger };
    const certificates = createKeeper({
      ...shared,
      client,
      namespace: NAMESPACE,
      secret: 'weir-webhook',
      configuration: CONFIGURATION,
      hosts: ['127.0.0.1'],
      timing: TIMING,
    });
    return createWebhook({
      ...shared,
      port: 0,
      host: '127.0.0.1',
      certificates,
      lingerMs: 0,
      metrics: createWebhookMetrics(new Registry()),
      admissions: [SPARK_ADMISSION],
      isWatched: () => true,
      read: { get: () => undefined, list: () => [] },
    });
  }

  function application(name: string, mode: 'cluster' | 'client' = 'cluster'): KubeObject {
    const { apiVersion, kind, spec } = aSparkApplication({ spec: { mode } });
    return { apiVersion, kind, metadata: { name, namespace: NAMESPACE }, spec };
  }

  /** The serial number of what a replica serves to new connections. */
  function served(port: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        const certificate = socket.getPeerX509Certificate();
        socket.destroy();
        if (certificate === undefined) reject(new Error('no certificate'));
        else resolve(certificate.serialNumber);
      });
      socket.on('error', reject);
    });
  }

  async function trusted(): Promise<number> {
    const { webhooks } = (await plane.api.get(webhookRef(CONFIGURATION))) as unknown as {
      webhooks: readonly { clientConfig: { caBundle?: string } }[];
    };
    const [first, second] = webhooks.map(({ clientConfig }) => clientConfig.caBundle ?? '');
    expect(first).toBe(second);
    const pems = certificatesIn(Buffer.from(first ?? '', 'base64').toString());
    return pems.filter((pem) => (endOf(pem) ?? 0) > Date.now()).length;
  }

  it('change again and again while resources are applied, and no apply fails', async () => {
    const seen = ports.map(() => new Set<string>());
    let done = false;
    let applies = 0;
    const failures: unknown[] = [];
    const apply = async (applier: number): Promise<void> => {
      const api = openApi(plane.kubeconfigPath, 4);
      for (let number = 0; !done; number++) {
        const name = `a${applier}-${number}`;
        await api.create(application(name)).catch((error: unknown) => failures.push(error));
        const refused = await api.create(application(`${name}-bad`, 'client')).catch((error: unknown) => error);
        if (deniedWith(refused) === undefined) failures.push(refused);
        applies += 2;
      }
      await api.close();
    };
    const appliers = Array.from({ length: APPLIERS }, (_, applier) => apply(applier));
    let most = 0;
    await until('three certificates of each replica', async () => {
      for (const [number, port] of ports.entries()) seen[number]?.add(await served(port));
      most = Math.max(most, await trusted());
      const counts = seen.map(({ size }) => size);
      return Math.min(...counts) >= 3 ? { done: true } : { not: `${counts.join(' and ')} certificates` };
    });
    done = true;
    await Promise.all(appliers);
    expect(failures).toEqual([]);
    expect(applies).toBeGreaterThan(100);
    expect(most).toBeGreaterThan(1);
    expect([...(seen[0] ?? [])]).toEqual([...(seen[1] ?? [])]);
    process.stdout.write(`${applies} applies over ${seen[0]?.size} certificates, ${failures.length} failures\n`);
  });

  it('are written under a manager of their own, which owns nothing but the trust', async () => {
    const { metadata } = (await plane.api.get(webhookRef(CONFIGURATION))) as unknown as {
      metadata: { managedFields: readonly { manager: string; operation: string; fieldsV1: object }[] };
    };
    const own = metadata.managedFields.filter(({ manager }) => manager === 'weir-webhook');
    expect(own.map(({ operation, fieldsV1 }) => [operation, fieldsV1])).toEqual([
      [
        'Apply',
        {
          'f:webhooks': Object.fromEntries(
            [0, 1].map((number) => [
              `k:{"name":"replica-${number}.weir.dev"}`,
              { '.': {}, 'f:clientConfig': { 'f:caBundle': {} }, 'f:name': {} },
            ]),
          ),
        },
      ],
    ]);
  });
});
