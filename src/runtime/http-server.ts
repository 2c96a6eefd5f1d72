import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CertificateSource } from './https-server.ts';
import type { Logger } from './logger.ts';
import { PROFILE_LIMIT_S, type Profiler } from './profiler.ts';
import type { Readiness } from './readiness.ts';

/** An import of it would read all that it exports, and load fetch and WebSocket for that: 6 MiB nobody asked for (Node 24). */
const { createServer } = process.getBuiltinModule('node:http');

/** A server of health and metrics. */
export interface HttpServer {
  /** Resolves to the port once listening; rejects when the port is taken. */
  start(): Promise<number>;
  /** Resolves when closed; connections are ended. */
  stop(): Promise<void>;
}

/** Which endpoints there are: only those given are served. */
export interface HttpServerOptions {
  /** 0 takes any free one. */
  readonly port: number;
  /** All interfaces unless given. */
  readonly host?: string;
  /** /healthz: what is wrong with the process itself; empty means alive. */
  readonly alive?: () => readonly string[];
  /** /readyz. */
  readonly ready?: () => Readiness;
  /** /metrics: the text and its content type, as a prom-client Registry gives them. */
  readonly metrics?: { readonly contentType: string; metrics(): Promise<string> };
  /** /debug/profile?seconds=30. */
  readonly profiler?: Profiler | undefined;
  /** Has it serve over TLS 1.2 and newer; handshakes fail until there is a certificate, and connections outlive a change of it. */
  readonly certificates?: CertificateSource;
  readonly log: Logger;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** GET and HEAD only; 503 with the reasons when not alive or not ready. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { certificates } = options;
  const listener: RequestListener = (request, response) => void serve(options, request, response);
  const server = certificates === undefined ? createServer(listener) : createTlsServer(listener, certificates);
  server.requestTimeout = 10_000;
  server.headersTimeout = 10_000;
  return {
    start: () => listen(server, options),
    stop: () =>
      new Promise((resolve) => {
        certificates?.stop();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Loaded only where there is one, as node:http above. Takes certificates from when it listens on. */
function createTlsServer(listener: RequestListener, certificates: CertificateSource): Server {
  const minVersion = 'TLSv1.2';
  const server = process
    .getBuiltinModule('node:https')
    .createServer({ minVersion, handshakeTimeout: 10_000 }, listener);
  server.once('listening', () =>
    certificates.start(({ certificate, key }) => server.setSecureContext({ cert: certificate, key, minVersion })),
  );
  return server;
}

function listen(server: Server, { port, host }: HttpServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function serve(options: HttpServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const answer = await answerTo(options, request);
    response.writeHead(answer.status, { 'content-type': answer.type, 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  } catch (err) {
    options.log.error({ err, path: request.url }, 'an http request failed');
    response.writeHead(500).end();
  }
}

async function answerTo(options: HttpServerOptions, request: IncomingMessage): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'method not allowed');
  const [path, query] = (request.url ?? '').split('?', 2);
  switch (path) {
    case '/healthz':
      return health(options.alive);
    case '/readyz':
      return readiness(options.ready);
    case '/metrics':
      return options.metrics
        ? { status: 200, type: options.metrics.contentType, body: await options.metrics.metrics() }
        : NOT_FOUND;
    case '/debug/profile':
      return profile(options.profiler, new URLSearchParams(query).get('seconds') ?? '30');
    default:
      return NOT_FOUND;
  }
}

function health(alive: HttpServerOptions['alive']): Answer {
  const wrong = alive?.();
  if (wrong === undefined) return NOT_FOUND;
  return wrong.length === 0 ? text(200, 'ok') : text(503, wrong.join('\n'));
}

function readiness(ready: HttpServerOptions['ready']): Answer {
  const found = ready?.();
  if (found === undefined) return NOT_FOUND;
  return { status: found.ready ? 200 : 503, type: 'application/json', body: JSON.stringify(found) };
}

async function profile(profiler: HttpServerOptions['profiler'], asked: string): Promise<Answer> {
  if (profiler === undefined) return NOT_FOUND;
  const seconds = Number(asked);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > PROFILE_LIMIT_S)
    return text(400, `seconds: "${asked}" is not valid, it must be a whole number from 1 to ${PROFILE_LIMIT_S}`);
  const body = await profiler.take(seconds);
  return body === undefined
    ? text(409, 'another profile is being taken')
    : { status: 200, type: 'application/json', body };
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}

const NOT_FOUND: Answer = text(404, 'not found');
