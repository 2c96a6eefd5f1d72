import type { EventDraft } from '../core/plan.ts';
import type { EventRecorder } from '../core/ports.ts';
import type { KubeObject } from '../kube/object.ts';
import { javaStringHash } from '../lib/hash.ts';
import { isRecord } from '../lib/json.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { KubeError } from './classify-failure.ts';
import type { KubeClient } from './kube-client.ts';
import type { Logger } from './logger.ts';
import { createLruMap, type LruMap } from './lru-map.ts';
import { sleep, type Time } from './time.ts';

/** A recorder that works in the background. */
export interface BackgroundEventRecorder extends EventRecorder {
  /** Resolves when all recorded events are written, at the latest after `deadlineMs`. */
  flush(deadlineMs: number): Promise<void>;
}

/** What a recorder is made with. The client's kinds must contain Event of v1. */
export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly time: Time;
  readonly log: Logger;
  readonly metrics?: Pick<Metrics, 'eventDropped'>;
  /** Pod name, shown as reportingInstance. */
  readonly instance: string;
  /** See WriterOptions. */
  readonly budgetMs?: () => number;
}

const EVENT = { apiVersion: 'v1', kind: 'Event' } as const;
const MESSAGE_LIMIT = 1024;
const PENDING_LIMIT = 2_000;
const SERIES_LIMIT = 4_096;
const WRITES_AT_ONCE = 4;
/**
 * Per object and reason: 25 at once, then one per five minutes (client-go's EventSourceObjectSpamFilter, which has no reason in
 * it: a job that restarts again and again would keep what is done about it from being told).
 */
const BURST = 25;
const REFILL_MS = 300_000;

interface Series {
  readonly firstTimestamp: string;
  readonly count: number;
}

interface Pending {
  readonly about: KubeObject;
  readonly event: EventDraft;
  readonly name: string;
  /** Repeats since the last write. */
  readonly times: number;
}

interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

interface State {
  readonly options: EventRecorderOptions;
  /** By namespace and name, in order; a repeat of a waiting event only counts up. */
  readonly pending: Map<string, Pending>;
  readonly writing: Set<string>;
  readonly series: LruMap<Series>;
  readonly buckets: LruMap<Bucket>;
}

/**
 * A recorder of core/v1 events. The same event again (component, reason, message or dedupe text, type, object) counts up
 * one Event object, named as the Flink operator names it, instead of making another.
 */
export function createEventRecorder(options: EventRecorderOptions): BackgroundEventRecorder {
  const state: State = {
    options,
    pending: new Map(),
    writing: new Set(),
    series: createLruMap(SERIES_LIMIT),
    buckets: createLruMap(SERIES_LIMIT),
  };
  return {
    record(about, event) {
      const name = eventName(about, event);
      const key = seriesKey(about, name);
      if (event.once && state.series.get(key) !== undefined) return;
      const waiting = state.pending.get(key);
      if (waiting !== undefined) {
        state.pending.set(key, { ...waiting, event, times: event.once ? 1 : waiting.times + 1 });
        return;
      }
      if (!admit(state, about, event)) return drop(state, 'rate-limit', about, event);
      if (state.pending.size >= PENDING_LIMIT) return drop(state, 'queue-full', about, event);
      state.pending.set(key, { about, event, name, times: 1 });
      pump(state);
    },
    async flush(deadlineMs) {
      const { time } = options;
      const end = time.monotonic() + deadlineMs;
      while (state.pending.size + state.writing.size > 0 && time.monotonic() < end) await sleep(time, 10);
    },
  };
}

/** `<component>.<31-bit Java hash>`, as EventUtils.generateEventName of the Flink operator. */
export function eventName(about: KubeObject, event: EventDraft): string {
  const { name, uid = '' } = about.metadata;
  const text = event.reason + (event.dedupe ?? event.message) + event.type + about.kind + name + uid;
  return `${event.component}.${javaStringHash(text)}`;
}

function seriesKey(about: KubeObject, name: string): string {
  return `${about.metadata.namespace ?? 'default'}/${name}`;
}

function admit({ buckets, options }: State, about: KubeObject, { reason }: EventDraft): boolean {
  const key = `${about.metadata.uid ?? ''}/${reason}`;
  const now = options.time.monotonic();
  const before = buckets.get(key) ?? { tokens: BURST, at: now };
  const tokens = Math.min(BURST, before.tokens + (now - before.at) / REFILL_MS);
  buckets.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
  return tokens >= 1;
}

