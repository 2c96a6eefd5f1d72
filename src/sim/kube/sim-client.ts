import { createKinds } from '../../runtime/kinds.ts';
import type { KubeClient, KubeRequest } from '../../runtime/kube-client.ts';
import type { Time } from '../../runtime/time.ts';
import type { Backend } from './backend.ts';
import type { ReadFault, RefusedStatus, WriteFault } from './faults.ts';
import type { Gate } from './gate.ts';
import { asKubeError, NotSimulated, networkError, Refusal } from './refusal.ts';
import { type Sender, serve, watchQueryOf } from './requests.ts';
import { watchStream } from './watch-door.ts';

/** What a client of the simulated API server is made from. */
export interface SimClientOptions {
  readonly backend: Backend;
  readonly sender: Sender;
  /** The clock of the process that uses the client: what it gets comes by timers of this clock. */
  readonly time: Time;
  /** How long answers and events are under way; undefined: no time at all. */
  readonly delays?: { readonly answer: () => number; readonly event: () => number };
  /** Undefined for a client that no plan disturbs. */
  readonly gate?: Gate;
  /** Ends the process that uses the client. */
  readonly crash?: () => void;
  /** Puts the wall clock of that process off by this much. */
  readonly skew?: (ms: number) => void;
  /** Whether that process has ended: nothing it asks for has any effect then, and nothing is ever answered. */
  readonly ended?: () => boolean;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** A client with the promises of KubeClient, in one process with its server. */
export function createSimClient(options: SimClientOptions): KubeClient {
  const { backend, ended = () => false } = options;
  return {
    kinds: createKinds(backend.kinds.all()),
    fieldManager: options.sender.agent,
    request: (request) => (ended() ? never() : send(options, request)),
    stream: (request) => (ended() ? never() : open(options, request)),
    close: () => Promise.resolve(),
  };
}

/** Nobody waits any more for an answer to a process that has ended. */
function never<T>(): Promise<T> {
  return new Promise<T>(() => {});
}

function describe(request: KubeRequest): string {
  return request.what ?? `${request.method} ${request.path}`;
}

type Outcome = { readonly answer: unknown } | { readonly error: unknown };

/** Carries a request out now. */
function attempt({ backend, sender, gate }: SimClientOptions, request: KubeRequest, revision?: number): Outcome {
  try {
    return { answer: serve(backend, sender, request, revision) };
  } catch (error) {
    if (error instanceof NotSimulated) gate?.violation(`not simulated: ${error.message} (${describe(request)})`);
    return { error: asKubeError(describe(request), error) };
  }
}

interface Pending {
  readonly outcome: Outcome;
  readonly afterMs: number;
}

function send(options: SimClientOptions, request: KubeRequest): Promise<unknown> {
  const door = request.method === 'GET' ? 'read' : 'write';
  const use = options.gate?.next(door);
  const pending = struck(options, request, use?.fault);
  if (options.gate !== undefined && (door === 'write' || use?.fault !== undefined)) {
    options.gate.note(`${door} ${use?.n}`, `${describe(request)}: ${described(pending, use?.fault)}`);
  }
  if (use?.fault?.kind === 'crash-before' || use?.fault?.kind === 'crash-after') options.crash?.();
  if (use?.fault?.kind === 'clock') options.skew?.(use.fault.ms);
  return pending === undefined ? never() : answered(options, request, pending);
}

function described(pending: Pending | undefined, fault: WriteFault | ReadFault | undefined): string {
  const outcome =
    pending === undefined ? 'no answer' : 'error' in pending.outcome ? String(pending.outcome.error) : 'ok';
  return fault === undefined ? outcome : `${outcome} [${fault.kind}]`;
}

/** What comes of a request under a fault; undefined: the process does not live to see it. */
function struck(
  options: SimClientOptions,
  request: KubeRequest,
  fault: WriteFault | ReadFault | undefined,
): Pending | undefined {
  const afterMs = options.delays?.answer() ?? 0;
  const what = describe(request);
  switch (fault?.kind) {
    case 'crash-before':
      return undefined;
    case 'crash-after':
      attempt(options, request);
      return undefined;
    case 'lost':
      attempt(options, request);
      return { outcome: { error: networkError(what, 'the connection was reset') }, afterMs };
    case 'refused':
      return { outcome: { error: asKubeError(what, refusalOf(fault.status)) }, afterMs };
    case 'late':
      return { outcome: attempt(options, request), afterMs: fault.ms };
    case 'stale':
      return {
        outcome: attempt(options, request, Math.max(0, options.backend.store.revision - fault.revisions)),
        afterMs,
      };
    case 'clock':
    case undefined:
      return { outcome: attempt(options, request), afterMs };
  }
}

function refusalOf(status: RefusedStatus): Refusal {
  switch (status) {
    case 403:
      return new Refusal(403, 'Forbidden', 'forbidden: exceeded quota: simulated');
    case 409:
      return new Refusal(
        409,
        'Conflict',
        'the object has been modified; please apply your changes to the latest version',
      );
    case 429:
      return new Refusal(429, 'TooManyRequests', 'the server has received too many requests');
    case 500:
      return new Refusal(500, 'InternalError', 'etcdserver: leader changed');
  }
}

/** Gives the outcome when it arrives; a network error when the sender's patience or interest ends before. */
function answered(options: SimClientOptions, request: KubeRequest, { outcome, afterMs }: Pending): Promise<unknown> {
  const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = request;
  const what = describe(request);
  if (signal?.aborted) return Promise.reject(networkError(what, 'aborted'));
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      cancel();
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const arrive = (): void =>
      finish(() => ('error' in outcome ? reject(outcome.error as Error) : resolve(outcome.answer)));
    const abort = (): void => finish(() => reject(networkError(what, 'aborted')));
    const timeout = (): void => finish(() => reject(networkError(what, `no answer within ${timeoutMs} ms`)));
    let cancel = (): void => {};
    signal?.addEventListener('abort', abort, { once: true });
    if (options.delays === undefined && afterMs === 0) arrive();
    else if (afterMs > timeoutMs) cancel = options.time.after(timeoutMs, timeout);
    else cancel = options.time.after(afterMs, arrive);
  });
}

async function open(options: SimClientOptions, request: KubeRequest): ReturnType<KubeClient['stream']> {
  const { backend, sender, time, gate, delays } = options;
  try {
    const query = watchQueryOf(backend, sender, request);
    const { timeoutSeconds, allowWatchBookmarks } = request.query ?? {};
    const bookmarks = allowWatchBookmarks === true || allowWatchBookmarks === 'true';
    const timeoutMs = timeoutSeconds === undefined ? undefined : Number(timeoutSeconds) * 1000;
    const door = { backend, time, delay: delays?.event ?? (() => 0), gate };
    const stream = watchStream(door, { query, bookmarks, timeoutMs });
    request.signal?.addEventListener('abort', () => stream.destroy(), { once: true });
    return stream;
  } catch (error) {
    if (error instanceof NotSimulated) gate?.violation(`not simulated: ${error.message} (${describe(request)})`);
    throw asKubeError(describe(request), error);
  }
}
