import type { KindRef, Reader } from '../core/ports.ts';
import type { Watched } from '../core/reconciler.ts';
import { type KubeObject, keyOf, type ObjectRef } from '../kube/object.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { kindKey } from './kinds.ts';
import type { KubeClient } from './kube-client.ts';
import type { Logger } from './logger.ts';
import { createOverlay, type Overlay } from './overlay.ts';
import { createReflector, type Reflector, type ReflectorHealth, trimmed } from './reflector.ts';
import { compareVersions } from './resource-version.ts';
import { createStore, type Store, type StoreEvent } from './store.ts';
import type { Time } from './time.ts';

/** What is watched of a kind. Two specs that are the same in all fields share one watch and one copy of the objects. */
export type WatchSpec = Pick<Watched, 'kind' | 'labelSelector' | 'trim'>;

/** Told of every change of a store, in order. */
export type Listener = (event: StoreEvent) => void;

/** How one watch is doing. */
export interface SourceHealth extends ReflectorHealth {
  readonly kind: string;
  readonly namespace: string | undefined;
}

/** The synced copies of all watched kinds. */
export interface Caches {
  /** Reads the copies, with our own newest writes laid over them. */
  readonly reader: Reader;
  /** Asks for a kind to be watched. Must be called before start; throws an Error after. */
  watch(spec: WatchSpec, listener: Listener): void;
  /** Starts all watches; they run until the signal aborts. */
  start(signal: AbortSignal): void;
  /** Resolves once every watch of these kinds holds a whole list, or its kind turned out to be missing; or on abort. */
  synced(kinds: readonly KindRef[], signal: AbortSignal): Promise<void>;
  health(): readonly SourceHealth[];
  /** Told of our own writes, so that reads show them before the watch does. */
  wrote(object: KubeObject): void;
  removed(ref: ObjectRef, uid: string): void;
}

/** What the caches are made with. */
export interface CachesOptions {
  readonly client: KubeClient;
  /** Namespaces to watch; empty means all. Cluster-scoped kinds are watched in any case. */
  readonly namespaces: readonly string[];
  readonly time: Time;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'watchAge'>;
  /** Labels by which lists are looked up; `app` unless given. */
  readonly indexedLabels?: readonly string[];
  /** See ReflectorOptions. */
  readonly idleMs?: number;
  readonly pageSize?: number;
}

interface Source {
  readonly spec: WatchSpec;
  readonly namespace: string | undefined;
  readonly store: Store;
  readonly reflector: Reflector;
}

interface State {
  readonly options: CachesOptions;
  readonly watched: { readonly spec: WatchSpec; readonly listeners: Listener[]; readonly sources: Source[] }[];
  readonly byKind: Map<string, Source[]>;
  /** Resolvers of synced(), asked again after each list. */
  readonly waiting: Set<() => void>;
  started: boolean;
}

/** Caches that watch nothing yet. */
export function createCaches(options: CachesOptions): Caches {
  const state: State = { options, watched: [], byKind: new Map(), waiting: new Set(), started: false };
  const overlay = createOverlay(options.time, (ref) => reachedVersion(state, ref));
  return {
    reader: createReader(state, overlay),
    watch: (spec, listener) => addWatch(state, spec, listener),
    start(signal) {
      state.started = true;
      for (const source of sources(state)) void source.reflector.run(signal);
    },
    synced: (kinds, signal) => waitForSync(state, kinds, signal),
    health: () =>
      sources(state).map(({ spec, namespace, reflector }) => ({
        kind: spec.kind.kind,
        namespace,
        ...reflector.health(),
      })),
    wrote(object) {
      const source = sourcesFor(state, object, object.metadata.namespace)[0];
      if (source !== undefined) overlay.wrote(trimmed(object, source.spec.trim));
    },
    removed(ref, uid) {
      if (sourcesFor(state, ref, ref.namespace).length > 0) overlay.removed(ref, uid);
    },
  };
}

function sources(state: State): Source[] {
  return state.watched.flatMap((watched) => watched.sources);
}

function sourcesFor(state: State, kind: KindRef, namespace: string | undefined): Source[] {
  const all = state.byKind.get(kindKey(kind)) ?? [];
  return all.filter((source) => source.namespace === undefined || source.namespace === namespace);
}

/** The version that all watches of the object's kind have reached; undefined while one of them lists. */
function reachedVersion(state: State, ref: ObjectRef): string | undefined {
  const versions = sourcesFor(state, ref, ref.namespace).map((source) => source.reflector.health().version);
  if (versions.includes(undefined)) return undefined;
  return versions.toSorted((a, b) => compareVersions(a, b) ?? 0)[0];
}

