import { describe, expect, it } from 'vitest';
import type { Failure } from '../core/failure.ts';
import type { ObjectKey } from '../kube/object.ts';
import { retry } from './retry.ts';
import { createManualTime } from './testing/manual-time.ts';
import { createWorkQueue } from './work-queue.ts';

const KEY = 'jobs/a' as ObjectKey;

/** The longest and the shortest wait that so many failures in a row lead to. */
function waits(failure: Failure, failures: number): readonly number[] {
  return [0.999_999, 0].map((random) => {
    const queue = createWorkQueue({ time: createManualTime(0, () => random) });
    const all = Array.from({ length: failures }, () => retry(queue, KEY, failure));
    return Math.round(all.at(-1) ?? Number.NaN);
  });
}

describe('a retry', () => {
  const lost: Failure = { kind: 'transient', message: 'connection reset' };

  it.each([
    { name: 'a first lost connection', failure: lost, failures: 1, expected: [200, 100] },
    { name: 'an API server that is away for long', failure: lost, failures: 40, expected: [30_000, 15_000] },
    {
      name: 'a first Retry-After, in full',
      failure: { ...lost, retryAfterMs: 1000 },
      failures: 1,
      expected: [2000, 1000],
    },
    {
      name: 'a storm of them',
      failure: { ...lost, retryAfterMs: 1000 },
      failures: 40,
      expected: [30_000, 15_000],
    },
    {
      name: 'one that asks for more than is usual',
      failure: { ...lost, retryAfterMs: 60_000 },
      failures: 40,
      expected: [120_000, 60_000],
    },
  ])('waits for $name', ({ failure, failures, expected }) => {
    expect(waits(failure, failures)).toEqual(expected);
  });
});
