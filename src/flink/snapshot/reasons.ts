import { FLINK_REASONS, type ReasonTable } from '../reasons.ts';

/** Every reason of a FlinkStateSnapshot. */
export const SNAPSHOT_REASONS = {
  ValidationError: { ...FLINK_REASONS.ValidationError, means: 'The spec breaks a rule.' },
  SavepointError: { means: 'A savepoint failed; the message has the cause and the attempts left.' },
  CheckpointError: { means: 'A checkpoint failed, or is complete and its path cannot be told any more.' },
  SnapshotError: {
    means: 'All attempts failed; the message has the cause.',
    remedy: 'Make another FlinkStateSnapshot when the cause is gone.',
  },
  SnapshotAbandoned: {
    means: 'The job ended or is not there, so the snapshot cannot be taken.',
    remedy: 'Make another FlinkStateSnapshot when the job runs.',
  },
  FieldNotApplied: FLINK_REASONS.FieldNotApplied,
  CleanupFailed: FLINK_REASONS.CleanupFailed,
  Error: FLINK_REASONS.Error,
  Cleanup: { means: 'The resource is being deleted, and its savepoint with it unless `disposeOnDelete` is false.' },
  Deleting: { means: 'The resource is being deleted, and its savepoint is disposed of first where it is to be.' },
  SnapshotCompleted: { means: 'The snapshot is complete; `status.path` says where it is.' },
  SnapshotInProgress: { means: 'Flink takes the snapshot.' },
  SnapshotRetrying: { means: 'An attempt failed, and the next one waits for its time.' },
  SnapshotInUse: {
    means: 'The resource is deleted, and its savepoint stays as long as another resource needs it.',
    remedy: 'The message names what needs it.',
  },
  SnapshotLeft: { means: 'The resource is gone and its savepoint stays, since nobody can delete it now.' },
  JobNotFound: {
    means: 'There is no resource of the kind and name in `spec.jobReference`; the snapshot waits for it.',
    remedy: 'It has to be in the same namespace. Correct the reference, or make the resource.',
  },
  WaitingForJob: FLINK_REASONS.WaitingForJob,
  WaitingForJobManager: FLINK_REASONS.WaitingForJobManager,
  CheckpointsNotSupported: {
    means: 'Flink takes checkpoints on request from version 1.17 on.',
    remedy: 'Take a savepoint in its place.',
  },
  SavepointDirectoryMissing: {
    means: 'Neither `spec.savepoint.path` nor the configuration says where savepoints go.',
    remedy: 'Set `execution.checkpointing.savepoint-dir` (before Flink 1.20 `state.savepoints.dir`).',
  },
} as const satisfies ReasonTable<string>;

/** Why a pass did what it did: the one word that is said alike in condition, event, log line and metric. */
export type SnapshotReason = keyof typeof SNAPSHOT_REASONS;
