import { describe, expect, it } from 'vitest';
import { createTurns } from './turns.ts';

/** Work whose end the test decides, noted when it begins. */
function works(turns: ReturnType<typeof createTurns>) {
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const results = new Map<string, Promise<unknown>>();
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    begun,
    results,
    add(name: string, lane: number): void {
      const work = (): Promise<string> => {
        begun.push(name);
        return new Promise((resolve, reject) => ends.set(name, (error) => (error ? reject(error) : resolve(name))));
      };
      const result = turns.take(lane, work);
      result.catch(() => {});
      results.set(name, result);
    },
    async end(name: string, error?: Error): Promise<void> {
      ends.get(name)?.(error);
      await settled();
    },
  };
}

describe('turns', () => {
  it('runs as much at once as the limit says', async () => {
    const { add, end, begun, results } = works(createTurns(2, 1));
    for (const name of ['a', 'b', 'c', 'd']) add(name, 0);
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('c');
    await end('a');
    await end('d');
    expect(await Promise.all(results.values())).toEqual(['a', 'b', 'c', 'd']);
    add('e', 0);
    add('f', 0);
    add('g', 0);
    expect(begun).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('lets the first lane go before the others', async () => {
    const { add, end, begun } = works(createTurns(1, 3));
    add('running', 1);
    add('low', 2);
    add('middle', 1);
    add('high', 0);
    for (const name of ['running', 'high', 'middle']) await end(name);
    expect(begun).toEqual(['running', 'high', 'middle', 'low']);
  });

  it('keeps no lane waiting for ever', async () => {
    const { add, end, begun } = works(createTurns(1, 2));
    add('0', 0);
    add('low', 1);
    for (let next = 1; next < 10; next++) {
      add(String(next), 0);
      await end(begun.at(-1) ?? '');
    }
    expect(begun).toContain('low');
    expect(begun.indexOf('low')).toBe(4);
  });

  it('goes on after work that fails', async () => {
    const { add, end, begun, results } = works(createTurns(1, 1));
    add('bad', 0);
    add('good', 0);
    await end('bad', new Error('no'));
    await expect(results.get('bad')).rejects.toThrow('no');
    expect(begun).toEqual(['bad', 'good']);
  });
});
