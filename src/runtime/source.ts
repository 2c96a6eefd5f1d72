import type { KindRef } from '../core/ports.ts';
import type { Watched } from '../core/reconciler.ts';
import { type LabelSelector, parseLabelSelector } from '../kube/label-selector.ts';
import { type KubeObject, keyOf, type ObjectRef, refOf } from '../kube/object.ts';
import { sharing, sharingParts } from '../lib/sharing.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { KubeClient } from './kube-client.ts';
import type { Logger } from './logger.ts';
import { createReflector, type Reflector, type ReflectorHealth } from './reflector.ts';
import { createStore, type Store, type StoreEvent } from './store.ts';
import type { Time } from './time.ts';

/**
 * What is watched of a kind. Each kind and selector is watched once, and without any selector if anybody asks so; `trim`
 * is used only if all whom a watch serves give the same one.
 */
export type WatchSpec = Pick<Watched, 'kind' | 'labelSelector' | 'trim'>;

/** Told of every change of its kind, in order, also of objects that only another's selector takes. */
export type Listener = (event: StoreEvent) => void;

/** Those who asked for one kind, and what for. */
export type Asked = readonly { readonly spec: WatchSpec; readonly listener: Listener }[];

/** What all watches share. */
export interface SourceOptions {
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

/** What a watch asks of the caches it is part of, and tells them. */
export interface SourceParts {
  readonly options: SourceOptions;
  /** The object we wrote last under this name, if it is still remembered. */
  lastWritten(ref: ObjectRef): KubeObject | undefined;
  /** Whether listeners may know of what is in this namespace. */
  isShown(namespace: string | undefined): boolean;
  /** After each whole list. */
  listed(): void;
}

/** One watch and what it has brought. */
export interface Source {
  readonly kind: KindRef;
  readonly trim: WatchSpec['trim'];
  readonly namespace: string | undefined;
  /** Whether it would show an object with these labels. */
  readonly selects: LabelSelector;
  readonly store: Store;
  readonly reflector: Reflector;
  /** Tells everybody who asked for the kind, whether or not the namespace is shown. */
  tell(events: readonly StoreEvent[]): void;
}

/** The watches of one kind: one per selector and namespace. */
export function createSources(parts: SourceParts, asked: Asked): readonly Source[] {
  const [first] = asked;
  if (first === undefined) return [];
  const { kind } = first.spec;
  const { client, namespaces } = parts.options;
  const always = parts.options.labelSelector?.(kind);
  const both = (selector: string | undefined) => [always, selector].filter((part) => part !== undefined).join(',');
  const selectors = new Set(asked.map(({ spec }) => spec.labelSelector));
  const places = client.kinds.info(kind).namespaced && namespaces.length > 0 ? namespaces : [undefined];
  const all = selectors.has(undefined);
  return (all ? [undefined] : [...selectors]).flatMap((selector) => {
    const served = asked.filter(({ spec }) => all || spec.labelSelector === selector);
    const trim = commonTrim(served.map(({ spec }) => spec));
    const labelSelector = both(selector) || undefined;
    return places.map((namespace) => createSource(parts, { kind, trim, labelSelector, namespace }, asked));
  });
}

/** What all take away; nothing where they differ. */
export function commonTrim(specs: readonly { readonly trim?: WatchSpec['trim'] | undefined }[]): WatchSpec['trim'] {
  const [first] = specs;
  return specs.every(({ trim }) => trim === first?.trim) ? first?.trim : undefined;
}

type Place = Pick<Source, 'kind' | 'trim' | 'namespace'> & { readonly labelSelector: string | undefined };

function createSource(parts: SourceParts, place: Place, asked: Asked): Source {
  const { client, time, log, metrics, indexedLabels } = parts.options;
  const { kind, trim, namespace } = place;
  const store = createStore(indexedLabels);
  const tell = (events: readonly StoreEvent[]): void => {
    for (const event of events) for (const { listener } of asked) guarded(log, () => listener(event));
  };
  const tellShown = (events: readonly StoreEvent[]): void =>
    tell(events.filter(({ object }) => parts.isShown(object.metadata.namespace)));
  let newest: KubeObject | undefined;
  // Most changes of an object leave its spec as it was, and much is worked out of that.
  const shared = (object: KubeObject): KubeObject => {
    const stored = store.get(keyOf(object.metadata));
    const known = sharing(parts.lastWritten(refOf(object)) ?? stored, object);
    if (stored !== undefined) return known;
    newest = sharingParts(newest, known);
    return newest;
  };
  const sink = {
    put: (object: KubeObject) => tellShown(store.put(shared(object))),
    remove: (object: KubeObject) => tellShown(store.remove(object)),
    replace(objects: readonly KubeObject[]) {
      tellShown(store.replace(objects.map(shared)));
      parts.listed();
    },
  };
  const reflector = createReflector({ client, ...place, sink, time, log, ...tuningOf(parts.options) });
  watchAge(metrics, namespace === undefined ? kind.kind : `${kind.kind}/${namespace}`, reflector.health);
  const selects = parseLabelSelector(place.labelSelector ?? '') ?? (() => true);
  return { kind, trim, namespace, selects, store, reflector, tell };
}

/** What of it is for the reflector alone. */
export function tuningOf({ idleMs, pageSize }: SourceOptions): Pick<SourceOptions, 'idleMs' | 'pageSize'> {
  return { ...(idleMs === undefined ? {} : { idleMs }), ...(pageSize === undefined ? {} : { pageSize }) };
}

/** Has metrics say how long a watch has been silent. */
export function watchAge(metrics: SourceOptions['metrics'], name: string, health: () => ReflectorHealth): void {
  metrics?.watchAge(name, () => {
    const { silentMs } = health();
    return silentMs === undefined ? undefined : silentMs / 1000;
  });
}

/** A listener that throws must not stop the watch for all others. */
function guarded(log: Logger, run: () => void): void {
  try {
    run();
  } catch (err) {
    log.error({ err }, 'a listener of a watch failed');
  }
}
