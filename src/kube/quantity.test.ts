import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesQuantity, canonicalQuantities, canonicalQuantity, cpuQuantity, parseQuantity } from './quantity.ts';

describe('quantity', () => {
  it.each([
    ['500m', 0.5, '500m'],
    ['0.5', 0.5, '500m'],
    ['1.0', 1, '1'],
    ['1000m', 1, '1'],
    [2, 2, '2'],
    [0.1, 0.1, '100m'],
    ['2Gi', 2147483648, '2Gi'],
    ['1024Mi', 1073741824, '1Gi'],
    ['2048Mi', 2147483648, '2Gi'],
    ['1.5Gi', 1610612736, '1536Mi'],
    ['0.5Ki', 512, '512'],
    ['1000k', 1e6, '1M'],
    ['1e3', 1000, '1e3'],
    ['1E3', 1000, '1e3'],
    ['100e1', 1000, '1e3'],
    ['1e-3', 0.001, '1e-3'],
    ['128974848', 128974848, '128974848'],
    ['129e6', 129e6, '129e6'],
    ['0', 0, '0'],
    ['-500m', -0.5, '-500m'],
    ['.5', 0.5, '500m'],
    ['5.', 5, '5'],
    ['1n', 1e-9, '1n'],
    ['0.1n', 1e-9, '1n'],
    ['1E', 1e18, '1E'],
  ])('%j', (text, value, canonical) => {
    expect([parseQuantity(text), canonicalQuantity(text)]).toEqual([value, canonical]);
  });

  it.each(['', 'x', '1 Gi', '1gi', '1K', '1.2.3', '2Gib', 'm', '--1', Number.NaN])('refuses %j', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
    expect(canonicalQuantity(text)).toBe(String(text));
  });

  it('keeps its value and its text once canonical', () => {
    const suffixes = ['', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'e-2'];
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 6 }), fc.constantFrom(...suffixes), (amount, suffix) => {
        const canonical = canonicalQuantity(`${amount}${suffix}`);
        expect(canonicalQuantity(canonical)).toBe(canonical);
        expect(parseQuantity(canonical)).toBe(parseQuantity(`${amount}${suffix}`));
      }),
    );
  });

  it.each([
    [1, '1'],
    [0.2, '200m'],
    [1.5, '1500m'],
    [0.0001, '1m'],
    [0.1 + 0.2, '300m'],
  ])('%d cores', (cores, text) => {
    expect(cpuQuantity(cores)).toBe(text);
  });

  it.each([
    [2147483648, '2Gi'],
    [1677721600, '1600Mi'],
    [1000, '1000'],
    [1024.5, '1025'],
    [0, '0'],
  ])('%d bytes', (bytes, text) => {
    expect(bytesQuantity(bytes)).toBe(text);
  });

  it('takes whole resource maps', () => {
    expect(canonicalQuantities({ cpu: 1, memory: '1024Mi', 'nvidia.com/gpu': '1' })).toEqual({
      cpu: '1',
      memory: '1Gi',
      'nvidia.com/gpu': '1',
    });
  });
});
