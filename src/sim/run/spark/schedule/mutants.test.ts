import { describe, expect, it } from 'vitest';
import { liveSchedule } from './life.ts';
import { SCHEDULE_MUTANTS } from './mutants.ts';
import { scheduleScenarioNamed } from './scenarios/index.ts';

describe('a bug planted in the life of a schedule is found by the rule it breaks', () => {
  it.each(SCHEDULE_MUTANTS)('$rule: $name', async ({ rule, scenario, mutate, faults = [] }) => {
    const healthy = await liveSchedule(scheduleScenarioNamed(scenario), { faults });
    expect(healthy.violations).toEqual([]);
    const { violations } = await liveSchedule(scheduleScenarioNamed(scenario), { mutate, faults });
    expect(violations.map((violation) => violation.rule)).toContain(rule);
  });
});
