import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMergePatch, mergePatchBetween } from './merge-patch.ts';

/** JSON objects without null properties, which a merge patch cannot store. */
const { record } = fc.letrec<{ value: unknown; record: Record<string, unknown> }>((tie) => ({
  record: fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'constructor'), fc.string()), tie('value'), {
    maxKeys: 4,
  }),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.string(),
    fc.boolean(),
    fc.array(fc.integer(), { maxLength: 3 }),
    tie('record'),
  ),
}));

describe('mergePatchBetween', () => {
  it.each([
    { name: 'nothing differs', before: { a: 1, b: { c: [1] } }, after: { b: { c: [1] }, a: 1 }, patch: undefined },
    {
      name: 'one nested field differs',
      before: { a: 1, b: { c: 2, d: 3 } },
      after: { a: 1, b: { c: 2, d: 4 } },
      patch: { b: { d: 4 } },
    },
    { name: 'a field goes', before: { a: 1, b: 2 }, after: { a: 1 }, patch: { b: null } },
    {
      name: 'an array is replaced whole',
      before: { a: [{ x: 1 }, { x: 2 }] },
      after: { a: [{ x: 1 }] },
      patch: { a: [{ x: 1 }] },
    },
    { name: 'an object becomes a scalar', before: { a: { b: 1 } }, after: { a: 2 }, patch: { a: 2 } },
    {
      name: 'null and undefined count as absent',
      before: { a: 1 },
      after: { a: null, b: undefined, c: { d: null } },
      patch: { a: null, c: {} },
    },
    { name: 'nulls inside arrays stay', before: {}, after: { a: [null] }, patch: { a: [null] } },
  ])('$name', ({ before, after, patch }) => {
    expect(mergePatchBetween(before, after)).toEqual(patch);
  });

  it('turns the one into the other', () => {
    fc.assert(
      fc.property(record, record, (before, after) => {
        const patch = mergePatchBetween(before, after);
        const result = patch === undefined ? before : applyMergePatch(before, patch);
        expect(mergePatchBetween(result, after)).toBeUndefined();
        expect(mergePatchBetween(after, result)).toBeUndefined();
      }),
    );
  });
});
