import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Failure, FailureError } from '../core/failure.ts';
import type { ArtifactRequest } from '../core/ports.ts';
import { type ArtifactSourceOptions, createArtifactSource } from './artifact-source.ts';

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function serve(listener: RequestListener): Promise<number> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

const here = async () => [{ address: '127.0.0.1', family: 4 }];
const ALLOWED = { headers: new Map(), allowedSchemes: ['http', 'https'], restrictedHosts: 'allowed' } as const;

type Given = Pick<ArtifactRequest, 'url'> & Partial<ArtifactRequest>;

async function read(request: Given, options: ArtifactSourceOptions = {}): Promise<string> {
  const source = createArtifactSource({ resolve: here, ...options });
  closing.push(() => source.close());
  const chunks: Uint8Array[] = [];
  const content = await source.open({ ...ALLOWED, ...request }, new AbortController().signal);
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function failure(...given: Parameters<typeof read>): Promise<Failure> {
  const error = await read(...given).catch((thrown: unknown) => thrown);
  if (!(error instanceof FailureError)) throw new Error(`expected a FailureError, got ${String(error)}`);
  return error.failure;
}

describe('an artifact', () => {
  it('is read from the address its name resolves to, with the headers asked for', async () => {
    const port = await serve((request, answer) => answer.end(`${request.headers.host} ${request.headers['x-token']}`));
    const text = await read({ url: `http://jars.test:${port}/a.jar`, headers: new Map([['x-token', 't']]) });
    expect(text).toBe(`jars.test:${port} t`);
  });

  it('is followed over redirects, without the headers where the origin changes', async () => {
    const other = await serve((request, answer) => answer.end(`${request.url} ${request.headers['x-token']}`));
    const first = await serve((request, answer) => {
      if (request.url === '/a') answer.writeHead(301, { location: '/b' }).end();
      else answer.writeHead(302, { location: `http://other.test:${other}/c?x=${request.headers['x-token']}` }).end();
    });
    const text = await read({ url: `http://jars.test:${first}/a`, headers: new Map([['x-token', 't']]) });
    expect(text).toBe('/c?x=t undefined');
  });

  it.each([
    ['http://127.0.0.1:1/a.jar', 'host 127.0.0.1: the address is loopback (127.0.0.0/8)'],
    ['http://2130706433:1/a.jar', 'host 127.0.0.1: the address is loopback (127.0.0.0/8)'],
    ['http://0x7f.1:1/a.jar', 'host 127.0.0.1: the address is loopback (127.0.0.0/8)'],
    ['http://[::ffff:169.254.169.254]/a.jar', 'host ::ffff:a9fe:a9fe: the address is link-local (169.254.0.0/16)'],
    ['http://jars.test/a.jar', 'host jars.test, which is 10.1.2.3: the address is private (10.0.0.0/8)'],
  ])('is not asked for at %s', async (url, message) => {
    const resolve = async () => [
      { address: '1.1.1.1', family: 4 },
      { address: '10.1.2.3', family: 4 },
    ];
    expect(await failure({ url, restrictedHosts: 'refused' }, { resolve })).toEqual({
      kind: 'stalled',
      reason: 'ArtifactRefused',
      message: `${message}, and kubernetes.operator.user.artifacts.disallow-restricted-hosts is true`,
    });
  });

  it('is not asked for where a redirect leads inside', async () => {
    let asked = 0;
    const inside = await serve((_request, answer) => {
      asked++;
      answer.end('secret');
    });
    const first = await serve((_request, answer) => {
      answer.writeHead(302, { location: `http://127.0.0.1:${inside}/` }).end();
    });
    const request = { url: `http://jars.test:${first}/a.jar`, allowedSchemes: ['http'] };
    // The first hop stands for a public server: only the address written out in the redirect is judged here.
    expect(await read(request)).toBe('secret');
    const told = await failure({ ...request, url: `http://127.0.0.1:${first}/`, restrictedHosts: 'refused' });
    expect(told).toMatchObject({ kind: 'stalled', reason: 'ArtifactRefused' });
    expect(asked).toBe(1);
  });

  it.each([
    ['file:///etc/passwd', 'file:///etc/passwd: scheme file is not one of'],
    ['http://u:secret@jars.test/a.jar?sig=secret', 'http://jars.test/a.jar: scheme http is not one of'],
  ])('is not asked for by the scheme of %s', async (url, message) => {
    const told = await failure({ url, allowedSchemes: ['https'] });
    expect(told).toMatchObject({ kind: 'stalled', reason: 'ArtifactRefused' });
    expect(told.message).toContain(message);
    expect(told.message).not.toContain('secret');
  });

  it('is not followed for ever', async () => {
    const port = await serve((_request, answer) => answer.writeHead(302, { location: '/again' }).end());
    expect(await failure({ url: `http://jars.test:${port}/a` })).toEqual({
      kind: 'stalled',
      reason: 'ArtifactRefused',
      message: `http://jars.test:${port}/a redirects more than 5 times`,
    });
  });

  it.each([
    [404, 'stalled'],
    [403, 'stalled'],
    [429, 'transient'],
    [503, 'transient'],
  ])('that answers %s is a %s failure', async (status, kind) => {
    const port = await serve((_request, answer) => answer.writeHead(status).end());
    const told = await failure({ url: `http://jars.test:${port}/a.jar` });
    expect(told).toMatchObject({ kind, message: `http://jars.test:${port}/a.jar answered ${status}` });
  });

  it.each([
    ['announced', (answer: { end(text: string): void }) => answer.end('12345')],
    [
      'not announced',
      (answer: { write(text: string): void; end(text: string): void }) => {
        answer.write('123');
        answer.end('45');
      },
    ],
  ])('that is too large, %s, is refused', async (_name, respond) => {
    const port = await serve((_request, answer) => respond(answer));
    const told = await failure({ url: `http://jars.test:${port}/a.jar` }, { limits: { maxBytes: 4 } });
    expect(told).toEqual({
      kind: 'stalled',
      reason: 'ArtifactNotAvailable',
      message: `http://jars.test:${port}/a.jar is larger than 4 bytes`,
    });
  });

  it('of a host that does not exist is a final failure', async () => {
    const resolve = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND jars.test'), { code: 'ENOTFOUND' });
    };
    expect(await failure({ url: 'http://jars.test/a.jar' }, { resolve })).toEqual({
      kind: 'stalled',
      reason: 'ArtifactNotAvailable',
      message: 'http://jars.test/a.jar: getaddrinfo ENOTFOUND jars.test',
    });
  });

  it('that is opened and not read does no harm', async () => {
    const port = await serve((_request, answer) => {
      answer.writeHead(200, { 'content-length': '1000' }).write('1');
    });
    const source = createArtifactSource({ resolve: here, limits: { silenceMs: 50 } });
    const request = { ...ALLOWED, url: `http://jars.test:${port}/a.jar` };
    await source.open(request, new AbortController().signal);
    await source.close();
  });

  it('that breaks off is a transient failure', async () => {
    const port = await serve((_request, answer) => {
      answer.writeHead(200, { 'content-length': '10' }).write('1');
      answer.destroy();
    });
    expect(await failure({ url: `http://jars.test:${port}/a.jar` })).toMatchObject({ kind: 'transient' });
  });
});
