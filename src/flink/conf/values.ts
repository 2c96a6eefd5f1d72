import { load } from 'js-yaml';
import { isRecord } from '../../lib/json.ts';
import { type FlinkConf, optionOf } from './entry.ts';

/**
 * Splits text at a delimiter as Flink does (StructuredOptionsSplitter): a part that starts with a quote goes up to the
 * closing one, doubled quotes in it stand for one; other parts are trimmed, and empty ones left out. Quotes that do not
 * enclose a whole part, which Flink refuses, are text.
 */
export function splitQuoted(text: string, delimiter: string): string[] {
  const parts: string[] = [];
  let position = 0;
  while (position < text.length) {
    const start = position + (/^\s*/.exec(text.slice(position))?.[0].length ?? 0);
    const quote = text[start];
    const [part, end] =
      quote === "'" || quote === '"' ? quotedPart(text, start, delimiter) : plainPart(text, start, delimiter);
    if (part !== '' || quote === "'" || quote === '"') parts.push(part);
    position = end + 1;
  }
  return parts;
}

function plainPart(text: string, start: number, delimiter: string): [string, number] {
  const next = text.indexOf(delimiter, start);
  const end = next < 0 ? text.length : next;
  return [text.slice(start, end).trim(), end];
}

function quotedPart(text: string, start: number, delimiter: string): [string, number] {
  const quote = text[start] ?? '';
  let part = '';
  let at = start + 1;
  while (at < text.length) {
    if (text[at] !== quote) part += text[at];
    else if (text[at + 1] === quote) {
      part += quote;
      at += 1;
    } else break;
    at += 1;
  }
  const next = text.indexOf(delimiter, at);
  const end = next < 0 ? text.length : next;
  return text.slice(at + 1, end).trim() === '' ? [part, end] : plainPart(text, start, delimiter);
}

/** A list in the notation every Flink version reads: parts joined with `;`, quoted where they need it. */
export function encodeList(parts: readonly string[]): string {
  return parts.map((part) => (/^[^\s;'"[\]{}]+$/.test(part) ? part : `'${part.replaceAll("'", "''")}'`)).join(';');
}

/** A list option: `a;b`, or a YAML list (`[a, b]`, what Flink 2 also reads). */
export function decodeList(text: string): readonly string[] {
  if (text.trimStart().startsWith('[')) {
    const list = yamlOf(text);
    if (Array.isArray(list)) return list.map(scalarText);
  }
  return splitQuoted(text, ';');
}

/** A map option: `k:v,k2:v2`, or a YAML map. A value may hold further colons. */
export function decodeMap(text: string): ReadonlyMap<string, string> {
  if (text.trimStart().startsWith('{')) {
    const map = yamlOf(text);
    if (isRecord(map)) return new Map(Object.entries(map).map(([key, value]) => [key, scalarText(value)]));
  }
  return new Map(
    splitQuoted(text, ',').map((pair) => {
      const [key = '', ...rest] = splitQuoted(pair, ':');
      return [key, rest.join(':')];
    }),
  );
}

/** A map option of a configuration, written as one value or key by key below it (`labels.team: x`), as Flink allows. */
export function mapOption(conf: FlinkConf, ...spellings: readonly string[]): ReadonlyMap<string, string> {
  for (const key of spellings) {
    const whole = optionOf(conf, key);
    if (whole !== undefined) return decodeMap(whole);
    const below = prefixOption(conf, `${key}.`);
    if (below.length > 0) return new Map(below);
  }
  return new Map();
}

/** A list option of a configuration; empty when not set. */
export function listOption(conf: FlinkConf, key: string): readonly string[] {
  return decodeList(optionOf(conf, key) ?? '');
}

/** A list of maps: `k:v,k2:v2;k:w`, or a YAML list of maps. */
export function mapListOption(conf: FlinkConf, key: string): readonly ReadonlyMap<string, string>[] {
  const text = optionOf(conf, key) ?? '';
  const list = text.startsWith('[') ? yamlOf(text) : undefined;
  if (Array.isArray(list)) return list.filter(isRecord).map((map) => decodeMap(JSON.stringify(map)));
  return splitQuoted(text, ';').map(decodeMap);
}

/** Options below a prefix, by the rest of their key: `containerized.master.env.`. */
export function prefixOption(conf: FlinkConf, prefix: string): readonly (readonly [string, string])[] {
  const below = [...conf.keys()].filter((key) => key.startsWith(prefix));
  return below.map((key) => [key.slice(prefix.length), conf.get(key)?.value ?? ''] as const);
}

function yamlOf(text: string): unknown {
  try {
    return load(text, { maxAliases: 0 }); // a few of them make megabytes of text
  } catch {
    return undefined;
  }
}

function scalarText(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
}
