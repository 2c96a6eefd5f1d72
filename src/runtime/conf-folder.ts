import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FAILSAFE_SCHEMA, load } from 'js-yaml';
import { parseJavaProperties } from '../lib/java-properties.ts';
import { isRecord } from '../lib/json.ts';

/** The two file names Flink knows, the one that wins first (as in Flink, the old one). */
const LEGACY_FILE = 'flink-conf.yaml';
const STANDARD_FILE = 'config.yaml';

/**
 * Flat configuration keys of a folder as it is mounted from the ConfigMap: flink-conf.yaml (`key: value` lines) if there,
 * else config.yaml (nested or flat YAML). Empty if the folder has neither. Throws, naming folder or file, if it cannot be
 * read.
 */
export function readConfFolder(folder: string): Readonly<Record<string, string>> {
  const [legacy, standard] = [join(folder, LEGACY_FILE), join(folder, STANDARD_FILE)];
  if (!existsSync(folder)) throw new Error(`${folder}: there is no such folder`);
  if (existsSync(legacy)) return parseFlinkConf(readFileSync(legacy, 'utf8'));
  if (!existsSync(standard)) return {};
  try {
    return flattenYaml(readFileSync(standard, 'utf8'));
  } catch (error) {
    throw new Error(`${standard}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

const SPARK_FILE = 'spark-defaults.conf';

/**
 * Properties of the spark-defaults.conf of a folder, empty if it has none. Throws, naming folder or file, if it cannot be read.
 */
export function readSparkDefaults(folder: string): Readonly<Record<string, string>> {
  const file = join(folder, SPARK_FILE);
  if (!existsSync(folder)) throw new Error(`${folder}: there is no such folder`);
  if (!existsSync(file)) return {};
  const properties = parseJavaProperties(readFileSync(file, 'utf8'));
  if (!properties.ok) throw new Error(`${file}: ${properties.error}`);
  return properties.value;
}

/** The keys of a flink-conf.yaml: one `key: value` a line, `#` starts a comment, anything else is skipped as Flink does. */
export function parseFlinkConf(text: string): Record<string, string> {
  const lines = text.split('\n').map((line) => line.replace(/#.*$/, '').trim());
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [key, ...rest] = line.split(': ');
      const value = rest.join(': ').trim();
      return key === undefined || value === '' ? [] : [[key.trim(), value]];
    }),
  );
}

/**
 * The keys of a config.yaml, nested ones joined by dots, lists by `;`, every scalar as the text that was written. Keys
 * without a value set nothing. Throws an Error for what is no mapping, or no YAML.
 */
export function flattenYaml(text: string): Record<string, string> {
  const document = text.trim() === '' ? {} : (load(text, { schema: FAILSAFE_SCHEMA }) ?? {});
  if (!isRecord(document)) throw new Error('the document is not a mapping of keys to values');
  return Object.fromEntries(flatten(document, ''));
}

function itemText(item: unknown): string {
  return typeof item === 'object' && item !== null ? JSON.stringify(item) : String(item);
}

function flatten(value: unknown, path: string): [string, string][] {
  if (isRecord(value)) {
    return Object.entries(value).flatMap(([key, item]) => flatten(item, path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(value)) return value.length === 0 ? [] : [[path, value.map(itemText).join(';')]];
  return value === '' ? [] : [[path, String(value)]];
}
