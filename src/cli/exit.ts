/** Exit codes of every command; documented in docs/reference/cli.md. */
export const EXIT = {
  ok: 0,
  /** Something went wrong that is not the manifest's fault: a file or API server that cannot be read, a crash. */
  error: 1,
  /** Unknown command or flag, missing argument, setting that is not valid. */
  usage: 2,
  /** A manifest that is not valid, or that this version refuses. */
  invalid: 3,
  /** What was waited for has failed or stalled. */
  failed: 4,
  /** What was waited for has not come within the time. */
  timeout: 5,
} as const;

/** One of the documented exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one line on standard error and an exit code. */
export class CliError extends Error {
  readonly code: ExitCode;

  constructor(message: string, code: ExitCode = EXIT.error, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
    this.code = code;
  }
}
