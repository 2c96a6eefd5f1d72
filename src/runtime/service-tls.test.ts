import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Authority, createAuthority, issue } from '../../e2e/cluster/pki/certificates.ts';
import { FailureError } from '../core/failure.ts';
import { createDnsServiceHttp, createProxyServiceHttp, readServiceTls } from './service-http.ts';

const request = { namespace: 'a', service: 'b-rest', port: 8081, tls: true, method: 'GET', path: '/config' } as const;
let authority: Authority;
let server: Server;
let folder = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-tls-'));
  authority = await createAuthority('flink');
  const { certificate, key } = await issue(authority, { commonName: 'b-rest.a', dnsNames: ['localhost'] });
  server = createServer(
    { cert: certificate, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: false },
    (incoming, answer) =>
      answer.end(JSON.stringify({ known: 'authorized' in incoming.socket && incoming.socket.authorized })),
  );
  await new Promise<void>((resolve) => server.listen(0, resolve));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function ask(host = 'localhost'): Promise<unknown> {
  const origin = `https://${host}:${(server.address() as AddressInfo).port}`;
  const http = createDnsServiceHttp({ resolve: () => origin, tls: readServiceTls(folder) });
  try {
    return await http.request(request, new AbortController().signal);
  } catch (error) {
    return error instanceof FailureError ? error.failure : error;
  } finally {
    await http.close();
  }
}

describe('services over TLS', () => {
  it('are trusted by the authority in the folder', async () => {
    writeFileSync(join(folder, 'ca.crt'), authority.certificate);
    expect(await ask()).toEqual({ status: 200, body: { known: false } });
  });

  it('are shown who asks', async () => {
    const own = await issue(authority, { commonName: 'weir' });
    writeFileSync(join(folder, 'ca.crt'), authority.certificate);
    writeFileSync(join(folder, 'tls.crt'), own.certificate);
    writeFileSync(join(folder, 'tls.key'), own.key);
    expect(await ask()).toEqual({ status: 200, body: { known: true } });
  });

  it('are not trusted without it, nor under another name', async () => {
    expect(await ask()).toMatchObject({ kind: 'transient', message: expect.stringContaining('certificate') });
    writeFileSync(join(folder, 'ca.crt'), authority.certificate);
    expect(await ask('127.0.0.1')).toMatchObject({ kind: 'transient', message: expect.stringContaining('127.0.0.1') });
  });

  it('are asked over TLS by the API server too', async () => {
    const paths: string[] = [];
    const http = createProxyServiceHttp({ request: async ({ path }) => paths.push(path) });
    await http.request(request, new AbortController().signal);
    expect(paths).toEqual(['/api/v1/namespaces/a/services/https:b-rest:8081/proxy/config']);
  });
});
