import type { Time } from './time.ts';

/** What a wait for caches goes by. */
export interface SyncWait {
  /** Whether there is nothing to wait for any more. */
  readonly ready: () => boolean;
  /** Those who wait, each asked again after a list. */
  readonly waiting: Set<() => void>;
  readonly time: Pick<Time, 'after'>;
}

const MISSING_POLL_MS = 500;

/** Resolves once it is ready, or on abort. */
export function waitForSync({ ready, waiting, time }: SyncWait, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      waiting.delete(check);
      resolve();
    };
    const check = (): void => {
      if (signal.aborted || ready()) finish();
    };
    // A kind turns out to be missing without an event, so that is looked for from time to time.
    const poll = (): void => {
      cancel = time.after(MISSING_POLL_MS, poll);
      check();
    };
    let cancel = time.after(MISSING_POLL_MS, poll);
    waiting.add(check);
    signal.addEventListener('abort', check, { once: true });
    check();
  });
}
