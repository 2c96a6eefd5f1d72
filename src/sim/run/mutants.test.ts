import { describe, expect, it } from 'vitest';
import { liveFlink } from './flink-life.ts';
import { HOLDING_MUTANTS } from './holding-mutants.ts';
import { MUTANTS } from './mutants.ts';
import { REGRESSIONS } from './regressions.ts';
import { scenarioNamed } from './scenarios/index.ts';
import { SESSION_MUTANTS } from './session-mutants.ts';

describe('a planted bug is found by the rule it breaks', () => {
  it.each([...MUTANTS, ...HOLDING_MUTANTS, ...REGRESSIONS, ...SESSION_MUTANTS])(
    '$rule: $name',
    async ({ rule, scenario, name: _name, ...planted }) => {
      const healthy = await liveFlink(scenarioNamed(scenario));
      expect(healthy.violations).toEqual([]);
      const { violations } = await liveFlink(scenarioNamed(scenario), planted);
      expect(violations.map((violation) => violation.rule)).toContain(rule);
    },
    120_000,
  ); // two whole lives, which is long on a busy machine only
});
