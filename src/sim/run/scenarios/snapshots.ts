import type { Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import { afterCheckpoints, create, edit, newImage, REST, scenario, suspend, take } from './steps.ts';

const VARIANT: Variant = { mode: 'native', upgradeMode: 'savepoint' };

const removeSnapshot: Step = { name: 'delete the snapshot', act: (stage) => stage.removeSnapshot('mine'), until: REST };

const crash: Step = { name: 'crash', act: (stage) => stage.crash('jobmanager'), until: REST };

/** Savepoints and checkpoints that somebody asks for while the job goes on. */
export const SNAPSHOT_LIVES: readonly Scenario[] = [
  scenario(VARIANT, 'savepoint by resource, disposed of with it', [
    create,
    afterCheckpoints,
    take({ savepoint: {} }),
    removeSnapshot,
  ]),
  scenario(VARIANT, 'savepoint by resource, kept without it, then an upgrade', [
    create,
    afterCheckpoints,
    take({ savepoint: { disposeOnDelete: false } }),
    removeSnapshot,
    newImage(),
  ]),
  scenario(VARIANT, 'checkpoint by resource', [create, afterCheckpoints, take({ checkpoint: {} })]),
  scenario(VARIANT, 'JobManager crashes during a savepoint by resource', [
    create,
    afterCheckpoints,
    take({ savepoint: {} }, 1_200),
    crash,
  ]),
  scenario(VARIANT, 'savepoint by nonce', [
    create,
    afterCheckpoints,
    edit('nonce', { job: { savepointTriggerNonce: 1 } }),
  ]),
  scenario(
    { ...VARIANT, options: { 'kubernetes.operator.periodic.savepoint.interval': '50 s' } },
    'savepoints by period',
    [create, afterCheckpoints, afterCheckpoints, newImage(), afterCheckpoints, suspend()],
  ),
];
