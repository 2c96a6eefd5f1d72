import type { KindRef, Reader } from '../core/ports.ts';
import { type KubeObject, keyOf, type ObjectRef, refOf } from '../kube/object.ts';
import { sharing } from '../lib/sharing.ts';
import { kindKey } from './kinds.ts';
import { createOverlay, type Overlay } from './overlay.ts';
import { type ReflectorHealth, trimmed } from './reflector.ts';
import { compareVersions } from './resource-version.ts';
import {
  type Asked,
  commonTrim,
  createSources,
  type Listener,
  type Source,
  type SourceOptions,
  type SourceParts,
  tuningOf,
  type WatchSpec,
  watchAge,
} from './source.ts';
import { waitForSync } from './wait-for-sync.ts';
import {
  createWatchedNamespaces,
  NAMESPACE_KIND,
  type NamespaceSink,
  type WatchedNamespaces,
} from './watched-namespaces.ts';

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
  /**
   * For use after start. Resolves once every watch of these kinds holds a whole list, or its kind turned out to be missing,
   * and it is known which namespaces are looked at; or on abort.
   */
  synced(kinds: readonly KindRef[], signal: AbortSignal): Promise<void>;
  health(): readonly SourceHealth[];
  /** Whether objects of this namespace are looked at: is it among those given, or taken by the selector. */
  includes(namespace: string): boolean;
  /** Told of our own writes, so that reads show them before the watch does. */
  wrote(object: KubeObject): void;
  removed(ref: ObjectRef, uid: string): void;
}

/** What the caches are made with. */
export interface CachesOptions extends SourceOptions {
  /**
   * Label selector of the namespaces to look at, in place of a list of them. All namespaces are watched then; an object
   * comes when its namespace does, and is gone when that is, for readers and listeners alike.
   */
  readonly namespaceSelector?: string | undefined;
}

interface State {
  readonly options: CachesOptions;
  readonly overlay: Overlay;
  /** What was asked for, by kind. */
  readonly asked: Map<string, Asked>;
  /** By kind; empty until start. */
  readonly sources: Map<string, readonly Source[]>;
  /** Resolvers of synced(), asked again after each list. */
  readonly waiting: Set<() => void>;
  /** Undefined where no selector says which namespaces are looked at. */
  readonly scope: WatchedNamespaces | undefined;
  started: boolean;
}

/** Caches that watch nothing yet. */
export function createCaches(options: CachesOptions): Caches {
  const overlay = createOverlay(options.time, (object) => reachedVersion(state, object));
  const scope = scopeOf(options, {
    entered: (namespace) => tellOfAll(state, namespace, 'added'),
    left: (namespace) => tellOfAll(state, namespace, 'deleted'),
    listed: () => checkWaiting(state),
  });
  const empty = { asked: new Map(), sources: new Map(), waiting: new Set<() => void>(), started: false };
  const state: State = { options, overlay, scope, ...empty };
  const reader = createReader(state);
  const parts: SourceParts = {
    options,
    lastWritten: overlay.last,
    isShown: (namespace) => isShown(state, namespace),
    listed: () => checkWaiting(state),
  };
  return {
    reader,
    watch(spec, listener) {
      if (state.started) throw new Error(`${spec.kind.kind}: watches must be asked for before the caches start`);
      const key = kindKey(spec.kind);
      state.asked.set(key, [...(state.asked.get(key) ?? []), { spec, listener }]);
    },
    start(signal) {
      state.started = true;
      for (const [key, asked] of state.asked) state.sources.set(key, createSources(parts, asked));
      for (const source of allSources(state)) void source.reflector.run(signal);
      void scope?.run(signal);
    },
    synced(kinds, signal) {
      const ready = (): boolean => isSynced(state, new Set(kinds.map(kindKey)));
      return waitForSync({ ready, waiting: state.waiting, time: options.time }, signal);
    },
    health: () => healthOf(state),
    includes: (namespace) =>
      isShown(state, namespace) && (options.namespaces.length === 0 || options.namespaces.includes(namespace)),
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

function scopeOf(options: CachesOptions, sink: NamespaceSink): WatchedNamespaces | undefined {
  const { client, namespaceSelector: selector, time, log, metrics } = options;
  if (selector === undefined) return undefined;
  const scope = createWatchedNamespaces({ client, selector, sink, time, log, ...tuningOf(options) });
  watchAge(metrics, NAMESPACE_KIND.kind, scope.health);
  return scope;
}

/** Whether readers and listeners may know of what is in this namespace. Objects without namespace are for everybody. */
function isShown({ scope }: State, namespace: string | undefined): boolean {
  return scope === undefined || namespace === undefined || scope.includes(namespace);
}

/** Tells of everything in a namespace that begins or ends to be looked at. */
function tellOfAll(state: State, namespace: string, type: 'added' | 'deleted'): void {
  for (const { store, tell } of allSources(state)) tell(store.list(namespace, {}).map((object) => ({ type, object })));
}

function isSynced(state: State, wanted: ReadonlySet<string>): boolean {
  const sources = allSources(state).filter((source) => wanted.has(kindKey(source.kind)));
  const reflectors = sources.map(({ reflector }) => reflector);
  return (
    (state.scope?.health().synced ?? true) &&
    reflectors.every((reflector) => reflector.health().synced || reflector.health().missing)
  );
}

function healthOf(state: State): readonly SourceHealth[] {
  const { scope } = state;
  const namespaces = scope === undefined ? [] : [{ kind: NAMESPACE_KIND, namespace: undefined, reflector: scope }];
  return [...namespaces, ...allSources(state)].map(({ kind, namespace, reflector }) => ({
    kind: kind.kind,
    namespace,
    ...reflector.health(),
  }));
}

function checkWaiting({ waiting }: State): void {
  for (const check of [...waiting]) check();
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
      if (!isShown(state, ref.namespace)) return undefined;
      const key = keyOf(ref);
      const found = sourcesFor(state, ref, ref.namespace).flatMap((source) => source.store.get(key) ?? []);
      return overlay.get(ref, found.length > 1 ? newest(found)[0] : found[0]);
    },
    list(kind, namespace, labels) {
      if (!isShown(state, namespace)) return [];
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
