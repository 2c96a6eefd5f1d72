import { describe, expect, it } from 'vitest';
import { clockJumps, parsePlan, planText, singleFaults, staleRestarts } from './plan.ts';
import { SCENARIOS } from './scenarios/index.ts';

describe('plans', () => {
  it('are read as they were written', () => {
    const [fault] = singleFaults({ write: 1, read: 0, watch: 0, event: 0, rest: 0, fetch: 0, restEffects: [] });
    const plan = { scenario: 'native, savepoint: upgrade', seed: 3, faults: fault === undefined ? [] : [fault] };
    expect(plan.faults).toHaveLength(1);
    expect(parsePlan(planText(plan))).toEqual(plan);
  });

  it('are refused when something is missing', () => {
    expect(() => parsePlan('{"scenario":"deploy"}')).toThrow(
      'a plan has scenario, seed and faults: {"scenario":"deploy"}',
    );
  });

  it('disturb every use of every door, each once in every way', () => {
    const faults = singleFaults({ write: 3, read: 2, watch: 1, event: 4, rest: 5, fetch: 2, restEffects: [2] });
    expect(faults).toHaveLength(3 * 6 + 2 * 2 + 1 + 4 * 2 + 5 * 3 + 1 + 2 * 5);
    expect(new Set(faults.map((fault) => JSON.stringify(fault))).size).toBe(faults.length);
  });
});

describe('restarts', () => {
  it('come after each write, with each list of the next life behind', () => {
    const pairs = staleRestarts({ write: 3, read: 2, watch: 1, event: 4, rest: 0, fetch: 0, restEffects: [] });
    expect(pairs).toHaveLength(3 * 2);
    expect(pairs.at(-1)).toEqual([
      { at: 'write', n: 3, fault: { kind: 'crash-after' } },
      { at: 'read', n: 4, fault: { kind: 'stale', revisions: 3 } },
    ]);
  });
});

describe('jumps of the clock', () => {
  it('come at each write, in both directions', () => {
    const jumps = clockJumps({ write: 3, read: 2, watch: 1, event: 4, rest: 0, fetch: 0, restEffects: [] });
    expect(jumps).toHaveLength(3 * 2);
    expect(jumps.at(-1)).toEqual([{ at: 'write', n: 3, fault: { kind: 'clock', ms: -3_600_000 } }]);
  });
});

describe('scenarios', () => {
  it('have names of their own', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
  });
});
