import { describe, expect, it } from 'vitest';
import { fieldPath, isNestedDeeperThan, withoutNulls } from './parse.ts';

describe('fieldPath', () => {
  it.each([
    [['spec', 'tls', 0, 'hosts'], 'spec.tls[0].hosts'],
    [['spec', 'flinkConfiguration', 'rest.port'], 'spec.flinkConfiguration["rest.port"]'],
    [['a"b'], '["a\\"b"]'],
    [['spec', 'k'.repeat(100)], `spec["${'k'.repeat(77)}..."]`],
  ])('%j is %s', (segments, expected) => {
    expect(fieldPath(segments)).toBe(expected);
  });
});

describe('withoutNulls', () => {
  it('drops null fields outside open ones', () => {
    const value = { a: null, b: { c: null, d: 1 }, open: { e: null, f: { g: null } }, list: [null, { h: null }] };
    expect(withoutNulls(value, new Set(['open']))).toEqual({
      b: { d: 1 },
      open: { e: null, f: { g: null } },
      list: [null, {}],
    });
  });

  it('is the very value where nothing is to be dropped', () => {
    const value = { a: [1, { b: 'c' }], open: { e: null } };
    expect(withoutNulls(value, new Set(['open']))).toBe(value);
  });

  it('drops __proto__ keys at every level', () => {
    const value: unknown = JSON.parse('{"a":{"__proto__":{"x":1},"b":1},"open":{"__proto__":{"x":1}}}');
    const result = withoutNulls(value, new Set(['open']));
    expect(JSON.stringify(result)).toBe('{"a":{"b":1},"open":{}}');
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('isNestedDeeperThan', () => {
  it('counts levels and survives hostile depth', () => {
    expect(isNestedDeeperThan('text', 0)).toBe(false);
    expect(isNestedDeeperThan({ a: [1] }, 2)).toBe(false);
    expect(isNestedDeeperThan({ a: [{}] }, 2)).toBe(true);
    let deep: unknown = {};
    for (let i = 0; i < 100_000; i++) deep = { deep };
    expect(isNestedDeeperThan(deep, 64)).toBe(true);
  });
});
