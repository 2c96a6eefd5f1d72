import { describe, expect, it } from 'vitest';
import { schedule } from '../options/schedule.ts';
import { type DueFacts, dueNow, expired, isNonceDone, NONCE_ANNOTATION } from './due.ts';
import type { FlinkStateSnapshot, SnapshotState } from './schema.ts';
import { aSnapshot } from './testing.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-01-01T00:00:00Z');
const at = (hours: number) => new Date(START + hours * HOUR).toISOString();

function taken(by: string, hours: number, state: SnapshotState = 'COMPLETED', nonce?: number): FlinkStateSnapshot {
  return aSnapshot({
    metadata: {
      name: `${by}-${hours}`,
      creationTimestamp: at(hours),
      labels: { 'snapshot.trigger-type': by },
      ...(nonce === undefined ? {} : { annotations: { [NONCE_ANNOTATION]: String(nonce) } }),
    },
    status: { state },
  });
}

function named(snapshot: FlinkStateSnapshot, name: string): FlinkStateSnapshot {
  return { ...snapshot, metadata: { ...snapshot.metadata, name } };
}

function facts(change: Partial<DueFacts> = {}): DueFacts {
  return {
    kind: 'savepoint',
    wanted: undefined,
    recorded: undefined,
    schedule: undefined,
    timeZone: 'UTC',
    snapshots: [],
    lastMs: START,
    nowMs: START + 10 * HOUR,
    ...change,
  };
}

describe('a nonce', () => {
  it.each([
    ['none is given', { wanted: undefined, recorded: 1 }, true],
    ['it is the recorded one', { wanted: 1, recorded: 1 }, true],
    ['it is new', { wanted: 2, recorded: 1 }, false],
    ['it is 0 and none was recorded', { wanted: 0, recorded: undefined }, false],
    ['its snapshot is there', { wanted: 2, recorded: 1, snapshots: [taken('MANUAL', 1, 'FAILED', 2)] }, true],
    ['only one of another nonce is', { wanted: 3, recorded: 1, snapshots: [taken('MANUAL', 1, 'FAILED', 2)] }, false],
    [
      'only one of another kind is',
      { kind: 'checkpoint' as const, wanted: 2, recorded: 1, snapshots: [taken('MANUAL', 1, 'COMPLETED', 2)] },
      false,
    ],
  ])('when %s', (_what, change, done) => {
    expect(isNonceDone(facts(change))).toBe(done);
    expect(dueNow(facts(change)).by).toBe(done ? undefined : 'MANUAL');
  });
});

describe('a period', () => {
  it.each<[string, Partial<DueFacts>, 'PERIODIC' | undefined, number]>([
    ['counts from the creation of the job', {}, 'PERIODIC', 6],
    ['counts from the last one', { snapshots: [taken('PERIODIC', 5)] }, undefined, 11],
    ['counts from the newest of them', { snapshots: [taken('PERIODIC', 3), taken('PERIODIC', 2)] }, 'PERIODIC', 9],
    ['does not count manual ones', { snapshots: [taken('MANUAL', 9)] }, 'PERIODIC', 6],
    ['waits for one under way', { snapshots: [taken('PERIODIC', 1, 'IN_PROGRESS')] }, undefined, 7],
    ['does not wait for one that failed', { snapshots: [taken('PERIODIC', 1, 'FAILED')] }, 'PERIODIC', 7],
    ['is due on the dot', { nowMs: START + 6 * HOUR }, 'PERIODIC', 6],
    [
      'counts by its own clock, where that is ahead',
      { snapshots: [named(taken('PERIODIC', 5), `a-${START + 5.5 * HOUR}`)] },
      undefined,
      11.5,
    ],
    ['is not due before', { nowMs: START + 6 * HOUR - 1 }, undefined, 6],
  ])('%s', (_what, change, by, next) => {
    expect(dueNow(facts({ schedule: schedule.parse('6 h'), ...change }))).toEqual({ by, nextMs: START + next * HOUR });
  });
});

describe('expired', () => {
  const names = (snapshots: readonly FlinkStateSnapshot[], maxCount: number, maxAgeHours: number) =>
    expired(snapshots, 'savepoint', { maxCount, maxAgeMs: maxAgeHours * HOUR, nowMs: START + 10 * HOUR }).map(
      ({ metadata }) => metadata.name,
    );

  it('takes the oldest beyond the count', () => {
    expect(names([taken('PERIODIC', 3), taken('UPGRADE', 1), taken('PERIODIC', 2)], 2, 100)).toEqual(['UPGRADE-1']);
  });

  it('takes what is too old, but never the newest completed one nor the newest of all', () => {
    const all = [
      taken('PERIODIC', 1),
      taken('PERIODIC', 2),
      taken('PERIODIC', 3, 'FAILED'),
      taken('PERIODIC', 4, 'FAILED'),
    ];
    expect(names(all, 10, 1)).toEqual(['PERIODIC-1', 'PERIODIC-3']);
    expect(names(all, 1, 100)).toEqual(['PERIODIC-1', 'PERIODIC-3']);
  });

  it('leaves alone what is under way, though newer ones are there', () => {
    const all = [taken('PERIODIC', 1), taken('UPGRADE', 2, 'IN_PROGRESS'), taken('PERIODIC', 3), taken('PERIODIC', 4)];
    expect(names(all, 1, 100)).toEqual(['PERIODIC-1', 'PERIODIC-3']);
  });

  it('leaves alone what users asked for, what is being deleted and other kinds', () => {
    const going = taken('PERIODIC', 1);
    const others = [taken('MANUAL', 1), { ...going, metadata: { ...going.metadata, deletionTimestamp: at(2) } }];
    expect(names([...others, taken('PERIODIC', 9)], 1, 1)).toEqual([]);
    expect(
      expired([taken('PERIODIC', 1), taken('PERIODIC', 2)], 'checkpoint', { maxCount: 1, maxAgeMs: 1, nowMs: 1e15 }),
    ).toEqual([]);
  });
});
