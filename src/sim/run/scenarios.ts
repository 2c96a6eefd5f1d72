import { COUNTING, type CodeRef, type JobCode } from '../flink/code.ts';
import type { SnapshotFate, SnapshotRequest } from '../flink/world.ts';
import { flinkDeployment, type Variant } from './flink-deployment.ts';
import type { Scenario, Step } from './scenario.ts';

const REST = 'rest';

const create: Step = { name: 'create', act: (stage) => stage.create(), until: REST };
const afterCheckpoints: Step = { name: 'run for a while', act: () => undefined, until: 25_000 };

function edit(name: string, spec: object, until: Step['until'] = REST): Step {
  return { name, act: (stage) => stage.edit(spec), until };
}

const newImage = (until: Step['until'] = REST): Step => edit('new image', { image: 'jobs:2' }, until);
const suspend = (until: Step['until'] = REST): Step => edit('suspend', { job: { state: 'suspended' } }, until);
const resume: Step = edit('resume', { job: { state: 'running' } });
const revert: Step = { name: 'revert', act: (stage) => stage.revert(), until: REST };
const remove: Step = { name: 'delete', act: (stage) => stage.remove(), until: REST };

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
    {
      name: 'from the first snapshot',
      act: (stage) => {
        const first = stage.world.truth.snapshots.findLast((snapshot) => snapshot.discardedMs === undefined);
        stage.edit({ job: { initialSavepointPath: first?.path, savepointRedeployNonce: 1 } });
      },
      until: REST,
    },
  ],
};

const failing =
  (kind: 'fails' | 'job-fails') =>
  ({ cause }: SnapshotRequest, n: number): SnapshotFate | undefined =>
    cause === 'stop' && n === 1 ? { kind, afterMs: 700 } : undefined;

function named(variant: Variant, life: string): string {
  const ha = variant.ha === false ? ', no HA' : '';
  return `${variant.mode}, ${variant.upgradeMode}${ha}: ${life}`;
}

function scenario(variant: Variant, life: string, steps: readonly Step[], more: Partial<Scenario> = {}): Scenario {
  return { name: named(variant, life), resource: flinkDeployment(variant), steps, ...more };
}

const MODES = ['native', 'standalone'] as const;

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

const foreign: Step = { name: 'an object of somebody else', act: (stage) => stage.createForeign(), until: 1_000 };

const UPGRADE = [create, afterCheckpoints, newImage()];

/** Savepoints that go wrong, clusters without high availability, code that changes. */
function special(): readonly Scenario[] {
  const savepoint: Variant = { mode: 'native', upgradeMode: 'savepoint' };
  const cancelling: Variant = { mode: 'native', upgradeMode: 'last-state', ha: false };
  return [
    scenario(savepoint, 'savepoint fails once', UPGRADE, { flink: { fate: failing('fails') } }),
    scenario(savepoint, 'job fails after its savepoint', UPGRADE, { flink: { fate: failing('job-fails') } }),
    scenario(savepoint, 'suspend while the savepoint is taken', [
      create,
      afterCheckpoints,
      newImage(800),
      suspend(),
      resume,
    ]),
    scenario(savepoint, 'two upgrades', [...UPGRADE, afterCheckpoints, edit('newest image', { image: 'jobs:3' })]),
    scenario(savepoint, 'slow JobManager, upgrade', UPGRADE, { flink: { timing: { shutdown: 12_000 } } }),
    scenario({ mode: 'native', upgradeMode: 'stateless', ha: false }, 'slow JobManager, upgrade', UPGRADE, {
      flink: { timing: { shutdown: 12_000 } },
    }),
    scenario(
      savepoint,
      'a name that is taken, upgrade and delete',
      [create, foreign, afterCheckpoints, newImage(), remove],
      {
        except: { I6: 'what is left is not ours' },
      },
    ),
    scenario(cancelling, 'upgrade', UPGRADE),
    scenario(cancelling, 'suspend and resume', [create, afterCheckpoints, suspend(), resume]),
    scenario({ mode: 'native', upgradeMode: 'last-state', flinkVersion: 'v1_20' }, 'Flink 1.20, upgrade', UPGRADE),
    scenario({ mode: 'native', upgradeMode: 'last-state' }, 'operator uid changed', UPGRADE, {
      flink: { code: renamedFrom('jobs:2') },
      except: { I16: 'the new code cannot read the state, so the job must not run' },
    }),
  ];
}

/** Code whose operators have other uids from an image on. */
function renamedFrom(image: string): (ref: CodeRef) => JobCode {
  return (ref) => (ref.image === image ? { vertices: [{ name: 'Source: numbers', stateful: ['renamed'] }] } : COUNTING);
}

/** Every scenario there is. */
export const SCENARIOS: readonly Scenario[] = [...stateless(), ...stateful(), ...special()];

/** The scenario of a name. Throws an Error if there is none. */
export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${JSON.stringify(name)}; --list prints them all`);
  return found;
}
