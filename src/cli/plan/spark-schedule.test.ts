import { describe, expect, it } from 'vitest';
import { aSchedule, type ScheduleOverrides } from '../../spark/schedule/testing.ts';
import type { ResourcePlan } from './report.ts';
import { planScheduledSparkApplication } from './spark-schedule.ts';

const now = new Date('2026-01-02T03:04:05Z');

function plan(overrides: ScheduleOverrides, compared = false): ResourcePlan {
  const wanted = aSchedule(overrides);
  const live = compared ? wanted : undefined;
  return planScheduledSparkApplication({ source: 'f.yaml', wanted, live, compared }, { now });
}

describe('the plan for a ScheduledSparkApplication', () => {
  it('names the next times, and says what each run is', () => {
    const planned = plan({ spec: { schedule: '0 3 * * *', timeZone: 'Europe/Berlin' } });
    expect(planned).toMatchObject({
      kind: 'ScheduledSparkApplication',
      name: 'report',
      decision: 'create',
      reason: 'Scheduled',
      message:
        'runs at 2026-01-03T02:00:00Z, 2026-01-04T02:00:00Z, 2026-01-05T02:00:00Z and so on, each with this template',
      pods: 3,
    });
    const names = planned.objects.map(({ kind, name }) => `${kind} ${name}`);
    expect(names).toContain('SparkApplication report-1767405600000000000');
    expect(names).toContain('Pod report-1767405600000000000-driver');
    expect(planned.configuration.find(({ key }) => key === 'spark.executor.instances')?.value).toBe('2');
  });

  it('warns of what the template has in vain, by its field', () => {
    const { decision, warnings } = plan({ spec: { template: { sparkConf: { sparkle: 'x' } } } });
    expect(decision).toBe('create');
    expect(warnings).toEqual([
      'spec.template.sparkConf.sparkle: nothing is done with it: Spark reads only keys that start with spark.; those of Hadoop go into spec.template.hadoopConf',
    ]);
  });

  it('says where the time zone had to be guessed', () => {
    const guess = "the operator's time zone is taken to be UTC, since spec.timeZone names none";
    expect(plan({ spec: { timeZone: undefined } }).guesses).toContain(guess);
    expect(plan({}).guesses).not.toContain(guess);
  });

  it('of one that is known does nothing until the next time, of a suspended one nothing', () => {
    // The status of the incumbent has no observedGeneration.
    const status = { scheduleState: 'Scheduled', nextRun: '2026-01-02T03:06:00Z' };
    expect(plan({ status }, true)).toMatchObject({ decision: 'no-op', reason: 'Scheduled' });
    expect(plan({}, true)).toMatchObject({ decision: 'create', reason: 'Scheduled' });
    expect(plan({ spec: { suspend: true } })).toMatchObject({ decision: 'no-op', reason: 'Suspended' });
  });

  it('refuses with every broken rule', () => {
    const planned = plan({ spec: { schedule: '0 0 30 2 *', template: { mode: 'client' } } });
    expect(planned).toMatchObject({ decision: 'refuse', reason: 'ValidationError', pods: null, objects: [] });
    expect(planned.issues.map(({ path }) => path)).toEqual(['spec.schedule', 'spec.template.mode']);
  });
});
