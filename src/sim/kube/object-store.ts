import { type KubeObject, keyOf, type ObjectKey } from '../../kube/object.ts';
import type { KubeChange } from './access.ts';
import type { FieldManager } from './managed-fields.ts';

/** An object as stored, with who manages which of its fields. */
export interface Entry {
  readonly object: KubeObject;
  readonly managers: readonly FieldManager[];
}

/** A change with what was before it. */
export interface StoreChange extends KubeChange {
  readonly revision: number;
  /** `apps/v1/Deployment`. */
  readonly kind: string;
  /** The state before; undefined for ADDED. */
  readonly previous: KubeObject | undefined;
}

/** Objects under one revision counter, with their history. Stored objects are never changed in place. */
export interface ObjectStore {
  readonly revision: number;
  get(kind: string, key: ObjectKey): Entry | undefined;
  /** In the order of etcd: by namespace, then name. */
  list(kind: string): readonly Entry[];
  /** Stores a new state; the object gets the next revision as its resourceVersion. */
  put(kind: string, entry: Entry): KubeObject;
  /** Removes an object for good; returns its last state with the revision of the removal. */
  remove(kind: string, key: ObjectKey): KubeObject;
  /** Changes of a kind after a revision; undefined when that was compacted away. */
  since(kind: string, revision: number): readonly StoreChange[] | undefined;
  /** The objects of a kind as of a revision; undefined when that was compacted away. */
  at(kind: string, revision: number): readonly KubeObject[] | undefined;
  compact(): void;
  /** Told of each change, in order, listeners in the order they came. A change made by a listener is told after its cause. The result ends it. */
  onChange(listener: (change: StoreChange) => void): () => void;
}

interface Table {
  readonly entries: Map<ObjectKey, Entry>;
  readonly history: StoreChange[];
  /** Undefined when the order is to be found anew. */
  sorted: readonly ObjectKey[] | undefined;
}

type Listener = (change: StoreChange) => void;

interface State {
  readonly tables: Map<string, Table>;
  readonly untold: StoreChange[];
  listeners: readonly Listener[];
  revision: number;
  /** The revision up to which history is gone. */
  oldest: number;
}

/** An empty store. */
export function createObjectStore(): ObjectStore {
  const state: State = { tables: new Map(), untold: [], listeners: [], revision: 0, oldest: 0 };
  return {
    get revision() {
      return state.revision;
    },
    get: (kind, key) => tableOf(state, kind).entries.get(key),
    list: (kind) => listOf(tableOf(state, kind)),
    put: (kind, entry) => put(state, kind, entry),
    remove: (kind, key) => remove(state, kind, key),
    since: (kind, revision) => since(state, kind, revision),
    at(kind, revision) {
      const changes = since(state, kind, revision);
      return changes === undefined ? undefined : rewound(tableOf(state, kind), changes);
    },
    compact() {
      state.oldest = state.revision;
      for (const table of state.tables.values()) table.history.length = 0;
    },
    onChange(listener) {
      state.listeners = [...state.listeners, listener];
      return () => {
        state.listeners = state.listeners.filter((other) => other !== listener);
      };
    },
  };
}

function tableOf({ tables }: State, kind: string): Table {
  const found = tables.get(kind);
  if (found !== undefined) return found;
  const made: Table = { entries: new Map(), history: [], sorted: [] };
  tables.set(kind, made);
  return made;
}

/** A listener may change something in turn: that is told to all after this one. */
function tell(state: State, change: StoreChange): void {
  tableOf(state, change.kind).history.push(change);
  if (state.untold.push(change) > 1) return;
  for (let next = state.untold[0]; next !== undefined; next = state.untold[0]) {
    for (const listener of state.listeners) listener(next);
    state.untold.shift();
  }
}

function withVersion(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

function put(state: State, kind: string, entry: Entry): KubeObject {
  const table = tableOf(state, kind);
  const key = keyOf(entry.object.metadata);
  const previous = table.entries.get(key)?.object;
  const revision = ++state.revision;
  const object = withVersion(entry.object, revision);
  if (previous === undefined) table.sorted = undefined;
  table.entries.set(key, { object, managers: entry.managers });
  tell(state, { type: previous === undefined ? 'ADDED' : 'MODIFIED', revision, kind, object, previous });
  return object;
}

function remove(state: State, kind: string, key: ObjectKey): KubeObject {
  const table = tableOf(state, kind);
  const previous = table.entries.get(key)?.object;
  if (previous === undefined) throw new Error(`${kind} ${key} is not there to be removed`);
  const revision = ++state.revision;
  const object = withVersion(previous, revision);
  table.entries.delete(key);
  table.sorted = undefined;
  tell(state, { type: 'DELETED', revision, kind, object, previous });
  return object;
}

function since(state: State, kind: string, from: number): readonly StoreChange[] | undefined {
  if (from < state.oldest) return undefined;
  const { history } = tableOf(state, kind);
  let start = history.length;
  while (start > 0 && (history[start - 1]?.revision ?? 0) > from) start--;
  return history.slice(start);
}

function listOf(table: Table): readonly Entry[] {
  table.sorted ??= [...table.entries.keys()].sort();
  return table.sorted.flatMap((key) => table.entries.get(key) ?? []);
}

/** The present state with the given changes taken back, newest first. */
function rewound(table: Table, changes: readonly StoreChange[]): readonly KubeObject[] {
  const objects = new Map([...table.entries].map(([key, { object }]) => [key, object]));
  for (const { object, previous } of changes.toReversed()) {
    const key = keyOf(object.metadata);
    if (previous === undefined) objects.delete(key);
    else objects.set(key, previous);
  }
  return [...objects].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}
