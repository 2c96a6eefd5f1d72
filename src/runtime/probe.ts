import { absent, type Fact, known, unasked, unknown } from '../core/fact.ts';
import type { Probe } from '../core/ports.ts';
import { type KubeObject, type ObjectKey, parseKey } from '../kube/object.ts';
import type { AnswerAges } from '../metrics/controller.ts';
import type { Logger } from './logger.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { jittered, type Time } from './time.ts';

/** A probe the runtime can stop. */
export interface RunningProbe<T> extends Probe<T> {
  /** The subjects that have ever answered, and how long ago they last did. */
  readonly answered: AnswerAges;
  /** The latest answers, of the subjects that have one. */
  answers(): Iterable<readonly [resource: { namespace: string; name: string }, T]>;
  /** Every key that is asked. */
  keys(): Iterable<ObjectKey>;
  /** Aborts running asks and asks no more. */
  stop(): void;
}

/** What a probe is made with. */
export interface ProbeOptions<T> {
  /** Asks once. A throw makes the fact unknown; anything but a FailureError is logged as a programming error. */
  readonly ask: (resource: KubeObject, signal: AbortSignal, previous: T | undefined) => Promise<T>;
  readonly answersEqual: (a: T, b: T) => boolean;
  /** The newest state of the resource, read anew for each ask; asking stops when there is none. */
  readonly resource: (key: ObjectKey) => KubeObject | undefined;
  /** Called when the fact of a key changed in a way a decision may read. */
  readonly changed: (key: ObjectKey) => void;
  readonly time: Time;
  readonly log: Logger;
  /** Asks in flight over all keys; 64 unless given. */
  readonly concurrency?: number;
  /** Limit of one ask; 10 s unless given. */
  readonly timeoutMs?: number;
}

interface Subject<T> {
  intervalMs: number;
  fact: Fact<T>;
  /** The uid that `fact` is about. */
  uid: string | undefined;
  /** Start of the last ask; undefined before the first. */
  askedAt: number | undefined;
  /** When it last answered; undefined while it never did. */
  answeredAt: number | undefined;
  asking: AbortController | undefined;
}

interface State<T> {
  readonly options: ProbeOptions<T>;
  readonly subjects: Map<ObjectKey, Subject<T>>;
  readonly schedule: Schedule;
  /** Keys that are due while all slots are taken, in order. */
  readonly waiting: Set<ObjectKey>;
  running: number;
}

/**
 * A probe that asks nothing until every() is called. Each key has at most one ask in flight, started within 15 % of its interval,
 * together with others of that interval.
 */
export function createProbe<T>(options: ProbeOptions<T>): RunningProbe<T> {
  const state: State<T> = {
    options,
    subjects: new Map(),
    schedule: createSchedule(options.time, (key) => start(state, key)),
    waiting: new Set(),
    running: 0,
  };
  return {
    latest: (key) => state.subjects.get(key)?.fact ?? unasked,
    every(key, intervalMs) {
      if (intervalMs === undefined) forget(state, key);
      else setInterval(state, key, intervalMs);
    },
    *answered() {
      const now = options.time.monotonic();
      for (const [key, { answeredAt }] of state.subjects) {
        const { namespace = '', name } = parseKey(key);
        if (answeredAt !== undefined) yield [{ namespace, name }, (now - answeredAt) / 1000];
      }
    },
    *answers() {
      for (const [key, { fact }] of state.subjects) {
        const { namespace = '', name } = parseKey(key);
        if (fact.kind === 'known') yield [{ namespace, name }, fact.value];
      }
    },
    keys: () => state.subjects.keys(),
    stop() {
      for (const key of [...state.subjects.keys()]) forget(state, key);
    },
  };
}

