import type { ServerResponse } from 'node:http';
import type { LabelSelector } from '../../kube/label-selector.ts';
import type { KubeObject } from '../../kube/object.ts';

/** A watch that is open. */
export interface Watch {
  readonly collection: string;
  /** Its label selector. */
  readonly selects: LabelSelector;
  readonly response: ServerResponse;
}

/** What happened to one object. */
export interface Change {
  readonly collection: string;
  readonly version: number;
  readonly type: string;
  readonly object: KubeObject;
  /** What was there before; undefined when it was made. */
  readonly previous: KubeObject | undefined;
}

/** The objects of the fake API server by collection, what happened to them, and who is told. */
export interface FakeStore {
  readonly objects: Map<string, Map<string, KubeObject>>;
  readonly watches: Set<Watch>;
  history: Change[];
  version: number;
  oldest: number;
  uids: number;
}

/** A store without objects. */
export function createFakeStore(): FakeStore {
  return { objects: new Map(), watches: new Set(), history: [], version: 100, oldest: 0, uids: 0 };
}

/** Stores an object and tells the watches, unless `silently`. Returns it with uid and resourceVersion. */
export function put(store: FakeStore, collection: string, object: KubeObject, silently?: 'silently'): KubeObject {
  const objects = store.objects.get(collection) ?? new Map<string, KubeObject>();
  store.objects.set(collection, objects);
  const before = objects.get(object.metadata.name);
  const metadata = {
    ...object.metadata,
    uid: object.metadata.uid ?? before?.metadata.uid ?? `uid-${++store.uids}`,
    resourceVersion: String(++store.version),
  };
  const stored = { ...object, metadata };
  objects.set(object.metadata.name, stored);
  const type = before ? 'MODIFIED' : 'ADDED';
  tell(store, { collection, version: store.version, type, object: stored, previous: before }, silently);
  return stored;
}

/** Removes an object that is there and tells the watches, unless `silently`. */
export function remove(store: FakeStore, collection: string, name: string, silently?: 'silently'): void {
  const object = store.objects.get(collection)?.get(name);
  if (object === undefined) return;
  store.objects.get(collection)?.delete(name);
  const gone = { ...object, metadata: { ...object.metadata, resourceVersion: String(++store.version) } };
  tell(store, { collection, version: store.version, type: 'DELETED', object: gone, previous: object }, silently);
}

function tell(store: FakeStore, change: Change, silently?: 'silently'): void {
  if (silently) return;
  store.history.push(change);
  for (const watch of store.watches) {
    if (covers(watch.collection, change.collection)) sendChange(watch, change);
  }
}

/** Tells one watch of a change. For a watch with a selector an object comes and goes with its labels. */
export function sendChange({ selects, response }: Watch, { type, object, previous }: Change): void {
  const [was, is] = [previous, object].map((one) => one !== undefined && selects(one.metadata.labels ?? {}));
  const told = type !== 'MODIFIED' || was === is ? type : is ? 'ADDED' : 'DELETED';
  if (was || is) response.write(`${JSON.stringify({ type: told, object })}\n`);
}

/** Whether a collection contains another: itself, or its namespaced parts. */
export function covers(wider: string, collection: string): boolean {
  return collection === wider || collection.replace(/\/namespaces\/[^/]+/, '') === wider;
}
