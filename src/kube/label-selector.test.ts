import { describe, expect, it } from 'vitest';
import { parseLabelSelector, parseRequirements } from './label-selector.ts';

describe('a label selector', () => {
  it.each([
    ['', { a: 'b' }, true],
    ['a=b', { a: 'b' }, true],
    ['a==b', { a: 'c' }, false],
    ['a!=b', {}, true],
    ['a in (b, c),d', { a: 'c', d: '' }, true],
    ['a in (b,c)', {}, false],
    ['a notin (b)', {}, true],
    ['!a', { a: '' }, false],
    ['x.dev/a', { 'x.dev/a': '1' }, true],
  ])('%s of %o: %s', (text, labels: Record<string, string>, selected) => {
    expect(parseLabelSelector(text)?.(labels)).toBe(selected);
  });

  it.each(['a in b', 'a in ()', 'a,,b', ',a', '=a', 'a=b c', 'a in (b', `a=${'x'.repeat(64)}`, '!'])(
    '%s is none',
    (text) => {
      expect(parseLabelSelector(text)).toBeUndefined();
    },
  );

  it('has requirements as in matchExpressions', () => {
    expect(parseRequirements('x.dev/a=b, c!=, d in(e ,f),g notin (h), i,!j')).toEqual([
      { key: 'x.dev/a', operator: 'In', values: ['b'] },
      { key: 'c', operator: 'NotIn', values: [''] },
      { key: 'd', operator: 'In', values: ['e', 'f'] },
      { key: 'g', operator: 'NotIn', values: ['h'] },
      { key: 'i', operator: 'Exists', values: [] },
      { key: 'j', operator: 'DoesNotExist', values: [] },
    ]);
  });
});
