import type { ScheduleScenario } from '../scenario.ts';
import { byTick, create, down, edit, LONG, life, resume, runNow, suspend, up, wait } from './steps.ts';

const BERLIN = { timeZone: 'Europe/Berlin' };

/** Clocks, pauses and times at which nobody was there. */
export const TIME_LIVES: readonly ScheduleScenario[] = [
  life('down over one time', {
    entries: [
      ['00:08', create],
      ['00:09', down],
      ['00:12', up],
      ['00:14', wait],
    ],
    runs: ['00:10'],
    kept: ['00:10'],
    next: '00:20',
  }),
  life('down over three times', {
    entries: [
      ['00:08', create],
      ['00:09', down],
      ['00:31', up],
      ['00:33', wait],
    ],
    runs: ['00:30'],
    missed: ['00:10', '00:20'],
    kept: ['00:30'],
    next: '00:40',
  }),
  life('down for longer than the deadline', {
    spec: { startingDeadlineSeconds: 60 },
    entries: [
      ['00:08', create],
      ['00:09', down],
      ['00:22', up],
      ['00:31', wait],
    ],
    runs: ['00:30'],
    missed: ['00:10', '00:20'],
    kept: ['00:30'],
    next: '00:40',
  }),
  life('down for less than the deadline', {
    spec: { startingDeadlineSeconds: 120 },
    entries: [
      ['00:08', create],
      ['00:09', down],
      ['00:11', up],
      ['00:13', wait],
    ],
    runs: ['00:10'],
    kept: ['00:10'],
    next: '00:20',
  }),
  life('Forbid: down when the next is due, the run before not over', {
    spec: { concurrencyPolicy: 'Forbid' },
    entries: [
      ['00:08', create],
      ['00:19', down],
      ['00:21', up],
      ['00:32', wait],
    ],
    spark: { program: byTick({ '00:10': LONG }) },
    runs: ['00:10', '00:30'],
    missed: ['00:20'],
    kept: ['00:30'],
    next: '00:40',
  }),
  life('suspended over a time', {
    entries: [
      ['00:08', create],
      ['00:12', suspend],
      ['00:25', resume],
      ['00:32', wait],
    ],
    runs: ['00:10', '00:30'],
    kept: ['00:30'],
    next: '00:40',
  }),
  life('suspended while a run goes on', {
    entries: [
      ['00:08', create],
      ['00:12', suspend],
      ['00:24', wait],
    ],
    spark: { program: () => LONG },
    runs: ['00:10'],
    kept: ['00:10'],
    next: undefined,
  }),
  life('created suspended', {
    spec: { suspend: true },
    entries: [
      ['00:08', create],
      ['00:12', wait],
    ],
    runs: [],
    kept: [],
    next: undefined,
  }),
  life('another schedule', {
    entries: [
      ['00:08', create],
      ['00:12', edit('another schedule', { schedule: '5-59/10 * * * *' })],
      ['00:17', wait],
    ],
    runs: ['00:10', '00:15'],
    kept: ['00:15'],
    next: '00:25',
  }),
  life('another time zone', {
    spec: { schedule: '30 2 * * *' },
    entries: [
      ['01:20', create],
      ['01:25', edit('Berlin', BERLIN)],
      ['01:32', wait],
    ],
    runs: ['01:30'],
    kept: ['01:30'],
    next: '01:30',
  }),
  life('every ten minutes from now on', {
    spec: { schedule: '@every 10m' },
    entries: [
      ['00:08', create],
      ['00:20', wait],
    ],
    runs: ['00:18'],
    kept: ['00:18'],
    next: '00:28',
    except: { end: 'a crash in the beginning plans from a second later on' },
  }),
  life('the hour that daylight saving leaves out', {
    day: '2026-03-29',
    spec: { ...BERLIN, schedule: '30 2 * * *' },
    entries: [
      ['00:55', create],
      ['01:35', wait],
    ],
    runs: ['01:00'],
    kept: ['01:00'],
    next: '00:30',
  }),
  life('the hour that daylight saving has twice', {
    day: '2026-10-25',
    spec: { ...BERLIN, schedule: '30 2 * * *' },
    entries: [
      ['00:25', create],
      ['01:35', wait],
    ],
    runs: ['00:30'],
    kept: ['00:30'],
    next: '01:30',
  }),
  life('the clock is put back over a time', {
    entries: [
      ['00:08', create],
      ['00:12', { name: 'back', act: (stage) => stage.skewClock(-240_000) }],
      ['00:16', { name: 'right again', act: (stage) => stage.skewClock(0) }],
      ['00:22', wait],
    ],
    runs: ['00:10', '00:20'],
    kept: ['00:20'],
    next: '00:30',
  }),
  life('the clock is put forward over a time', {
    entries: [
      ['00:08', create],
      ['00:12', { name: 'forward', act: (stage) => stage.skewClock(600_000) }],
      ['00:14', { name: 'asked for', act: runNow('a').act }],
      ['00:16', { name: 'right again', act: (stage) => stage.skewClock(0) }],
      ['00:32', wait],
    ],
    runs: ['00:10', 'now', '00:20', '00:30'],
    kept: ['00:30'],
    next: '00:40',
    overlap: true,
    except: { I5: 'it is the time by the clock that it has' },
  }),
];
