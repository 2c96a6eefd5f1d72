import { FailureError } from '../core/failure.ts';
import type { Time } from './time.ts';

/** How long something may take, and what else ends it. */
export interface TimeLimit {
  readonly time: Time;
  readonly timeoutMs: number;
  /** Aborts when the process can wait no longer. */
  readonly killing: AbortSignal;
  /** Told when the time has passed. */
  passed(): void;
}

/** Runs an effect whose signal aborts after its time; that is a transient FailureError then, unless the effect threw one. */
export async function withTimeLimit(limit: TimeLimit, effect: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const { time, timeoutMs, killing } = limit;
  const late = new AbortController();
  const cancel = time.after(timeoutMs, () => late.abort(new Error(`not done within ${timeoutMs} ms`)));
  try {
    await effect(AbortSignal.any([late.signal, killing]));
  } catch (error) {
    if (!late.signal.aborted || error instanceof FailureError) throw error;
    throw new FailureError({ kind: 'transient', message: `not done within ${timeoutMs} ms` }, { cause: error });
  } finally {
    cancel();
    if (late.signal.aborted) limit.passed();
  }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
