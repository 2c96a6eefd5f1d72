import { expect, it } from 'vitest';
import { parseProcessMemory } from './memory.ts';

it.each([
  ['2048m', 2_147_483_648],
  ['2g', 2_147_483_648],
  ['1 GB', 1_073_741_824],
  ['2Gi', 2_147_483_648],
  ['2 gib', 2_147_483_648],
  ['512Mi', 536_870_912],
  ['1.5Gi', 1_610_612_736],
  ['1.5G', 1_500_000_000],
  ['1000', 1000],
  [1000, 1000],
  ['-1g', -1_000_000_000],
  ['1.5', undefined],
  ['12xb', undefined],
  ['', undefined],
  ['gigantic', undefined],
])('parseProcessMemory(%j) is %s', (text, bytes) => {
  expect(parseProcessMemory(text)).toBe(bytes);
});
