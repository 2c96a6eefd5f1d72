import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeList, decodeMap, encodeList, mapListOption, mapOption } from './values.ts';

function conf(values: Record<string, string>) {
  return new Map(
    Object.entries(values).map(([key, value]) => [key, { value, origin: 'user', because: 'test' } as const]),
  );
}

describe('lists', () => {
  it.each([
    ['a;b', ['a', 'b']],
    ['', []],
    [" a ; 'b;c' ", ['a', 'b;c']],
    ["'it''s';x: y;'';'[x]'", ["it's", 'x: y', '', '[x]']],
    ['"q;r";s', ['q;r', 's']],
    ['[a, "b;c", 1]', ['a', 'b;c', '1']],
    ['[a-z', ['[a-z']],
  ])('%j', (text, parts) => {
    expect(decodeList(text)).toEqual(parts);
  });

  it('are read as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) => {
        expect(decodeList(encodeList(parts))).toEqual(parts);
      }),
    );
  });
});

describe('maps', () => {
  it.each([
    ['a:b,c:d', { a: 'b', c: 'd' }],
    ["'''a:b'':c'", { 'a:b': 'c' }],
    ["'a:b':c,d:e", { 'a:b': 'c', d: 'e' }],
    ['url:http://x:80/y', { url: 'http://x:80/y' }],
    ['{a: b, "c": 1}', { a: 'b', c: '1' }],
    ['', {}],
  ])('%j', (text, map) => {
    expect(Object.fromEntries(decodeMap(text))).toEqual(map);
  });

  it('may be spread over keys', () => {
    const spread = conf({ 'labels.app.kubernetes.io/part-of': 'x', 'labels.team': 'y', other: 'z' });
    expect(Object.fromEntries(mapOption(spread, 'labels'))).toEqual({ 'app.kubernetes.io/part-of': 'x', team: 'y' });
  });

  it('may come as a list', () => {
    const expected = [{ key: 'a', operator: 'Exists' }, { key: 'b' }];
    for (const text of [
      'key:a,operator:Exists;key:b',
      '[{key: a, operator: Exists}, {key: b}]',
      '{"key":"a","operator":"Exists"};{"key":"b"}',
    ]) {
      expect(mapListOption(conf({ t: text }), 't').map((map) => Object.fromEntries(map))).toEqual(expected);
    }
  });
});
