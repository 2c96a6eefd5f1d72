import type { Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import { afterCheckpoints, create, edit, REST, remove, scenario, suspend } from './steps.ts';

const SAVEPOINT: Variant = { mode: 'native', upgradeMode: 'savepoint' };
const LAST_STATE: Variant = { mode: 'native', upgradeMode: 'last-state' };

const HA = { 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 's3://state/ha' };

const loseDeployment: Step = {
  name: 'delete the Deployment',
  act: (stage) => stage.deleteJobManagerDeployment(),
  until: REST,
};

const createFromSavepoint: Step = {
  name: 'create from the last savepoint',
  act: (stage) => {
    const savepoint = stage.world.truth.snapshots.findLast(({ kind }) => kind === 'savepoint');
    stage.create({ job: { initialSavepointPath: savepoint?.path } });
  },
  until: 700,
};

/** First starts, and what is there or not there after them. */
export const BEGINNINGS: readonly Scenario[] = [
  scenario(SAVEPOINT, 'created again from its savepoint, edited before it started', [
    create,
    afterCheckpoints,
    suspend(),
    remove,
    createFromSavepoint,
    edit('new image', { image: 'jobs:2' }),
  ]),
  scenario(
    { ...LAST_STATE, options: { 'execution.checkpointing.interval': '1 h' } },
    'JobManager Deployment deleted before the first checkpoint',
    [create, loseDeployment],
  ),
  scenario({ ...SAVEPOINT, ha: false }, 'last-state and high availability in the same edit', [
    create,
    afterCheckpoints,
    edit('high availability', { image: 'jobs:2', flinkConfiguration: HA, job: { upgradeMode: 'last-state' } }),
  ]),
  scenario(LAST_STATE, 'namespace deleted', [
    create,
    afterCheckpoints,
    { name: 'delete the namespace', act: (stage) => stage.removeNamespace(), until: REST },
  ]),
];
