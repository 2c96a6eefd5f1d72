import type { Readable } from 'node:stream';
import type { buildConnector, Dispatcher } from 'undici';
import { FailureError } from '../core/failure.ts';
import type { RestMetrics } from '../metrics/metrics.ts';
import { classifyNetworkError, classifyRefusal, KubeError } from './classify-failure.ts';
import type { Kinds } from './kinds.ts';
import type { KubeConfig } from './kube-config.ts';
import { type Credentials, createCredentials } from './kube-credentials.ts';
import { resettingConnector } from './resetting-connector.ts';
import { guarded } from './send-guard.ts';
import { systemTime, type Time } from './time.ts';
import { Agent } from './undici.ts';

/** The HTTP methods Weir uses on the API server. Of objects only the status is replaced (PUT). */
export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** One request. */
export interface KubeRequest {
  readonly method: Method;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  /** Sent as JSON, also where the content type says YAML (JSON is YAML). */
  readonly body?: unknown;
  /** Sent as it is, in place of a body; read once. */
  readonly content?: Readable;
  readonly contentType?: string;
  /** What error messages call it: `apply Deployment default/a`. The method and path unless given. */
  readonly what?: string;
  readonly signal?: AbortSignal;
  /** Limit for the headers to arrive and for each pause in the body; 30 s unless given. */
  readonly timeoutMs?: number;
  /** See Guarded. */
  readonly mayGo?: () => boolean;
}

/** Requests to one API server over one bounded pool of keep-alive connections. */
export interface KubeClient {
  readonly kinds: Kinds;
  /** Sends `fieldManager` in server-side applies. */
  readonly fieldManager: string;
  /** The parsed body of a 2xx answer (undefined if empty). Throws KubeError otherwise, and for bodies that are no JSON. */
  request(request: KubeRequest): Promise<unknown>;
  /** Opens a stream that never times out by itself: raw body chunks. Throws KubeError if the server does not answer 200. */
  stream(request: KubeRequest): Promise<AsyncIterable<Buffer> & { destroy(): void }>;
  /** Resets all connections: running requests fail, and what of them is not with the server yet never comes there. */
  close(): Promise<void>;
}

/** What a client is made from. */
export interface KubeClientOptions {
  readonly config: KubeConfig;
  readonly kinds: Kinds;
  /** Sent as User-Agent: `weir/0.1.0`. */
  readonly userAgent: string;
  readonly fieldManager?: string;
  readonly metrics?: RestMetrics;
  readonly time?: Time;
  /** Most connections for requests (32 unless given); each watch has one of its own besides. */
  readonly maxConnections?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;

interface Connection {
  readonly origin: string;
  readonly prefix: string;
  readonly credentials: Credentials;
  readonly userAgent: string;
}

/**
 * A client over undici with client-node's ways of authentication. HTTP/1.1: a watch is one long answer, and HTTP/2 would
 * put all of them at the mercy of one connection. A request refused with 401 is sent once more with fresh credentials.
 */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const time = options.time ?? systemTime;
  const credentials = createCredentials(options.config, time);
  const url = new URL(options.config.cluster.server);
  const connection: Connection = {
    origin: url.origin,
    prefix: url.pathname.replace(/\/+$/, ''),
    credentials,
    userAgent: options.userAgent,
  };
  const requests = createDispatcher(options, credentials, options.maxConnections ?? 32);
  const watches = createDispatcher(options, credentials, null);
  const measured = { metrics: options.metrics, host: url.host, time };

  return {
    kinds: options.kinds,
    fieldManager: options.fieldManager ?? 'weir',
    async request(request) {
      const started = time.monotonic();
      try {
        const answer = await sendAuthorized(requests, connection, request);
        const text = await readText(request, answer);
        count(measured, request.method, String(answer.statusCode));
        if (answer.statusCode >= 300) throw refusal(request, answer, { body: text, now: time.now() });
        return parse(request, text);
      } catch (error) {
        if (error instanceof KubeError && error.status === undefined) count(measured, request.method, '<error>');
        throw error;
      } finally {
        measured.metrics?.took(request.method, measured.host, (time.monotonic() - started) / 1000);
      }
    },
    async stream(request) {
      const answer = await sendAuthorized(
        watches,
        connection,
        { ...request, timeoutMs: request.timeoutMs ?? DEFAULT_TIMEOUT_MS },
        0,
      );
      count(measured, request.method, String(answer.statusCode));
      if (answer.statusCode === 200) return answer.body;
      throw refusal(request, answer, { body: await readText(request, answer), now: time.now() });
    },
    async close() {
      await Promise.all([requests.destroy(), watches.destroy()]);
    },
  };
}

