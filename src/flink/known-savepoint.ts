import { startIdOf } from './record.ts';
import { fromPath, isSpent, type Restore } from './restore.ts';
import type { FlinkDeploymentStatus, KnownSnapshot } from './schema.ts';

/** A run that has ended, and the status of its resource. */
interface Run {
  readonly uid: string;
  readonly status: Pick<FlinkDeploymentStatus, 'snapshots'> | undefined;
  readonly record: { readonly jobId: string | undefined; readonly timestamp: number; readonly restore: Restore };
}

/**
 * What the next run starts from, where `left` says that a job left nothing: a JobManager knows only the savepoints that were
 * taken in its own time, and the newest in status.snapshots may be of one that was lost before the job ended. Only a savepoint
 * of this very run counts, or of the run that it went on from by high-availability data under the same job id.
 */
export function orItsSavepoint(left: Restore, { uid, status, record }: Run): Restore {
  if (!isSpent(left) || left.leftBy !== record.jobId) return left;
  const startId = startIdOf(uid, record);
  const wentOn = record.restore.mode === 'last-state';
  const isOwn = ({ kind, takenBy }: KnownSnapshot): boolean =>
    kind === 'savepoint' && takenBy?.jobId === record.jobId && (wentOn || takenBy?.startId === startId);
  const path = status?.snapshots?.find(isOwn)?.path;
  if (path === undefined) return left;
  const why = `job ${record.jobId} has FINISHED, with which Flink deleted its checkpoints, and this is its newest savepoint in status.snapshots`;
  return { ...fromPath(path, why), leftBy: record.jobId ?? '' };
}
