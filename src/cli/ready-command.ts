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

/** `weir ready`: asks a running Weir until it is ready; what `helm test` runs. */
export function readyCommand(io: CliIo, parts: ReadyParts = webParts()): Command {
  return new Command('ready')
    .description('wait until a Weir answers that it is ready')
    .argument('<url>', 'address of its /readyz')
    .option('--timeout <duration>', 'how long to wait', '60s')
    .addHelpText('after', '\nExample:\n  weir ready http://weir-metrics.weir:8080/readyz')
    .action(async (url: string, { timeout }: { timeout: string }) => {
      const timeoutMs = parseGoDuration(timeout);
      if (timeoutMs === undefined) {
        throw new CliError(`--timeout: "${timeout}" is not valid, it must be a duration such as 60s`, EXIT.usage);
      }
      if (!URL.canParse(url)) throw new CliError(`<url>: "${url}" is not valid, it must be a URL`, EXIT.usage);
      await untilReady(url, timeoutMs, parts);
      io.out(`${url} is ready\n`);
    });
}

/** Resolves when the address answers 200. Throws CliError with the last answer when it does not within the time. */
async function untilReady(url: string, timeoutMs: number, { ask, now, pause }: ReadyParts): Promise<void> {
  const end = now() + timeoutMs;
  for (;;) {
    const answer = await ask(url).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
    if (typeof answer !== 'string' && answer.status === 200) return;
    if (now() + PAUSE_MS > end) {
      const last = typeof answer === 'string' ? answer : `${answer.status} ${answer.body.trim()}`;
      throw new CliError(`${url} is not ready after ${timeoutMs} ms: ${last}`);
    }
    await pause(PAUSE_MS);
  }
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
