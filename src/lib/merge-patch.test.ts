import { describe, expect, it } from 'vitest';
import { applyMergePatch } from './merge-patch.ts';

describe('applyMergePatch', () => {
  it.each([
    {
      name: 'leaves what it does not name',
      before: { a: 1, b: { c: [1] } },
      patch: {},
      after: { a: 1, b: { c: [1] } },
    },
    {
      name: 'goes into objects',
      before: { a: 1, b: { c: 2, d: 3 } },
      patch: { b: { d: 4 } },
      after: { a: 1, b: { c: 2, d: 4 } },
    },
    { name: 'takes away what is null', before: { a: 1, b: 2 }, patch: { b: null, c: null }, after: { a: 1 } },
    {
      name: 'replaces an array whole',
      before: { a: [{ x: 1 }, { x: 2 }] },
      patch: { a: [{ x: 1 }] },
      after: { a: [{ x: 1 }] },
    },
    { name: 'replaces an object by a scalar', before: { a: { b: 1 } }, patch: { a: 2 }, after: { a: 2 } },
    { name: 'replaces a scalar by an object', before: { a: 2 }, patch: { a: { b: 1 } }, after: { a: { b: 1 } } },
    {
      name: 'keeps a key named __proto__ a key',
      before: {},
      patch: JSON.parse('{"__proto__": {"a": 1}}'),
      after: JSON.parse('{"__proto__": {"a": 1}}'),
    },
  ])('$name', ({ before, patch, after }) => {
    expect(JSON.stringify(applyMergePatch(before, patch))).toBe(JSON.stringify(after));
  });
});
