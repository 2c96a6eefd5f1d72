import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeBytes, formatMemorySize, parseMemorySize, parseSparkMib } from './memory-size.ts';

describe('memory size', () => {
  it.each([
    ['2048m', 2147483648],
    ['2048M', 2147483648],
    ['1G', 1073741824],
    ['1 gb', 1073741824],
    ['1 GiBiBytes', 1073741824],
    ['16g', 17179869184],
    ['5 ', 5],
    ['1024', 1024],
    ['1 bytes', 1],
    ['3k', 3072],
    ['2t', 2199023255552],
    ['0', 0],
  ])('reads %j as Flink does', (text, bytes) => {
    expect(parseMemorySize(text)).toBe(bytes);
  });

  it.each(['', ' ', 'm', '1.5g', '1gib', '2Gi', '1e3', '-1m', '9223372036854775807', '1 g b', '１m'])(
    'refuses %j',
    (text) => {
      expect(parseMemorySize(text)).toBeUndefined();
    },
  );

  it('writes what it reads', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(parseMemorySize(formatMemorySize(bytes))).toBe(bytes);
      }),
    );
  });

  it.each([
    [0, '0b', '0 B'],
    [1000, '1000b', '1000 B'],
    [1677721600, '1600m', '1.56 GiB'],
    [34359738368, '32g', '32 GiB'],
    [536870912, '512m', '512 MiB'],
  ])('writes %d shortest', (bytes, text, shown) => {
    expect([formatMemorySize(bytes), describeBytes(bytes)]).toEqual([text, shown]);
  });
});

describe('parseSparkMib', () => {
  it.each<[string, number | undefined]>([
    ['512m', 512],
    ['1g', 1024],
    ['1GB', 1024],
    [' 2t ', 2 * 1024 ** 2],
    ['1p', 1024 ** 3],
    ['1500', 1500],
    ['1535k', 1],
    ['1048575b', 0],
    ['12xb', undefined],
    ['1.5g', undefined],
    ['-1g', undefined],
    ['1 g', undefined],
    ['', undefined],
    ['9007199254740993m', undefined],
  ])('reads %j as %s MiB', (text, mib) => {
    expect(parseSparkMib(text)).toBe(mib);
  });
});