function createReader(state: State, overlay: Overlay): Reader {
  return {
    get(ref) {
      const key = keyOf(ref);
      const found = sourcesFor(state, ref, ref.namespace).map((source) => source.store.get(key));
      return overlay.get(
        ref,
        found.find((object) => object !== undefined),
      );
    },
    list(kind, namespace, labels) {
      const [first, ...others] = sourcesFor(state, kind, namespace).map((source) =>
        source.store.list(namespace, labels),
      );
      const cached = others.length === 0 ? (first ?? []) : merged([first ?? [], ...others]);
      return overlay.list({ kind, namespace, labels }, cached);
    },
  };
}

/** Objects that several watches of one kind hold are listed once. */
function merged(lists: readonly (readonly KubeObject[])[]): readonly KubeObject[] {
  return [...new Map(lists.flat().map((object) => [keyOf(object.metadata), object])).values()];
}

function addWatch(state: State, spec: WatchSpec, listener: Listener): void {
  if (state.started) throw new Error(`${spec.kind.kind}: watches must be asked for before the caches start`);
  const same = state.watched.find(
    (watched) =>
      kindKey(watched.spec.kind) === kindKey(spec.kind) &&
      watched.spec.labelSelector === spec.labelSelector &&
      watched.spec.trim === spec.trim,
  );
  if (same !== undefined) {
    same.listeners.push(listener);
    return;
  }
  const listeners = [listener];
  const { client, namespaces } = state.options;
  const scoped = client.kinds.info(spec.kind).namespaced && namespaces.length > 0;
  const made = (scoped ? namespaces : [undefined]).map((namespace) => createSource(state, spec, namespace, listeners));
  state.watched.push({ spec, listeners, sources: made });
  state.byKind.set(kindKey(spec.kind), [...(state.byKind.get(kindKey(spec.kind)) ?? []), ...made]);
}

function createSource(
  state: State,
  spec: WatchSpec,
  namespace: string | undefined,
  listeners: readonly Listener[],
): Source {
  const { client, time, log, metrics, indexedLabels, idleMs, pageSize } = state.options;
  const store = createStore(indexedLabels);
  const tell = (events: readonly StoreEvent[]): void => {
    for (const event of events) for (const listener of listeners) guarded(log, () => listener(event));
  };
  const sink = {
    put: (object: KubeObject) => tell(store.put(object)),
    remove: (object: KubeObject) => tell(store.remove(object)),
    replace(objects: readonly KubeObject[]) {
      tell(store.replace(objects));
      for (const check of [...state.waiting]) check();
    },
  };
  const { kind, labelSelector, trim } = spec;
  const tuning = { ...(idleMs === undefined ? {} : { idleMs }), ...(pageSize === undefined ? {} : { pageSize }) };
  const reflector = createReflector({ client, kind, namespace, labelSelector, trim, sink, time, log, ...tuning });
  const label = namespace === undefined ? kind.kind : `${kind.kind}/${namespace}`;
  metrics?.watchAge(label, () => {
    const { silentMs } = reflector.health();
    return silentMs === undefined ? undefined : silentMs / 1000;
  });
  return { spec, namespace, store, reflector };
}

/** A listener that throws must not stop the watch for all others. */
function guarded(log: Logger, run: () => void): void {
  try {
    run();
  } catch (err) {
    log.error({ err }, 'a listener of a watch failed');
  }
}

const MISSING_POLL_MS = 500;

function waitForSync(state: State, kinds: readonly KindRef[], signal: AbortSignal): Promise<void> {
  const wanted = new Set(kinds.map(kindKey));
  const ready = (): boolean =>
    sources(state)
      .filter((source) => wanted.has(kindKey(source.spec.kind)))
      .every((source) => {
        const { synced, missing } = source.reflector.health();
        return synced || missing;
      });
  return new Promise((resolve) => {
    const { time } = state.options;
    const finish = (): void => {
      cancel();
      state.waiting.delete(check);
      resolve();
    };
    const check = (): void => {
      if (signal.aborted || ready()) finish();
    };
    // A kind turns out to be missing without an event, so that is looked for from time to time.
    const poll = (): void => {
      cancel = time.after(MISSING_POLL_MS, poll);
      check();
    };
    let cancel = time.after(MISSING_POLL_MS, poll);
    state.waiting.add(check);
    signal.addEventListener('abort', check, { once: true });
    check();
  });
}
