import { isRecord } from '../../lib/json.ts';
import { remembered } from '../../lib/remembered.ts';
import type { Cancel, Time } from '../../runtime/time.ts';
import type { Backend } from './backend.ts';
import { type EventFault, LONGEST_HOLD_MS } from './faults.ts';
import type { Gate } from './gate.ts';
import { createStream, type SimStream } from './stream.ts';
import { bookmark, expired, openWatch, type WatchEvent, type WatchQuery } from './watches.ts';

/** How the lines of a watch reach its reader. */
export interface WatchDoor {
  readonly backend: Backend;
  readonly time: Time;
  /** How long an event is under way, in milliseconds. */
  readonly delay: () => number;
  /** Undefined for a reader that no plan disturbs. */
  readonly gate: Gate | undefined;
}

/** What a watch request asks for. */
export interface WatchRequest {
  readonly query: WatchQuery;
  readonly bookmarks: boolean;
  /** The watch ends after this long; undefined: never by itself. */
  readonly timeoutMs: number | undefined;
}

/** One thing on its way to the reader: a line, or the end of the watch. */
interface Item {
  readonly chunk: Buffer | undefined;
  /** When it is due, in monotonic time. */
  due: number;
}

const BOOKMARK_MS = 60_000;
const LAST_BOOKMARK_MS = 2_000;

interface Run {
  readonly door: WatchDoor;
  readonly request: WatchRequest;
  readonly stream: SimStream;
  readonly queue: Item[];
  readonly timers: Set<Cancel>;
  /** Nothing more is put into the queue. */
  ending: boolean;
  /** An event was never told: however it ends, its reader has to list anew. */
  missed: boolean;
  pumping: Cancel | undefined;
}

/** Opens a watch as a stream of JSON lines. */
export function watchStream(door: WatchDoor, request: WatchRequest): SimStream {
  let unwatch: () => void = () => {};
  const stream = createStream(() => {
    run.ending = true;
    unwatch();
    run.pumping?.();
    for (const cancel of run.timers) cancel();
  });
  const run: Run = {
    door,
    request,
    stream,
    queue: [],
    timers: new Set(),
    ending: false,
    missed: false,
    pumping: undefined,
  };
  const fault = door.gate?.next('watch').fault;
  if (fault !== undefined) {
    door.gate?.note('watch', `${request.query.kind.kind} ${fault.kind}`);
    finish(run, fault.kind === 'gone');
    return stream;
  }
  unwatch = openWatch(door.backend.store, request.query, (event) => take(run, event));
  if (request.bookmarks) repeatBookmarks(run);
  if (request.timeoutMs !== undefined) later(run, request.timeoutMs, () => finish(run, false));
  if (request.bookmarks && (request.timeoutMs ?? 0) > LAST_BOOKMARK_MS) {
    later(run, (request.timeoutMs ?? 0) - LAST_BOOKMARK_MS, () => mark(run));
  }
  return stream;
}

function later(run: Run, ms: number, act: () => void): void {
  const cancel = run.door.time.after(ms, () => {
    run.timers.delete(cancel);
    act();
  });
  run.timers.add(cancel);
}

/** Once a minute, and two seconds before the watch ends (as kube-apiserver 1.34). */
function repeatBookmarks(run: Run): void {
  later(run, BOOKMARK_MS, () => {
    mark(run);
    repeatBookmarks(run);
  });
}

/** Tells how far the watch has come, if that is further than where it began. */
function mark(run: Run): void {
  const { query } = run.request;
  const { revision } = run.door.backend.store;
  if (!run.ending && revision > (query.since ?? 0)) enqueue(run, bookmark(query, revision));
}

/** Ends the watch once everything before has been told; with an error when its version is gone. */
function finish(run: Run, gone: boolean): void {
  if (run.ending) return;
  if (gone || run.missed) enqueue(run, expired(0, run.door.backend.store.revision));
  run.ending = true;
  put(run, undefined, 0);
}

function take(run: Run, event: WatchEvent): void {
  if (run.ending) return;
  if (event.type === 'ERROR') {
    enqueue(run, event);
    finish(run, false);
    return;
  }
  const { gate } = run.door;
  const use = gate?.next('event');
  if (use?.fault === undefined) {
    enqueue(run, event);
    return;
  }
  const { name } = (event.object as { metadata: { name: string } }).metadata;
  gate?.note(`event ${use.n}`, `${event.type} ${run.request.query.kind.kind} ${name}: ${describe(use.fault)}`);
  strike(run, event, { n: use.n, fault: use.fault });
}

function describe(fault: EventFault): string {
  if (fault.kind === 'late') return `late by ${fault.ms} ms`;
  return fault.kind === 'held' ? `held for ${fault.events} events` : fault.kind;
}

function strike(run: Run, event: WatchEvent, { n, fault }: { readonly n: number; readonly fault: EventFault }): void {
  switch (fault.kind) {
    case 'missed':
      run.missed = true;
      later(run, LONGEST_HOLD_MS, () => finish(run, true));
      return;
    case 'twice':
      enqueue(run, event);
      enqueue(run, event);
      return;
    case 'late':
      enqueue(run, event, fault.ms);
      return;
    case 'held': {
      const item = enqueue(run, event, LONGEST_HOLD_MS);
      run.door.gate?.atEvent(n + fault.events, () => release(run, item));
      return;
    }
    case 'closed':
    case 'gone':
      finish(run, fault.kind === 'gone');
  }
}

function release(run: Run, item: Item): void {
  const now = run.door.time.monotonic();
  const index = run.queue.indexOf(item);
  if (index < 0) return;
  for (const held of run.queue.slice(index)) held.due = Math.min(held.due, now);
  pump(run);
}

/** The JSON of an object, put together of that of its fields, most of which are those of the state before. */
const textOf = remembered((object: object): string => {
  const fields = Object.entries(object).filter(([, value]) => value !== undefined);
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${fieldText(value)}`).join(',')}}`;
});

function fieldText(value: unknown): string {
  return isRecord(value) ? recordText(value) : JSON.stringify(value);
}

const recordText = remembered((record: object): string => JSON.stringify(record));

function enqueue(run: Run, event: WatchEvent, extraMs = 0): Item {
  const line = `{"type":"${event.type}","object":${textOf(event.object as object)}}\n`;
  return put(run, Buffer.from(line), extraMs);
}

/** Items keep their order: none is due before the one ahead of it. */
function put(run: Run, chunk: Buffer | undefined, extraMs: number): Item {
  const { time, delay } = run.door;
  const ahead = run.queue.at(-1)?.due ?? 0;
  const item = { chunk, due: Math.max(ahead, time.monotonic() + delay() + extraMs) };
  run.queue.push(item);
  pump(run);
  return item;
}

/** Tells what is due, and sets one timer for the next. */
function pump(run: Run): void {
  run.pumping?.();
  run.pumping = undefined;
  const { time } = run.door;
  for (let item = run.queue[0]; item !== undefined && item.due <= time.monotonic(); item = run.queue[0]) {
    run.queue.shift();
    if (item.chunk === undefined) run.stream.end();
    else run.stream.push(item.chunk);
  }
  const next = run.queue[0];
  if (next !== undefined) run.pumping = time.after(next.due - time.monotonic(), () => pump(run));
}
