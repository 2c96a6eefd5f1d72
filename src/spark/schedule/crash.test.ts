import { describe, expect, it } from 'vitest';
import type { DeepPartial } from '../../core/testing/merged.ts';
import type { Disturbance } from '../testing/operator.ts';
import { RUN_NOW_ANNOTATION, SCHEDULE_KIND, type ScheduledSparkApplicationSpec } from './schema.ts';
import { ScheduleSimulation } from './testing/simulation.ts';
import { aSchedule } from './testing.ts';

type Step = (simulation: ScheduleSimulation) => void | Promise<void>;

/** The life of one schedule, every two minutes unless it says otherwise. */
interface Scenario {
  readonly name: string;
  readonly runSeconds: number;
  readonly steps: readonly Step[];
  /** Minutes after midnight that runs are named after, in order; `now` is one that was asked for. */
  readonly runs: readonly (number | 'now')[];
  readonly mayOverlap?: boolean;
}

const create =
  (spec: DeepPartial<ScheduledSparkApplicationSpec> = {}): Step =>
  ({ api }) => {
    const { metadata, ...rest } = aSchedule({ spec });
    const { uid: _uid, resourceVersion: _version, ...fresh } = metadata;
    api.put({ ...rest, metadata: fresh });
  };

const edit =
  (changes: object, annotations: Record<string, string> = {}): Step =>
  (simulation) => {
    const live = simulation.schedule();
    if (live === undefined) throw new Error('there is no schedule');
    const metadata = { ...live.metadata, annotations: { ...live.metadata.annotations, ...annotations } };
    simulation.api.put({ ...live, metadata, spec: { ...(live.spec as object), ...changes } });
  };

const until =
  (time: string): Step =>
  (simulation) =>
    simulation.until(time);

const runNow = (token: string): Step => edit({}, { [RUN_NOW_ANNOTATION]: token });

const remove: Step = ({ api }) =>
  api.remove({ ...SCHEDULE_KIND, namespace: 'default', name: 'report' }, 'Background', api.now());

const SCENARIOS: readonly Scenario[] = [
  { name: 'by the clock', runSeconds: 30, steps: [create(), until('00:07:30')], runs: [2, 4, 6] },
  {
    name: 'Allow',
    runSeconds: 150,
    steps: [create({ concurrencyPolicy: 'Allow' }), until('00:09:30')],
    runs: [2, 4, 6, 8],
    mayOverlap: true,
  },
  {
    name: 'Forbid',
    runSeconds: 150,
    steps: [create({ concurrencyPolicy: 'Forbid' }), until('00:09:30')],
    runs: [2, 6],
  },
  {
    name: 'Replace',
    runSeconds: 150,
    steps: [create({ concurrencyPolicy: 'Replace' }), until('00:07:30')],
    runs: [2, 4, 6],
  },
  {
    name: 'suspend and resume',
    runSeconds: 30,
    steps: [
      create(),
      until('00:03:00'),
      edit({ suspend: true }),
      until('00:07:00'),
      edit({ suspend: false }),
      until('00:09:30'),
    ],
    runs: [2, 8],
  },
  {
    name: 'another schedule',
    runSeconds: 30,
    steps: [create(), until('00:03:00'), edit({ schedule: '1-59/5 * * * *' }), until('00:07:30')],
    runs: [2, 6],
  },
  {
    name: 'run now',
    runSeconds: 20,
    steps: [create(), until('00:02:45'), runNow('a'), until('00:04:45'), runNow('a'), until('00:05:30')],
    runs: [2, 'now', 4],
  },
  {
    name: 'run now while suspended',
    runSeconds: 30,
    steps: [create({ suspend: true }), until('00:02:45'), runNow('a'), until('00:05:30')],
    runs: ['now'],
  },
  {
    name: 'run now while another runs and may not have company',
    runSeconds: 60,
    steps: [create({ concurrencyPolicy: 'Forbid' }), until('00:02:30'), runNow('a'), until('00:05:30')],
    runs: [2, 'now'],
  },
  {
    name: 'no history',
    runSeconds: 30,
    steps: [create({ successfulRunHistoryLimit: 0 }), until('00:05:30')],
    runs: [2, 4],
  },
  { name: 'delete', runSeconds: 300, steps: [create(), until('00:02:30'), remove, until('00:05:30')], runs: [2] },
];

async function live({ runSeconds, steps }: Scenario, disturbance: Disturbance = {}): Promise<ScheduleSimulation> {
  const simulation = new ScheduleSimulation(runSeconds * 1000, disturbance);
  for (const step of steps) await step(simulation);
  return simulation;
}

