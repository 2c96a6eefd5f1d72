import { describe, expect, it } from 'vitest';
import { campaign, findingText } from './campaign.ts';
import { SCENARIOS } from './scenarios/index.ts';

/** One in so many single faults is tried here, each scenario's calm life always; `npm run sim` tries them all. */
const EVERY = 40;

describe('every life of a Flink cluster keeps the invariants', () => {
  it('undisturbed, and under single faults of every kind', async () => {
    const { plans, findings, seconds } = await campaign({ scenarios: SCENARIOS, seed: 1, every: EVERY });
    console.log(`${plans} plans, ${findings.length} violations, ${(plans / seconds).toFixed(1)} plans/s`);
    expect(findings.map(findingText)).toEqual([]);
    expect(SCENARIOS.length).toBeGreaterThanOrEqual(25);
    expect(plans).toBeGreaterThan(10 * SCENARIOS.length);
  });
});
