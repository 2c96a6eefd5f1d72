import { deepEqual, isRecord } from '../lib/json.ts';

/**
 * The smallest JSON merge patch (RFC 7386) that turns `before` into `after`: only what differs, null for what goes,
 * arrays whole. Undefined when nothing differs. A null or undefined property of `after` counts as absent, since a merge
 * patch cannot store null.
 */
export function mergePatchBetween(before: unknown, after: unknown): unknown {
  return difference(before, withoutNulls(after));
}

function difference(before: unknown, wanted: unknown): unknown {
  if (!isRecord(before) || !isRecord(wanted)) return deepEqual(before, wanted) ? undefined : wanted;
  const removed = Object.keys(before)
    .filter((key) => before[key] !== undefined && !has(wanted, key))
    .map((key) => [key, null] as const);
  const changed = Object.entries(wanted).flatMap(([key, value]) => {
    const patch = difference(has(before, key) ? before[key] : undefined, value);
    return patch === undefined ? [] : [[key, patch] as const];
  });
  // fromEntries defines own properties, so that a key named __proto__ stays a key.
  return removed.length + changed.length === 0 ? undefined : Object.fromEntries([...removed, ...changed]);
}

/** The value after a JSON merge patch (RFC 7386). */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const entries = new Map(isRecord(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) entries.delete(key);
    else entries.set(key, applyMergePatch(entries.get(key), value));
  }
  return Object.fromEntries(entries);
}

function has(record: Record<string, unknown>, key: string): boolean {
  return Object.hasOwn(record, key);
}

function withoutNulls(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null && item !== undefined)
      .map(([key, item]) => [key, withoutNulls(item)]),
  );
}
