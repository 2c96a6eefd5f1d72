import type { KubeObject } from '../../kube/object.ts';
import { CliError, EXIT } from '../exit.ts';
import { type Goal, type Verdict, verdictOf } from './verdict.ts';

/** What waiting needs, so that tests need neither a cluster nor time. */
export interface WaitParts {
  /** The resource as it is now, undefined if there is none. Rejects when the cluster cannot be asked. */
  get(): Promise<KubeObject | undefined>;
  /** Milliseconds that only go forward. */
  now(): number;
  pause(ms: number): Promise<unknown>;
  /** Told of every change of what is waited on. */
  told(message: string): void;
}

const PAUSE_MS = 1000;

/**
 * Waits until a resource has reached the goal. Throws CliError: code failed when it will not, timeout when it has not within
 * the time. A cluster that does not answer is asked again until then.
 */
export async function waitFor(goal: Goal, timeoutMs: number, parts: WaitParts): Promise<string> {
  const end = parts.now() + timeoutMs;
  let last = '';
  for (;;) {
    const { standing, message } = await ask(goal, parts);
    if (standing === 'reached') return message;
    if (standing === 'failed') throw new CliError(message, EXIT.failed);
    if (message !== last) parts.told(message);
    last = message;
    if (parts.now() + PAUSE_MS > end) {
      throw new CliError(`not ${goal} after ${timeoutMs / 1000} s: ${message}`, EXIT.timeout);
    }
    await parts.pause(PAUSE_MS);
  }
}

async function ask(goal: Goal, { get }: WaitParts): Promise<Verdict> {
  try {
    return verdictOf(await get(), goal);
  } catch (error) {
    if (isRefusal(error)) throw error;
    return { standing: 'waiting', message: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether the server said no, which asking again does not change; 429 is a request to come back. */
function isRefusal(error: unknown): boolean {
  const { status } = error as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 429;
}
