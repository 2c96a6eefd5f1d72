import type { SparkConf } from '../conf/entry.ts';

/**
 * Properties as java.util.Properties reads them back, whatever they hold: everything that could end a line, a key or a
 * value is escaped, and what is not printable ASCII is written as `\uXXXX`. Same input, same text.
 */
export function propertiesText(conf: SparkConf): string {
  return [...conf].map(([key, { value }]) => `${escapedKey(key)}=${escapedValue(value)}\n`).join('');
}

function escapedKey(key: string): string {
  return escaped(key).replaceAll(' ', '\\ ');
}

/** Only white space at the beginning would be skipped; at the end Spark trims it anyway. */
function escapedValue(value: string): string {
  return escaped(value).replace(/^ +/, (spaces) => '\\ '.repeat(spaces.length));
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\f', '\\f'],
  ['=', '\\='],
  [':', '\\:'],
  ['#', '\\#'],
  ['!', '\\!'],
]);

function escaped(text: string): string {
  return [...text].map((character) => SHORT.get(character) ?? printable(character)).join('');
}

function printable(character: string): string {
  if (/^[\x20-\x7e]$/.test(character)) return character;
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
