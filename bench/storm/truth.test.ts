import { describe, expect, it } from 'vitest';
import { type Run, wrongTransitions } from './truth.ts';

const EXPECTED = { apps: ['a'], image: 'jobs:2', keepsJobId: true };

function run(overrides: Partial<Run>): Run {
  const snapshots: string[] = [];
  const base = { app: 'a', image: 'jobs:1', jobId: '1', startedAt: 1, endedAt: undefined, restoredFrom: undefined };
  return { ...base, snapshots, ...overrides };
}

const FIRST = run({ endedAt: 5, snapshots: ['chk-1', 'chk-2'] });
const SECOND = run({ startedAt: 5, image: 'jobs:2', restoredFrom: 'chk-2' });

describe('an upgrade', () => {
  it('is right when one run follows the other from its newest state', () => {
    expect(wrongTransitions([FIRST, SECOND], EXPECTED)).toEqual([]);
  });

  it.each<[string, readonly Run[], string]>([
    ['both run at once', [{ ...FIRST, endedAt: 6 }, SECOND], 'a: ran twice at once'],
    ['the first never ended', [{ ...FIRST, endedAt: undefined }, SECOND], 'a: ran twice at once'],
    [
      'older state is used',
      [FIRST, { ...SECOND, restoredFrom: 'chk-1' }],
      'a: began from chk-1, although chk-2 is the newest',
    ],
    [
      'no state is used',
      [FIRST, { ...SECOND, restoredFrom: undefined }],
      'a: began from undefined, although chk-2 is the newest',
    ],
    ['the id changes', [FIRST, { ...SECOND, jobId: '2' }], 'a: its job id is 2'],
    ['the old image runs', [FIRST, { ...SECOND, image: 'jobs:1' }], 'a: runs jobs:1'],
    ['nothing runs in the end', [FIRST, { ...SECOND, endedAt: 9 }], 'a: does not run in the end'],
    ['it never came', [FIRST], 'a: ran 1 times'],
    ['there was one too many', [FIRST, SECOND, SECOND], 'a: ran 3 times'],
  ])('is wrong when %s', (_name, runs, text) => {
    expect(wrongTransitions(runs, EXPECTED)).toEqual([text]);
  });
});
