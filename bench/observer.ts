import type { KindRef } from '../src/core/ports.ts';
import type { Api, Sighting } from './api.ts';

/** Watches of several kinds as one, and the questions of when something is first seen. */
export interface Observer {
  /**
   * The first sighting from now on that matches. Rejects, naming `what`, when none came in time, a minute unless given. Ask
   * before causing it.
   */
  next(what: string, matches: (sighting: Sighting) => boolean, patienceMs?: number): Promise<Sighting>;
  /** Calls back for every sighting. */
  each(listener: (sighting: Sighting) => void): void;
  stop(): void;
}

const PATIENCE_MS = 60_000;

interface Wait {
  readonly matches: (sighting: Sighting) => boolean;
  readonly resolve: (sighting: Sighting) => void;
}

/** Opens one watch per kind; everything that happens after it resolves is seen. */
export async function observe(api: Api, kinds: readonly KindRef[]): Promise<Observer> {
  const waits = new Set<Wait>();
  const listeners: ((sighting: Sighting) => void)[] = [];
  const see = (sighting: Sighting): void => {
    for (const wait of waits) {
      if (!wait.matches(sighting)) continue;
      waits.delete(wait);
      wait.resolve(sighting);
    }
    for (const listener of listeners) listener(sighting);
  };
  const watches = await Promise.all(kinds.map((kind) => api.watch(kind, see)));
  return {
    next(what, matches, patienceMs = PATIENCE_MS) {
      return new Promise((resolve, reject) => {
        const give = (sighting: Sighting): void => {
          clearTimeout(timer);
          resolve(sighting);
        };
        const wait: Wait = { matches, resolve: give };
        const timer = setTimeout(() => {
          waits.delete(wait);
          reject(new Error(`not seen within ${patienceMs / 1000} s: ${what}`));
        }, patienceMs);
        waits.add(wait);
      });
    },
    each: (listener) => void listeners.push(listener),
    stop() {
      for (const watch of watches) watch.stop();
    },
  };
}
