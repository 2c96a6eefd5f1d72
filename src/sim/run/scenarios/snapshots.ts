import type { Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import { afterCheckpoints, create, edit, newImage, REST, scenario, suspend, take } from './steps.ts';

const VARIANT: Variant = { mode: 'native', upgradeMode: 'savepoint' };

const removeSnapshot: Step = { name: 'delete the snapshot', act: (stage) => stage.removeSnapshot('mine'), until: REST };

const crash: Step = { name: 'crash', act: (stage) => stage.crash('jobmanager'), until: REST };

const nonce = (savepointTriggerNonce: number): Step => edit('nonce', { job: { savepointTriggerNonce } });

/** Long enough for what failed to be tried twice more, and for two savepoints by period. */
const later: Step = { name: 'time passes', act: () => undefined, until: 200_000 };

/** The status keeps savepoints, and one only. */
const KEEPING_ONE: Variant = {
  ...VARIANT,
  options: {
    'kubernetes.operator.snapshot.resource.enabled': 'false',
    'kubernetes.operator.savepoint.history.max.count': '1',
  },
};
const refusing = { undeletable: (n: number) => n <= 2 };
const TWO_SAVEPOINTS = [create, afterCheckpoints, nonce(1), nonce(2)];

/** Two savepoints are further apart than it takes to come to rest, also where an event was missed. */
const BY_PERIOD: Variant = { ...VARIANT, options: { 'kubernetes.operator.periodic.savepoint.interval': '100 s' } };

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
  scenario(BY_PERIOD, 'savepoints by period', [create, later, newImage(), afterCheckpoints, suspend()]),
  scenario(KEEPING_ONE, 'savepoints in the status, the older one deleted', [...TWO_SAVEPOINTS, newImage()]),
  scenario(
    KEEPING_ONE,
    'savepoints in the status, the older one deleted at the third attempt',
    [...TWO_SAVEPOINTS, later, newImage()],
    { flink: refusing },
  ),
  scenario(
    KEEPING_ONE,
    'savepoints in the status, JobManager crashes before the older one can be deleted',
    [...TWO_SAVEPOINTS, crash, later],
    { flink: refusing },
  ),
];
