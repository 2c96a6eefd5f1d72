import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { FIRST_PROBLEM, hasMoreValuesThan } from './first-problem.ts';

describe('FIRST_PROBLEM', () => {
  const item = z.object({ id: z.string(), size: z.number() });
  it.each<[string, z.ZodType, unknown]>([
    ['a list', z.object({ items: z.array(item) }), { items: [{ id: 'a', size: 1 }, {}, {}, {}] }],
    ['a list of texts', z.array(z.string()), [1, 2, 3]],
    ['lists in a list', z.array(z.array(z.string())), [[1, 2], [3]]],
  ])('is all that is told of %s', (_what, schema, value) => {
    expect(schema.safeParse(value).error?.issues.length).toBeGreaterThan(1);
    expect(schema.safeParse(value, FIRST_PROBLEM).error?.issues.length).toBe(1);
  });

  it('lets what is right through as it is', () => {
    const value = { id: 'a', size: 1 };
    expect(item.safeParse(value, FIRST_PROBLEM).data).toEqual(value);
  });
});

describe('hasMoreValuesThan', () => {
  it.each([
    ['text', 1],
    [null, 1],
    [[], 1],
    [[1, 2, [3]], 5],
    [{ a: { b: [true] }, c: 'x' }, 5],
  ])('counts %j as %i', (value, count) => {
    expect(hasMoreValuesThan(value, count)).toBe(false);
    expect(hasMoreValuesThan(value, count - 1)).toBe(true);
  });

  it('survives hostile depth', () => {
    let deep: unknown = 'x';
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(hasMoreValuesThan(deep, 1_000_000)).toBe(false);
  });
});
