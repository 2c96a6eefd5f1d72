import { load } from 'js-yaml';
import { isRecord } from '../../lib/json.ts';

/** The options a Flink process runs with, by dotted key. */
export type Options = ReadonlyMap<string, string>;

const parsed = new Map<string, Options>();
const REMEMBERED = 200;

/** The conf folder's file as Flink reads it: nested YAML (`config.yaml`, the default from 2.0), or lines `key: value`. */
export function readOptions(text: string, fileName: 'config.yaml' | 'flink-conf.yaml'): Options {
  const key = `${fileName}\n${text}`;
  const before = parsed.get(key);
  if (before !== undefined) return before;
  const options = new Map(fileName === 'config.yaml' ? flattened(load(text), '') : lines(text));
  if (parsed.size >= REMEMBERED) parsed.clear();
  parsed.set(key, options);
  return options;
}

/** Dynamic properties on the command line (`-D key=value`) laid over the file's options. */
export function withDynamic(options: Options, args: readonly string[]): Options {
  const dynamic = args.flatMap((arg, index) => {
    const text = arg === '-D' ? args[index + 1] : arg.startsWith('-D') ? arg.slice(2) : undefined;
    const at = text?.indexOf('=') ?? -1;
    return text === undefined || at < 0 ? [] : [[text.slice(0, at), text.slice(at + 1)] as const];
  });
  return dynamic.length === 0 ? options : new Map([...options, ...dynamic]);
}

/** The first of several spellings that is set to something other than blanks. */
export function optionOf(options: Options, ...keys: readonly string[]): string | undefined {
  return keys.map((key) => options.get(key)?.trim()).find((value) => value !== undefined && value !== '');
}

/** Whether an option says true, in any case. */
export function isOn(options: Options, ...keys: readonly string[]): boolean {
  return optionOf(options, ...keys)?.toLowerCase() === 'true';
}

function lines(text: string): readonly (readonly [string, string])[] {
  return text.split('\n').flatMap((line) => {
    const at = line.indexOf(': ');
    return at < 0 || line.startsWith('#') ? [] : [[line.slice(0, at).trim(), line.slice(at + 2).trim()] as const];
  });
}

function flattened(node: unknown, path: string): readonly (readonly [string, string])[] {
  if (isRecord(node)) {
    return Object.entries(node).flatMap(([key, item]) => flattened(item, path === '' ? key : `${path}.${key}`));
  }
  if (Array.isArray(node)) return [[path, node.map(String).join(';')]];
  return node === null || node === undefined ? [] : [[path, String(node)]];
}
