import { describe, expect, it } from 'vitest';
import { fieldPath, isNestedDeeperThan, schemaProblems, withoutNulls } from './parse.ts';
import { group, list, text, textMap } from './schema-parts.ts';

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

describe('schemaProblems', () => {
  const schema = group({ args: list(text()).optional(), labels: textMap().optional() });

  it('are all that is wrong, in the order of the schema', () => {
    const value = { labels: { a: 1 }, args: [1, 'x', 2] };
    const paths = schemaProblems(schema, value, ['spec']).map(({ path }) => path);
    expect(paths).toEqual(['spec.args[0]', 'spec.args[2]', 'spec.labels.a']);
  });

  it.each([
    ['a list', { args: Array(20_000).fill(1) }, 'spec.args[0]'],
    [
      'a map',
      { labels: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, 1])) },
      'spec.labels.k0',
    ],
  ])('are the first of %s that is made to cost memory', (_what, value, path) => {
    const problems = schemaProblems(schema, value, ['spec']);
    expect(problems).toEqual([{ path, name: expect.any(String), found: 1, rule: 'be a text, in quotes' }]);
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
