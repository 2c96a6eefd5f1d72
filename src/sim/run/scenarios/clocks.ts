import type { Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import { afterCheckpoints, create, edit, newImage, REST, scenario } from './steps.ts';

const HOUR_MS = 3_600_000;

const VARIANTS: readonly Variant[] = [
  { mode: 'native', upgradeMode: 'savepoint' },
  { mode: 'native', upgradeMode: 'last-state' },
];

function jump(hours: number): Step {
  return { name: 'set the clock', act: (stage) => stage.skewClock(hours * HOUR_MS), until: REST };
}

/** The wall clock of the operator jumps in the middle of an upgrade, and another upgrade follows. */
export const CLOCK_LIVES: readonly Scenario[] = VARIANTS.flatMap((variant) =>
  [1, -1].map((hours) =>
    scenario(variant, `clock set ${hours < 0 ? 'back' : 'ahead'} during an upgrade`, [
      create,
      afterCheckpoints,
      newImage(1_000),
      jump(hours),
      edit('newest image', { image: 'jobs:3' }),
    ]),
  ),
);
