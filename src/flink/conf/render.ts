import { dump } from 'js-yaml';
import { type Issue, shownValue } from '../../core/issue.ts';
import { MAX_KEY } from '../configuration.ts';
import type { FlinkVersion } from '../schema.ts';
import type { ConfEntry, FlinkConf } from './entry.ts';
import { PROGRAM_ARGS } from './job-rules.ts';
import { decodeList } from './values.ts';
import { atLeast } from './versions.ts';

/** A configuration file as it lies in the conf folder of a cluster. */
export interface RenderedConf {
  readonly fileName: 'flink-conf.yaml' | 'config.yaml';
  readonly text: string;
}

/** The file name a Flink version is given; 1.19 and 1.20 could read the newer one, but the incumbent does not use it. */
export function confFileName(version: FlinkVersion): RenderedConf['fileName'] {
  return atLeast(version, 'v2_0') ? 'config.yaml' : 'flink-conf.yaml';
}

/**
 * The configuration as a file: nested YAML from Flink 2.0 on, lines `key: value` before. Same configuration, same text.
 * A key that another key continues (`a` and `a.b`), or that is longer than any option's, stays dotted, which Flink reads just as well.
 */
export function renderConf(conf: FlinkConf, version: FlinkVersion): RenderedConf {
  const fileName = confFileName(version);
  const entries = [...conf].map(([key, { value }]) => [key, value] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  if (fileName === 'config.yaml') return { fileName, text: dump(nested(entries), { lineWidth: -1, noRefs: true }) };
  const lines = entries
    .filter(([, value]) => value.trim() !== '')
    .map(([key, value]) => `${key}: ${onOneLine(value)}\n`);
  return { fileName, text: lines.join('') };
}

/** Linear in the length of the value, however much white space it holds. */
function onOneLine(value: string): string {
  const lines = value.split(/[\r\n]/).map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

/** What a file of this version cannot say as it was written; `renderConf` then does what comes nearest. */
export function renderIssues(conf: FlinkConf, version: FlinkVersion): readonly Issue[] {
  return atLeast(version, 'v2_0') ? overlaps(conf) : [...conf].flatMap(([key, entry]) => lineIssues(key, entry));
}

function lineIssues(key: string, entry: ConfEntry): Issue[] {
  const { value } = entry;
  const issue = (rule: string): Issue => ({ path: fieldOf(key, entry), value: shownValue(value, key), rule });
  return [
    ...(/[\r\n]/.test(value.trim())
      ? [issue('be on one line, since Flink before 2.0 reads its file line by line')]
      : []),
    ...(value.includes('#') ? [issue("not contain '#', with which Flink before 2.0 ends the value")] : []),
  ];
}

/** Where the author of a value finds it: the field, or the operator's own key. */
function fieldOf(key: string, { origin, because }: ConfEntry): string {
  return origin === 'weir' ? `spec.flinkConfiguration.${key}` : because;
}

function overlaps(conf: FlinkConf): Issue[] {
  const lengths = [...new Set([...conf.keys()].map(({ length }) => length))].sort((a, b) => a - b);
  return [...conf.keys()].flatMap((key) =>
    lengths
      .filter((length) => key[length] === '.' && conf.has(key.slice(0, length)))
      .map((length) => key.slice(0, length))
      .map((prefix) => ({
        path: `spec.flinkConfiguration.${prefix}`,
        value: shownValue(conf.get(prefix)?.value, prefix),
        rule: `not be set together with ${key}, since Flink 2 nests its options; use the newer name of the one that was renamed`,
      })),
  );
}

function prefixesOf(key: string): string[] {
  const parts = key.split('.');
  return parts.slice(1).map((_part, index) => parts.slice(0, index + 1).join('.'));
}

interface Tree {
  readonly children: Map<string, Tree | string | readonly string[]>;
}

function nested(entries: readonly (readonly [string, string])[]): Record<string, unknown> {
  const keys = new Set(entries.map(([key]) => key));
  const root: Tree = { children: new Map() };
  for (const [key, value] of entries) {
    const dotted =
      key.length > MAX_KEY || prefixesOf(key).some((prefix) => keys.has(prefix)) || /(^|\.)(\.|$)/.test(key);
    place(root, dotted ? [key] : key.split('.'), key === PROGRAM_ARGS ? decodeList(value) : value);
  }
  return plain(root);
}

function place(tree: Tree, path: readonly string[], value: string | readonly string[]): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    tree.children.set(name, value);
    return;
  }
  const found = tree.children.get(name);
  const child = typeof found === 'object' && 'children' in found ? found : { children: new Map() };
  tree.children.set(name, child);
  place(child, rest, value);
}

function plain(tree: Tree): Record<string, unknown> {
  const entries = [...tree.children].map(([name, value]) => [
    name,
    typeof value === 'object' && 'children' in value ? plain(value) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
