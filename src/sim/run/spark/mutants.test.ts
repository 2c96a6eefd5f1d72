import { describe, expect, it } from 'vitest';
import { liveSpark } from './life.ts';
import { SPARK_MUTANTS } from './mutants.ts';
import { SPARK_REGRESSIONS } from './regressions.ts';
import { sparkScenarioNamed } from './scenarios/index.ts';

describe('a bug planted in the life of a SparkApplication is found by the rule it breaks', () => {
  it.each([...SPARK_MUTANTS, ...SPARK_REGRESSIONS])('$rule: $name', async ({ rule, scenario, mutate, faults = [] }) => {
    const healthy = await liveSpark(sparkScenarioNamed(scenario), { faults });
    expect(healthy.violations).toEqual([]);
    const { violations } = await liveSpark(sparkScenarioNamed(scenario), { mutate, faults });
    expect(violations.map((violation) => violation.rule)).toContain(rule);
  });
});
