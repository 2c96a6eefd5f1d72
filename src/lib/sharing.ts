import { isRecord } from './json.ts';

/**
 * A JSON value equal to `after` that is made of the parts of `before` wherever those are equal, and `before` itself where
 * all is, so that what was worked out of a part that did not change need not be worked out again. What is nested more
 * deeply than any resource that is acted on is not compared: that would cost the stack. Neither may ever be changed in place.
 */
export function sharing<T>(before: unknown, after: T): T {
  return shared(before, after, MAX_DEPTH) as T;
}

/**
 * An object equal to `after`, another than `before`, that is made of the parts of `before` wherever those are equal: much of
 * what one says, others of its kind say too. It and its fields, such as a spec, stay its own, since of those is remembered what
 * was worked out for it.
 */
export function sharingParts<T>(before: unknown, after: T): T {
  return withParts(before, after, OWN_LEVELS) as T;
}

/** The object, and its fields. */
const OWN_LEVELS = 2;

function withParts(before: unknown, after: unknown, own: number): unknown {
  if (own === 0) return shared(before, after, MAX_DEPTH);
  if (!isRecord(before) || !isRecord(after)) return after;
  const copy = { ...after };
  for (const key of Object.keys(after)) {
    copy[key] = withParts(Object.hasOwn(before, key) ? before[key] : undefined, after[key], own - 1);
  }
  return copy;
}

const MAX_DEPTH = 256;

function shared(before: unknown, after: unknown, levels: number): unknown {
  if (Object.is(before, after)) return before;
  if (levels === 0) return after;
  if (Array.isArray(after)) return Array.isArray(before) ? sharedItems(before, after, levels - 1) : after;
  return isRecord(before) && isRecord(after) ? sharedEntries(before, after, levels - 1) : after;
}

function sharedItems(before: readonly unknown[], after: readonly unknown[], levels: number): readonly unknown[] {
  const items = after.map((item, index) => shared(before[index], item, levels));
  return items.length === before.length && items.every((item, index) => item === before[index]) ? before : items;
}

/** Without lists of keys: every change that a watch tells of comes this way. */
function sharedEntries(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  levels: number,
): Record<string, unknown> {
  const values: unknown[] = [];
  let [isBefore, isAfter] = [true, true];
  for (const key in after) {
    const known = Object.hasOwn(before, key);
    const value = shared(known ? before[key] : undefined, after[key], levels);
    values.push(value);
    isBefore &&= known && value === before[key];
    isAfter &&= value === after[key];
  }
  if (isBefore && hasNoMore(before, after)) return before;
  return isAfter ? after : withValues(after, values);
}

function hasNoMore(before: Record<string, unknown>, after: Record<string, unknown>): boolean {
  for (const key in before) if (!Object.hasOwn(after, key)) return false;
  return true;
}

/**
 * A copy has the shape of what was parsed, which takes less memory than one built key by key; and each key of it, also one named
 * __proto__, is its own.
 */
function withValues(parsed: Record<string, unknown>, values: readonly unknown[]): Record<string, unknown> {
  const copy = { ...parsed };
  let index = 0;
  for (const key in copy) copy[key] = values[index++];
  return copy;
}
