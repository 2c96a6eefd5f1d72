import type { KubeObject } from '../../kube/object.ts';
import type { JobManagerAnswer, Observed } from '../observed.ts';
import type { FlinkDeploymentSpec } from '../schema.ts';
import { type CheckpointFacts, NO_CHECKPOINTS, type SnapshotFacts } from '../snapshot-facts.ts';
import type { DeepPartial } from '../testing.ts';
import { answer, child, type Given, JOB, job, jobManager, NOW, OTHER_START } from './pass.ts';

/** Options of a job that keeps state, without high availability. */
export const FOLDERS = { 'state.checkpoints.dir': 's3://b/checkpoints', 'state.savepoints.dir': 's3://b/savepoints' };
/** The same with it. */
export const HA = { ...FOLDERS, 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 's3://b/ha' };

type Options = Readonly<Record<string, string>>;

/** A deployed spec and the edited one: parallelism 2 became 3. */
export function edited(upgradeMode: 'savepoint' | 'last-state' | 'stateless', options: Options = HA): Given {
  const recorded: DeepPartial<FlinkDeploymentSpec> = {
    job: { upgradeMode, parallelism: 2 },
    flinkConfiguration: options,
  };
  return { recorded, spec: { ...recorded, job: { upgradeMode, parallelism: 3 } } };
}

/** The high-availability data of the recorded job, with these entries. */
export function haData(...keys: readonly string[]): KubeObject[] {
  const data = Object.fromEntries(keys.map((key) => [key, '']));
  return [
    child('ConfigMap', 'orders-cluster-config-map', OTHER_START),
    child('ConfigMap', `orders-${JOB}-config-map`, OTHER_START, { data }),
  ];
}

/** The data when it points to checkpoint 7. */
export const CHECKPOINT_7 = haData('checkpointID-0000000000000000007', 'counter');

/** A checkpoint of the recorded job that completed a second ago. */
export function snapshot(id: number, overrides: Partial<SnapshotFacts> = {}): SnapshotFacts {
  const path = `s3://b/checkpoints/${JOB}/chk-${id}`;
  const times = { triggeredAt: NOW.getTime() - 2000, completedAt: NOW.getTime() - 1000 };
  return { id, kind: 'checkpoint', path, ...times, sizeBytes: 1, discarded: false, ...overrides };
}

/** What a JobManager tells of checkpoints. */
export function checkpoints(overrides: Partial<CheckpointFacts>): CheckpointFacts {
  const completed = overrides.checkpoint === undefined && overrides.savepoint === undefined ? 0 : 1;
  return { ...NO_CHECKPOINTS, counts: { ...NO_CHECKPOINTS.counts, completed }, ...overrides };
}

/** A JobManager that answers, with its job in a state. */
export function seen(state: ReturnType<typeof job>['state'], more: Partial<JobManagerAnswer> = {}): Partial<Observed> {
  return { jobManager, rest: answer(job({ state }), more) };
}
