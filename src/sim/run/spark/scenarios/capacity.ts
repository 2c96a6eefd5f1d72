import { GATE_ANNOTATION } from '../../../../core/capacity/gate.ts';
import type { SparkScenario } from '../scenario.ts';
import { byRun, create, edit, life, limit, newImage, RUNS, STREAMS, WORKS } from './steps.ts';

/** The same life under the gate. */
function gated({ resource, ...scenario }: SparkScenario): SparkScenario {
  const annotations = { [GATE_ANNOTATION]: 'wait' };
  return { ...scenario, resource: { ...resource, metadata: { ...resource.metadata, annotations } } };
}

const larger = edit('larger', { driver: { cores: 64 } });

const BIG = { driver: { cores: 64, memory: '512m', serviceAccount: 'spark' } };

/** Lives under `weir.dev/capacity-gate: "wait"`. An answer that cannot be had opens it, but no single lost one does. */
export const CAPACITY_LIVES: readonly SparkScenario[] = [
  life(
    'gate: quota too small, then raised',
    {},
    { steps: [limit(2, 100), create(60_000), limit(0)], runs: 1, state: 'COMPLETED' },
  ),
  life('gate: too large for any node, then smaller', BIG, {
    steps: [create(), edit('smaller', { driver: { cores: 1 } })],
    runs: 1,
    state: 'COMPLETED',
  }),
  life(
    'gate: what runs goes on while its next spec does not fit',
    {},
    { steps: [create(RUNS), larger], runs: 1, state: 'COMPLETED' },
  ),
  life(
    'gate: another spec that does not fit, then one that does',
    {},
    {
      steps: [create(RUNS), { ...larger, until: 60_000 }, newImage(60_000), edit('smaller', { driver: { cores: 1 } })],
      spark: { program: byRun(STREAMS, WORKS) },
      runs: 2,
      state: 'COMPLETED',
    },
  ),
].map(gated);
