import { describe, expect, it } from 'vitest';
import {
  initialLeaderState,
  type LeaderState,
  type LeaseRecord,
  leaderIntent,
  seeLease,
  waitMs,
  writeBudget,
} from './leader-step.ts';

const lease = (holder: string, resourceVersion = '1'): LeaseRecord => ({
  holder,
  durationMs: 15_000,
  transitions: 0,
  resourceVersion,
});
const TIMING = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };
const leading: LeaderState = { leads: true, seen: { lease: lease('me'), since: 0 } };

describe('leader step', () => {
  it.each([
    { name: 'no lease', state: initialLeaderState, now: 0, intent: 'create' },
    { name: 'a released lease', state: seeLease(initialLeaderState, lease(''), 0), now: 0, intent: 'take' },
    { name: 'a lease of another', state: seeLease(initialLeaderState, lease('you'), 0), now: 15_000, intent: 'wait' },
    {
      name: 'a lease of another, expired before our eyes',
      state: seeLease(initialLeaderState, lease('you'), 0),
      now: 15_001,
      intent: 'take',
    },
    { name: 'our own', state: leading, now: 0, intent: 'renew' },
    { name: 'our own of an earlier life', state: seeLease(initialLeaderState, lease('me'), 0), now: 0, intent: 'take' },
    { name: 'another’s while leading', state: seeLease(leading, lease('you', '2'), 0), now: 0, intent: 'lost' },
    { name: 'a deleted one while leading', state: seeLease(leading, undefined, 0), now: 0, intent: 'lost' },
  ])('$name: $intent', ({ state, now, intent }) => {
    expect(leaderIntent(state, 'me', now)).toBe(intent);
  });

  it('counts the age of a lease from its last change', () => {
    const renewed = seeLease(seeLease(initialLeaderState, lease('you', '1'), 0), lease('you', '2'), 14_000);
    expect(leaderIntent(renewed, 'me', 20_000)).toBe('wait');
    expect(seeLease(renewed, lease('you', '2'), 20_000)).toBe(renewed);
  });

  it.each([
    { name: 'leads', state: leading, now: 0, waits: [1_400, 2_000] },
    { name: 'waits for another', state: seeLease(initialLeaderState, lease('you'), 0), now: 0, waits: [700, 1_000] },
    { name: 'sees it expire', state: seeLease(initialLeaderState, lease('you'), 0), now: 14_900, waits: [101, 101] },
    {
      name: 'could not take it',
      state: seeLease(initialLeaderState, lease('you'), 0),
      now: 15_001,
      waits: [700, 1_000],
    },
    {
      name: 'could not take a free one',
      state: seeLease(initialLeaderState, lease(''), 0),
      now: 100,
      waits: [700, 1_000],
    },
    { name: 'has seen none', state: initialLeaderState, now: 0, waits: [700, 1_000] },
  ])('whoever $name looks again in time', ({ state, now, waits }) => {
    expect([0, 1].map((spread) => Math.round(waitMs(state, now, TIMING, spread)))).toEqual(waits);
  });

  it('allows a write only as long as it ends before another may lead', () => {
    expect([0, 9_999, 10_000, 20_000].map((elapsed) => writeBudget(elapsed, TIMING))).toEqual([15_000, 5_001, 0, 0]);
  });
});
