import { SPARK_APPLICATION_KIND } from '../../../../../spark/schema.ts';
import { sparkApplication } from '../../application.ts';
import type { ScheduleScenario } from '../scenario.ts';
import { byTick, create, edit, LONG, life, newImage, remove, runNow, wait } from './steps.ts';

/** 00:10 of the day, as in the name of a run. */
const TEN = '1767226200000000000';

/** Somebody has an application of the name that the run of 00:10 is to have. */
const TAKEN = {
  name: 'create beside a stranger',
  act: (stage) => {
    create.act(stage);
    const spec = { ...(sparkApplication().spec as object), suspend: true };
    stage.put({ ...SPARK_APPLICATION_KIND, metadata: { name: `report-${TEN}` }, spec });
  },
} satisfies typeof create;

/** What people ask for: runs at once, other specs, an end. */
export const WISH_LIVES: readonly ScheduleScenario[] = [
  life('run now', {
    entries: [
      ['00:08', create],
      ['00:12', runNow('a')],
      ['00:16', runNow('a')],
      ['00:22', wait],
    ],
    runs: ['00:10', 'now', '00:20'],
    kept: ['00:20'],
    next: '00:30',
  }),
  life('run now, twice', {
    spec: { successfulRunHistoryLimit: 9 },
    entries: [
      ['00:12', create],
      ['00:13', runNow('a')],
      ['00:15', runNow('b')],
      ['00:17', wait],
    ],
    runs: ['now', 'now'],
    kept: ['now', 'now'],
    next: '00:20',
  }),
  life('run now while suspended', {
    spec: { suspend: true },
    entries: [
      ['00:08', create],
      ['00:09', runNow('a')],
      ['00:12', wait],
    ],
    runs: ['now'],
    kept: ['now'],
    next: undefined,
  }),
  life('Allow: run now beside another', {
    entries: [
      ['00:08', create],
      ['00:12', runNow('a')],
      ['00:14', wait],
    ],
    spark: { program: byTick({ '00:10': { runsMs: Number.POSITIVE_INFINITY } }) },
    runs: ['00:10', 'now'],
    kept: ['00:10', 'now'],
    next: '00:20',
    overlap: true,
  }),
  life('Forbid: run now waits for another', {
    spec: { concurrencyPolicy: 'Forbid' },
    entries: [
      ['00:08', create],
      ['00:12', runNow('a')],
      ['00:17', wait],
    ],
    spark: { program: byTick({ '00:10': { runsMs: 300_000 } }) },
    runs: ['00:10', 'now'],
    kept: ['now'],
    next: '00:20',
  }),
  life('Replace: run now in place of another', {
    spec: { concurrencyPolicy: 'Replace' },
    entries: [
      ['00:08', create],
      ['00:12', runNow('a')],
      ['00:14', wait],
    ],
    spark: { program: byTick({ '00:10': LONG }) },
    runs: ['00:10', 'now'],
    kept: ['now'],
    next: '00:20',
  }),
  life('edited between two runs', {
    entries: [
      ['00:08', create],
      ['00:12', newImage],
      ['00:22', wait],
    ],
    runs: ['00:10', '00:20'],
    kept: ['00:20'],
    next: '00:30',
  }),
  life('edited while a run goes on', {
    spec: { concurrencyPolicy: 'Replace' },
    entries: [
      ['00:08', create],
      ['00:12', newImage],
      ['00:22', wait],
    ],
    spark: { program: byTick({ '00:10': LONG }) },
    runs: ['00:10', '00:20'],
    kept: ['00:20'],
    next: '00:30',
  }),
  life('a spec that cannot be acted on over a time, mended', {
    entries: [
      ['00:08', create],
      ['00:12', edit('no schedule', { schedule: '61 * * * *' })],
      ['00:25', edit('mended', { schedule: '*/10 * * * *' })],
      ['00:32', wait],
    ],
    runs: ['00:10', '00:30'],
    kept: ['00:30'],
    next: '00:40',
  }),
  life("another's application has the name of a run", {
    entries: [
      ['00:08', TAKEN],
      ['00:22', wait],
    ],
    runs: ['00:20'],
    kept: ['00:10', '00:20'],
    next: '00:30',
  }),
  life('deleted while a run goes on', {
    entries: [
      ['00:08', create],
      ['00:12', remove],
    ],
    spark: { program: () => LONG },
    runs: ['00:10'],
    kept: undefined,
    next: undefined,
  }),
  life('deleted in the foreground while a run goes on', {
    entries: [
      ['00:08', create],
      ['00:12', { name: 'delete', act: (stage) => stage.remove('Foreground') }],
    ],
    spark: { program: () => LONG, timing: { shutdown: 12_000 } },
    runs: ['00:10'],
    kept: undefined,
    next: undefined,
  }),
  life('deleted with its namespace while a run goes on', {
    entries: [
      ['00:08', create],
      ['00:12', { name: 'delete the namespace', act: (stage) => stage.removeNamespace() }],
    ],
    spark: { program: () => LONG },
    runs: ['00:10'],
    kept: undefined,
    next: undefined,
  }),
  life('deleted and created again at once while a run goes on', {
    spec: { concurrencyPolicy: 'Forbid' },
    entries: [
      ['00:08', create],
      ['00:12', remove],
      ['00:12:01', { name: 'create again', act: (stage) => stage.create() }],
      ['00:22', wait],
    ],
    spark: { program: byTick({ '00:10': LONG }) },
    runs: ['00:10', '00:20'],
    kept: ['00:20'],
    next: '00:30',
  }),
];
