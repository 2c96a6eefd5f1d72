import type { AnyOption } from '../flink/options/types.ts';

/** How one option is named outside, and what it is for. Flag before environment before configuration key, unless `envFirst`. */
export interface OptionInfo {
  readonly flag: string;
  /** Placeholder of the value in help texts; absent for switches. */
  readonly argument?: string;
  readonly env: string;
  readonly envFirst?: boolean;
  /** The option of the incumbent's operator configuration that means the same. */
  readonly option?: Pick<AnyOption, 'key' | 'oldNames'>;
  readonly default: string | undefined;
  readonly describe: string;
}
