import { once } from 'node:events';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Agent, type buildConnector } from 'undici';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Authority, createAuthority, issue } from '../../e2e/cluster/pki/certificates.ts';
import { resettingConnector } from './resetting-connector.ts';

const SCHEMES = ['http', 'https'] as const;
type Scheme = (typeof SCHEMES)[number];

let authority: Authority;
let served: { readonly cert: string; readonly key: string };
let server: Server;

beforeAll(async () => {
  authority = await createAuthority('weir');
  const { certificate, key } = await issue(authority, { commonName: 'server', dnsNames: ['localhost'] });
  served = { cert: certificate, key };
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

/** A server that takes connections, and where it is. */
async function serve(scheme: Scheme): Promise<URL> {
  // It reads nothing by itself. With TLS 1.3 it would send more than the client has read when it ends, and that alone resets.
  const options = { pauseOnConnect: true, maxVersion: 'TLSv1.2' } as const;
  server = scheme === 'http' ? createTcpServer(options) : createTlsServer({ ...options, ...served });
  server.listen(0);
  await once(server, 'listening');
  const address = server.address();
  return new URL(`${scheme}://localhost:${typeof address === 'object' ? address?.port : ''}`);
}

function connector(settings: buildConnector.BuildOptions = {}): buildConnector.connector {
  return resettingConnector({ ca: authority.certificate, ...settings });
}

function connect({ protocol, hostname, port }: URL, settings?: buildConnector.BuildOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connector(settings)({ protocol, hostname, port, host: hostname }, (error, socket) =>
      error === null ? resolve(socket) : reject(error),
    );
  });
}

async function accepted(scheme: Scheme): Promise<Socket> {
  const [socket] = await once(server, scheme === 'http' ? 'connection' : 'secureConnection');
  return socket as Socket;
}

/** How many bytes come until it ends, in whatever way. */
function restOf(socket: Socket): Promise<number> {
  return new Promise((resolve) => {
    let received = 0;
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    socket.once('error', () => resolve(received));
    socket.once('close', () => resolve(received));
    socket.resume();
  });
}

const WAYS: readonly (readonly [string, (agent: Agent, request: AbortController) => unknown])[] = [
  ['its request is given up', (_agent, request) => request.abort(new Error('destroyed'))],
  ['its agent is destroyed', (agent) => agent.destroy()],
];

describe.each(SCHEMES)('a connection by %s', (scheme) => {
  it.each(WAYS)('delivers nothing more, not even what the kernel had taken, when %s', async (_name, giveUp) => {
    const url = await serve(scheme);
    const made: Socket[] = [];
    const agent = new Agent({
      connect: (target, callback) =>
        connector()(target, (...[error, socket]) => {
          if (error !== null) return callback(error, null);
          made.push(socket);
          callback(null, socket);
        }),
    });
    const sent = Buffer.alloc(256 * 1024, 'x');
    const request = new AbortController();
    const options = { origin: url.origin, path: '/', method: 'POST', body: sent, signal: request.signal } as const;
    const failed = agent.request(options).then(String, String);
    const other = await accepted(scheme);
    await vi.waitFor(() =>
      expect(made.map(({ bytesWritten, writableLength }) => [bytesWritten > sent.length, writableLength])).toEqual([
        [true, 0],
      ]),
    );
    await giveUp(agent, request);
    expect(await failed).toContain('destroyed');
    expect(await restOf(other)).toBeLessThan(sent.length);
    await agent.destroy();
  });
});

describe('a connection that does not come about', () => {
  it('fails by the reason', async () => {
    const url = await serve('https');
    await expect(connect(url, { ca: [] })).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
    await expect(connect(new URL('http://localhost:1'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
