import type { Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import { RENAMED } from './restore-failures.ts';
import { afterCheckpoints, create, edit, REST, scenario, UPGRADE } from './steps.ts';

const LAST_STATE: Variant = { mode: 'native', upgradeMode: 'last-state' };
const SAVEPOINT: Variant = { mode: 'native', upgradeMode: 'savepoint' };

/** One start without state, and with an argument that only it gets; with an edit or alone. */
function once(spec: object): Step {
  const annotations = { 'weir.dev/stateless-once': 'first', 'weir.dev/once-args': '["--rewind"]' };
  return { name: 'stateless once', act: (stage) => stage.startEmptyOnce(annotations, spec), until: REST };
}

const later: Step = edit('newest image', { image: 'jobs:3' });

/** Starts without state by annotation, after which the declared mode holds again. */
export const STATELESS_ONCE_LIVES: readonly Scenario[] = [
  ...[LAST_STATE, SAVEPOINT].flatMap((variant) => [
    scenario(variant, 'stateless once, then as before', [
      create,
      afterCheckpoints,
      once({ image: 'jobs:2' }),
      afterCheckpoints,
      later,
    ]),
    scenario(
      variant,
      'operator uid changed, stateless once, then as before',
      [...UPGRADE, once({}), afterCheckpoints, edit('restart', { restartNonce: 1 })],
      { flink: RENAMED },
    ),
  ]),
];
