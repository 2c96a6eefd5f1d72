import { isRecord } from './json.ts';

/**
 * A JSON value equal to `after` that is made of the parts of `before` wherever those are equal, and `before` itself where
 * all is, so that what was worked out of a part that did not change need not be worked out again. Neither may ever be
 * changed in place.
 */
export function sharing<T>(before: unknown, after: T): T {
  return shared(before, after) as T;
}

function shared(before: unknown, after: unknown): unknown {
  if (Object.is(before, after)) return before;
  if (Array.isArray(after)) return Array.isArray(before) ? sharedItems(before, after) : after;
  return isRecord(before) && isRecord(after) ? sharedEntries(before, after) : after;
}

function sharedItems(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  const items = after.map((item, index) => shared(before[index], item));
  return items.length === before.length && items.every((item, index) => item === before[index]) ? before : items;
}

function sharedEntries(before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(after);
  const entries = keys.map(
    (key) => [key, shared(Object.hasOwn(before, key) ? before[key] : undefined, after[key])] as const,
  );
  const same =
    keys.length === Object.keys(before).length &&
    entries.every(([key, value]) => value === before[key] && Object.hasOwn(before, key));
  // fromEntries defines own properties, so that a key named __proto__ stays a key.
  return same ? before : Object.fromEntries(entries);
}
