import type { ScheduleScenario } from '../scenario.ts';
import { byTick, create, FAILS, LONG, life, wait } from './steps.ts';

const slow = { shutdown: 12_000 };

const FORBID = { concurrencyPolicy: 'Forbid' };
const REPLACE = { concurrencyPolicy: 'Replace' };

const RETRIED = { restartPolicy: { type: 'OnFailure', onFailureRetries: 1, onFailureRetryInterval: 300 } };

/** Each concurrencyPolicy, with runs that are over before the next and runs that are not. */
export const CONCURRENCY_LIVES: readonly ScheduleScenario[] = [
  life('Allow: one after the other', {
    entries: [
      ['00:08', create],
      ['00:22', wait],
    ],
    runs: ['00:10', '00:20'],
    kept: ['00:20'],
    next: '00:30',
  }),
  life('Allow: one beside the other', {
    entries: [
      ['00:08', create],
      ['00:34', wait],
    ],
    spark: { program: () => LONG },
    runs: ['00:10', '00:20', '00:30'],
    kept: ['00:20', '00:30'],
    next: '00:40',
    overlap: true,
  }),
  life('Forbid: one after the other', {
    spec: FORBID,
    entries: [
      ['00:08', create],
      ['00:22', wait],
    ],
    runs: ['00:10', '00:20'],
    kept: ['00:20'],
    next: '00:30',
  }),
  life('Forbid: the run before is not over', {
    spec: FORBID,
    entries: [
      ['00:08', create],
      ['00:32', wait],
    ],
    spark: { program: byTick({ '00:10': LONG }) },
    runs: ['00:10', '00:30'],
    missed: ['00:20'],
    kept: ['00:30'],
    next: '00:40',
  }),
  life('Forbid: the run before waits to be retried', {
    spec: FORBID,
    template: { ...RETRIED, restartPolicy: { ...RETRIED.restartPolicy, onFailureRetryInterval: 660 } },
    entries: [
      ['00:08', create],
      ['00:24', wait],
    ],
    spark: { program: ({ n }) => (n === 1 ? FAILS : {}) },
    runs: ['00:10'],
    missed: ['00:20'],
    kept: ['00:10'],
    next: '00:30',
  }),
  life('Replace: one after the other', {
    spec: REPLACE,
    entries: [
      ['00:08', create],
      ['00:22', wait],
    ],
    runs: ['00:10', '00:20'],
    kept: ['00:20'],
    next: '00:30',
  }),
  life('Replace: the run before is not over', {
    spec: REPLACE,
    entries: [
      ['00:08', create],
      ['00:22', wait],
    ],
    spark: { program: byTick({ '00:10': LONG }) },
    runs: ['00:10', '00:20'],
    kept: ['00:20'],
    next: '00:30',
  }),
  life('Replace: the run before is slow to stop', {
    spec: REPLACE,
    entries: [
      ['00:08', create],
      ['00:22', wait],
    ],
    spark: { program: byTick({ '00:10': LONG }), timing: slow },
    runs: ['00:10', '00:20'],
    kept: ['00:20'],
    next: '00:30',
  }),
  life('Replace: the run before waits to be retried', {
    spec: REPLACE,
    template: { ...RETRIED, restartPolicy: { ...RETRIED.restartPolicy, onFailureRetryInterval: 660 } },
    entries: [
      ['00:08', create],
      ['00:22', wait],
    ],
    spark: { program: byTick({ '00:10': FAILS }) },
    runs: ['00:10', '00:20'],
    kept: ['00:20'],
    next: '00:30',
  }),
];
