import { Option } from 'commander';

/** Where a command writes; the process's streams outside tests. */
export interface CliIo {
  out(text: string): void;
  err(text: string): void;
  readonly color: boolean;
}

/** `-o, --output` with the given formats, the first being the default. */
export function outputOption(formats: readonly [string, ...string[]]): Option {
  return new Option('-o, --output <format>', 'how to print').choices(formats).default(formats[0]);
}
