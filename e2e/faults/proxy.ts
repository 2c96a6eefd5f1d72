import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request as forward } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Access } from '../cluster/kubeconfig.ts';
import { createAuthority, issue } from '../cluster/pki/certificates.ts';

/** An API server's front that misbehaves when asked to. */
export interface ApiProxy {
  /** Where it is, and whom to trust there. */
  readonly server: Pick<Access, 'server' | 'authority'>;
  /** Cuts the connections of all watches that are open; returns how many. */
  cutWatches(): number;
  /** Answers 429 with Retry-After to this share of all requests from now on. */
  refuse(share: number): void;
  /** Requests refused so far. */
  refused(): number;
  close(): Promise<void>;
}

const BUSY = {
  apiVersion: 'v1',
  kind: 'Status',
  status: 'Failure',
  reason: 'TooManyRequests',
  message: 'too many requests, please try again later',
  code: 429,
};

/** A front of its own before the API server: who asks, and what is answered, goes through unchanged. */
export async function startApiProxy(target: Pick<Access, 'server' | 'authority'>): Promise<ApiProxy> {
  const authority = await createAuthority('weir-proxy-authority');
  const { certificate, key } = await issue(authority, { commonName: 'weir-proxy', ipAddresses: ['127.0.0.1'] });
  const agent = new Agent({ ca: target.authority, keepAlive: true });
  const watches = new Set<ServerResponse>();
  let [share, refused] = [0, 0];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    if (Math.random() < share) {
      refused++;
      request.resume();
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1' }).end(JSON.stringify(BUSY));
      return;
    }
    if (request.url?.includes('watch=true')) {
      watches.add(response);
      response.once('close', () => watches.delete(response));
    }
    pass(`${target.server}${request.url}`, agent, { request, response });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    server: {
      server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      authority: authority.certificate,
    },
    cutWatches() {
      const open = [...watches];
      for (const { socket } of open) socket?.destroy();
      return open.length;
    },
    refuse(wanted) {
      share = wanted;
    },
    refused: () => refused,
    close() {
      agent.destroy();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Hands a request on. Where one side breaks off, so does the other. */
function pass(
  url: string,
  agent: Agent,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
): void {
  const { method, headers } = request;
  const upstream = forward(url, { agent, ...(method === undefined ? {} : { method }), headers });
  upstream.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    response.flushHeaders();
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  upstream.on('error', () => response.destroy());
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
}
