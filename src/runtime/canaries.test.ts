import { expect, it } from 'vitest';
import { createCanaries } from './canaries.ts';
import { readinessOf } from './readiness.ts';
import { createManualTime } from './testing/manual-time.ts';

it('names canaries that nobody looked at for too long, and forgets those that are gone', async () => {
  const time = createManualTime();
  const there = new Set(['a/slow', 'a/gone', 'a/fine']);
  const canaries = createCanaries({ time, exists: (key) => there.has(key), timeoutMs: () => 60_000 });
  expect(canaries.late()).toEqual([]);
  for (const key of there) canaries.passed(key);
  there.delete('a/gone');
  await time.advance(60_000);
  expect(canaries.late()).toEqual([]);
  canaries.passed('a/fine');
  await time.advance(5_000);
  expect(canaries.late()).toEqual(['canary a/slow: not looked at for 65 s']);
  expect(readinessOf([], canaries.late())).toEqual({
    ready: false,
    reasons: ['canary a/slow: not looked at for 65 s'],
    watches: [],
  });
  canaries.passed('a/slow');
  expect(readinessOf([], canaries.late()).ready).toBe(true);
});
