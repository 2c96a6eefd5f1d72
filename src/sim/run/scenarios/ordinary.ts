import type { Scenario, Step } from '../scenario.ts';
import { afterCheckpoints, create, edit, newImage, REST, remove, resume, scenario, suspend, take } from './steps.ts';

const revert: Step = { name: 'revert', act: (stage) => stage.revert(), until: REST };

/** Lives that every kind of cluster and upgrade mode is put through. */
const LIVES: Readonly<Record<string, readonly Step[]>> = {
  deploy: [create],
  upgrade: [create, afterCheckpoints, newImage()],
  'suspend and resume': [create, afterCheckpoints, suspend(), resume],
  'JobManager Deployment deleted': [
    create,
    afterCheckpoints,
    { name: 'delete the Deployment', act: (stage) => stage.deleteJobManagerDeployment(), until: REST },
  ],
  'JobManager pod deleted': [
    create,
    afterCheckpoints,
    { name: 'delete the pod', act: (stage) => stage.deletePod('jobmanager'), until: REST },
  ],
  'JobManager crashes during upgrade': [
    create,
    afterCheckpoints,
    newImage(1_500),
    { name: 'crash', act: (stage) => stage.crash('jobmanager'), until: REST },
  ],
  'TaskManager crashes': [
    create,
    afterCheckpoints,
    { name: 'crash', act: (stage) => stage.crash('taskmanager'), until: REST },
  ],
  delete: [create, afterCheckpoints, remove],
  'upgrade reverted midway': [create, afterCheckpoints, newImage(1_200), revert],
  'edit during upgrade': [
    create,
    afterCheckpoints,
    newImage(2_500),
    edit('another image', { image: 'jobs:3', job: { parallelism: 4 } }),
  ],
  'suspend during upgrade': [create, afterCheckpoints, newImage(1_000), suspend(), resume],
  'delete during upgrade': [create, afterCheckpoints, newImage(1_000), remove],
  'restart nonce': [create, afterCheckpoints, edit('restart', { restartNonce: 1 })],
};

/** Lives that make sense with state only. */
const STATEFUL_LIVES: Readonly<Record<string, readonly Step[]>> = {
  'mode changed in the same edit': [
    create,
    afterCheckpoints,
    edit('other mode', { image: 'jobs:2', job: { upgradeMode: 'savepoint' } }),
    afterCheckpoints,
    edit('back again', { image: 'jobs:3', job: { upgradeMode: 'last-state' } }),
  ],
  'redeploy nonce': [
    create,
    afterCheckpoints,
    take({ savepoint: { disposeOnDelete: false } }),
    {
      name: 'from the savepoint',
      act: (stage) => {
        const savepoint = stage.world.truth.snapshots.find(({ kind }) => kind === 'savepoint');
        stage.edit({ job: { initialSavepointPath: savepoint?.path, savepointRedeployNonce: 1 } });
      },
      until: REST,
    },
  ],
};

const MODES = ['native', 'standalone'] as const;

/** Every kind of cluster and upgrade mode through every ordinary life. */
export function ordinaryLives(): readonly Scenario[] {
  return [...stateless(), ...stateful()];
}

function stateless(): readonly Scenario[] {
  return MODES.flatMap((mode) =>
    Object.entries(LIVES).map(([life, steps]) => scenario({ mode, upgradeMode: 'stateless', ha: false }, life, steps)),
  );
}

function stateful(): readonly Scenario[] {
  const variants = MODES.flatMap((mode) =>
    (['last-state', 'savepoint'] as const).map((upgradeMode) => ({ mode, upgradeMode })),
  );
  return variants.flatMap((variant) =>
    Object.entries({ ...LIVES, ...STATEFUL_LIVES }).map(([life, steps]) => scenario(variant, life, steps)),
  );
}
