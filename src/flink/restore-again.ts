import { knownValue } from '../core/fact.ts';
import { effectiveConf, isHighlyAvailable } from './flink-conf.ts';
import { isTerminal, type JobFacts, type JobManagerAnswer } from './observed.ts';
import type { FlinkRecord } from './record.ts';
import { fromPath, haMetadata, type Restore } from './restore.ts';
import { type RestoreFailure, restoreFailureIn } from './restore-failure.ts';
import type { FlinkDeployment, FlinkDeploymentSpec } from './schema.ts';
import type { Situation } from './situation.ts';

/**
 * Why the recorded job can never be restored, as its JobManager says of it; only of a run that began with state and has
 * taken no snapshot of its own.
 */
export function restoreFailureOf(
  { job, snapshotSeen }: JobManagerAnswer,
  { mode }: Restore,
): RestoreFailure | undefined {
  if (mode === 'stateless' || snapshotSeen === true || job?.exception === undefined || isWell(job)) return undefined;
  return restoreFailureIn(job.exception.stackTrace);
}

function isWell({ state, tasks }: JobFacts): boolean {
  if (state === 'RUNNING') return tasks.total > 0 && tasks.active === tasks.total;
  return isTerminal(state) && state !== 'FAILED';
}

/** The state that could not be restored: the newest there is, should the run have taken checkpoints before it was lost. */
export function failedState({ resource, observed }: Situation, { restore, jobId }: FlinkRecord): Restore {
  const newest = haMetadata(observed.haConfigMaps, resource.metadata.name, jobId).newestCheckpoint;
  if (newest === undefined || newest === restore.checkpointId) return restore;
  const { checkpoint, savepoint, restored } = knownValue(observed.rest)?.checkpoints ?? {};
  const path = [checkpoint, savepoint, restored].find((snapshot) => snapshot?.id === newest)?.path;
  const why = `the high-availability data of job ${jobId} points to checkpoint ${newest}`;
  return { mode: 'last-state', checkpointId: newest, why, ...(path === undefined ? {} : { path }) };
}

/**
 * What the next run starts from after a restore that failed: the same state, wherever it can be had by now. Flink deletes
 * the high-availability data of a job that failed, and keeps the checkpoint it pointed to.
 */
export function restoreAgain(situation: Situation, record: FlinkRecord): Restore {
  const { failure, ...restore } = record.restore;
  if (failure === undefined || restore.mode !== 'last-state') return restore;
  const { resource, observed, defaults, target } = situation;
  const spec = target?.spec ?? record.spec;
  const dropping = mayDropState(spec, target?.rejects) ? withDroppedState(restore) : undefined;
  if (dropping !== undefined) return dropping;
  const { newestCheckpoint } = haMetadata(observed.haConfigMaps, resource.metadata.name, record.jobId);
  const usesHa = isHighlyAvailable(effectiveConf({ ...resource, spec } as FlinkDeployment, defaults));
  if (restore.path === undefined || (usesHa && newestCheckpoint !== undefined)) return restore;
  return fromPath(restore.path, 'it is the checkpoint that the high-availability data pointed to');
}

/**
 * Whether a start of a spec may drop state: where its user lets it, and not in place of a spec that was rejected, since the
 * state may be of that one's program, for which nobody let go of anything.
 */
export function mayDropState({ job }: FlinkDeploymentSpec, rejected: FlinkDeploymentSpec | undefined): boolean {
  return job?.allowNonRestoredState === true && rejected === undefined;
}

/**
 * A start from a checkpoint's path in place of one from high-availability data, which drops no state whatever
 * allowNonRestoredState says (CheckpointCoordinator.restoreInitialCheckpointIfPresent of Flink 1.20 and 2.3). Undefined
 * where the path is not known.
 */
export function withDroppedState({ mode, path }: Restore): Restore | undefined {
  if (mode !== 'last-state' || path === undefined) return undefined;
  return fromPath(path, 'spec.job.allowNonRestoredState is true, which holds only for a start from a path');
}
