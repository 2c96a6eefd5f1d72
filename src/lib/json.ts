/** Any value JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Whether a value is a plain object (not null, not an array). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Structural equality of JSON values; key order does not matter, and an undefined property equals an absent one. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a)) return Array.isArray(b) && equalItems(a, b);
  return isRecord(a) && isRecord(b) && equalEntries(a, b);
}

function equalItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (!deepEqual(a[index], b[index])) return false;
  return true;
}

/** Without lists of keys: every change that a watch tells of is compared. */
function equalEntries(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  for (const key in a) if (!deepEqual(a[key], Object.hasOwn(b, key) ? b[key] : undefined)) return false;
  for (const key in b) if (b[key] !== undefined && !Object.hasOwn(a, key)) return false;
  return true;
}

/**
 * The value without the properties of its objects that are null or undefined, itself where it has none; arrays are left as they
 * are.
 */
export function withoutNullFields(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const keys = Object.keys(value);
  const there = keys.filter((key) => value[key] !== null && value[key] !== undefined);
  const made = there.map((key) => withoutNullFields(value[key]));
  if (there.length === keys.length && made.every((item, index) => item === value[there[index] ?? ''])) return value;
  // fromEntries defines own properties, so that a key named __proto__ stays a key.
  return Object.fromEntries(there.map((key, index) => [key, made[index]]));
}

/** JSON text with keys sorted at every level, so that equal values have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(inOrder(value));
}

/** A date, which YAML knows, is left to say itself what it is in JSON. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isRecord(value) || value instanceof Date) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, inOrder(value[key])]));
}
