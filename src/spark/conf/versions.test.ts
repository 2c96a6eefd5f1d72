import { expect, it } from 'vitest';
import { parseSparkVersion, sparkAtLeast } from './versions.ts';

it.each([
  ['3.5.9', 3, 5],
  ['4.0.0-preview1', 4, 0],
  ['v3.1.1', 3, 1],
  ['3.5', 3, 5],
  ['4', 4, 0],
  ['3.5.1-amzn-0', 3, 5],
  ['3.4_hadoop3', 3, 4],
  [' 3.3.4+build.7 ', 3, 3],
])('%s is a version of Spark', (text, major, minor) => {
  expect(parseSparkVersion(text)).toEqual({ major, minor });
  expect(sparkAtLeast(text, major, minor)).toBe(true);
  expect(sparkAtLeast(text, major, minor + 1)).toBe(false);
});

it.each(['', 'latest', 'spark-3.5', '3a', '3.5rc1', '3.', '3.5\n4'])('%j is none', (text) => {
  expect(parseSparkVersion(text)).toBeUndefined();
});
