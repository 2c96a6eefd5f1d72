import { decodeMap } from '../conf/values.ts';
import type { OptionType } from './types.ts';

/** A label, and the pattern of the messages of errors that get it. */
export interface ErrorLabel {
  readonly pattern: RegExp;
  readonly label: string;
}

/**
 * A Flink map of labels by regular expressions as Java writes them, as far as JavaScript has the same: flags in front
 * (`(?i)`) are understood, escapes that mean something else or nothing here are refused.
 */
export const labelPatterns: OptionType<readonly ErrorLabel[]> = {
  name: 'map of labels by regular expression',
  rule: 'be a map of labels by regular expression such as OutOfMemoryError:memory,(?i)disk full:storage',
  parse: (text) => {
    const read = [...decodeMap(text)].map(labelOf);
    const labels = read.filter((label) => typeof label !== 'string');
    return labels.length === read.length ? labels : undefined;
  },
  problem: (text) => [...decodeMap(text)].map(labelOf).find((label) => typeof label === 'string'),
};

const FLAGS = /^\(\?([ims]+)\)/;

/** Escaped letters that mean the same in both languages. */
const SHARED_ESCAPES = 'bBdDsSwWtnrfxukc';

/** What a pair stands for, or what is wrong with it. */
function labelOf([text, label]: readonly [string, string]): ErrorLabel | string {
  if (text === '' || label === '') return 'each label and each expression must have a character';
  const flags = FLAGS.exec(text);
  const source = text.slice(flags?.[0].length ?? 0);
  const foreign = [...source.matchAll(/\\(.)/g)].find(
    ([, char = '']) => /[a-z]/i.test(char) && !SHARED_ESCAPES.includes(char),
  );
  if (foreign !== undefined) return `${foreign[0]} in ${text} is not known here`;
  try {
    return { pattern: new RegExp(source, flags?.[1] ?? ''), label };
  } catch {
    return `${text} is no regular expression`;
  }
}
