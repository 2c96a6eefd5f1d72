import { describe, expect, it } from 'vitest';
import { blocksOf } from './page.ts';

describe('the page about the move', () => {
  it.each([
    ['Before', 3],
    ['Flink', 3],
    ['Spark', 2],
    ['Back out', 1],
    ['When all is well', 1],
  ])('has commands under %s', (heading, count) => {
    const blocks = blocksOf('from-two-operators.md', heading);
    expect(blocks).toHaveLength(count);
    expect(blocks.filter((block) => !/^(kubectl|helm|weir) /.test(block))).toEqual([]);
  });

  it('is missed where it has none', () => {
    expect(() => blocksOf('from-two-operators.md', 'Somewhere')).toThrow('no commands under "Somewhere"');
  });
});
