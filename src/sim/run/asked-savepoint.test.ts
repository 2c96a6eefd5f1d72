import { describe, expect, it } from 'vitest';
import type { Access } from '../../core/reconciler.ts';
import { createFlinkReconciler, FLINK_ACCESS } from '../../flink/controller.ts';
import { FLINK_API_VERSION } from '../../flink/schema.ts';
import { createSnapshotReconciler, SNAPSHOT_ACCESS } from '../../flink/snapshot/controller.ts';
import type { KubeObject } from '../../kube/object.ts';
import { createController } from '../../runtime/controller.ts';
import { flinkProcesses } from '../flink/flink.ts';
import { running, type Snapshot } from '../flink/truth.ts';
import { FlinkWorld } from '../flink/world.ts';
import { createSimulation } from '../kube/simulation.ts';
import { flinkDeployment } from './flink-deployment.ts';

const EVENTS: Access = { group: '', resources: ['events'], verbs: ['create', 'patch'], why: 'tell what was done' };
const KINDS = ['FlinkDeployment', 'FlinkSessionJob', 'FlinkStateSnapshot'].map((kind) => ({
  apiVersion: FLINK_API_VERSION,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
}));

/** How long Flink takes for a savepoint: long enough to do something meanwhile. */
const SAVEPOINT_MS = 8_000;

/** A job that runs, and a savepoint of it under way that a FlinkStateSnapshot asked for. */
async function whileTaken(options: Readonly<Record<string, string>> = {}) {
  const world = new FlinkWorld({ timing: { savepoint: SAVEPOINT_MS } });
  const defaults = () => ({ flinkConfiguration: {} });
  const simulation = createSimulation({
    seed: 1,
    kinds: KINDS,
    access: [...FLINK_ACCESS, ...SNAPSHOT_ACCESS, EVENTS],
    startProcess: flinkProcesses(world),
    controllers: (parts) => [
      createController({
        ...parts,
        reconciler: createFlinkReconciler({ http: parts.http, defaults, probe: { fast: 500, slow: 10_000 } }),
      }),
      createController({
        ...parts,
        reconciler: createSnapshotReconciler({ http: parts.http, defaults, probeMs: 500 }),
      }),
    ],
  });
  const { user } = simulation;
  const deployment = flinkDeployment({ mode: 'native', upgradeMode: 'savepoint', options });
  const ref = (kind: string, name: string) => ({ apiVersion: FLINK_API_VERSION, kind, namespace: 'default', name });
  simulation.operator.start();
  user.create(deployment);
  await simulation.advance(30_000);
  user.create({
    apiVersion: FLINK_API_VERSION,
    kind: 'FlinkStateSnapshot',
    metadata: { name: 'nightly', namespace: 'default' },
    spec: { jobReference: { kind: 'FlinkDeployment', name: 'orders' }, savepoint: {} },
  });
  await simulation.advance(SAVEPOINT_MS / 2);
  return {
    simulation,
    truth: world.truth,
    edit: (spec: object) => user.patch(ref('FlinkDeployment', 'orders'), { spec }),
    remove: () => user.delete(ref('FlinkDeployment', 'orders')),
    deployment: () => user.get(ref('FlinkDeployment', 'orders')),
    snapshot: () => user.get(ref('FlinkStateSnapshot', 'nightly')),
  };
}

function ready(object: KubeObject | undefined): { readonly reason: string; readonly message: string } | undefined {
  const { conditions } = (object?.status ?? {}) as {
    conditions?: readonly { type: string; reason: string; message: string }[];
  };
  return conditions?.find(({ type }) => type === 'Ready');
}

const savepoints = (snapshots: readonly Snapshot[]) => snapshots.filter(({ kind }) => kind === 'savepoint');

describe('while a savepoint that a FlinkStateSnapshot asked for is being taken', () => {
  it('an upgrade waits, then goes on from a savepoint of its own, and both are there', async () => {
    const { simulation, edit, deployment, snapshot, truth } = await whileTaken();
    expect(snapshot()?.status).toMatchObject({ state: 'IN_PROGRESS' });
    edit({ image: 'jobs:2' });
    await simulation.advance(1_000);
    expect(ready(deployment())).toMatchObject({
      reason: 'WaitingForSavepoint',
      message:
        'the change of image waits for the savepoint of FlinkStateSnapshot nightly; set ' +
        'kubernetes.operator.job.upgrade.ignore-pending-savepoint to true to go on without it',
    });
    await simulation.advance(90_000);
    const [asked, own] = savepoints(truth.snapshots);
    expect(snapshot()?.status).toMatchObject({ state: 'COMPLETED', path: asked?.path });
    expect(running(truth)).toMatchObject([{ image: 'jobs:2', origin: { snapshot: own } }]);
    expect(ready(deployment())?.reason).toBe('JobRunning');
  });

  it('an upgrade goes on at once where its user wants that, with a savepoint of its own beside the other', async () => {
    const options = { 'kubernetes.operator.job.upgrade.ignore-pending-savepoint': 'true' };
    const { simulation, edit, deployment, snapshot, truth } = await whileTaken(options);
    edit({ image: 'jobs:2' });
    await simulation.advance(1_000);
    expect(ready(deployment())?.reason).toBe('TakingSavepoint');
    await simulation.advance(90_000);
    expect(running(truth)).toMatchObject([{ image: 'jobs:2', origin: { kind: 'snapshot', via: 'path' } }]);
    expect(snapshot()?.status).toMatchObject({ state: 'COMPLETED' });
    expect(ready(deployment())?.reason).toBe('JobRunning');
  });

  it('a suspension waits, and the job resumes from the savepoint that stopped it', async () => {
    const { simulation, edit, deployment, snapshot, truth } = await whileTaken();
    edit({ job: { state: 'suspended' } });
    await simulation.advance(1_000);
    expect(ready(deployment())?.reason).toBe('WaitingForSavepoint');
    await simulation.advance(60_000);
    const [asked, own] = savepoints(truth.snapshots);
    expect(snapshot()?.status).toMatchObject({ state: 'COMPLETED', path: asked?.path });
    expect(running(truth)).toEqual([]);
    expect(deployment()?.status).toMatchObject({
      lifecycleState: 'SUSPENDED',
      jobStatus: { state: 'FINISHED', upgradeSavepointPath: own?.path },
    });
    edit({ job: { state: 'running' } });
    await simulation.advance(60_000);
    expect(running(truth)).toMatchObject([{ origin: { snapshot: own } }]);
  });

  it('a deletion does not wait: nothing is left, and the snapshot says why there is none', async () => {
    const { simulation, remove, deployment, snapshot, truth } = await whileTaken();
    remove();
    await simulation.advance(60_000);
    expect([deployment(), running(truth)]).toEqual([undefined, []]);
    expect(ready(snapshot())).toMatchObject({
      reason: 'SnapshotAbandoned',
      message: 'FlinkDeployment orders is gone',
    });
    expect(snapshot()?.status).toMatchObject({ state: 'ABANDONED' });
    expect(simulation.violations).toEqual([]);
  });

  it('a deletion during the upgrade that waits ends the same way', async () => {
    const { simulation, edit, remove, deployment, snapshot, truth } = await whileTaken();
    edit({ image: 'jobs:2' });
    await simulation.advance(1_000);
    remove();
    await simulation.advance(60_000);
    expect([deployment(), running(truth)]).toEqual([undefined, []]);
    expect(snapshot()?.status).toMatchObject({ state: 'ABANDONED' });
    expect(truth.executions.map(({ image }) => image)).toEqual(['jobs:1']);
  });
});
