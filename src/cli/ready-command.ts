import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { parseGoDuration } from '../lib/duration.ts';
import { CliError, EXIT } from './exit.ts';
import type { CliIo } from './io.ts';

/** What asking needs besides an address, so that tests need neither sockets nor time. */
export interface ReadyParts {
  /** The status code and body of an answer; rejects when there is none. */
  ask(url: string): Promise<{ readonly status: number; readonly body: string }>;
  /** Milliseconds that only go forward. */
  now(): number;
  pause(ms: number): Promise<unknown>;
}

const PAUSE_MS = 500;

const EXAMPLE = `
Example:
  weir ready http://weir-metrics.weir:8080/readyz

Exit codes: 0 ready; 2 wrong usage; 5 not within the time.`;

/** `weir ready`: asks a running Weir until it is ready; what `helm test` runs. */
export function readyCommand(io: CliIo, parts: ReadyParts = webParts()): Command {
  return new Command('ready')
    .description('wait until a Weir answers that it is ready')
    .argument('<url>', 'address of its /readyz')
    .option('--timeout <duration>', 'how long to wait', '60s')
    .addHelpText('after', EXAMPLE)
    .action(async (url: string, { timeout }: { timeout: string }) => {
      const timeoutMs = parseGoDuration(timeout);
      if (timeoutMs === undefined) {
        throw new CliError(`--timeout: "${timeout}" is not valid, it must be a duration such as 60s`, EXIT.usage);
      }
      if (!/^https?:/.test(url) || !URL.canParse(url)) {
        throw new CliError(`<url>: "${url}" is not valid, it must be a URL with http or https`, EXIT.usage);
      }
      const refusal = await refusalUntilReady(url, timeoutMs, parts);
      if (refusal !== undefined) throw new CliError(`${url} is not ready after ${timeout}: ${refusal}`, EXIT.timeout);
      io.out(`${url} is ready\n`);
    });
}

/** Resolves to undefined when the address answers 200, to the last answer when it does not within the time. */
async function refusalUntilReady(
  url: string,
  timeoutMs: number,
  { ask, now, pause }: ReadyParts,
): Promise<string | undefined> {
  const end = now() + timeoutMs;
  for (;;) {
    const answer = await ask(url).catch(whyUnasked);
    if (typeof answer !== 'string' && answer.status === 200) return undefined;
    if (now() + PAUSE_MS > end) {
      return typeof answer === 'string' ? answer : `${answer.status} ${answer.body.trim()}`;
    }
    await pause(PAUSE_MS);
  }
}

/** Why there was no answer; fetch itself says only that it failed, and has the reason as its cause. */
function whyUnasked(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function webParts(): ReadyParts {
  return {
    ask: async (url) => {
      const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
      return { status: response.status, body: await response.text() };
    },
    now: () => performance.now(),
    pause: (ms) => sleep(ms),
  };
}
