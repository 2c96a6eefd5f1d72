import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type LabelSelector, parseLabelSelector } from '../../kube/label-selector.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import { applyMergePatch } from '../../lib/merge-patch.ts';
import type { KubeConfig } from '../kube-config.ts';
import { covers, createFakeStore, type FakeStore, put, remove, sendChange } from './fake-store.ts';

/** One request as it arrived. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
}

/** What to do to a request instead of serving it. `hang` never answers, `cut` closes the connection. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | 'hang'
  | 'cut';

/** A small API server on loopback that keeps objects by collection path and can be made to fail. */
export interface FakeApiServer {
  readonly config: KubeConfig;
  /** All requests so far. */
  readonly requests: readonly SeenRequest[];
  /** Asked before each request is served. */
  onRequest(decide: (request: SeenRequest) => Fault | undefined): void;
  /** Stores an object and tells the watches, unless `silently`. Returns it with uid and resourceVersion. */
  put(collection: string, object: KubeObject, silently?: 'silently'): KubeObject;
  remove(collection: string, key: string, silently?: 'silently'): void;
  get(collection: string, key: string): KubeObject | undefined;
  /** Writes a raw line into every open watch. */
  sendLine(line: string): void;
  sendEvent(type: string, object: unknown): void;
  cutWatches(): void;
  readonly openWatches: number;
  readonly openSockets: number;
  /** Connections that were ever made. */
  readonly connections: number;
  /** Watches from before the current version are answered 410. */
  compact(): void;
  /** Continues numbering versions from here, as after a restore from a backup. */
  setVersion(version: number): void;
  stop(): Promise<void>;
}

interface State extends FakeStore {
  readonly requests: SeenRequest[];
  decide: (request: SeenRequest) => Fault | undefined;
}

/** A running server. Its collections are paths such as `/api/v1/namespaces/a/pods`; objects of all namespaces are found under the path without namespace. */
export async function startFakeApiServer(): Promise<FakeApiServer> {
  const state: State = { ...createFakeStore(), requests: [], decide: () => undefined };
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request, response) => void handle(state, request, response));
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    config: {
      cluster: { name: 'fake', server: url, skipTLSVerify: false },
      user: { name: '' },
      context: 'fake',
      namespace: undefined,
    },
    requests: state.requests,
    onRequest: (decide) => {
      state.decide = decide;
    },
    put: (collection, object, silently) => put(state, collection, object, silently),
    remove: (collection, key, silently) => remove(state, collection, key, silently),
    get: (collection, key) => state.objects.get(collection)?.get(key),
    sendLine: (line) => state.watches.forEach(({ response }) => void response.write(`${line}\n`)),
    sendEvent: (type, object) =>
      state.watches.forEach(({ response }) => void response.write(`${JSON.stringify({ type, object })}\n`)),
    cutWatches: () => state.watches.forEach(({ response }) => void response.socket?.destroy()),
    get openWatches() {
      return state.watches.size;
    },
    get openSockets() {
      return sockets.size;
    },
    get connections() {
      return connections;
    },
    compact: () => {
      state.oldest = state.version;
      state.history = [];
    },
    setVersion: (version) => {
      state.version = version;
      state.history = state.history.filter((change) => change.version <= version);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fake');
  const text = (await request.toArray()).map(String).join('');
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  const seen = {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    body,
    headers: request.headers,
  };
  state.requests.push(seen);
  const fault = state.decide(seen);
  if (fault === 'hang') return;
  if (fault === 'cut') request.socket.destroy();
  else if (fault !== undefined) reply(response, fault.status, fault.body ?? statusBody(fault.status), fault.headers);
  else serve(state, seen, response);
}

function serve(state: State, request: SeenRequest, response: ServerResponse): ServerResponse {
  const collection = /(pods|deployments|things|leases|events|namespaces)$/.test(request.path);
  if (request.query.get('watch')) return watch(state, request, response);
  if (collection && request.method === 'GET') return list(state, request, response);
  if (collection && request.method === 'POST') return create(state, request, response);
  return one(state, request, response);
}