function drop({ options }: State, why: string, about: KubeObject, event: EventDraft): void {
  options.metrics?.eventDropped(why);
  const { namespace, name } = about.metadata;
  options.log.debug({ why, kind: about.kind, namespace, name, reason: event.reason }, 'event dropped');
}

/** Starts writes while there are free slots. One event is written by one at a time. */
function pump(state: State): void {
  for (const [key, pending] of state.pending) {
    if (state.writing.size >= WRITES_AT_ONCE) return;
    if (state.writing.has(key)) continue;
    state.pending.delete(key);
    state.writing.add(key);
    void write(state, pending).finally(() => {
      state.writing.delete(key);
      pump(state);
    });
  }
}

async function write(state: State, pending: Pending): Promise<void> {
  const { options } = state;
  if (!mayGo(state)) return drop(state, 'not-leading', pending.about, pending.event);
  const key = seriesKey(pending.about, pending.name);
  const stamp = `${new Date(options.time.now()).toISOString().slice(0, 19)}Z`;
  try {
    const known = state.series.get(key);
    const next =
      known === undefined ? await create(state, pending, stamp) : await countUp(state, pending, { known, stamp });
    state.series.set(key, next);
  } catch (error) {
    options.log.debug({ error: String(error) }, 'event not written');
    drop(state, 'error', pending.about, pending.event);
  }
}

function mayGo({ options: { budgetMs } }: State): boolean {
  return budgetMs === undefined || budgetMs() > 0;
}

async function create(state: State, pending: Pending, stamp: string): Promise<Series> {
  const { client } = state.options;
  const namespace = pending.about.metadata.namespace ?? 'default';
  const body = eventBody(state, pending, stamp);
  try {
    await client.request({
      method: 'POST',
      path: client.kinds.collection(EVENT, namespace),
      body,
      what: 'create Event',
      mayGo: () => mayGo(state),
    });
    return { firstTimestamp: stamp, count: pending.times };
  } catch (error) {
    if (!(error instanceof KubeError) || error.status !== 409) throw error;
    if (pending.event.once) return { firstTimestamp: stamp, count: 1 };
    // It is there from before our start. The answer of a patch tells its count, which the next repeat goes on from.
    const stored = await patch(state, pending, { lastTimestamp: stamp, message: body.message });
    const count = isRecord(stored) && typeof stored.count === 'number' ? stored.count : 1;
    return { firstTimestamp: stamp, count: count + pending.times };
  }
}

async function countUp(state: State, pending: Pending, now: { known: Series; stamp: string }): Promise<Series> {
  const count = now.known.count + pending.times;
  try {
    await patch(state, pending, { count, lastTimestamp: now.stamp, message: cut(pending.event.message) });
    return { ...now.known, count };
  } catch (error) {
    // The API server deletes events after an hour; then the series begins anew.
    if (error instanceof KubeError && error.status === 404) return create(state, pending, now.stamp);
    throw error;
  }
}

function patch(state: State, pending: Pending, body: object): Promise<unknown> {
  const { client } = state.options;
  const namespace = pending.about.metadata.namespace ?? 'default';
  const path = client.kinds.object({ ...EVENT, namespace, name: pending.name });
  return client.request({
    method: 'PATCH',
    path,
    body,
    contentType: 'application/merge-patch+json',
    what: 'patch Event',
    mayGo: () => mayGo(state),
  });
}

function eventBody(state: State, { about, event, name, times }: Pending, stamp: string): { readonly message: string } {
  const { metadata, apiVersion, kind } = about;
  const namespace = metadata.namespace ?? 'default';
  const { uid, resourceVersion } = metadata;
  const body = {
    ...EVENT,
    metadata: { name, namespace },
    involvedObject: { apiVersion, kind, name: metadata.name, namespace: metadata.namespace, uid, resourceVersion },
    type: event.type,
    reason: event.reason,
    message: cut(event.message),
    firstTimestamp: stamp,
    lastTimestamp: stamp,
    count: times,
    source: { component: event.component },
    reportingComponent: 'weir',
    reportingInstance: state.options.instance,
  };
  return body;
}

/** core/v1 takes at most 1024 bytes; cut at a character. */
function cut(message: string): string {
  const bytes = Buffer.from(message);
  if (bytes.length <= MESSAGE_LIMIT) return message;
  const text = bytes.subarray(0, MESSAGE_LIMIT - 3).toString();
  return `${text.replace(/\uFFFD+$/, '')}...`;
}
