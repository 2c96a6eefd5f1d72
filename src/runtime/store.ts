import { type KubeObject, keyOf, type ObjectKey } from '../kube/object.ts';
import { deepEqual } from '../lib/json.ts';

/** A change of what a store holds. An object re-created under its old name is a `deleted` followed by an `added`. */
export type StoreEvent =
  | { readonly type: 'added'; readonly object: KubeObject }
  | { readonly type: 'updated'; readonly object: KubeObject; readonly previous: KubeObject }
  | { readonly type: 'deleted'; readonly object: KubeObject };

/** The last known objects of one kind. Objects in it are never changed in place. */
export interface Store {
  readonly size: number;
  get(key: ObjectKey): KubeObject | undefined;
  /** Objects of a namespace (all namespaces if undefined) whose labels contain all given ones. */
  list(namespace: string | undefined, labels: Readonly<Record<string, string>>): readonly KubeObject[];
  put(object: KubeObject): readonly StoreEvent[];
  remove(object: KubeObject): readonly StoreEvent[];
  /** Makes the given objects the whole content. Deletions come first. */
  replace(objects: readonly KubeObject[]): readonly StoreEvent[];
}

/** An empty store with an index on namespace and on each of the given labels within a namespace. */
export function createStore(indexedLabels: readonly string[] = ['app']): Store {
  const objects = new Map<ObjectKey, KubeObject>();
  const index = createIndex(indexedLabels);
  const put = (object: KubeObject): readonly StoreEvent[] => {
    const key = keyOf(object.metadata);
    const previous = objects.get(key);
    const same = previous?.metadata.uid === object.metadata.uid;
    if (same && previous?.metadata.resourceVersion === object.metadata.resourceVersion) return [];
    if (previous !== undefined) index.drop(key, previous);
    index.insert(key, object);
    objects.set(key, object);
    if (previous === undefined) return [{ type: 'added', object }];
    if (same) return [{ type: 'updated', object, previous }];
    return [
      { type: 'deleted', object: previous },
      { type: 'added', object },
    ];
  };
  const remove = (object: KubeObject): readonly StoreEvent[] => {
    const key = keyOf(object.metadata);
    const stored = objects.get(key);
    if (stored === undefined) return [];
    index.drop(key, stored);
    objects.delete(key);
    // The last state comes with the deletion; what it says of the object is newer than what was stored.
    return [{ type: 'deleted', object: stored.metadata.uid === object.metadata.uid ? object : stored }];
  };
  return {
    get size() {
      return objects.size;
    },
    get: (key) => objects.get(key),
    list(namespace, labels) {
      const wanted = Object.entries(labels);
      const keys = namespace === undefined ? objects.keys() : index.candidates(namespace, labels);
      return [...keys].flatMap((key) => objects.get(key) ?? []).filter((object) => hasLabels(object, wanted));
    },
    put,
    remove,
    replace(wanted) {
      const keys = new Set(wanted.map((object) => keyOf(object.metadata)));
      const gone = [...objects].filter(([key]) => !keys.has(key)).flatMap(([, object]) => remove(object));
      return [...gone, ...wanted.flatMap(put)];
    },
  };
}

interface Index {
  insert(key: ObjectKey, object: KubeObject): void;
  drop(key: ObjectKey, object: KubeObject): void;
  /** Keys among which every object of the namespace with these labels is. */
  candidates(namespace: string, labels: Readonly<Record<string, string>>): ReadonlySet<ObjectKey>;
}

function createIndex(indexedLabels: readonly string[]): Index {
  // Of most labels one object has the value: its key alone takes less memory than a set of one.
  const sets = new Map<string, ObjectKey | Set<ObjectKey>>();
  const keysOf = (entry: string): ReadonlySet<ObjectKey> => {
    const keys = sets.get(entry);
    return typeof keys === 'string' ? new Set([keys]) : (keys ?? NONE);
  };
  const entriesFor = (namespace: string, labels: Readonly<Record<string, string>>): string[] =>
    indexedLabels.flatMap((label) => (labels[label] === undefined ? [] : [`${namespace}\0${label}\0${labels[label]}`]));
  const entriesOf = ({ metadata }: KubeObject): string[] => {
    const namespace = metadata.namespace ?? '';
    return [namespace, ...entriesFor(namespace, metadata.labels ?? {})];
  };
  return {
    insert(key, object) {
      for (const entry of entriesOf(object)) {
        const keys = sets.get(entry);
        if (keys === undefined) sets.set(entry, key);
        else if (typeof keys !== 'string') keys.add(key);
        else if (keys !== key) sets.set(entry, new Set([keys, key]));
      }
    },
    drop(key, object) {
      for (const entry of entriesOf(object)) {
        const keys = sets.get(entry);
        if (keys === key) sets.delete(entry);
        else if (typeof keys === 'object' && keys.delete(key) && keys.size === 0) sets.delete(entry);
      }
    },
    candidates(namespace, labels) {
      const matching = entriesFor(namespace, labels).map(keysOf);
      return matching.reduce((a, b) => (b.size < a.size ? b : a), keysOf(namespace));
    },
  };
}

const NONE: ReadonlySet<ObjectKey> = new Set();

/** Whether an object's labels contain all of the given pairs. */
export function hasLabels(object: KubeObject, wanted: readonly (readonly [string, string])[]): boolean {
  const labels = object.metadata.labels;
  return wanted.every(([name, value]) => labels?.[name] === value);
}

/** The states that a change is about, before and after; none when only the version of the object is another. */
export function statesOf(event: StoreEvent): readonly KubeObject[] {
  if (event.type !== 'updated') return [event.object];
  const { previous, object } = event;
  return isEqual(previous, object, 'metadata') && isSameMetadata(event) ? [] : [previous, object];
}

/** Whether nothing but the status of an object changed, and its version. */
export function isOfStatusAlone(event: StoreEvent): boolean {
  if (event.type !== 'updated') return false;
  const { status: _before, ...previous } = event.previous;
  const { status: _after, ...object } = event.object;
  return isEqual(previous, object, 'metadata') && isSameMetadata(event);
}

function isSameMetadata({ previous, object }: StoreEvent & { readonly type: 'updated' }): boolean {
  return isEqual(previous.metadata, object.metadata, 'resourceVersion');
}

/** Whether two objects are equal but for one field, without making any without it: each change is looked at by all who listen. */
function isEqual(a: object, b: object, but: string): boolean {
  for (const key in a) if (key !== but && !deepEqual(fieldOf(a, key), fieldOf(b, key))) return false;
  for (const key in b) if (key !== but && !Object.hasOwn(a, key) && fieldOf(b, key) !== undefined) return false;
  return true;
}

function fieldOf(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key as keyof typeof object] : undefined;
}
