import { COUNTING, type JobCode } from '../../flink/code.ts';
import type { Variant } from '../flink-deployment.ts';
import type { Scenario } from '../scenario.ts';
import { codeFrom, RENAMED } from './restore-failures.ts';
import { afterCheckpoints, create, edit, REST, scenario, UPGRADE } from './steps.ts';

const options = {
  'kubernetes.operator.deployment.rollback.enabled': 'true',
  'kubernetes.operator.deployment.readiness.timeout': '60 s',
};
const LAST_STATE: Variant = { mode: 'native', upgradeMode: 'last-state', options };
const NO_HA: Variant = { ...LAST_STATE, ha: false };
const SAVEPOINT: Variant = { mode: 'native', upgradeMode: 'savepoint', options };
const STATELESS: Variant = { mode: 'standalone', upgradeMode: 'stateless', ha: false, options };

const failing = (code: Partial<JobCode>) => codeFrom('jobs:2', { ...COUNTING, ...code });
/** Fails again and again before its first checkpoint. */
const RESTARTING = failing({ failsAfterMs: 3_000 });
const ENDING = failing({ failsAfterMs: 3_000, noRestart: true });

const OLD = { settlesOn: { image: 'jobs:1' } } as const;
const later = edit('a spec that works', { image: 'jobs:3' });
const ROLLED_BACK = [create, afterCheckpoints, afterCheckpoints, ...UPGRADE.slice(2), afterCheckpoints];

/** Specs that do not become stable, and what runs instead. */
export const ROLLBACK_LIVES: readonly Scenario[] = [
  ...[LAST_STATE, NO_HA, SAVEPOINT, STATELESS].flatMap((variant) => [
    scenario(variant, 'job that fails is rolled back', ROLLED_BACK, { flink: RESTARTING, ...OLD }),
    scenario(variant, 'rolled back, then a spec that works', [...ROLLED_BACK, later], { flink: ENDING }),
  ]),
  ...[LAST_STATE, SAVEPOINT].map((variant) =>
    scenario(variant, 'JobManager too large for any node, rolled back', [
      create,
      afterCheckpoints,
      edit('too large', { jobManager: { resource: { cpu: 1_000 } } }, 100_000),
      { name: 'go on', act: () => undefined, until: REST },
    ]),
  ),
  scenario(LAST_STATE, 'operator uid changed, rolled back', ROLLED_BACK, { flink: RENAMED, ...OLD }),
  scenario(LAST_STATE, 'main method fails, rolled back', ROLLED_BACK, {
    flink: failing({ mainFails: 'no' }),
    ...OLD,
  }),
  scenario(
    LAST_STATE,
    'edit while it is rolled back',
    [...ROLLED_BACK.slice(0, 3), edit('meanwhile', { image: 'jobs:2' }, 61_000), later],
    {
      flink: RESTARTING,
    },
  ),
];
