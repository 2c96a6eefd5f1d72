/**
 * One disturbance of a run, as data. `n` counts from 1 over the whole run, over all lives of the operator:
 *
 *   write   requests of the operator that change something (POST, PUT, PATCH, DELETE; events included)
 *   read    requests of the operator that read: pages of lists, single objects
 *   watch   watches it opens
 *   event   events on its watches, bookmarks not counted
 *   rest    requests to Services (Flink's REST API)
 *   fetch   artifacts it opens (jars that users name by URL)
 */
export type Fault =
  | { readonly at: 'write'; readonly n: number; readonly fault: WriteFault }
  | { readonly at: 'read'; readonly n: number; readonly fault: ReadFault }
  | { readonly at: 'watch'; readonly n: number; readonly fault: WatchFault }
  | { readonly at: 'event'; readonly n: number; readonly fault: EventFault }
  | { readonly at: 'rest'; readonly n: number; readonly fault: RestFault }
  | { readonly at: 'fetch'; readonly n: number; readonly fault: FetchFault };

/**
 * crash-before: the operator dies before it is sent. crash-after: it takes effect, then the operator dies before the
 * answer. lost: it takes effect, the connection breaks before the answer. refused: it takes no effect. late: it takes
 * effect at once, the answer comes later. clock: it takes effect, and the wall clock of the operator's node is off by `ms`
 * from then on.
 */
export type WriteFault =
  | { readonly kind: 'crash-before' | 'crash-after' | 'lost' }
  | { readonly kind: 'refused'; readonly status: RefusedStatus }
  | { readonly kind: 'late' | 'clock'; readonly ms: number };

/** 403 stands for an exceeded quota. */
export type RefusedStatus = 403 | 409 | 429 | 500;

/** stale: a list is answered as the world was that many revisions ago, and watched from there on. */
export type ReadFault =
  | { readonly kind: 'lost' }
  | { readonly kind: 'refused'; readonly status: RefusedStatus }
  | { readonly kind: 'stale'; readonly revisions: number };

/** closed: the watch ends as soon as it has opened. gone: 410, the version is too old. */
export type WatchFault = { readonly kind: 'closed' | 'gone' };

/**
 * missed: never told; the watch ends with 410 a minute later, so that the next list tells. late: told after that time,
 * with all that follows it, since a watch keeps its order. held: told after that many events of other watches, at the
 * latest after a minute. twice: told twice. closed, gone: the watch ends instead; it is resumed from before the event,
 * or listed anew after a 410.
 */
export type EventFault =
  | { readonly kind: 'missed' | 'twice' | 'closed' | 'gone' }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'held'; readonly events: number };

/** unsent: it never arrives. lost: it takes effect, no answer comes. late: it takes effect at once, the answer comes later. */
export type RestFault =
  | { readonly kind: 'unsent' | 'lost' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'late'; readonly ms: number };

/** unsent: no answer ever. late: the content comes later. broken: it ends midway. */
export type FetchFault =
  | { readonly kind: 'unsent' | 'broken' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'late'; readonly ms: number };

/** How long a watch keeps an event back at most. */
export const LONGEST_HOLD_MS = 60_000;

/** How long a fault goes on once it has struck, in milliseconds. */
export function lastingMs(fault: Fault['fault']): number {
  if (fault.kind === 'late') return fault.ms;
  return fault.kind === 'missed' || fault.kind === 'held' ? LONGEST_HOLD_MS : 0;
}
