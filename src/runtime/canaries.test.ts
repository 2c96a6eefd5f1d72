import { expect, it } from 'vitest';
import { type KubeObject, keyOf } from '../kube/object.ts';
import { createCanaries } from './canaries.ts';
import { readinessOf } from './readiness.ts';
import { createManualTime } from './testing/manual-time.ts';

function canary(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'FlinkSessionJob', metadata: { namespace: 'a', name } };
}

it('names canaries that nobody looked at for too long, and forgets those that are gone', async () => {
  const time = createManualTime();
  const there = new Set(['a/slow', 'a/gone', 'a/fine']);
  const canaries = createCanaries({ time, exists: (ref) => there.has(keyOf(ref)), timeoutMs: () => 60_000 });
  expect(canaries.late()).toEqual([]);
  for (const name of ['slow', 'gone', 'fine']) canaries.passed(canary(name));
  there.delete('a/gone');
  await time.advance(60_000);
  expect(canaries.late()).toEqual([]);
  canaries.passed(canary('fine'));
  await time.advance(5_000);
  expect(canaries.late()).toEqual(['canary FlinkSessionJob a/slow: not looked at for 65 s']);
  expect(readinessOf([], canaries.late())).toEqual({
    ready: false,
    reasons: ['canary FlinkSessionJob a/slow: not looked at for 65 s'],
    watches: [],
  });
  canaries.passed(canary('slow'));
  expect(readinessOf([], canaries.late()).ready).toBe(true);
});
