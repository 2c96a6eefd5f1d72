import { describe, expect, it } from 'vitest';
import { campaign, findingText } from '../../campaign.ts';
import { CONNECT_LIVES } from '../../lives.ts';

/** Of each scenario one in so many faults is tried, and the undisturbed life; `npm run sim` tries them all. */
const SAMPLE = 120;

describe('every life of a SparkConnect keeps the invariants', () => {
  it('undisturbed, and under single faults of every kind', async () => {
    const { plans, findings, seconds } = await campaign({ scenarios: CONNECT_LIVES, seed: 1, every: () => SAMPLE });
    console.log(`${plans} plans, ${findings.length} violations, ${(plans / seconds).toFixed(1)} plans/s`);
    expect(findings.map(findingText)).toEqual([]);
    expect(plans).toBeGreaterThan(60);
  });
});