function createDispatcher(
  options: KubeClientOptions,
  credentials: Credentials,
  connections: number | null,
): Dispatcher {
  const pool = {
    connections,
    pipelining: 1,
    allowH2: false,
    // Below the 90 s after which the API server closes an idle connection.
    keepAliveTimeout: 55_000,
    keepAliveMaxTimeout: 55_000,
    connect: createConnector(credentials),
  };
  if (options.config.cluster.proxyUrl) throw new Error('proxy-url in a kubeconfig is not supported');
  return guarded(new Agent(pool));
}

/** Each new connection uses the certificates of that moment, so that rotated ones need no restart. */
function createConnector(credentials: Credentials): buildConnector.connector {
  let made: { readonly tls: object; readonly connect: buildConnector.connector } | undefined;
  return (target, callback) => {
    credentials.tls().then(
      (tls) => {
        if (made?.tls !== tls) {
          const settings = { ...tls, timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 30_000, allowH2: false };
          made = { tls, connect: resettingConnector(settings) };
        }
        made.connect(target, callback);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

async function sendAuthorized(
  dispatcher: Dispatcher,
  connection: Connection,
  request: KubeRequest,
  bodyTimeout?: number,
): Promise<Dispatcher.ResponseData> {
  const answer = await send(dispatcher, connection, request, bodyTimeout);
  if (answer.statusCode !== 401 || request.content !== undefined) return answer;
  await answer.body.dump();
  connection.credentials.invalidate();
  return send(dispatcher, connection, request, bodyTimeout);
}

async function send(
  dispatcher: Dispatcher,
  connection: Connection,
  request: KubeRequest,
  bodyTimeout: number | undefined,
): Promise<Dispatcher.ResponseData> {
  const timeout = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  try {
    const authorization = await connection.credentials.headers();
    const { headers, ...content } = contentOf(request);
    return await dispatcher.request({
      origin: connection.origin,
      path: connection.prefix + request.path + queryString(request.query),
      method: request.method,
      headers: { ...authorization, ...headers, accept: 'application/json', 'user-agent': connection.userAgent },
      ...content,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
      ...(request.mayGo === undefined ? {} : { mayGo: request.mayGo }),
      headersTimeout: timeout,
      bodyTimeout: bodyTimeout ?? timeout,
      // undici 8 would end the connection after each DELETE with a body (lib/dispatcher/client-h1.js, expectsPayload).
      reset: false,
    });
  } catch (error) {
    throw error instanceof FailureError ? error : classifyNetworkError(describe(request), error);
  }
}

function contentOf(request: KubeRequest): { headers: Record<string, string>; body?: string | Readable } {
  const body = request.content ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  if (body === undefined) return { headers: {} };
  return { headers: { 'content-type': request.contentType ?? 'application/json' }, body };
}

function queryString(query: KubeRequest['query']): string {
  if (query === undefined) return '';
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

async function readText(request: KubeRequest, answer: Dispatcher.ResponseData): Promise<string> {
  try {
    return await answer.body.text();
  } catch (error) {
    throw classifyNetworkError(describe(request), error);
  }
}

function parse(request: KubeRequest, text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw classifyNetworkError(`${describe(request)}: the answer is not JSON`, error);
  }
}

function refusal(request: KubeRequest, answer: Dispatcher.ResponseData, read: { body: string; now: number }): Error {
  const header = answer.headers['retry-after'];
  const retryAfter = Array.isArray(header) ? header[0] : header;
  return classifyRefusal({ what: describe(request), status: answer.statusCode, retryAfter, ...read });
}

function describe(request: KubeRequest): string {
  return request.what ?? `${request.method} ${request.path}`;
}

function count(measured: { metrics: RestMetrics | undefined; host: string }, method: string, code: string): void {
  measured.metrics?.requested(method, measured.host, code);
}
