import { isRecord } from '../../lib/json.ts';

/** All fields optional at every level of objects; lists are given whole; `undefined` takes a field away. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> | undefined }
    : T;

/** A value with differences laid over it: objects field by field, everything else whole; undefined takes a field away. */
export function merged<T>(base: T, overrides: DeepPartial<T> | undefined): T {
  if (overrides === undefined) return base;
  if (!isRecord(base) || !isRecord(overrides)) return overrides as T;
  const keys = [...new Set([...Object.keys(base), ...Object.keys(overrides)])];
  const entries = keys
    .filter((key) => !(Object.hasOwn(overrides, key) && overrides[key] === undefined))
    .map((key) => [key, Object.hasOwn(overrides, key) ? mergedField(base[key], overrides[key]) : base[key]]);
  return Object.fromEntries(entries) as T;
}

function mergedField(base: unknown, override: unknown): unknown {
  return isRecord(override) ? merged(isRecord(base) ? base : {}, override) : override;
}
