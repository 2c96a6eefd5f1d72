import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../../src/kube/object.ts';
import { SPARK_LABELS } from '../../src/spark/conf/submission.ts';
import type { SparkApplicationStatus } from '../../src/spark/schema.ts';
import type { Observer } from '../observer.ts';

/** Moments of one application, in milliseconds of performance.now(). */
export interface Moments {
  /** Its create request was begun. */
  readonly asked: number;
  /** Its driver pod was first seen. */
  readonly driver?: number;
  /** Its driver pod was first seen running. */
  readonly podRunning?: number;
  /** Its status first said RUNNING, or more. */
  readonly statusRunning?: number;
}

/** Applications on their way, by name. */
export interface Track {
  readonly all: ReadonlyMap<string, Moments>;
  /** How many were asked for and are not there yet, by what `isThere` says. */
  waiting(): number;
  /** Notes that one is asked for now. */
  asked(name: string): void;
}

/** Follows applications on an observer of pods and SparkApplications. `isThere` says when one no longer waits. */
export function track(observer: Observer, isThere: (moments: Moments) => boolean): Track {
  const all = new Map<string, Moments>();
  let there = 0;
  const note = (name: string | undefined, moment: keyof Moments, at: number): void => {
    const before = name === undefined ? undefined : all.get(name);
    if (name === undefined || before === undefined || before[moment] !== undefined) return;
    const after = { ...before, [moment]: at };
    all.set(name, after);
    if (!isThere(before) && isThere(after)) there += 1;
  };
  observer.each(({ at, object }) => {
    if (isDriver(object)) {
      const name = object.metadata.labels?.[SPARK_LABELS.appName];
      note(name, 'driver', at);
      if ((object.status as { phase?: string } | undefined)?.phase === 'Running') note(name, 'podRunning', at);
    } else if (object.kind === 'SparkApplication' && runs(object)) note(object.metadata.name, 'statusRunning', at);
  });
  return {
    all,
    waiting: () => all.size - there,
    asked: (name) => void all.set(name, { asked: performance.now() }),
  };
}

/** Whether an object is a driver pod. */
export function isDriver({ kind, metadata }: KubeObject): boolean {
  return kind === 'Pod' && metadata.labels?.['spark-role'] === 'driver';
}

/** Whether its status said RUNNING. */
export function hasRunningStatus({ statusRunning }: Moments): boolean {
  return statusRunning !== undefined;
}

/** Milliseconds from one moment to another, of each application that has both. */
export function between({ all }: Track, from: keyof Moments, to: keyof Moments): readonly number[] {
  return [...all.values()].flatMap((moments) => {
    const [start, end] = [moments[from], moments[to]];
    return start === undefined || end === undefined ? [] : [end - start];
  });
}

function runs(object: KubeObject): boolean {
  const state = (object.status as SparkApplicationStatus | undefined)?.applicationState?.state;
  return state === 'RUNNING' || state === 'SUCCEEDING' || state === 'COMPLETED';
}

/** How a load is put on. */
export interface Load {
  readonly prefix: string;
  readonly seconds: number;
  /** Never more than this many wait at once. */
  readonly queue: number;
  /** Applications a second at most; as many as the queue lets through unless given. */
  readonly perSecond?: number;
}

/** Asks for one application after the other until the time is over, and then waits for the last; returns the seconds until then. */
export async function putOn(load: Load, to: Track, ask: (name: string) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  const begun: Promise<unknown>[] = [];
  for (let index = 0; performance.now() - started < load.seconds * 1000; index++) {
    if (load.perSecond !== undefined) await until(started + (index * 1000) / load.perSecond);
    while (to.waiting() >= load.queue) await sleep(1);
    const name = `${load.prefix}-${index}`;
    to.asked(name);
    begun.push(ask(name));
  }
  await Promise.all(begun);
  await nobodyWaits(to);
  return (performance.now() - started) / 1000;
}

/** Resolves once every application that was asked for is there. Rejects when that takes two minutes. */
export async function nobodyWaits(track: Track): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (track.waiting() > 0) {
    if (performance.now() > deadline) throw new Error(`${track.waiting()} applications never came to run`);
    await sleep(1);
  }
}

const PATIENCE_MS = 120_000;

async function until(at: number): Promise<void> {
  const left = at - performance.now();
  if (left > 0) await sleep(left);
}
