import pc from 'picocolors';

/** What a step tells about itself while it runs. */
export interface StepHandle {
  /** Shows the latest line of detail (on a terminal: behind the step's name, replaced by the next). */
  note(text: string): void;
  /** Marks the step as served from a cache; shown in its closing line. */
  cached(): void;
}

const started = Date.now();
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/**
 * Runs one named step and reports it on standard error: on a terminal a live line with elapsed time, elsewhere a
 * line at the start and one at the end, and one every 30 s between. A step that fails says so and rethrows.
 */
export async function step<T>(name: string, work: (handle: StepHandle) => Promise<T>): Promise<T> {
  const begun = Date.now();
  let detail = '';
  let fromCache = false;
  const live = process.stderr.isTTY === true;
  const elapsed = (): string => seconds(Date.now() - begun);
  const show = (): void => {
    if (live)
      process.stderr.write(`\r\u001b[K${pc.dim('…')} ${name} ${pc.dim(`${elapsed()} ${detail}`.slice(0, 100))}`);
    else process.stderr.write(`… ${name} ${elapsed()} ${detail}\n`);
  };
  const timer = setInterval(show, live ? 250 : 30_000);
  const close = (mark: string, suffix: string): void => {
    clearInterval(timer);
    const lead = live ? '\r\u001b[K' : '';
    process.stderr.write(
      `${lead}${mark} ${name} ${pc.dim(`${elapsed()}${suffix} (total ${seconds(Date.now() - started)})`)}\n`,
    );
  };
  try {
    if (live) show();
    const result = await work({
      note: (text) => {
        detail = text.trim().split('\n').at(-1) ?? '';
      },
      cached: () => {
        fromCache = true;
      },
    });
    close(pc.green('✓'), fromCache ? ', cached' : '');
    return result;
  } catch (error) {
    close(pc.red('✗'), '');
    throw error;
  }
}
