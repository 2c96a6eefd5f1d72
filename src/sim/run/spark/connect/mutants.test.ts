import { describe, expect, it } from 'vitest';
import { liveConnect } from './life.ts';
import { CONNECT_MUTANTS } from './mutants.ts';
import { connectScenarioNamed } from './scenarios/index.ts';

describe('a bug planted in the life of a SparkConnect is found by the rule it breaks', () => {
  it.each(CONNECT_MUTANTS)('$rule: $name', async ({ rule, scenario, mutate }) => {
    const healthy = await liveConnect(connectScenarioNamed(scenario));
    expect(healthy.violations).toEqual([]);
    const { violations } = await liveConnect(connectScenarioNamed(scenario), { mutate });
    expect(violations.map((violation) => violation.rule)).toContain(rule);
  });
});