function watch(state: State, { path, query }: SeenRequest, response: ServerResponse): ServerResponse {
  const since = Number(query.get('resourceVersion'));
  if (since < state.oldest) return reply(response, 410, statusBody(410));
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const open = { collection: path, selects: selectorOf(query), response };
  state.watches.add(open);
  response.on('close', () => state.watches.delete(open));
  for (const change of state.history) {
    if (change.version > since && covers(path, change.collection)) sendChange(open, change);
  }
  return response;
}

function selectorOf(query: URLSearchParams): LabelSelector {
  return parseLabelSelector(query.get('labelSelector') ?? '') ?? (() => true);
}

function list(state: State, { path, query }: SeenRequest, response: ServerResponse): ServerResponse {
  const selects = selectorOf(query);
  const name = /^metadata\.name=(.+)$/.exec(query.get('fieldSelector') ?? '')?.[1];
  const all = [...state.objects]
    .filter(([name]) => covers(path, name))
    .flatMap(([, objects]) =>
      [...objects.values()].filter(
        ({ metadata }) => selects(metadata.labels ?? {}) && (name === undefined || metadata.name === name),
      ),
    );
  const limit = Number(query.get('limit') ?? all.length);
  const [from, version] = (query.get('continue') ?? `0:${state.version}`).split(':').map(Number);
  if ((version ?? 0) < state.oldest) return reply(response, 410, statusBody(410));
  const end = (from ?? 0) + limit;
  const metadata = { resourceVersion: String(version), ...(end < all.length ? { continue: `${end}:${version}` } : {}) };
  const items = all.slice(from, end).map(({ apiVersion: _a, kind: _k, ...item }) => item);
  return reply(response, 200, { kind: 'List', apiVersion: 'v1', metadata, items });
}

function create(state: State, { path, body }: SeenRequest, response: ServerResponse): ServerResponse {
  const object = body as KubeObject;
  if (state.objects.get(path)?.has(object.metadata.name)) return reply(response, 409, statusBody(409, 'AlreadyExists'));
  return reply(response, 201, put(state, path, object));
}

function one(state: State, request: SeenRequest, response: ServerResponse): ServerResponse {
  const path = request.path.replace(/\/status$/, '');
  const slash = path.lastIndexOf('/');
  const [collection, name] = [path.slice(0, slash), path.slice(slash + 1)];
  const object = state.objects.get(collection)?.get(name);
  if (request.method === 'PATCH' && String(request.headers['content-type']).includes('apply-patch')) {
    return reply(response, 200, put(state, collection, applyMergePatch(object, request.body) as KubeObject));
  }
  if (object === undefined) return reply(response, 404, statusBody(404, 'NotFound'));
  const wanted = preconditionsOf(request.body);
  const { uid, resourceVersion } = object.metadata;
  if (wanted.uid !== undefined && wanted.uid !== uid) {
    return reply(response, 409, {
      kind: 'Status',
      reason: 'Conflict',
      message: `Precondition failed: UID in precondition: ${wanted.uid}`,
    });
  }
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    return reply(response, 409, statusBody(409, 'Conflict'));
  }
  if (request.method === 'DELETE') {
    remove(state, collection, name);
    return reply(response, 200, { kind: 'Status', apiVersion: 'v1', status: 'Success' });
  }
  if (request.method === 'PUT') {
    const { status } = request.body as KubeObject;
    return reply(response, 200, put(state, collection, { ...object, status }));
  }
  if (request.method === 'PATCH') {
    return reply(response, 200, put(state, collection, applyMergePatch(object, request.body) as KubeObject));
  }
  return reply(response, 200, object);
}

function preconditionsOf(body: unknown): { uid?: unknown; resourceVersion?: unknown } {
  if (!isRecord(body)) return {};
  if (isRecord(body.preconditions)) return body.preconditions;
  return isRecord(body.metadata) ? body.metadata : {};
}

function statusBody(code: number, reason = code === 410 ? 'Expired' : 'Fault'): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `fake ${code}` };
}

function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): ServerResponse {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  return response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
