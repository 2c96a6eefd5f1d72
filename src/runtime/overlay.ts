import type { KindRef } from '../core/ports.ts';
import { type KubeObject, type ObjectRef, refOf } from '../kube/object.ts';
import { kindKey } from './kinds.ts';
import { compareVersions } from './resource-version.ts';
import { hasLabels } from './store.ts';
import type { Time } from './time.ts';

/**
 * Our own writes that a watch has not brought back yet, laid over the cache: a pass right after a write must not take
 * the child it just made for absent, or decide on the status it just replaced.
 */
export interface Overlay {
  /** How many writes are remembered. */
  readonly size: number;
  /** Remembers an object as the API server returned it. */
  wrote(object: KubeObject): void;
  /** Remembers that the object of this uid is gone. */
  removed(ref: ObjectRef, uid: string): void;
  /** The object last written under this name that is still remembered, whether or not the cache has caught up. */
  last(ref: ObjectRef): KubeObject | undefined;
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

/** `reached` is the version up to which the cache that would show an object is complete; undefined while it is not. */
export function createOverlay(time: Time, reached: (object: KubeObject) => string | undefined): Overlay {
  const entries = new Map<string, Map<string, Entry>>();
  let [size, sweepAbove] = [0, SWEEP_ABOVE];
  const drop = (ref: ObjectRef): void => {
    const group = entries.get(groupKey(ref, ref.namespace));
    if (group?.delete(ref.name)) size--;
    if (group?.size === 0) entries.delete(groupKey(ref, ref.namespace));
  };
  const add = (ref: ObjectRef, entry: Omit<Entry, 'until' | 'ref'>): void => {
    drop(ref);
    if (size > sweepAbove) {
      const all = [...entries.values()].flatMap((group) => [...group.values()]);
      for (const old of all) if (isStale(old, reached, time)) drop(old.ref);
      sweepAbove = Math.max(SWEEP_ABOVE, 2 * size);
    }
    const key = groupKey(ref, ref.namespace);
    const group = entries.get(key) ?? new Map<string, Entry>();
    entries.set(key, group.set(ref.name, { ...entry, ref, until: time.monotonic() + TTL_MS }));
    size++;
  };
  const get = (ref: ObjectRef, cached: KubeObject | undefined): KubeObject | undefined => {
    const entry = size === 0 ? undefined : entries.get(groupKey(ref, ref.namespace))?.get(ref.name);
    if (entry === undefined) return cached;
    if (!isOver(entry, cached, reached, time)) return entry.object;
    drop(ref);
    return cached;
  };
  return {
    get size() {
      return size;
    },
    wrote: (object) => add(refOf(object), { uid: object.metadata.uid, object }),
    removed: (ref, uid) => add(ref, { uid, object: undefined }),
    last: (ref) => (size === 0 ? undefined : entries.get(groupKey(ref, ref.namespace))?.get(ref.name)?.object),
    get,
    list({ kind, namespace, labels }, cached) {
      const group = size === 0 ? undefined : entries.get(groupKey(kind, namespace));
      if (group === undefined) return cached;
      const wanted = Object.entries(labels);
      const result = new Map(cached.map((object) => [object.metadata.name, object]));
      for (const { ref } of [...group.values()]) {
        const object = get(ref, result.get(ref.name));
        if (object !== undefined && hasLabels(object, wanted)) result.set(ref.name, object);
        else result.delete(ref.name);
      }
      return [...result.values()];
    },
  };
}

/** Whether the cache has caught up with an entry. */
function isOver(
  entry: Entry,
  cached: KubeObject | undefined,
  reached: (object: KubeObject) => string | undefined,
  time: Time,
): boolean {
  if (entry.object === undefined) return cached?.metadata.uid !== entry.uid;
  const version = reached(entry.object);
  if (version === undefined) return false;
  const written = entry.object.metadata.resourceVersion;
  const order = compareVersions(version, written);
  if (order !== undefined) return order >= 0;
  return cached?.metadata.resourceVersion === written || time.monotonic() > entry.until;
}

/** Whether an entry that nobody may ever look up again can go: of a namespace that is gone, nobody lists anything. */
function isStale(entry: Entry, reached: (object: KubeObject) => string | undefined, time: Time): boolean {
  return entry.object === undefined ? time.monotonic() > entry.until : isOver(entry, undefined, reached, time);
}

function groupKey(kind: KindRef, namespace: string | undefined): string {
  return `${kindKey(kind)}/${namespace ?? ''}`;
}
