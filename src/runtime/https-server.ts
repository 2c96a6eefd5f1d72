import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { hasMorePartsThan } from '../lib/json-parts.ts';
import type { Logger } from './logger.ts';
import { sleep, type Time } from './time.ts';

/** A certificate and its private key, PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Where a server gets its certificate from. */
export interface CertificateSource {
  /** Hands over the certificate as soon as there is one, and each that follows, until stopped. Never throws. */
  start(use: (pair: KeyPair) => void): void;
  stop(): void;
}

/** A server of JSON over TLS. */
export interface HttpsServer {
  /** Resolves to the port once listening, where handshakes fail until there is a certificate; rejects when it is taken. */
  start(): Promise<number>;
  /** New connections get this certificate, those that are open stay. Throws when key and certificate cannot be used. */
  use(pair: KeyPair): void;
  /** Goes on answering for `lingerMs`, since who calls may not know yet, then ends all connections. */
  stop(): Promise<void>;
}

/** What such a server is made with. */
export interface HttpsServerOptions {
  /** 0 takes any free one. */
  readonly port: number;
  /** All interfaces unless given. */
  readonly host?: string;
  /** Largest body, in bytes; larger ones are answered 413. */
  readonly maxBodyBytes: number;
  /** Most lists, objects and commas of a body (see hasMorePartsThan); those with more are answered 413, unparsed. */
  readonly maxParts: number;
  /** Most bytes of bodies held at a time, of all requests together; beyond that they are answered 503. */
  readonly maxHeldBytes: number;
  /** Answers a POST of JSON to a path: undefined means that the path or the body is none that it knows. */
  answer(path: string, body: unknown): unknown;
  readonly lingerMs: number;
  readonly time: Time;
  readonly log: Logger;
}

/** How long a handshake and a request may each take. */
const ARRIVAL_MS = 10_000;

/** Longer than the 90 s for which the API server keeps an idle connection, so that it never writes to one being closed. */
const KEEP_ALIVE_MS = 120_000;

const MAX_CONNECTIONS = 1000;

/**
 * TLS 1.2 and newer; POST of JSON only. What goes wrong inside is logged, and told to nobody but as a 500. The certificate
 * can be changed at any time without a connection being lost.
 */
export function createHttpsServer(options: HttpsServerOptions): HttpsServer {
  const state = { held: 0, stopping: false };
  const limits = { handshakeTimeout: ARRIVAL_MS, connectionsCheckingInterval: ARRIVAL_MS / 2 };
  const server = createServer({ minVersion: 'TLSv1.2', ...limits }, (request, response) => {
    if (state.stopping) response.setHeader('connection', 'close');
    void serve(options, state, { request, response });
  });
  server.requestTimeout = ARRIVAL_MS;
  server.headersTimeout = ARRIVAL_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxConnections = MAX_CONNECTIONS;
  return {
    start: () => listen(server, options),
    use: ({ certificate, key }) => server.setSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' }),
    async stop() {
      state.stopping = true;
      if (server.listening) await sleep(options.time, options.lingerMs);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function listen(server: Server, { port, host }: HttpsServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function serve(options: HttpsServerOptions, state: { held: number }, exchange: Exchange): Promise<void> {
  const { request, response } = exchange;
  let held = 0;
  const hold = (bytes: number): boolean => {
    held += bytes;
    state.held += bytes;
    return state.held <= options.maxHeldBytes;
  };
  try {
    const { status, body } = await answerTo(options, request, hold);
    if (!request.complete) response.setHeader('connection', 'close');
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  } catch (err) {
    options.log.error({ err, path: request.url }, 'a request could not be answered');
    if (!response.headersSent) response.writeHead(500, { connection: 'close' });
    response.end();
  } finally {
    state.held -= held;
  }
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function answerTo(
  options: HttpsServerOptions,
  request: IncomingMessage,
  hold: (bytes: number) => boolean,
): Promise<Answer> {
  if (request.method !== 'POST') return refusal(405, 'only POST is answered');
  const body = await bodyOf(request, options.maxBodyBytes, hold);
  if (body === 'too large') return refusal(413, `a body has at most ${options.maxBodyBytes} bytes`);
  if (body === 'too much') return refusal(503, 'too much is being answered, try again');
  const text = body.toString('utf8');
  if (hasMorePartsThan(text, options.maxParts)) return refusal(413, `a body has at most ${options.maxParts} values`);
  const value = parsed(text);
  if (value === undefined) return refusal(400, 'the body is not JSON');
  const answer = options.answer(request.url?.split('?', 1)[0] ?? '/', value);
  return answer === undefined ? refusal(404, 'nothing here takes this') : { status: 200, body: answer };
}

/** The body as it came, unless it or what is held altogether gets too large. */
async function bodyOf(
  request: IncomingMessage,
  most: number,
  hold: (bytes: number) => boolean,
): Promise<Buffer | 'too large' | 'too much'> {
  if (Number(request.headers['content-length'] ?? 0) > most) return 'too large';
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) return 'too large';
    if (!hold(chunk.length)) return 'too much';
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(status: number, error: string): Answer {
  return { status, body: { error } };
}
