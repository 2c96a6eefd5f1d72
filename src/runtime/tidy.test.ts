import { describe, expect, it } from 'vitest';
import { createManualTime } from './testing/manual-time.ts';
import { collectAll, eventLoopShare, tidyWhenQuiet } from './tidy.ts';

/** How often garbage was collected by the end of each ten seconds in which the event loop was at work for such a share. */
async function collections(shares: readonly number[]): Promise<readonly number[]> {
  const time = createManualTime();
  const left = [...shares];
  let count = 0;
  const stop = tidyWhenQuiet({ time, collect: () => void count++, share: () => left.shift() ?? Number.NaN });
  const counts: number[] = [];
  for (const _ of shares) {
    await time.advance(10_000);
    counts.push(count);
  }
  stop();
  await time.advance(60_000);
  expect(count).toBe(counts.at(-1));
  return counts;
}

describe('garbage', () => {
  it('is collected once it is quiet after the start', async () => {
    expect(await collections([0.9, 0.1, 0.01, 0.01, 0.01])).toEqual([0, 0, 1, 1, 1]);
    expect(await collections([0.01, 0.01])).toEqual([1, 1]);
  });

  it('is collected once it is quiet after a busy time', async () => {
    expect(await collections([0, 0.3, 0.9, 0.1, 0.02, 0, 0.25, 0])).toEqual([1, 1, 1, 1, 2, 2, 2, 3]);
  });

  it('is left to V8 while a little is done', async () => {
    expect(await collections([0, 0.1, 0.01, 0.19, 0.04])).toEqual([1, 1, 1, 1, 1]);
  });
});

describe('a collection', () => {
  it('gives pages back, unless that holds up a large heap for long', () => {
    const asked: unknown[] = [];
    const gc = (options: unknown): void => void asked.push(options);
    for (const heapMiB of [128, 129]) collectAll(gc as NonNullable<typeof globalThis.gc>, heapMiB);
    expect(asked).toEqual([
      { type: 'major', flavor: 'last-resort', execution: 'sync' },
      { type: 'major', flavor: 'regular', execution: 'sync' },
    ]);
  });
});

describe('the share of an event loop at work', () => {
  it('is what was done since the last look', async () => {
    const share = eventLoopShare();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(share()).toBeLessThan(1);
    const until = performance.now() + 20;
    while (performance.now() < until);
    expect(share()).toBeGreaterThan(0.5);
  });
});
