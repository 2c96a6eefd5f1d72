import { FailureError } from '../core/failure.ts';
import type { KindRef } from '../core/ports.ts';
import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import { KubeError } from './classify-failure.ts';
import type { KubeClient, KubeRequest } from './kube-client.ts';
import { createLineReader } from './line-reader.ts';
import type { Logger } from './logger.ts';
import {
  type Ended,
  initialReflectorState,
  onEvent,
  onListFailed,
  onPage,
  onWatchEnded,
  type Page,
  type ReflectorState,
  type Step,
} from './reflector-step.ts';
import { jittered, sleep, type Time } from './time.ts';

/** What a reflector mirrors and where it tells. */
export interface ReflectorOptions {
  readonly client: KubeClient;
  readonly kind: KindRef;
  /** Undefined watches all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** Drops fields before an object is handed on; metadata.managedFields always go. */
  readonly trim?: ((object: KubeObject) => KubeObject) | undefined;
  readonly sink: ReflectorSink;
  readonly time: Time;
  readonly log: Logger;
  /** Silence after which a watch is taken for dead. Bookmarks come about once a minute; 100 s unless given. */
  readonly idleMs?: number;
  /** Objects per page of a list; 500 unless given. */
  readonly pageSize?: number;
}

/** Where the mirrored objects go. Methods must not throw. */
export interface ReflectorSink {
  /** A whole list: everything else is gone. */
  replace(objects: readonly KubeObject[]): void;
  put(object: KubeObject): void;
  remove(object: KubeObject): void;
}

/** How a reflector is doing. */
export interface ReflectorHealth {
  readonly synced: boolean;
  /** The API server does not know the kind (its CRD is not installed). */
  readonly missing: boolean;
  /** The last version seen: everything up to it is in the sink. */
  readonly version: string | undefined;
  /** Since the server last said anything, bookmarks included; undefined before. */
  readonly silentMs: number | undefined;
  /** Why the last list or watch failed, until one works. */
  readonly error: string | undefined;
}

/** Mirrors one kind for as long as the process runs. */
export interface Reflector {
  /** Lists and watches until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
  health(): ReflectorHealth;
}

interface Run {
  readonly options: ReflectorOptions;
  state: ReflectorState;
  lastSeen: number | undefined;
  error: string | undefined;
}

/** A reflector by the rules of reflector-step.ts. */
export function createReflector(options: ReflectorOptions): Reflector {
  const run: Run = { options, state: initialReflectorState, lastSeen: undefined, error: undefined };
  return {
    async run(signal) {
      while (!signal.aborted) {
        if (run.state.waitMs > 0) await sleep(options.time, run.state.waitMs, signal);
        if (signal.aborted) return;
        run.state = run.state.next.do === 'list' ? await listPage(run, signal) : await watch(run, signal);
      }
    },
    health: () => ({
      synced: run.state.synced,
      missing: run.state.missing,
      version: run.state.next.do === 'watch' ? run.state.next.version : undefined,
      silentMs: run.lastSeen === undefined ? undefined : options.time.monotonic() - run.lastSeen,
      error: run.error,
    }),
  };
}

async function listPage(run: Run, signal: AbortSignal): Promise<ReflectorState> {
  const { options, state } = run;
  const token = state.next.do === 'list' ? state.next.continueToken : undefined;
  const query = { limit: options.pageSize ?? 500, ...(token === undefined ? {} : { continue: token }) };
  try {
    const page = readPage(options, await options.client.request({ ...requestFor(options, query), signal }));
    alive(run);
    return commit(run, onPage(state, page));
  } catch (error) {
    if (signal.aborted) return state;
    return onListFailed(state, failed(run, 'list', error)).state;
  }
}

async function watch(run: Run, signal: AbortSignal): Promise<ReflectorState> {
  const { options, state } = run;
  const { time } = options;
  const version = state.next.do === 'watch' ? state.next.version : '';
  const timeoutSeconds = Math.round(jittered(time, 292.5, 2.5 / 292.5));
  const query = { watch: true, allowWatchBookmarks: true, resourceVersion: version, timeoutSeconds };
  const started = time.monotonic();
  const livedMs = (): number => time.monotonic() - started;
  try {
    const stream = await options.client.stream({ ...requestFor(options, query), signal });
    alive(run);
    const left = await follow(run, stream);
    return left ? run.state : onWatchEnded(run.state, { why: 'clean', livedMs: livedMs(), random: time.random() });
  } catch (error) {
    if (signal.aborted) return run.state;
    const why = error instanceof CorruptStream ? 'corrupt' : error instanceof KubeError ? 'refused' : 'clean';
    return onWatchEnded(run.state, { ...failed(run, 'watch', error), why, livedMs: livedMs() });
  }
}

/** The stream carried something that is no event; what it carried before counts. */
class CorruptStream extends Error {}

/** Reads events until the stream ends (false) or a step says to leave it (true). */
async function follow(run: Run, stream: AsyncIterable<Buffer> & { destroy(): void }): Promise<boolean> {
  const { time } = run.options;
  const lines = createLineReader();
  let silent = false;
  const stopIdling = watchIdle(run, () => {
    silent = true;
    stream.destroy();
  });
  try {
    for await (const chunk of stream) {
      run.lastSeen = time.monotonic();
      for (const line of corruptOnThrow(() => lines.push(chunk))) {
        const step = onEvent(
          run.state,
          run.options.kind,
          corruptOnThrow(() => JSON.parse(line)),
          time.random(),
        );
        run.state = commit(run, step);
        if (step.leave) return true;
      }
    }
    return false;
  } catch (error) {
    if (!silent) throw error;
    // A server that has never seen an object of the kind sends no bookmarks either (Kubernetes 1.34): no failure.
    run.options.log.debug({ kind: run.options.kind.kind }, 'a watch has said nothing for long, watching anew');
    return false;
  } finally {
    stopIdling();
    stream.destroy();
  }
}

function corruptOnThrow<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CorruptStream('unreadable line in a watch', { cause: error });
  }
}