const MIDNIGHT_MINUTES = Date.parse('2026-01-01T00:00:00Z') / 60_000;

function shortNames({ made }: ScheduleSimulation): (number | string)[] {
  return made.map((name) => {
    const behind = name.replace(/^report-/, '');
    return behind.startsWith('now-') ? 'now' : Number(behind) - MIDNIGHT_MINUTES;
  });
}

/** What must hold however the run was disturbed; returns what does not, in words. */
function violations({ runs, mayOverlap }: Scenario, run: ScheduleSimulation, calm: ScheduleSimulation): string[] {
  const names = JSON.stringify(shortNames(run));
  return [
    ...(names === JSON.stringify(runs) ? [] : [`runs ${names} instead of ${JSON.stringify(runs)}`]),
    ...(mayOverlap === true ? [] : run.overlaps.map((overlap) => `two runs at once: ${overlap}`)),
    ...(JSON.stringify(run.endState()) === JSON.stringify(calm.endState())
      ? []
      : ['another end state than undisturbed']),
  ];
}

describe('a ScheduledSparkApplication runs as often as it should', () => {
  it.each(SCENARIOS)('undisturbed: $name', async (scenario) => {
    const calm = await live(scenario);
    expect(violations(scenario, calm, calm)).toEqual([]);
  });

  it.each(
    SCENARIOS.flatMap((scenario) => (['crash', 'lost', 'refused'] as const).map((kind) => ({ ...scenario, kind }))),
  )('$name, with every write in turn: $kind', async ({ kind, ...scenario }) => {
    const calm = await live(scenario);
    expect(calm.api.writeCount).toBeGreaterThan(0);
    const bad: string[] = [];
    for (let at = 1; at <= calm.api.writeCount; at++) {
      const run = await live(scenario, { write: { at, kind } });
      bad.push(...violations(scenario, run, calm).map((what) => `write ${at} (${run.api.log[at - 1]}): ${what}`));
    }
    expect(bad).toEqual([]);
  });

  it.each(SCENARIOS)('$name, with watch events late and every write crashing in turn', async (scenario) => {
    const calm = await live(scenario);
    const bad: string[] = [];
    for (let at = 0; at <= calm.api.writeCount; at++) {
      const write = at === 0 ? {} : { write: { at, kind: 'crash' } as const };
      const run = await live(scenario, { lateByRounds: 1, ...write });
      bad.push(...violations(scenario, run, calm).map((what) => `write ${at} (${run.api.log[at - 1]}): ${what}`));
    }
    expect(bad).toEqual([]);
  });

  it('starts one run for all that were missed while the operator was away', async () => {
    const { steps } = { steps: [create(), until('00:09:30')] };
    const scenario: Scenario = { name: 'down', runSeconds: 30, steps, runs: [] };
    // Dies after the write that plans the first run, and is back between the fourth and the sixth minute.
    const run = await live(scenario, { write: { at: 1, kind: 'crash' }, downRounds: 60 });
    expect(shortNames(run)).toEqual([4, 6, 8]);
    expect(run.events.map(({ message }) => message)).toContain(
      'run report-29453764 is started, due at 2026-01-01T00:04:00Z; what was due from 2026-01-01T00:02:00Z on was missed',
    );
  });

  it('skips what was missed for longer than the deadline', async () => {
    const steps = [create({ startingDeadlineSeconds: 30 }), until('00:09:30')];
    const run = await live(
      { name: 'late', runSeconds: 30, steps, runs: [] },
      { write: { at: 1, kind: 'crash' }, downRounds: 60 },
    );
    expect(shortNames(run)).toEqual([6, 8]);
    expect(run.events.map(({ reason, message }) => [reason, message])).toContainEqual([
      'ScheduledRunSkipped',
      'the run due at 2026-01-01T00:04:00Z is skipped: it could not be started within spec.startingDeadlineSeconds (30 s); what was due from 2026-01-01T00:02:00Z on was missed',
    ]);
  });

  it('writes little', async () => {
    const calm = await live({ name: 'writes', runSeconds: 30, steps: [create(), until('00:03:30')], runs: [2] });
    const kinds = calm.api.log.map((line) => line.replace(/^\d+ /, '').split(' ').slice(0, 2).join(' '));
    expect(kinds).toEqual(['status', 'status', 'create SparkApplication', 'status', 'status']);
  });
});