function setInterval<T>(state: State<T>, key: ObjectKey, intervalMs: number): void {
  const { time } = state.options;
  const subject = state.subjects.get(key);
  if (subject === undefined) {
    const nothing = { uid: undefined, askedAt: undefined, answeredAt: undefined, asking: undefined };
    state.subjects.set(key, { intervalMs, fact: unasked, ...nothing });
    state.schedule.set(key, time.monotonic());
    return;
  }
  if (subject.intervalMs === intervalMs) return;
  const shorter = intervalMs < subject.intervalMs;
  subject.intervalMs = intervalMs;
  const due = state.schedule.at(key);
  if (shorter && due !== undefined && subject.askedAt !== undefined) {
    state.schedule.set(key, Math.min(due, nextAt(time, subject.askedAt, intervalMs)));
  }
}

/**
 * When to ask again, on a grid of tenths of the interval that all keys share: to wake up for one question takes several times the
 * CPU of a question asked while the process runs anyway. Chance moves keys on that grid, so that they do not stay where a start
 * of the operator put them all.
 */
function nextAt(time: Time, askedAt: number, intervalMs: number): number {
  const tenth = intervalMs / 10;
  return Math.round((askedAt + jittered(time, intervalMs, 0.1)) / tenth) * tenth;
}

function forget<T>(state: State<T>, key: ObjectKey): void {
  state.subjects.get(key)?.asking?.abort();
  state.subjects.delete(key);
  state.schedule.delete(key);
  state.waiting.delete(key);
}

function start<T>(state: State<T>, key: ObjectKey): void {
  const subject = state.subjects.get(key);
  if (subject === undefined || subject.asking !== undefined) return;
  if (state.running >= (state.options.concurrency ?? 64)) {
    state.waiting.add(key);
    return;
  }
  const resource = state.options.resource(key);
  if (resource === undefined) {
    forget(state, key);
    return;
  }
  state.running++;
  void askOnce(state, key, { subject, resource });
}

async function askOnce<T>(
  state: State<T>,
  key: ObjectKey,
  { subject, resource }: { subject: Subject<T>; resource: KubeObject },
): Promise<void> {
  const { time } = state.options;
  const controller = new AbortController();
  const { uid } = resource.metadata;
  const previous = subject.uid === uid && subject.fact.kind === 'known' ? subject.fact.value : undefined;
  subject.asking = controller;
  subject.askedAt = time.monotonic();
  const fact = await answer(state.options, { resource, previous, controller });
  subject.asking = undefined;
  state.running--;
  // A key forgotten meanwhile, perhaps for an object re-created under its name, must not get this answer.
  if (state.subjects.get(key) === subject) {
    const changed = subject.uid !== uid || differs(state.options, subject.fact, fact);
    Object.assign(subject, { fact, uid });
    if (fact.kind === 'known') subject.answeredAt = time.monotonic();
    state.schedule.set(key, Math.max(time.monotonic(), nextAt(time, subject.askedAt, subject.intervalMs)));
    if (changed) state.options.changed(key);
  }
  const [waiting] = state.waiting;
  if (waiting !== undefined) {
    state.waiting.delete(waiting);
    start(state, waiting);
  }
}

async function answer<T>(
  options: ProbeOptions<T>,
  { resource, previous, controller }: { resource: KubeObject; previous: T | undefined; controller: AbortController },
): Promise<Fact<T>> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const cancel = options.time.after(timeoutMs, () => controller.abort(new Error(`no answer within ${timeoutMs} ms`)));
  try {
    return known(await options.ask(resource, controller.signal, previous));
  } catch (error) {
    if (error instanceof Error && error.name !== 'FailureError' && !controller.signal.aborted) {
      options.log.error({ err: error, key: resource.metadata.name }, 'asking an endpoint failed unexpectedly');
    }
    return unknown(error instanceof Error ? error.message : String(error));
  } finally {
    cancel();
  }
}

function differs<T>(options: ProbeOptions<T>, before: Fact<T>, after: Fact<T>): boolean {
  if (before.kind === 'known' && after.kind === 'known') return !options.answersEqual(before.value, after.value);
  return before.kind !== after.kind || before === unasked || before === absent;
}
