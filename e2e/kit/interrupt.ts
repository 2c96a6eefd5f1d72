import { constants } from 'node:os';

/** While it lasts, Ctrl-C and SIGTERM end the program in order. */
export interface Interrupt {
  /** Aborted at the first signal, so that what waits gives up. */
  readonly signal: AbortSignal;
  /** From now on signals end the program at once again, unless there was one. */
  stop(): void;
}

/**
 * At the first SIGINT, SIGTERM or SIGHUP: aborts the signal, runs `cleanUp`, and ends the program with the exit code a
 * shell expects. Further signals meanwhile (a terminal sends one to every process at once) change nothing.
 */
export function onInterrupt(cleanUp: () => Promise<void>): Interrupt {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (name: (typeof names)[number]): void => {
    if (controller.signal.aborted) return;
    controller.abort(new Error(`interrupted by ${name}`));
    process.stderr.write(`\n${name}: cleaning up\n`);
    const end = (): never => process.exit(128 + constants.signals[name]);
    cleanUp().then(end, (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      end();
    });
  };
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    stop: () => {
      if (controller.signal.aborted) return; // the clean-up must not be interrupted either
      for (const name of names) process.off(name, onSignal);
    },
  };
}
