import type { KindRef, Reader } from '../core/ports.ts';
import type { Watched } from '../core/reconciler.ts';
import { type LabelSelector, parseLabelSelector } from '../kube/label-selector.ts';
import { type KubeObject, keyOf, type ObjectRef, refOf } from '../kube/object.ts';
import { sharing } from '../lib/sharing.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { kindKey } from './kinds.ts';
import type { KubeClient } from './kube-client.ts';
import type { Logger } from './logger.ts';
import { createOverlay, type Overlay } from './overlay.ts';
import { createReflector, type Reflector, type ReflectorHealth, trimmed } from './reflector.ts';
import { compareVersions } from './resource-version.ts';
import { createStore, type Store, type StoreEvent } from './store.ts';
import type { Time } from './time.ts';

/**
 * What is watched of a kind. Each kind and selector is watched once, and without any selector if anybody asks so; `trim`
 * is used only if all whom a watch serves give the same one.
 */
export type WatchSpec = Pick<Watched, 'kind' | 'labelSelector' | 'trim'>;

/** Told of every change of its kind, in order, also of objects that only another's selector takes. */
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
  /** For use after start. Resolves once every watch of these kinds holds a whole list, or its kind turned out to be missing; or on abort. */
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
  /** Labels that objects of a kind must have to be seen at all, besides what whoever watches it asks for. */
  readonly labelSelector?: (kind: KindRef) => string | undefined;
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
  readonly kind: KindRef;
  readonly trim: WatchSpec['trim'];
  readonly namespace: string | undefined;
  /** Whether it would show an object with these labels. */
  readonly selects: LabelSelector;
  readonly store: Store;
  readonly reflector: Reflector;
}

interface State {
  readonly options: CachesOptions;
  readonly overlay: Overlay;
  /** What was asked for, by kind. */
  readonly asked: Map<string, { readonly spec: WatchSpec; readonly listener: Listener }[]>;
  /** By kind; empty until start. */
  readonly sources: Map<string, readonly Source[]>;
  /** Resolvers of synced(), asked again after each list. */
  readonly waiting: Set<() => void>;
  started: boolean;
}

/** Caches that watch nothing yet. */
export function createCaches(options: CachesOptions): Caches {
  const overlay = createOverlay(options.time, (object) => reachedVersion(state, object));
  const state: State = { options, overlay, asked: new Map(), sources: new Map(), waiting: new Set(), started: false };
  const reader = createReader(state);
  return {
    reader,
    watch(spec, listener) {
      if (state.started) throw new Error(`${spec.kind.kind}: watches must be asked for before the caches start`);
      const key = kindKey(spec.kind);
      state.asked.set(key, [...(state.asked.get(key) ?? []), { spec, listener }]);
    },
    start(signal) {
      state.started = true;
      for (const [key, asked] of state.asked) state.sources.set(key, createSources(state, asked));
      for (const source of allSources(state)) void source.reflector.run(signal);
    },
    synced: (kinds, signal) => waitForSync(state, kinds, signal),
    health: () =>
      allSources(state).map(({ kind, namespace, reflector }) => ({
        kind: kind.kind,
        namespace,
        ...reflector.health(),
      })),
    wrote(object) {
      const sources = sourcesFor(state, object, object.metadata.namespace);
      if (sources.length === 0) return;
      overlay.wrote(sharing(reader.get(refOf(object)), trimmed(object, commonTrim(sources))));
    },
    removed(ref, uid) {
      if (sourcesFor(state, ref, ref.namespace).length > 0) overlay.removed(ref, uid);
    },
  };
}

function allSources(state: State): readonly Source[] {
  return [...state.sources.values()].flat();
}

function sourcesFor(state: State, kind: KindRef, namespace: string | undefined): Source[] {
  const all = state.sources.get(kindKey(kind)) ?? [];
  return all.filter((source) => source.namespace === undefined || source.namespace === namespace);
}

/**
 * The version that all watches which would show the object have reached; undefined while one of them lists. What a watch of
 * other objects of its kind has reached says nothing: where nothing happens, it is a minute behind.
 */
function reachedVersion(state: State, object: KubeObject): string | undefined {
  const { namespace, labels = {} } = object.metadata;
  const all = sourcesFor(state, object, namespace);
  const showing = all.filter((source) => source.selects(labels));
  const versions = (showing.length > 0 ? showing : all).map((source) => source.reflector.health().version);
  if (versions.includes(undefined)) return undefined;
  return versions.toSorted((a, b) => compareVersions(a, b) ?? 0)[0];
}

