import { Option } from 'commander';

/** Where a command writes; the process's streams outside tests. */
export interface CliIo {
  out(text: string): void;
  err(text: string): void;
  readonly color: boolean;
  /** Width of the terminal that `out` writes to; undefined where it is none. */
  readonly columns?: number | undefined;
}

/** `-o, --output` with the given formats, the first being the default. */
export function outputOption(formats: readonly [string, ...string[]]): Option {
  return new Option('-o, --output <format>', 'how to print').choices(formats).default(formats[0]);
}
