import { describe, expect, it } from 'vitest';
import { campaign, findingText } from './campaign.ts';
import { clockJumps } from './plan.ts';
import { SCENARIOS } from './scenarios/index.ts';

/** Scenarios of which every single fault is tried: each kind of cluster, upgrade mode and life is among them. */
const WHOLE: readonly string[] = [
  'native, stateless, no HA: deploy',
  'native, stateless, no HA: upgrade',
  'native, stateless, no HA: TaskManager crashes',
  'native, stateless, no HA: delete',
  'native, last-state: deploy',
  'native, last-state: upgrade',
  'native, last-state: suspend',
  'native, last-state: JobManager pod deleted',
  'native, last-state: TaskManager crashes',
  'native, last-state: delete during upgrade',
  'native, last-state: operator uid changed',
  'native, last-state: finishes, its cluster goes, new image',
  'native, savepoint: deploy',
  'native, savepoint: upgrade',
  'native, savepoint: delete',
  'native, savepoint: delete during upgrade',
  'native, savepoint: checkpoint by resource',
  'standalone, stateless, no HA: deploy',
  'standalone, stateless, no HA: delete during upgrade',
  'standalone, last-state: deploy',
  'standalone, last-state: upgrade',
  'standalone, last-state: delete',
  'standalone, last-state: delete during upgrade',
  'standalone, last-state: reactive, scaled by kubectl',
  'standalone, savepoint: deploy',
  'standalone, savepoint: delete',
];

/** Of the other scenarios one in so many faults is tried, and the undisturbed life; `npm run sim` tries them all. */
const SAMPLE = 100;

describe('every life of a Flink cluster keeps the invariants', () => {
  it('undisturbed, and under single faults of every kind', async () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(WHOLE.filter((name) => !names.includes(name))).toEqual([]);
    expect(WHOLE.length).toBeGreaterThanOrEqual(25);
    const every = (scenario: string): number => (WHOLE.includes(scenario) ? 1 : SAMPLE);
    const { plans, findings, seconds } = await campaign({ scenarios: SCENARIOS, seed: 1, every });
    const speed = (plans / seconds).toFixed(1);
    console.log(`${plans} plans, ${findings.length} violations, ${speed} plans/s`);
    expect(findings.map(findingText)).toEqual([]);
    expect(plans).toBeGreaterThan(10_000);
  });

  it('when the wall clock of the operator jumps', async () => {
    const lives = ['native, savepoint: upgrade', 'native, last-state: upgrade', 'session, savepoint: upgrade'];
    const scenarios = SCENARIOS.filter(({ name }) => lives.includes(name));
    const { plans, findings } = await campaign({ scenarios, seed: 1, every: () => 4, disturbances: clockJumps });
    expect(findings.map(findingText)).toEqual([]);
    expect(plans).toBeGreaterThan(50);
  });
});
