import { describe, expect, it, vi } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type { CertificateSource, KeyPair } from '../runtime/https-server.ts';
import type { KubeRequest } from '../runtime/kube-client.ts';
import { silentLogger } from '../runtime/logger.ts';
import { createManualTime } from '../runtime/testing/manual-time.ts';
import { createMemoryApi } from '../runtime/testing/memory-client.ts';
import { createKeeper, KEEPER_MANAGER } from './keeper.ts';
import { readStored } from './stored.ts';

const DAY = 86_400_000;
const SECRET = '/api/v1/namespaces/ops/secrets/weir-webhook';
const CONFIGURATION = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/weir';
const CHECK_MS = 60_000;
const TIMING = { validityMs: 90 * DAY, renewBeforeMs: 30 * DAY, settleMs: 300_000, checkMs: CHECK_MS };

function stage() {
  const api = createMemoryApi();
  const time = createManualTime();
  const put = (path: string, object: Omit<KubeObject, 'metadata'>, name: string): void =>
    void api.objects.set(path, { ...object, metadata: { name, resourceVersion: '0' } } as KubeObject);
  put(SECRET, { apiVersion: 'v1', kind: 'Secret' }, 'weir-webhook');
  const webhooks = [{ name: 'flink.weir.dev', clientConfig: {} }];
  put(CONFIGURATION, { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'X', webhooks }, 'weir');
  const replica = (hooks: Parameters<typeof api.client>[0] = {}): Replica => {
    const served: KeyPair[] = [];
    const keeper = createKeeper({
      client: api.client(hooks),
      namespace: 'ops',
      secret: 'weir-webhook',
      configuration: 'weir',
      hosts: ['weir-webhook.ops.svc'],
      timing: TIMING,
      time,
      log: silentLogger,
    });
    keeper.start((pair) => void served.push(pair));
    return { served, keeper };
  };
  const stored = () => readStored(api.objects.get(SECRET)?.data);
  const trusted = (): string => {
    const { webhooks } = api.objects.get(CONFIGURATION) as unknown as {
      webhooks: readonly { clientConfig: { caBundle?: string } }[];
    };
    return Buffer.from(webhooks[0]?.clientConfig.caBundle ?? '', 'base64').toString();
  };
  /** Lets the running checks come to their end, which no clock tells: they make keys. */
  const checked = (replicas: number) => vi.waitFor(() => expect(time.timers).toBe(replicas), 60_000);
  return { api, time, replica, stored, trusted, checked };
}

interface Replica {
  readonly served: readonly KeyPair[];
  readonly keeper: CertificateSource;
}

describe('keeper', () => {
  it('makes a certificate, has it trusted and serves it', async () => {
    const { api, replica, stored, trusted, checked } = stage();
    const { served } = replica();
    await checked(1);
    expect(served).toEqual([stored().serving]);
    expect(trusted()).toBe(stored().authorities.join(''));
    const writes = api.requests.filter(({ method }) => method === 'PATCH');
    expect(writes.map(({ path, query }) => [path, query])).toEqual([
      [SECRET, { fieldManager: KEEPER_MANAGER }],
      [CONFIGURATION, { fieldManager: KEEPER_MANAGER, force: true }],
    ]);
  });

  it('writes nothing while all is well', async () => {
    const { api, time, replica, checked } = stage();
    replica();
    await checked(1);
    const before = api.requests.filter(({ method }) => method === 'PATCH').length;
    await time.advance(CHECK_MS * 10);
    expect(api.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(before);
  });

  it('shares one certificate among replicas that start at once', async () => {
    const { time, replica, stored, trusted, checked } = stage();
    const [a, b] = [replica(), replica()];
    await checked(2);
    await time.advance(2000);
    await checked(2);
    expect(a.served).toEqual([stored().serving]);
    expect(b.served).toEqual([stored().serving]);
    expect(stored().authorities).toHaveLength(1);
    expect(trusted()).toBe(stored().authorities.join(''));
  });

  it('changes it without a moment in which a replica serves what is not trusted', async () => {
    const { time, replica, stored, trusted, checked } = stage();
    const [a, b] = [replica(), replica()];
    await checked(2);
    await time.advance(2000);
    await checked(2);
    const first = stored().serving;
    time.setWall(time.now() + 60 * DAY);
    await time.advance(CHECK_MS);
    await checked(2);
    expect(stored().next).toBeDefined();
    expect(stored().serving).toEqual(first);
    expect(trusted().match(/BEGIN/g)).toHaveLength(2);
    for (let minutes = 0; minutes < 7; minutes++) {
      await time.advance(CHECK_MS);
      await checked(2);
    }
    expect(stored().next).toBeUndefined();
    for (const { served } of [a, b]) expect(served).toEqual([first, stored().serving]);
    expect(trusted().match(/BEGIN/g)).toHaveLength(2);
    time.setWall(time.now() + 31 * DAY);
    await time.advance(CHECK_MS);
    await checked(2);
    expect(trusted()).toBe(stored().authorities.join(''));
    expect(trusted().match(/BEGIN/g)).toHaveLength(1);
    expect(a.served).toHaveLength(2);
  });

  it('puts back what somebody took out of the webhook configuration', async () => {
    const { api, time, replica, stored, trusted, checked } = stage();
    replica();
    await checked(1);
    const configuration = api.objects.get(CONFIGURATION) as KubeObject;
    api.objects.set(CONFIGURATION, { ...configuration, webhooks: [{ name: 'flink.weir.dev', clientConfig: {} }] });
    await time.advance(CHECK_MS);
    await checked(1);
    expect(trusted()).toBe(stored().authorities.join(''));
  });

  it('serves although the webhook configuration cannot be written, and tries again', async () => {
    let broken = true;
    const { time, replica, trusted, checked } = stage();
    const before = ({ path, method }: KubeRequest): void => {
      if (broken && method === 'PATCH' && path === CONFIGURATION) throw new Error('forbidden');
    };
    const { served } = replica({ before });
    await checked(1);
    expect(served).toHaveLength(1);
    expect(trusted()).toBe('');
    broken = false;
    await time.advance(1000);
    await checked(1);
    expect(trusted()).toContain('BEGIN');
    expect(served).toHaveLength(1);
  });

  it('waits for the API server', async () => {
    let down = true;
    const { time, replica, checked } = stage();
    const before = (): void => {
      if (down) throw new Error('down');
    };
    const { served, keeper } = replica({ before });
    await checked(1);
    expect(served).toEqual([]);
    down = false;
    await time.advance(1000);
    await checked(1);
    expect(served).toHaveLength(1);
    keeper.stop();
    expect(time.timers).toBe(0);
  });
});
