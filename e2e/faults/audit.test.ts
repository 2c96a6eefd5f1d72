import { describe, expect, it } from 'vitest';
import { handOverSeconds, lateEffects, lateWrites, termsOf, type Write } from './audit.ts';

const LEASE_MS = 15_000;

function lease(user: string, at: number, holder: string, code = 200): Write {
  return { user, at, done: at + 5, what: 'patch leases', code, holder };
}

function effect(user: string, at: number, code = 200): Write {
  return { user, at, done: at + 5, what: 'patch things', code, holder: undefined };
}

/** `a` leads, is gone, and `b` takes over. */
const LEASES = [lease('a', 0, 'a_1', 201), lease('a', 2000, 'a_1'), lease('b', 17_500, 'b_1')];

describe('terms', () => {
  it('begin with the answer and last until another has the Lease', () => {
    expect(termsOf(LEASES)).toEqual([
      { user: 'a', identity: 'a_1', from: 5, renewals: [0, 2000], until: 17_505 },
      { user: 'b', identity: 'b_1', from: 17_505, renewals: [17_500], until: undefined },
    ]);
  });

  it('end with a release, and do not begin with a refusal', () => {
    const writes = [lease('a', 0, 'a_1'), lease('b', 50, 'b_1', 409), lease('a', 100, ''), lease('b', 900, 'b_1')];
    expect(termsOf(writes).map(({ identity, until }) => [identity, until])).toEqual([
      ['a_1', 105],
      ['b_1', undefined],
    ]);
    expect(handOverSeconds(writes, 90)).toBe(0.815);
  });

  it('tell of a process that came again that it is another', () => {
    expect(handOverSeconds([lease('a', 0, 'a_1'), lease('a', 3000, 'a_2')], 1000)).toBe(2.005);
    expect(handOverSeconds([lease('a', 0, 'a_1'), lease('a', 3000, 'a_1')], 1000)).toBeUndefined();
  });
});

describe('late writes', () => {
  it('are none while the Lease is held', () => {
    expect(lateWrites([...LEASES, effect('a', 10), effect('a', 16_999), effect('b', 17_600)], LEASE_MS)).toEqual([]);
  });

  it.each([
    ['of one who never had it', effect('c', 100), 'before it had it'],
    ['before the answer to taking it', effect('b', 17_502), 'before it had it'],
    ['after its duration', effect('a', 17_001), '15001 ms after its last renewal'],
    ['after another took it', effect('a', 17_510), '15510 ms after its last renewal'],
  ])('are those %s', (_name, write, words) => {
    expect(lateWrites([...LEASES, write], LEASE_MS)).toEqual([write]);
    expect(lateEffects([...LEASES, write], LEASE_MS)).toEqual([
      `${write.user} had lost the Lease, yet did: patch things ${words}`,
    ]);
  });

  it('do no harm where they are refused', () => {
    const refused = effect('a', 18_000, 409);
    expect(lateWrites([...LEASES, refused], LEASE_MS)).toEqual([refused]);
    expect(lateEffects([...LEASES, refused], LEASE_MS)).toEqual([]);
  });
});
