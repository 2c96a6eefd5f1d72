import type { KubeObject } from '../../kube/object.ts';
import { isAsked, type ListQuery } from './lists.ts';
import type { ObjectStore, StoreChange } from './object-store.ts';

/** A line of a watch. An ERROR carries a meta/v1 Status, a BOOKMARK an object with a resourceVersion only. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
}

/** Which changes a watch is told of. */
export type WatchQuery = Pick<ListQuery, 'kind' | 'namespace' | 'selector'> & {
  /** Changes after this one; `undefined`: first everything there is, as ADDED. */
  readonly since: number | undefined;
};

/** Follows the changes of a kind. `tell` is called within this call for what happened before. The result ends it. */
export function openWatch(store: ObjectStore, query: WatchQuery, tell: (event: WatchEvent) => void): () => void {
  const { kind, since } = query;
  const past = since === undefined ? initialEvents(store, query) : pastEvents(store, query, since);
  if (past === undefined) {
    tell(expired(since ?? 0, store.revision));
    return () => {};
  }
  const end = store.onChange((change) => {
    if (change.kind !== kind.key) return;
    const event = eventOf(query, change);
    if (event !== undefined) tell(event);
  });
  for (const event of past) tell(event);
  return end;
}

function initialEvents(store: ObjectStore, query: WatchQuery): readonly WatchEvent[] {
  const objects = store.list(query.kind.key).map(({ object }) => object);
  return objects.filter((object) => isAsked(query, object)).map((object) => ({ type: 'ADDED', object }));
}

function pastEvents(store: ObjectStore, query: WatchQuery, since: number): readonly WatchEvent[] | undefined {
  return store.since(query.kind.key, since)?.flatMap((change) => eventOf(query, change) ?? []);
}

/** What a watch with this selector is told: an object that comes to be selected is added, one that ceases to be is deleted. */
function eventOf(query: WatchQuery, { type, object, previous }: StoreChange): WatchEvent | undefined {
  const before = previous !== undefined && isAsked(query, previous);
  if (type === 'DELETED') return before ? { type, object } : undefined;
  const now = isAsked(query, object);
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object };
  return before && previous !== undefined ? { type: 'DELETED', object: lastSelected(previous, object) } : undefined;
}

/** An object that is not selected any more is told in its last selected state, under the version of the change. */
function lastSelected(previous: KubeObject, { metadata: { resourceVersion } }: KubeObject): KubeObject {
  return { ...previous, metadata: { ...previous.metadata, ...(resourceVersion ? { resourceVersion } : {}) } };
}

/** The error that ends a watch from a version that was compacted away. */
export function expired(since: number, now: number): WatchEvent {
  const message = `too old resource version: ${since} (${now})`;
  return {
    type: 'ERROR',
    object: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message,
      reason: 'Expired',
      code: 410,
    },
  };
}

/** Tells a watch how far it has come. */
export function bookmark({ kind }: Pick<WatchQuery, 'kind'>, revision: number): WatchEvent {
  const metadata = { resourceVersion: String(revision), creationTimestamp: null };
  return { type: 'BOOKMARK', object: { kind: kind.kind, apiVersion: kind.apiVersion, metadata } };
}
