import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Access } from './kubeconfig.ts';

/** An answer over HTTP, read to its end. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

interface CallOptions {
  readonly method?: string;
  readonly body?: unknown;
  /** Credentials; without them the server's certificate is not checked, which is enough to ask for health. */
  readonly access?: Access;
  readonly timeoutMs?: number;
  /** A Unix socket to call instead of the host in the address. */
  readonly socketPath?: string;
}

/** One HTTP(S) call without any connection kept open. Rejects when there is no answer. */
export function call(url: string, options: CallOptions = {}): Promise<Answer> {
  const { access } = options;
  const tls =
    access === undefined
      ? { rejectUnauthorized: false }
      : { ca: access.authority, cert: access.certificate, key: access.key };
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(url, {
      method: options.method ?? 'GET',
      agent: false,
      socketPath: options.socketPath,
      timeout: options.timeoutMs ?? 2000,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(url.startsWith('https:') ? tls : {}),
    });
    request.on('timeout', () => request.destroy(new Error(`no answer from ${url}`)));
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    request.end(body);
  });
}

/** A call to the API server with credentials, for a path such as /api/v1/nodes. Rejects when there is no answer. */
export function apiCall(access: Access, path: string, options: Omit<CallOptions, 'access'> = {}): Promise<Answer> {
  return call(`${access.server}${path}`, { timeoutMs: 10_000, ...options, access });
}

/** How to ask a component whether it works: over HTTP, or by connecting to its Unix socket. */
export type Probe =
  | { readonly url: string; readonly access?: Access; readonly socketPath?: string }
  | { readonly socket: string };

/** Whether the component behind the probe says it is ready; no answer means no. */
export async function isReady(probe: Probe): Promise<boolean> {
  if ('url' in probe) {
    const { url, ...options } = probe;
    const answer = await call(url, options).catch(() => undefined); // not listening yet is the usual case here
    return answer?.status === 200;
  }
  return new Promise((resolve) => {
    const socket = connect(probe.socket);
    const end = (ready: boolean) => (): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.on('connect', end(true)).on('error', end(false)).setTimeout(2000, end(false));
  });
}