/** One timer per watch, looked at again when it fires, instead of one per event. */
function watchIdle(run: Run, onIdle: () => void): () => void {
  const { time, idleMs = 100_000 } = run.options;
  const arm = (delay: number): (() => void) =>
    time.after(delay, () => {
      const left = (run.lastSeen ?? 0) + idleMs - time.monotonic();
      if (left > 0) cancel = arm(left);
      else onIdle();
    });
  let cancel = arm(idleMs);
  return () => cancel();
}

function commit(run: Run, step: Step): ReflectorState {
  const { sink, trim } = run.options;
  // The version moves first, so that whoever is told of an object also sees that the store has reached it.
  run.state = step.state;
  if (step.replace) sink.replace(step.replace);
  if (step.put) sink.put(trimmed(step.put, trim));
  if (step.remove) sink.remove(trimmed(step.remove, trim));
  return step.state;
}

function alive(run: Run): void {
  run.lastSeen = run.options.time.monotonic();
  run.error = undefined;
}

function failed(run: Run, verb: string, error: unknown): Ended {
  const { options } = run;
  const message = error instanceof Error ? error.message : String(error);
  const fields = { kind: options.kind.kind, namespace: options.namespace, verb, error: message };
  if (run.error === undefined) options.log.warn(fields, 'watching failed, trying again');
  else options.log.debug(fields, 'watching failed, trying again');
  run.error = message;
  const retryAfterMs =
    error instanceof FailureError && error.failure.kind === 'transient' ? error.failure.retryAfterMs : undefined;
  const status = error instanceof KubeError ? error.status : undefined;
  return { status, retryAfterMs, random: options.time.random() };
}

function requestFor(options: ReflectorOptions, query: NonNullable<KubeRequest['query']>): KubeRequest {
  const { client, kind, namespace, labelSelector } = options;
  return {
    method: 'GET',
    path: client.kinds.collection(kind, namespace),
    query: { ...query, ...(labelSelector ? { labelSelector } : {}) },
    what: `${query.watch ? 'watch' : 'list'} ${kind.kind}`,
  };
}

/** Items of a list come without apiVersion and kind. Throws an Error when the answer is no list. */
function readPage(options: ReflectorOptions, answer: unknown): Page {
  const metadata = isRecord(answer) ? answer.metadata : undefined;
  if (!isRecord(answer) || !isRecord(metadata) || typeof metadata.resourceVersion !== 'string') {
    throw new Error(`list ${options.kind.kind}: the answer is not a list`);
  }
  const { apiVersion, kind } = options.kind;
  const items = (Array.isArray(answer.items) ? answer.items : []) as KubeObject[];
  return {
    items: items.map((item) => trimmed({ ...item, apiVersion, kind }, options.trim)),
    version: metadata.resourceVersion,
    continueToken: typeof metadata.continue === 'string' ? metadata.continue : undefined,
  };
}

/** An object as it is stored: without managedFields, then as `trim` makes it. */
export function trimmed(object: KubeObject, trim: ((object: KubeObject) => KubeObject) | undefined): KubeObject {
  const { managedFields: _managedFields, ...metadata } = object.metadata as KubeObject['metadata'] & {
    managedFields?: unknown;
  };
  const bare = { ...object, metadata };
  return trim === undefined ? bare : trim(bare);
}
