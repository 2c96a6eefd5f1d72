import { describe, expect, it } from 'vitest';
import { liveSpark } from './life.ts';
import { SPARK_SCENARIOS, sparkScenarioNamed } from './scenarios/index.ts';

describe('the life of a SparkApplication', () => {
  it.each(SPARK_SCENARIOS)('$name', async (scenario) => {
    expect((await liveSpark(scenario)).violations).toEqual([]);
  });

  it('takes few writes until it runs: the driver pod and its Services together, then what it cannot start without', async () => {
    const { log } = await liveSpark(sparkScenarioNamed('spark, Never: success'));
    const writes = log.filter((line) => line.includes(' write '));
    const kinds = writes.map((line) => line.split(': ')[1]?.split(' ').slice(0, 2).join(' '));
    expect(kinds.slice(0, 9)).toEqual([
      'write status',
      'create ConfigMap',
      'create Pod',
      'create Service',
      'create Service',
      'create ConfigMap',
      'create Event',
      'write status',
      'create Event',
    ]);
  });
});
