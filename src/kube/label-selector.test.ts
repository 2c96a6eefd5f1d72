import { describe, expect, it } from 'vitest';
import { parseLabelSelector } from './label-selector.ts';

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

  it('is nothing where the text is none', () => {
    expect(parseLabelSelector('a in b')).toBeUndefined();
  });
});
