import { expect, it } from 'vitest';
import { plainText, withoutTrailingSlashes } from './text.ts';

it.each([
  ['s3://bucket/ha//', 's3://bucket/ha'],
  ['/', ''],
  ['', ''],
  ['a/b', 'a/b'],
])('%j without the slashes at its end is %j', (text, expected) => {
  expect(withoutTrailingSlashes(text)).toBe(expected);
});

it('shows what others say without what steers a terminal, and cut', () => {
  expect(plainText('a\u001b[2J\u0007\r\n\tb\u202e\u009b\u0000ä 😀', 100)).toBe('a?[2J??\n\tb???ä 😀');
  expect(plainText('x'.repeat(1000), 3)).toBe('xxx');
});
