import { type AgentOptions, request as httpsRequest } from 'node:https';
import { connect as tlsConnect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Authority, createAuthority, issue } from '../../e2e/cluster/pki/certificates.ts';
import { createHttpsServer, type HttpsServer, type HttpsServerOptions } from './https-server.ts';
import { silentLogger } from './logger.ts';
import { systemTime } from './time.ts';

let authority: Authority;
let server: HttpsServer | undefined;
let port = 0;

beforeEach(async () => {
  authority = await createAuthority('test');
});
afterEach(() => server?.stop());

async function start(options: Partial<HttpsServerOptions> = {}): Promise<HttpsServer> {
  server = createHttpsServer({
    port: 0,
    host: '127.0.0.1',
    maxBodyBytes: 1000,
    maxHeldBytes: 2000,
    maxParts: 20,
    answer: (path, body) => (path === '/echo' ? body : undefined),
    lingerMs: 0,
    time: systemTime,
    log: silentLogger,
    ...options,
  });
  port = await server.start();
  server.use(await pair());
  return server;
}

const pair = () => issue(authority, { commonName: 'x', dnsNames: ['localhost'] });

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly tls?: AgentOptions;
}

function send({ path = '/echo', method = 'POST', body = '{}', headers = {}, tls = {} }: Sent) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const options = { host: 'localhost', port, path, method, headers, ca: authority.certificate, ...tls };
    const request = httpsRequest(options, async (response) => {
      const text = (await response.toArray()).map(String).join('');
      resolve({ status: response.statusCode ?? 0, text });
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('https server', () => {
  it('answers JSON with JSON', async () => {
    await start();
    expect(await send({ body: '{"a":1}', path: '/echo?timeout=5s' })).toEqual({ status: 200, text: '{"a":1}' });
  });

  it.each<[string, Sent, number]>([
    ['another method', { method: 'GET', body: '' }, 405],
    ['another path', { path: '/other' }, 404],
    ['what is no JSON', { body: '{' }, 400],
    ['a body of too many values', { body: `[${'0,'.repeat(20)}0]` }, 413],
    ['a body that says it is too large', { body: ' '.repeat(1001) }, 413],
    [
      'a body that turns out to be too large',
      { body: ' '.repeat(1001), headers: { 'transfer-encoding': 'chunked' } },
      413,
    ],
  ])('refuses %s', async (_what, sent, status) => {
    await start();
    expect((await send(sent)).status).toBe(status);
    expect((await send({})).status).toBe(200);
  });

  it('holds no more than it may', async () => {
    await start({ maxHeldBytes: 10 });
    expect((await send({ body: JSON.stringify({ a: 'long enough' }) })).status).toBe(503);
    expect((await send({})).status).toBe(200);
  });

  it('tells nobody what went wrong inside', async () => {
    await start({
      answer: () => {
        throw new Error('secret');
      },
    });
    expect(await send({})).toEqual({ status: 500, text: '' });
  });

  it('speaks no TLS before 1.2', async () => {
    await start();
    await expect(send({ tls: { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' } })).rejects.toThrow();
    expect((await send({ tls: { maxVersion: 'TLSv1.2' } })).status).toBe(200);
  });

  it('takes another certificate while connections stay open', async () => {
    const running = await start();
    const socket = tlsConnect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.certificate });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    const other = await createAuthority('other');
    running.use(await issue(other, { commonName: 'x', dnsNames: ['localhost'] }));
    await expect(send({})).rejects.toThrow(/certificate/);
    expect((await send({ tls: { ca: other.certificate } })).status).toBe(200);
    socket.write('POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}');
    const [first] = (await new Promise<Buffer>((resolve) => socket.once('data', resolve))).toString().split('\r\n');
    expect(first).toBe('HTTP/1.1 200 OK');
    socket.destroy();
  });

  it('does not take a key that belongs to another certificate', async () => {
    const running = await start();
    const [a, b] = await Promise.all([pair(), pair()]);
    expect(() => running.use({ certificate: a.certificate, key: b.key })).toThrow();
    expect((await send({})).status).toBe(200);
  });

  it('goes on answering for a while when it is stopped', async () => {
    const lingering = Promise.withResolvers<void>();
    const time = {
      ...systemTime,
      after: (_ms: number, callback: () => void) => {
        void lingering.promise.then(callback);
        return () => undefined;
      },
    };
    const running = await start({ lingerMs: 3000, time });
    const stopped = running.stop();
    expect((await send({})).status).toBe(200);
    lingering.resolve();
    await stopped;
    await expect(send({})).rejects.toThrow(/ECONNREFUSED/);
    server = undefined;
  });

  it('says that its port is taken', async () => {
    await start();
    const taken = port;
    const second = createHttpsServer({
      port: taken,
      host: '127.0.0.1',
      maxBodyBytes: 1,
      maxHeldBytes: 1,
      maxParts: 1,
      answer: () => undefined,
      lingerMs: 0,
      time: systemTime,
      log: silentLogger,
    });
    await expect(second.start()).rejects.toThrow(/EADDRINUSE/);
  });
});
