import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRecord } from './json.ts';
import { hasMorePartsThan } from './json-parts.ts';

/** Lists, objects and commas of a value's text, from the value. */
function partsOf(value: unknown): number {
  if (!Array.isArray(value) && !isRecord(value)) return 0;
  const items = Object.values(value);
  return 1 + Math.max(0, items.length - 1) + items.reduce<number>((sum, item) => sum + partsOf(item), 0);
}

describe('parts of a JSON text', () => {
  it('are its lists, objects and commas, whatever its strings hold', () => {
    const odd = fc.oneof(fc.jsonValue(), fc.string({ unit: fc.constantFrom('"', '\\', ',', '[', '{', 'a') }));
    fc.assert(
      fc.property(fc.array(odd), fc.constantFrom(0, 2), (value, indent) => {
        const [text, parts] = [JSON.stringify(value, undefined, indent), partsOf(value)];
        expect(hasMorePartsThan(text, parts)).toBe(false);
        expect(hasMorePartsThan(text, parts - 1)).toBe(true);
      }),
    );
  });

  it('are counted to the end of a text that is no JSON', () => {
    expect(hasMorePartsThan('["a\\', 0)).toBe(true);
    expect(hasMorePartsThan('"[[[', 0)).toBe(false);
  });
});
