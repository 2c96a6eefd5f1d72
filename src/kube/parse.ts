import type { z } from 'zod';
import { isRecord } from '../lib/json.ts';
import { FIRST_PROBLEM, hasMoreValuesThan } from './first-problem.ts';

/** Something a schema refuses; an engine makes a core Issue of it. */
export interface SchemaProblem {
  /** Where, dotted from the root. */
  readonly path: string;
  /** What the value there goes by, see nameAt. */
  readonly name: string;
  /** The value found there, undefined if there is none. */
  readonly found: unknown;
  /** The rule in the form "be a text". */
  readonly rule: string;
}

/** Longest part of a path that is shown whole. */
const SHOWN_SEGMENT = 80;

/** A path as users read it: `spec.tls[0].hosts`, `spec.flinkConfiguration["rest.port"]`. */
export function fieldPath(segments: readonly PropertyKey[]): string {
  return segments.reduce<string>((path, segment) => {
    if (typeof segment === 'number') return `${path}[${segment}]`;
    const key = String(segment);
    if (!/^[A-Za-z_][\w-]*$/.test(key) || key.length > SHOWN_SEGMENT) return `${path}[${shownKey(key)}]`;
    return path === '' ? key : `${path}.${key}`;
  }, '');
}

/** What a value at a path goes by: the last key; that of an environment variable may always be a secret. */
export function nameAt(segments: readonly PropertyKey[]): string {
  const names = segments.filter((segment) => typeof segment === 'string');
  const last = names.at(-1) ?? '';
  return last === 'value' && names.at(-2) === 'env' ? 'env.secret' : last;
}

function shownKey(key: string): string {
  return JSON.stringify(key.length > SHOWN_SEGMENT ? `${key.slice(0, SHOWN_SEGMENT - 3)}...` : key);
}

/** How many values may be wrong at a time; ten thousand problems take some 30 MB while they are told. */
const MAX_TOLD = 10_000;

/**
 * Everything a schema refuses in a value that stands at `root`, in the schema's order. Of a value so large that this could
 * take all memory, the first problem only.
 */
export function schemaProblems(schema: z.ZodType, value: unknown, root: readonly PropertyKey[]): SchemaProblem[] {
  const large = hasMoreValuesThan(value, MAX_TOLD);
  const result = schema.safeParse(value, large ? FIRST_PROBLEM : undefined);
  if (result.success) return [];
  return result.error.issues.slice(0, large ? 1 : undefined).map((issue) => ({
    path: fieldPath([...root, ...issue.path]),
    name: nameAt([...root, ...issue.path]),
    found: valueAt(value, issue.path),
    rule: issue.message,
  }));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      typeof node === 'object' && node !== null && Object.hasOwn(node, key)
        ? (node as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  );
}

/**
 * JSON as the API server would hand it out, the very value where that is the same: a null field counts as absent (the
 * incumbent's records hold many), except inside the `open` fields and in lists. Keys named `__proto__` are dropped
 * everywhere, so that no later copy can turn one into a prototype.
 */
export function withoutNulls(value: unknown, open: ReadonlySet<string>): unknown {
  return cleaned(value, open, false);
}

function cleaned(value: unknown, open: ReadonlySet<string>, keepNulls: boolean): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => cleaned(item, open, keepNulls));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isRecord(value)) return value;
  const keys = Object.keys(value);
  const kept = keys.filter((key) => key !== '__proto__' && (keepNulls || value[key] !== null));
  const made = kept.map((key) => cleaned(value[key], open, keepNulls || open.has(key)));
  if (kept.length === keys.length && made.every((item, index) => item === value[kept[index] ?? ''])) return value;
  return Object.fromEntries(kept.map((key, index) => [key, made[index]]));
}

/** Whether JSON is nested more deeply than `levels`; looks no further than that, so that hostile input costs no stack. */
export function isNestedDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isNestedDeeperThan(item, levels - 1));
}
