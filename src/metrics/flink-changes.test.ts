import { describe, expect, it } from 'vitest';
import { createFlinkChanges, type MeasuredJob } from './flink-changes.ts';
import { readRegistry } from './testing.ts';

const CREATED = Date.parse('2026-02-03T04:00:00Z');
const NEW: MeasuredJob = {
  kind: 'FlinkDeployment',
  phase: 'new',
  mode: 'none',
  rolledBack: false,
  recorded: undefined,
  createdAt: CREATED,
};

/** Lives: after how many seconds, and how it is then. */
function lived(...steps: readonly (readonly [seconds: number, job: Partial<MeasuredJob>])[]) {
  const read = readRegistry();
  let now = CREATED;
  const change = createFlinkChanges({ registry: read.registry, leads: () => true, now: () => now });
  let job = NEW;
  for (const [seconds, more] of steps) {
    now += seconds * 1000;
    job = { ...job, ...more };
    change('FlinkDeployment/shop/orders', job);
  }
  return {
    ...read,
    changes: (name: string, mode: string) =>
      read.value(`weir_flink_change_duration_seconds_sum{kind="FlinkDeployment",change="${name}",mode="${mode}"}`),
    phases: (phase: string, mode: string) =>
      read.value(`weir_flink_phase_duration_seconds_sum{kind="FlinkDeployment",phase="${phase}",mode="${mode}"}`),
  };
}

const STARTED = [
  [0, {}],
  [1, { phase: 'starting', mode: 'stateless', recorded: 'one' }],
  [8, { phase: 'running' }],
] as const;

describe('durations of changes', () => {
  it('are from creation until a new job runs', async () => {
    const { changes, phases } = lived(...STARTED);
    expect(await changes('start', 'stateless')).toBe(9);
    expect(await phases('starting', 'stateless')).toBe(8);
  });

  it('are from the stop to the next run of an upgrade, by what it started from, and by phase', async () => {
    const { changes, phases } = lived(
      ...STARTED,
      [100, { phase: 'stopping' }],
      [30, { phase: 'starting', mode: 'savepoint', recorded: 'two' }],
      [7, { phase: 'running' }],
    );
    expect(await changes('upgrade', 'savepoint')).toBe(37);
    expect(await changes('recovery', 'savepoint')).toBeUndefined();
    expect(await phases('stopping', 'stateless')).toBe(30);
    expect(await phases('starting', 'savepoint')).toBe(7);
  });

  it('tell restarts that nobody asked for from upgrades', async () => {
    const { changes, phases } = lived(...STARTED, [50, { phase: 'restarting' }], [3, { phase: 'running' }]);
    expect(await changes('recovery', 'stateless')).toBe(3);
    expect(await phases('restarting', 'stateless')).toBe(3);
  });

  it('of a resumed job leave out the time it was suspended, which is told apart', async () => {
    const { changes, phases } = lived(
      ...STARTED,
      [10, { phase: 'stopping', mode: 'savepoint' }],
      [5, { phase: 'suspended', recorded: 'none' }],
      [600, { phase: 'starting', recorded: 'one' }],
      [6, { phase: 'running' }],
    );
    expect(await phases('suspended', 'savepoint')).toBe(600);
    expect(await changes('resume', 'savepoint')).toBe(6);
    expect(await changes('upgrade', 'savepoint')).toBeUndefined();
  });

  it('call a start from the last stable spec a rollback', async () => {
    const { changes } = lived(
      ...STARTED,
      [10, { phase: 'starting', recorded: 'two', mode: 'savepoint' }],
      [120, { phase: 'starting', rolledBack: true }],
      [6, { phase: 'running' }],
    );
    expect(await changes('rollback', 'savepoint')).toBe(126);
  });

  it('are not told where the beginning was not seen', async () => {
    const { lines } = lived([0, { phase: 'starting' }], [5, { phase: 'running' }]);
    expect(await lines('weir_flink_change_duration_seconds_count')).toEqual([]);
    expect(await lines('weir_flink_phase_duration_seconds_count')).toEqual([]);
  });
});
