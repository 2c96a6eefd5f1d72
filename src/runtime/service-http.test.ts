import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FailureError } from '../core/failure.ts';
import { KubeError } from './classify-failure.ts';
import {
  type ClosableServiceHttp,
  createDnsServiceHttp,
  createProxyServiceHttp,
  type DnsServiceOptions,
} from './service-http.ts';

const request = { namespace: 'jobs', service: 'a-rest', port: 8081, method: 'GET', path: '/jobs/overview' } as const;
const open: { server: Server; http: ClosableServiceHttp }[] = [];

async function against(listener: RequestListener, options: DnsServiceOptions = {}): Promise<ClosableServiceHttp> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const http = createDnsServiceHttp({ resolve: () => `http://127.0.0.1:${port}`, ...options });
  open.push({ server, http });
  return http;
}

afterEach(async () => {
  for (const { server, http } of open.splice(0)) {
    await http.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('service access by DNS name', () => {
  it('hands on status and parsed body of every answer', async () => {
    const http = await against((incoming, answer) => {
      answer.writeHead(incoming.url === '/jobs/overview' ? 200 : 404).end('{"jobs":[]}');
    });
    const signal = new AbortController().signal;
    expect(await http.request(request, signal)).toEqual({ status: 200, body: { jobs: [] } });
    expect(await http.request({ ...request, path: '/other' }, signal)).toEqual({ status: 404, body: { jobs: [] } });
  });

  it("leaves it to the signal how long a job's main method may run, where undici would end it after five minutes", async () => {
    const dispatch = vi.spyOn(Agent.prototype, 'dispatch');
    const http = await against((_incoming, answer) => answer.end('{}'));
    const body = { jobId: 'a' };
    await http.request({ ...request, method: 'POST', path: '/jars/x/run', body }, new AbortController().signal);
    expect(dispatch.mock.calls.map(([{ path, headersTimeout }]) => [path, headersTimeout])).toEqual([
      ['/jars/x/run', 0],
    ]);
    dispatch.mockRestore();
  });

  it('does not follow redirects', async () => {
    const http = await against((_incoming, answer) => answer.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
    expect((await http.request(request, new AbortController().signal)).status).toBe(302);
  });

  it.each([
    ['a body that is not JSON', '<html>', 'GET a-rest.jobs:8081/jobs/overview: the answer is not JSON'],
    ['a body of too many values', '['.repeat(200_001), 'the answer has more than 200000 values'],
    ['a body that is too large', `"${'x'.repeat(9 * 1024 * 1024)}"`, 'GET a-rest.jobs:8081/jobs/overview: '],
  ])('fails as transient on %s', async (_name, body, message) => {
    const http = await against((_incoming, answer) => answer.end(body));
    const error = await http.request(request, new AbortController().signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FailureError);
    expect((error as FailureError).failure).toMatchObject({
      kind: 'transient',
      message: expect.stringContaining(message),
    });
  });

  it('changes nothing once the lease could be lost, but goes on asking', async () => {
    const seen: (string | undefined)[] = [];
    const listener: RequestListener = ({ method }, answer) => {
      seen.push(method);
      answer.end('{}');
    };
    let left = 1;
    const http = await against(listener, { budgetMs: () => left });
    const signal = new AbortController().signal;
    const cancel = { ...request, method: 'PATCH', path: '/jobs/1' } as const;
    await http.request(cancel, signal);
    // The connection is still to be made, so this is decided only after the lease is gone.
    const late = http.request({ ...cancel, service: 'b-rest' }, signal);
    left = 0;
    await expect(late).rejects.toMatchObject({
      failure: { kind: 'transient', message: expect.stringContaining('not sent') },
    });
    await http.request(request, signal);
    expect(seen).toEqual(['PATCH', 'GET']);
  });

  it('fails as transient when nobody listens', async () => {
    const http = createDnsServiceHttp({ resolve: () => 'http://127.0.0.1:1' });
    const error = await http.request(request, new AbortController().signal).catch((thrown: unknown) => thrown);
    expect((error as FailureError).failure).toMatchObject({
      kind: 'transient',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    await http.close();
  });
});

describe('service access through the API server', () => {
  it('uses the proxy path and keeps the query', async () => {
    const seen: object[] = [];
    const http = createProxyServiceHttp({ request: async (sent) => seen.push(sent) });
    await http.request({ ...request, method: 'PATCH', path: '/jobs/1?mode=cancel' }, new AbortController().signal);
    expect(seen).toEqual([
      expect.objectContaining({
        method: 'PATCH',
        path: '/api/v1/namespaces/jobs/services/http:a-rest:8081/proxy/jobs/1',
        query: { mode: 'cancel' },
      }),
    ]);
  });

  it('leaves it to the client to send a change in time', async () => {
    const seen: { readonly mayGo?: () => boolean }[] = [];
    const http = createProxyServiceHttp({ request: async (sent) => seen.push(sent) }, () => 0);
    await http.request(request, new AbortController().signal);
    await http.request({ ...request, method: 'PATCH' }, new AbortController().signal);
    expect(seen.map(({ mayGo }) => mayGo?.())).toEqual([undefined, false]);
  });

  it.each([
    [404, { status: 404, body: undefined }],
    [503, 'transient'],
  ])('tells an answer of the Service (%s) from an unreachable Service', async (status, expected) => {
    const refuse = async (): Promise<never> => {
      throw new KubeError({ kind: 'transient', message: 'no' }, { status });
    };
    const answer = await createProxyServiceHttp({ request: refuse })
      .request(request, new AbortController().signal)
      .catch((error: FailureError) => error.failure.kind);
    expect(answer).toEqual(expected);
  });
});

describe('an uploaded file', () => {
  const file = (content: AsyncIterable<Uint8Array>) => ({ name: 'a".jar', contentType: 'application/java', content });

  async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield new TextEncoder().encode(text);
  }

  it('is sent as one part of a form, as it comes in', async () => {
    let [type, body] = ['', ''];
    const http = await against(async (incoming, answer) => {
      type = incoming.headers['content-type'] ?? '';
      for await (const chunk of incoming) body += chunk;
      answer.end('{"status":"success"}');
    });
    const upload = { ...request, method: 'POST', path: '/jars/upload', file: file(chunks('PK', '..')) } as const;
    expect(await http.request(upload, new AbortController().signal)).toEqual({
      status: 200,
      body: { status: 'success' },
    });
    const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(type)?.[1];
    expect(body).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="jarfile"; filename="a%22.jar"\r\n` +
        `Content-Type: application/java\r\n\r\nPK..\r\n--${boundary}--\r\n`,
    );
  });

  it('that cannot be read fails the request with that failure', async () => {
    const http = await against(() => undefined);
    const why = new FailureError({ kind: 'stalled', reason: 'ArtifactRefused', message: 'no' });
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      throw why;
    }
    const upload = { ...request, method: 'POST', path: '/jars/upload', file: file(broken()) } as const;
    await expect(http.request(upload, new AbortController().signal)).rejects.toBe(why);
  });

  it('goes through the API server too', async () => {
    const seen: { contentType?: string; content?: AsyncIterable<Uint8Array> }[] = [];
    const http = createProxyServiceHttp({ request: async (sent) => seen.push(sent) });
    const upload = { ...request, method: 'POST', path: '/jars/upload', file: file(chunks('PK')) } as const;
    await http.request(upload, new AbortController().signal);
    let body = '';
    for await (const chunk of seen[0]?.content ?? chunks()) body += chunk;
    expect(seen[0]?.contentType).toMatch(/^multipart\/form-data; boundary=/);
    expect(body).toContain('\r\n\r\nPK\r\n');
  });
});
