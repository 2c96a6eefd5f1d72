import { expect, it } from 'vitest';
import { compareVersions } from './resource-version.ts';

it.each([
  ['9', '10', -1],
  ['10', '9', 1],
  ['10', '10', 0],
  ['9007199254740993', '9007199254740992', 1],
  ['99999999999999999999', '100000000000000000000', -1],
])('orders %s and %s', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b) ?? Number.NaN)).toBe(sign);
});

it.each([
  ['a', '1'],
  ['01', '1'],
  [undefined, '1'],
])('does not order %s and %s', (a, b) => {
  expect(compareVersions(a, b)).toBeUndefined();
});
