import { describe, expect, it } from 'vitest';
import { campaign, findingText } from '../campaign.ts';
import { SPARK_LIVES } from '../lives.ts';
import { staleRestarts } from '../plan.ts';

/** Scenarios of which every single fault is tried: each restart policy and each kind of change is among them. */
const WHOLE: readonly string[] = [
  'spark, Never: success',
  'spark, OnFailure: failure, then success',
  'spark, OnFailure: driver deleted by hand',
  'spark, OnFailure: driver preempted',
  'spark, edited while it is submitted',
  'spark, suspended while it ends, then resumed',
  'spark, deleted and created again at once',
  'spark, time to live after it completed',
];

/** Of the other scenarios one in so many faults is tried, and the undisturbed life; `npm run sim` tries them all. */
const SAMPLE = 16;

describe('every life of a SparkApplication keeps the invariants', () => {
  it('after a crash at any write, with a list that is behind at the start', async () => {
    const scenarios = SPARK_LIVES.filter(
      ({ name }) => name.startsWith('spark, edited') || name.includes('failure, then'),
    );
    const { plans, findings } = await campaign({ scenarios, seed: 1, every: () => 8, disturbances: staleRestarts });
    expect(findings.map(findingText)).toEqual([]);
    expect(plans).toBeGreaterThan(200);
  });

  it('undisturbed, and under single faults of every kind', async () => {
    const names = SPARK_LIVES.map(({ name }) => name);
    expect(WHOLE.filter((name) => !names.includes(name))).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(60);
    const every = (scenario: string): number => (WHOLE.includes(scenario) ? 1 : SAMPLE);
    const { plans, findings, seconds } = await campaign({ scenarios: SPARK_LIVES, seed: 1, every });
    const speed = (plans / seconds).toFixed(1);
    console.log(`${plans} plans, ${findings.length} violations, ${speed} plans/s`);
    expect(findings.map(findingText)).toEqual([]);
    expect(plans).toBeGreaterThan(3_000);
  });
});
