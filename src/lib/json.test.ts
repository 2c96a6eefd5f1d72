import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, deepEqual, withoutNullFields } from './json.ts';

/** The same value with the keys of all its objects the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe('canonical JSON', () => {
  it('is the same for equal values, and reads as the value it was made of', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
        expect(deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))).toBe(true);
      }),
    );
  });

  it('has keys in order at every level, without those that are undefined, and dates as JSON has them', () => {
    const value = { b: [{ z: 1, a: undefined, c: new Date(0) }], a: { y: null, x: 2 } };
    expect(canonicalJson(value)).toBe('{"a":{"x":2,"y":null},"b":[{"c":"1970-01-01T00:00:00.000Z","z":1}]}');
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}'))).toBe('{"__proto__":{"a":2},"b":1}');
  });
});

describe('equality', () => {
  it.each([
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: 1 }, { b: undefined, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [{ a: null }, {}, false],
    [[1, [2]], [1, [2]], true],
    [[1], { 0: 1 }, false],
    [{}, JSON.parse('{"__proto__":{}}'), false],
    [JSON.parse('{"__proto__":{}}'), {}, false],
    [{ toString: 1 }, {}, false],
  ])('of %j and %j is %s', (a, b, equal) => {
    expect(deepEqual(a, b)).toBe(equal);
  });

  it('is that of JSON, whatever the order of keys', () => {
    fc.assert(
      // JSON text has no -0.
      fc.property(fc.json(), fc.json(), (one, other) => {
        const [a, b] = [one, other].map((text) => JSON.parse(JSON.stringify(JSON.parse(text))) as unknown);
        expect(deepEqual(a, reversed(a))).toBe(true);
        expect(deepEqual(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
      }),
    );
  });
});

it('leaves out null and undefined fields at every depth, and makes nothing anew without need', () => {
  const whole = { a: { b: [null] }, c: 0 };
  expect(withoutNullFields(whole)).toBe(whole);
  const left = withoutNullFields({ ...whole, d: null, e: { f: undefined } }) as Record<string, unknown>;
  expect(left).toStrictEqual({ ...whole, e: {} });
  expect(left.a).toBe(whole.a);
});
