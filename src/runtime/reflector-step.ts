import type { KindRef } from '../core/ports.ts';
import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import { compareVersions } from './resource-version.ts';
import { backoffMs } from './time.ts';

/** What a reflector does next. A list without `continueToken` starts anew; it never names a version, so it is read from etcd by quorum. */
export type NextStep =
  | { readonly do: 'list'; readonly continueToken?: string }
  | { readonly do: 'watch'; readonly version: string };

/** Where a reflector stands. */
export interface ReflectorState {
  readonly next: NextStep;
  /** How long to wait before `next`. */
  readonly waitMs: number;
  /** Failures in a row, ended by anything a watch delivers. */
  readonly failures: number;
  /** Pages of a list under way. */
  readonly pages: readonly (readonly KubeObject[])[];
  /** A whole list has been stored once. */
  readonly synced: boolean;
  /** The server said several times in a row that it does not know the kind. */
  readonly missing: boolean;
}

/** A step's outcome: the new state, and what the store is to do. */
export interface Step {
  readonly state: ReflectorState;
  readonly replace?: readonly KubeObject[];
  readonly put?: KubeObject;
  readonly remove?: KubeObject;
  /** The running watch must be left; the state already says what comes then. */
  readonly leave?: boolean;
}

/** One page of a list, items complete with apiVersion and kind. */
export interface Page {
  readonly items: readonly KubeObject[];
  readonly version: string;
  readonly continueToken?: string | undefined;
}

/** Why a list or watch ended. `random` in [0, 1) spreads the wait. */
export interface Ended {
  /** HTTP status of a refusal; undefined for a network error. */
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly random: number;
}

/** `clean`: the stream ended, timed out or broke. `corrupt`: it carried something unreadable. `refused`: it did not open. */
export type WatchEnd = Ended & { readonly why: 'clean' | 'corrupt' | 'refused'; readonly livedMs: number };

/** First wait and cap: client-go's reflector. */
const BACKOFF = { base: 800, cap: 30_000 };
/** A watch that lived this long did its duty even if nothing happened. */
const WORTHWHILE_MS = 5_000;
const MISSING_AFTER = 3;

/** Before the first list. */
export const initialReflectorState: ReflectorState = {
  next: { do: 'list' },
  waitMs: 0,
  failures: 0,
  pages: [],
  synced: false,
  missing: false,
};

/** A page came: ask for the next one, or store all of them and watch from the list's version. */
export function onPage(state: ReflectorState, page: Page): Step {
  const pages = [...state.pages, page.items];
  if (page.continueToken) {
    return { state: { ...state, pages, waitMs: 0, next: { do: 'list', continueToken: page.continueToken } } };
  }
  const next: NextStep = { do: 'watch', version: page.version };
  return { state: { ...state, next, waitMs: 0, pages: [], synced: true, missing: false }, replace: pages.flat() };
}

/** A list was refused or broke: from the start again; at once when only its continue token was too old. */
export function onListFailed(state: ReflectorState, ended: Ended): Step {
  const failed = failedOnce(state, ended, ended.status === 410);
  const missing = ended.status === 404 ? failed.failures >= MISSING_AFTER : state.missing;
  return { state: { ...failed, next: { do: 'list' }, pages: [], missing } };
}

/** A line of a watch, parsed. Anything that is not an event of this kind leaves the watch as corrupt. */
export function onEvent(state: ReflectorState, kind: KindRef, event: unknown, random: number): Step {
  if (!isRecord(event) || !isRecord(event.object)) return corrupt(state, random);
  if (event.type === 'ERROR') return onErrorEvent(state, event.object, random);
  const object = event.object as unknown as KubeObject;
  const version = object.metadata?.resourceVersion;
  if (object.kind !== kind.kind || object.apiVersion !== kind.apiVersion || !version) return corrupt(state, random);
  if (state.next.do === 'watch' && (compareVersions(version, state.next.version) ?? 0) < 0) {
    // History went backwards: etcd was restored from a backup. Only a new list tells the truth.
    return { state: relist(state), leave: true };
  }
  const change = changeOf(event.type, object);
  if (change === undefined) return corrupt(state, random);
  return { state: { ...state, next: { do: 'watch', version }, failures: 0, waitMs: 0 }, ...change };
}

function changeOf(type: unknown, object: KubeObject): Omit<Step, 'state'> | undefined {
  switch (type) {
    case 'BOOKMARK':
      return {};
    case 'ADDED':
    case 'MODIFIED':
      return { put: object };
    case 'DELETED':
      return { remove: object };
    default:
      return undefined;
  }
}

/** A watch ended or did not open: go on from the last version, or list again where that version is gone. */
export function onWatchEnded(state: ReflectorState, end: WatchEnd): ReflectorState {
  if (end.status === 410) return relist(failedOnce(state, end, true));
  if (end.why === 'clean' && end.livedMs >= WORTHWHILE_MS) return { ...state, failures: 0, waitMs: 0 };
  const failed = failedOnce(state, end, false);
  const relists = end.status === 404 || (end.why === 'corrupt' && failed.failures > 1);
  return relists ? relist(failed) : failed;
}

/** An ERROR event carries a meta/v1 Status. */
function onErrorEvent(state: ReflectorState, status: Record<string, unknown>, random: number): Step {
  const expired = status.code === 410 || status.reason === 'Expired' || status.reason === 'Gone';
  const seconds = isRecord(status.details) ? status.details.retryAfterSeconds : undefined;
  const retryAfterMs = typeof seconds === 'number' ? seconds * 1000 : undefined;
  const ended: Ended = { random, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  const failed = failedOnce(state, ended, expired);
  return { state: expired ? relist(failed) : failed, leave: true };
}

function corrupt(state: ReflectorState, random: number): Step {
  return { state: onWatchEnded(state, { why: 'corrupt', livedMs: 0, random }), leave: true };
}

function relist(state: ReflectorState): ReflectorState {
  return { ...state, next: { do: 'list' }, pages: [] };
}

/** Counts a failure and sets the wait: none for the first when `lenient`, at least what the server asked for. */
function failedOnce(state: ReflectorState, ended: Ended, lenient: boolean): ReflectorState {
  const wait = lenient && state.failures === 0 ? 0 : backoffMs(state.failures, BACKOFF, ended.random);
  return { ...state, failures: state.failures + 1, waitMs: Math.max(wait, ended.retryAfterMs ?? 0) };
}
