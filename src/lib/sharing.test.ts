import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharing, sharingParts } from './sharing.ts';

describe('sharing', () => {
  it('is always equal to the newer value, in the order of its keys', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(value, value, (before, after) => {
        expect(JSON.stringify(sharing(before, after))).toBe(JSON.stringify(after));
      }),
    );
  });

  it('is the older value itself when both are equal', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (before) => {
        expect(sharing(before, structuredClone(before))).toBe(before);
      }),
    );
  });

  it('takes what is nested without end as it is', () => {
    const deep = (): unknown => Array.from({ length: 9000 }).reduce<unknown>((value) => ({ value }), 'x');
    const after = { deep: deep(), same: 1 };
    expect(sharing({ deep: deep(), same: 1 }, after)).toHaveProperty('same', 1);
  });

  it('keeps the parts that are equal, and only those', () => {
    const before = { spec: { job: { parallelism: 2 }, list: [{ a: 1 }, { b: 2 }] }, status: { state: 'RUNNING' } };
    const after = { spec: { job: { parallelism: 2 }, list: [{ a: 1 }, { b: 3 }] }, status: { state: 'RUNNING' } };
    const result = sharing(before, after);
    expect(result).toEqual(after);
    expect(result.status).toBe(before.status);
    expect(result.spec.job).toBe(before.spec.job);
    expect(result.spec.list[0]).toBe(before.spec.list[0]);
    expect(result.spec).not.toBe(before.spec);
  });

  it('keeps a part equal but for a key that is gone apart', () => {
    const before = { spec: { a: 1, b: 2 } };
    expect(sharing(before, { spec: { a: 1 } }).spec).toEqual({ a: 1 });
    expect(Object.hasOwn(sharing(JSON.parse('{"a":1}'), JSON.parse('{"__proto__":1}')), '__proto__')).toBe(true);
  });
});

describe('sharing parts', () => {
  it('is always equal to the object, in the order of its keys', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(value, value, (before, after) => {
        expect(JSON.stringify(sharingParts(before, after))).toBe(JSON.stringify(after));
      }),
    );
  });

  it('keeps the equal parts of fields, and has the object and its fields for itself', () => {
    const before = { spec: { driver: { cores: 1 }, image: 'a' }, status: { list: [{ a: 1 }] } };
    const after = structuredClone(before);
    const result = sharingParts(before, after);
    expect(result).toEqual(before);
    expect(result).not.toBe(before);
    expect(result.spec).not.toBe(before.spec);
    expect(result.spec.driver).toBe(before.spec.driver);
    expect(result.status.list).toBe(before.status.list);
  });
});
