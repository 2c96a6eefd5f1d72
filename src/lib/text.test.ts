import { expect, it } from 'vitest';
import { withoutTrailingSlashes } from './text.ts';

it.each([
  ['s3://bucket/ha//', 's3://bucket/ha'],
  ['/', ''],
  ['', ''],
  ['a/b', 'a/b'],
])('%j without the slashes at its end is %j', (text, expected) => {
  expect(withoutTrailingSlashes(text)).toBe(expected);
});
