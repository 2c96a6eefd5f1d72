import type { KindRef } from '../core/ports.ts';
import { type KubeObject, keyOf, type ObjectRef, refOf } from '../kube/object.ts';
import { kindKey } from './kinds.ts';
import { compareVersions } from './resource-version.ts';
import { hasLabels } from './store.ts';
import type { Time } from './time.ts';

/**
 * Our own writes that a watch has not brought back yet, laid over the cache: a pass right after a write must not take
 * the child it just made for absent, or decide on the status it just replaced.
 */
export interface Overlay {
  /** Remembers an object as the API server returned it. */
  wrote(object: KubeObject): void;
  /** Remembers that the object of this uid is gone. */
  removed(ref: ObjectRef, uid: string): void;
  /** What is true of `ref`, given what the cache says. */
  get(ref: ObjectRef, cached: KubeObject | undefined): KubeObject | undefined;
  list(query: OverlayQuery, cached: readonly KubeObject[]): readonly KubeObject[];
}

/** Which objects a list asks for. */
export interface OverlayQuery {
  readonly kind: KindRef;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Entry {
  readonly ref: ObjectRef;
  readonly uid: string | undefined;
  /** Undefined: gone. */
  readonly object: KubeObject | undefined;
  readonly until: number;
}

/** How long an entry lives whose version cannot be compared with the cache's. */
const TTL_MS = 60_000;
const SWEEP_ABOVE = 256;

/** `reached` is the version up to which the cache of an object's kind is complete; undefined while it is not. */
export function createOverlay(time: Time, reached: (ref: ObjectRef) => string | undefined): Overlay {
  const entries = new Map<string, Entry>();

  const isOver = (entry: Entry, cached: KubeObject | undefined): boolean => {
    if (entry.object === undefined) return cached?.metadata.uid !== entry.uid;
    const version = reached(entry.ref);
    const written = entry.object.metadata.resourceVersion;
    if (version === undefined) return false;
    const order = compareVersions(version, written);
    if (order !== undefined) return order >= 0;
    return cached?.metadata.resourceVersion === written || time.monotonic() > entry.until;
  };
  const add = (entry: Omit<Entry, 'until'>): void => {
    if (entries.size > SWEEP_ABOVE) {
      for (const [key, old] of entries) if (old.object !== undefined && isOver(old, undefined)) entries.delete(key);
    }
    entries.set(entryKey(entry.ref), { ...entry, until: time.monotonic() + TTL_MS });
  };
  const get = (ref: ObjectRef, cached: KubeObject | undefined): KubeObject | undefined => {
    if (entries.size === 0) return cached;
    const entry = entries.get(entryKey(ref));
    if (entry === undefined) return cached;
    if (!isOver(entry, cached)) return entry.object;
    entries.delete(entryKey(ref));
    return cached;
  };
  return {
    wrote: (object) => add({ ref: refOf(object), uid: object.metadata.uid, object }),
    removed: (ref, uid) => add({ ref, uid, object: undefined }),
    get,
    list({ kind, namespace, labels }, cached) {
      if (entries.size === 0) return cached;
      const wanted = Object.entries(labels);
      const result = new Map(cached.map((object) => [keyOf(object.metadata), object]));
      for (const { ref } of [...entries.values()]) {
        if (kindKey(ref) !== kindKey(kind) || ref.namespace !== namespace) continue;
        const object = get(ref, result.get(keyOf(ref)));
        if (object !== undefined && hasLabels(object, wanted)) result.set(keyOf(ref), object);
        else result.delete(keyOf(ref));
      }
      return [...result.values()];
    },
  };
}

function entryKey(ref: ObjectRef): string {
  return `${kindKey(ref)}/${keyOf(ref)}`;
}
