import type { SnapshotFate, SnapshotRequest } from '../../flink/world.ts';
import type { Variant } from '../flink-deployment.ts';
import type { Scenario, Step } from '../scenario.ts';
import { afterCheckpoints, create, edit, newImage, remove, resume, scenario, suspend, UPGRADE } from './steps.ts';

const VARIANT: Variant = { mode: 'native', upgradeMode: 'savepoint' };

const failing =
  (kind: 'fails' | 'job-fails') =>
  ({ cause }: SnapshotRequest, n: number): SnapshotFate | undefined =>
    cause === 'stop' && n === 1 ? { kind, afterMs: 700 } : undefined;

const foreign: Step = { name: 'an object of somebody else', act: (stage) => stage.createForeign(), until: 1_000 };

/** Upgrades by savepoint in which something goes wrong. */
export const SAVEPOINT_LIVES: readonly Scenario[] = [
  scenario(VARIANT, 'savepoint fails once', UPGRADE, { flink: { fate: failing('fails') } }),
  scenario(VARIANT, 'job fails after its savepoint', UPGRADE, { flink: { fate: failing('job-fails') } }),
  scenario(VARIANT, 'suspend while the savepoint is taken', [
    create,
    afterCheckpoints,
    newImage(800),
    suspend(),
    resume,
  ]),
  scenario(VARIANT, 'two upgrades', [...UPGRADE, afterCheckpoints, edit('newest image', { image: 'jobs:3' })]),
  scenario(VARIANT, 'slow JobManager, upgrade', UPGRADE, { flink: { timing: { shutdown: 12_000 } } }),
  scenario(VARIANT, 'a name that is taken, upgrade and delete', [
    create,
    foreign,
    afterCheckpoints,
    newImage(),
    remove,
  ]),
];
