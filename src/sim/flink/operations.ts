import type { Failure } from './failures.ts';

/** What an asynchronous operation has come to. */
export type Operation<T> =
  | { readonly status: 'IN_PROGRESS' }
  | { readonly status: 'COMPLETED'; readonly result: T }
  | { readonly status: 'COMPLETED'; readonly failure: Failure };

/** rest.async.store-duration: a result is kept this long. */
const KEPT_MS = 300_000;

/**
 * Asynchronous operations by trigger id, as a JobManager remembers them (CompletedOperationCache): in its memory only, and
 * for five minutes after their end.
 */
export class Operations<T> {
  private readonly entries = new Map<string, { operation: Operation<T>; endedMs: number | undefined }>();

  /** Begins an operation unless one of this key is known. */
  begin(
    key: string,
    nowMs: number,
    run: (done: (outcome: Exclude<Operation<T>, { status: 'IN_PROGRESS' }>, atMs: number) => void) => void,
  ): void {
    if (this.get(key, nowMs) !== undefined) return;
    const entry: { operation: Operation<T>; endedMs: number | undefined } = {
      operation: { status: 'IN_PROGRESS' },
      endedMs: undefined,
    };
    this.entries.set(key, entry);
    run((outcome, atMs) => {
      entry.operation = outcome;
      entry.endedMs = atMs;
    });
  }

  /** Undefined when there is none of this key, or not any more. */
  get(key: string, nowMs: number): Operation<T> | undefined {
    const entry = this.entries.get(key);
    if (entry?.endedMs !== undefined && nowMs - entry.endedMs > KEPT_MS) {
      this.entries.delete(key);
      return undefined;
    }
    return entry?.operation;
  }
}
