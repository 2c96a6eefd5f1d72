import { parseFlinkDuration } from '../../lib/duration.ts';
import { parseS3Prefix } from '../../lib/s3-object.ts';
import { decodeList, decodeMap } from '../conf/values.ts';

/** How the text of an option is read. */
export interface OptionType<T> {
  /** As the reference page calls it. */
  readonly name: string;
  /** The rule for values, as it would follow "must". */
  readonly rule: string;
  /** The value; undefined when the text breaks the rule. Expects text without blanks around it. */
  parse(text: string): T | undefined;
  /** For rules with much in them: what exactly is wrong with a text, as a clause. */
  problem?(text: string): string | undefined;
}

/** The rule that a text breaks, with what exactly is wrong where that is known. */
export function brokenRule({ rule, problem }: OptionType<unknown>, text: string): string {
  const what = problem?.(text);
  return what === undefined ? rule : `${rule} (${what})`;
}

/**
 * What Weir does with an option: reads it (`how`: with what difference), has no use for it (`why` says what takes its place), or does not read it yet
 * (`why` says what happens until then).
 */
export type Standing =
  | { readonly is: 'honoured'; readonly how?: string }
  | { readonly is: 'not applicable' | 'not yet'; readonly why: string };

/**
 * Where an option may be set: for a resource (`spec.flinkConfiguration`, over the operator's configuration and its
 * defaults by namespace and version), or in the operator's configuration only.
 */
export type OptionScope = 'resource' | 'operator';

/** One `kubernetes.operator.*` option; `D` is undefined where it has no default. */
export interface OperatorOption<T, D extends T | undefined = T | undefined> {
  /** The whole key. */
  readonly key: string;
  /** Whole keys of older releases that are still read, in order, where the key itself is not set. */
  readonly oldNames: readonly string[];
  readonly type: OptionType<T>;
  /** The default: the Flink Kubernetes Operator 1.15's, unless the standing says why not. */
  readonly fallback: D;
  /** Text of the default, as the reference page shows it. */
  readonly fallbackText: string | undefined;
  readonly scope: OptionScope;
  readonly standing: Standing;
  /** What it does, in a sentence. */
  readonly description: string;
}

/** An option whatever its type. */
export type AnyOption = OperatorOption<unknown>;

/** What all options of the operator start with. */
export const OPERATOR_PREFIX = 'kubernetes.operator.';

/** A Flink boolean, in any case. */
export const yesNo: OptionType<boolean> = {
  name: 'true or false',
  rule: 'be true or false',
  parse: (text) => ({ true: true, false: false })[text.toLowerCase()],
};

/** A Flink duration, in milliseconds. */
export const duration: OptionType<number> = {
  name: 'duration',
  rule: 'be a duration such as 500 ms, 10 s, 5 min or PT5M',
  parse: parseFlinkDuration,
};

/** A whole number of at least `min`. */
export function wholeNumber(min: number): OptionType<number> {
  return {
    name: 'whole number',
    rule: `be a whole number of at least ${min}`,
    parse: (text) => (/^[+-]?\d{1,9}$/.test(text) && Number(text) >= min ? Number(text) : undefined),
  };
}

/** A decimal of at least `min`. */
export function decimal(min: number): OptionType<number> {
  return {
    name: 'number',
    rule: `be a number of at least ${min}`,
    parse: (text) => (/^\d+(\.\d+)?$/.test(text) && Number(text) >= min ? Number(text) : undefined),
  };
}

/** Any text that is not blank. */
export const freeText: OptionType<string> = { name: 'text', rule: 'be text', parse: (text) => text };

/** One of some upper-case words, written in any case. */
export function oneOf<const T extends readonly string[]>(...words: T): OptionType<T[number]> {
  return {
    name: words.join(', '),
    rule: `be one of ${words.join(', ')}`,
    parse: (text) => words.find((word) => word === text.toUpperCase()),
  };
}

/** A list of words, separated by `;` as Flink's lists are, or by commas; lower case. */
export const wordList: OptionType<readonly string[]> = {
  name: 'list',
  rule: 'be a list such as https;s3',
  parse: (text) =>
    decodeList(text).flatMap((part) =>
      part
        .toLowerCase()
        .split(',')
        .map((word) => word.trim()),
    ),
};

/** A list of buckets and folders in S3, separated likewise, in the form of parseS3Prefix. */
export const s3PrefixList: OptionType<readonly string[]> = {
  name: 'list',
  rule: 'be a list of buckets and folders such as s3://jars;s3://shared/jars',
  parse(text) {
    const words = decodeList(text).flatMap((part) => part.split(','));
    const prefixes = words.map((word) => parseS3Prefix(word.trim()));
    return prefixes.every((prefix) => prefix !== undefined) ? prefixes : undefined;
  },
};

/** A Flink map. */
export const textMap: OptionType<ReadonlyMap<string, string>> = {
  name: 'map',
  rule: 'be a map such as name:value,name:value',
  parse: (text) => {
    const map = decodeMap(text);
    return [...map].every(([key, value]) => key !== '' && value !== '') ? map : undefined;
  },
};

/** Parts of a declaration that most options leave out. */
interface Extras {
  readonly scope?: OptionScope;
  readonly oldNames?: readonly string[];
  readonly standing?: Standing;
}

/**
 * An option as the tables declare it; key without the prefix. Set on resources and honoured unless said otherwise. Throws
 * on a default that breaks the option's own rule.
 */
export function option<T>(
  type: OptionType<T>,
  [key, text]: readonly [key: string, text: string],
  description: string,
  extras: Extras = {},
): OperatorOption<T, T> {
  const fallback = type.parse(text);
  if (fallback === undefined) throw new Error(`the default of ${key} is "${text}", it must ${type.rule}`);
  return { ...declared(type, key, description, extras), fallback, fallbackText: text };
}

/** An option without a default. */
export function openOption<T>(
  type: OptionType<T>,
  key: string,
  description: string,
  extras: Extras = {},
): OperatorOption<T, undefined> {
  return { ...declared(type, key, description, extras), fallback: undefined, fallbackText: undefined };
}

function declared<T>(
  type: OptionType<T>,
  key: string,
  description: string,
  { scope = 'resource', oldNames = [], standing = { is: 'honoured' } }: Extras,
) {
  const names = { key: OPERATOR_PREFIX + key, oldNames: oldNames.map((name) => OPERATOR_PREFIX + name) };
  return { ...names, type, scope, standing, description };
}

/** For options that nothing reads yet. */
export function notYet(why: string): Standing {
  return { is: 'not yet', why };
}

/** For options Weir has no use for. */
export function notApplicable(why: string): Standing {
  return { is: 'not applicable', why };
}
