import { setTimeout as sleep } from 'node:timers/promises';

/** What one look found: what was waited for, or how things stand instead. */
export type Look<T> = { readonly done: T } | { readonly not: string };

/** How long and how often to look. */
export interface Patience {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
  /** Ends the wait early with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** A wait that was not fulfilled; the message names what was waited for and how things stood last. */
export class WaitError extends Error {
  constructor(what: string, timeoutMs: number, last: string) {
    super(`waited ${Math.round(timeoutMs / 1000)} s for ${what}; last seen: ${last}`);
    this.name = 'WaitError';
  }
}

/**
 * Looks again and again until `look` finds it done. Generous by default (4 minutes): a time-out is a failure to report,
 * never a means of synchronisation. A look that throws counts as "not yet" and its message is what was last seen.
 */
export async function until<T>(what: string, look: () => Promise<Look<T>>, patience: Patience = {}): Promise<T> {
  const { timeoutMs = 240_000, everyMs = 300, signal } = patience;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const seen = await look().catch((error: unknown) => ({
      not: error instanceof Error ? error.message : String(error),
    }));
    if ('done' in seen) return seen.done;
    if (Date.now() > deadline) throw new WaitError(what, timeoutMs, seen.not);
    await sleep(everyMs, undefined, signal === undefined ? {} : { signal });
  }
}
