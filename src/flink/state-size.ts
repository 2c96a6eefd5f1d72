import { deepEqual, withoutNullFields } from '../lib/json.ts';
import type { JobManagerAnswer } from './observed.ts';
import type { FlinkDeploymentStatus } from './schema.ts';

/** The key of status.clusterInfo with the bytes of the newest snapshot (Flink Kubernetes Operator 1.11). */
const STATE_SIZE_KEY = 'state-size';

/** The entry of status.clusterInfo, where the JobManager was asked for snapshots and has any. */
export function stateSizeOf({ checkpoints }: JobManagerAnswer): Readonly<Record<string, string>> {
  const { checkpoint, savepoint } = checkpoints ?? {};
  const newest = (savepoint?.id ?? -1) > (checkpoint?.id ?? -1) ? savepoint : checkpoint;
  return newest === undefined ? {} : { [STATE_SIZE_KEY]: String(newest.sizeBytes) };
}

/**
 * Whether nothing is new but the size of the state, which is another with every checkpoint: it is told with the next thing
 * that changes, so that jobs at rest are not written to each minute.
 */
export function isMereSize(before: FlinkDeploymentStatus | undefined, after: FlinkDeploymentStatus): boolean {
  const [old, now] = [sizeIn(before), sizeIn(after)];
  return old !== undefined && old !== now && deepEqual(withoutSize(before), withoutSize(after));
}

function sizeIn(status: FlinkDeploymentStatus | undefined): string | undefined {
  return status?.clusterInfo?.[STATE_SIZE_KEY];
}

function withoutSize(status: FlinkDeploymentStatus | undefined): unknown {
  const { [STATE_SIZE_KEY]: _size, ...clusterInfo } = status?.clusterInfo ?? {};
  return withoutNullFields({ ...status, clusterInfo });
}