function createReader(state: State): Reader {
  const { overlay } = state;
  return {
    get(ref) {
      const key = keyOf(ref);
      const found = sourcesFor(state, ref, ref.namespace).flatMap((source) => source.store.get(key) ?? []);
      return overlay.get(ref, found.length > 1 ? newest(found)[0] : found[0]);
    },
    list(kind, namespace, labels) {
      const lists = sourcesFor(state, kind, namespace).map((source) => source.store.list(namespace, labels));
      const cached = lists.length === 1 ? (lists[0] ?? []) : newest(lists.flat());
      return overlay.list({ kind, namespace, labels }, cached);
    },
  };
}

/** Objects that several watches of one kind hold are listed once, as the one that is ahead has them. */
function newest(objects: readonly KubeObject[]): readonly KubeObject[] {
  const byKey = new Map<string, KubeObject>();
  for (const object of objects) {
    const key = keyOf(object.metadata);
    const known = byKey.get(key)?.metadata.resourceVersion;
    if ((compareVersions(object.metadata.resourceVersion, known) ?? 1) > 0) byKey.set(key, object);
  }
  return [...byKey.values()];
}

type Asked = readonly { readonly spec: WatchSpec; readonly listener: Listener }[];

/** The watches of one kind: one per selector and namespace. */
function createSources(state: State, asked: Asked): readonly Source[] {
  const [first] = asked;
  if (first === undefined) return [];
  const { kind } = first.spec;
  const { client, namespaces } = state.options;
  const always = state.options.labelSelector?.(kind);
  const both = (selector: string | undefined) => [always, selector].filter((part) => part !== undefined).join(',');
  const selectors = new Set(asked.map(({ spec }) => spec.labelSelector));
  const places = client.kinds.info(kind).namespaced && namespaces.length > 0 ? namespaces : [undefined];
  const all = selectors.has(undefined);
  return (all ? [undefined] : [...selectors]).flatMap((selector) => {
    const served = asked.filter(({ spec }) => all || spec.labelSelector === selector);
    const trim = commonTrim(served.map(({ spec }) => spec));
    const labelSelector = both(selector) || undefined;
    return places.map((namespace) => createSource(state, { kind, trim, labelSelector, namespace }, asked));
  });
}

/** What all take away; nothing where they differ. */
function commonTrim(specs: readonly { readonly trim?: WatchSpec['trim'] | undefined }[]): WatchSpec['trim'] {
  const [first] = specs;
  return specs.every(({ trim }) => trim === first?.trim) ? first?.trim : undefined;
}

type Place = Pick<Source, 'kind' | 'trim' | 'namespace'> & { readonly labelSelector: string | undefined };

function createSource(state: State, place: Place, asked: Asked): Source {
  const { client, time, log, metrics, indexedLabels, idleMs, pageSize } = state.options;
  const { kind, trim, namespace } = place;
  const store = createStore(indexedLabels);
  const tell = (events: readonly StoreEvent[]): void => {
    for (const event of events) for (const { listener } of asked) guarded(log, () => listener(event));
  };
  // Most changes of an object leave its spec as it was, and much is worked out of that.
  const shared = (object: KubeObject): KubeObject =>
    sharing(state.overlay.last(refOf(object)) ?? store.get(keyOf(object.metadata)), object);
  const sink = {
    put: (object: KubeObject) => tell(store.put(shared(object))),
    remove: (object: KubeObject) => tell(store.remove(object)),
    replace(objects: readonly KubeObject[]) {
      tell(store.replace(objects.map(shared)));
      for (const check of [...state.waiting]) check();
    },
  };
  const tuning = { ...(idleMs === undefined ? {} : { idleMs }), ...(pageSize === undefined ? {} : { pageSize }) };
  const reflector = createReflector({ client, ...place, sink, time, log, ...tuning });
  metrics?.watchAge(namespace === undefined ? kind.kind : `${kind.kind}/${namespace}`, () => {
    const { silentMs } = reflector.health();
    return silentMs === undefined ? undefined : silentMs / 1000;
  });
  const selects = parseLabelSelector(place.labelSelector ?? '') ?? (() => true);
  return { kind, trim, namespace, selects, store, reflector };
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
    allSources(state)
      .filter((source) => wanted.has(kindKey(source.kind)))
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
