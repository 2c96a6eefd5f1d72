import type { ScheduleScenario } from '../scenario.ts';
import { byTick, create, edit, FAILS, LONG, life, wait } from './steps.ts';

const UNTIL_FORTY = [
  ['00:08', create],
  ['00:42', wait],
] as const;

/** How many runs are kept. */
export const HISTORY_LIVES: readonly ScheduleScenario[] = [
  life('two of four are kept', {
    spec: { successfulRunHistoryLimit: 2 },
    entries: UNTIL_FORTY,
    runs: ['00:10', '00:20', '00:30', '00:40'],
    kept: ['00:30', '00:40'],
    next: '00:50',
  }),
  life('none is kept', {
    spec: { successfulRunHistoryLimit: 0, failedRunHistoryLimit: 0 },
    entries: [
      ['00:08', create],
      ['00:22', wait],
    ],
    spark: { program: byTick({ '00:20': FAILS }) },
    runs: ['00:10', '00:20'],
    kept: [],
    next: '00:30',
  }),
  life('failures are kept beside successes', {
    entries: UNTIL_FORTY,
    spark: { program: byTick({ '00:10': FAILS, '00:20': FAILS }) },
    runs: ['00:10', '00:20', '00:30', '00:40'],
    kept: ['00:20', '00:40'],
    next: '00:50',
  }),
  life('none is kept, and one goes on for long', {
    spec: { successfulRunHistoryLimit: 0 },
    entries: [
      ['00:08', create],
      ['00:22', wait],
    ],
    spark: { program: byTick({ '00:10': { runsMs: Number.POSITIVE_INFINITY } }) },
    runs: ['00:10', '00:20'],
    kept: ['00:10'],
    next: '00:30',
    overlap: true,
  }),
  life('fewer are kept than before', {
    spec: { successfulRunHistoryLimit: 3 },
    entries: [
      ['00:08', create],
      ['00:32', edit('limit', { successfulRunHistoryLimit: 1 })],
    ],
    runs: ['00:10', '00:20', '00:30'],
    kept: ['00:30'],
    next: '00:40',
  }),
  life('a run that has a time to live', {
    template: { timeToLiveSeconds: 60 },
    entries: [
      ['00:08', create],
      ['00:14', wait],
    ],
    runs: ['00:10'],
    kept: [],
    next: '00:20',
  }),
  life('a run is deleted by hand while it goes on', {
    entries: [
      ['00:08', create],
      ['00:12', { name: 'delete the run', act: (stage) => stage.removeRun('00:10') }],
      ['00:22', wait],
    ],
    spark: { program: byTick({ '00:10': LONG }) },
    runs: ['00:10', '00:20'],
    kept: ['00:20'],
    next: '00:30',
  }),
];
