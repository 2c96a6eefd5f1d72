/*
 * What Flink's REST API (1.15 to 2.3) tells of checkpoints and savepoints. Times are milliseconds since the epoch by the
 * JobManager's clock.
 */

/** A snapshot that Flink is asked for by a trigger id of ours. */
export type SnapshotKind = 'savepoint' | 'checkpoint';

/**
 * How far an asynchronous savepoint or checkpoint has come.
 * - completed: a savepoint has its `location`, a checkpoint its `checkpointId` (Flink 1.17 on).
 * - failed: `cause` is one line. `location` where Flink wrote a whole savepoint all the same and only stopping the job
 *   failed (StopWithSavepointStoppingException): a job may be started from it.
 * - unknown-trigger: the JobManager does not know the trigger id: it never got it, was restarted since, or completed it
 *   more than five minutes ago (CompletedOperationCache). This says nothing about the savepoint.
 */
export type SnapshotProgress =
  | { readonly kind: 'in-progress' }
  | { readonly kind: 'completed'; readonly location?: string; readonly checkpointId?: number }
  | { readonly kind: 'failed'; readonly cause: string; readonly location?: string }
  | { readonly kind: 'unknown-trigger' };

/**
 * How far the disposal of a savepoint has come; `unknown-trigger` as with snapshots. nothing-there: Flink found no savepoint
 * at the path, so that an earlier disposal has done its work and no later one can do more.
 */
export type DisposalProgress =
  | { readonly kind: 'in-progress' | 'completed' | 'nothing-there' | 'unknown-trigger' }
  | { readonly kind: 'failed'; readonly cause: string };

/** Whether no savepoint is at the path any more. */
export function isDisposed(disposal: DisposalProgress | undefined): boolean {
  return disposal?.kind === 'completed' || disposal?.kind === 'nothing-there';
}

/** A checkpoint or savepoint that Flink completed. */
export interface SnapshotFacts {
  /** Counts up over checkpoints and savepoints of a job, and goes on after a restore. */
  readonly id: number;
  readonly kind: SnapshotKind;
  /** Where a job can be started from; absent when nothing outside Flink can address it. */
  readonly path: string | undefined;
  /** When it was triggered. */
  readonly triggeredAt: number;
  /** When its last task acknowledged it, which completed it. */
  readonly completedAt: number;
  /** Bytes of state, including what an incremental checkpoint shares with earlier ones. */
  readonly sizeBytes: number;
  /** Flink has deleted it (a newer checkpoint took its place, or it was disposed of). */
  readonly discarded: boolean;
}

/** What a job last started from. */
export interface RestoredFacts {
  readonly id: number;
  readonly kind: SnapshotKind;
  readonly path: string | undefined;
  readonly restoredAt: number;
}

/** Everything Flink tells of one job's checkpoints; counts and history begin anew with each JobManager process. */
export interface CheckpointFacts {
  readonly counts: {
    readonly completed: number;
    readonly failed: number;
    readonly inProgress: number;
    readonly restored: number;
  };
  /** The newest completed checkpoint that is not a savepoint. */
  readonly checkpoint: SnapshotFacts | undefined;
  /** The newest completed savepoint. */
  readonly savepoint: SnapshotFacts | undefined;
  /** What the job was last restored from in this JobManager process. */
  readonly restored: RestoredFacts | undefined;
  /** Completed ones still in the history (web.checkpoints.history, 10 by default), newest first. */
  readonly history: readonly SnapshotFacts[];
  /** Those under way, newest first. */
  readonly inProgress: readonly {
    readonly id: number;
    readonly kind: SnapshotKind;
    readonly triggeredAt: number;
  }[];
}

/** What is told of a job whose checkpointing is off; of one that has taken none, the same in an object of its own. */
export const NO_CHECKPOINTS: CheckpointFacts = {
  counts: { completed: 0, failed: 0, inProgress: 0, restored: 0 },
  checkpoint: undefined,
  savepoint: undefined,
  restored: undefined,
  history: [],
  inProgress: [],
};

/** The first savepoint still there that was triggered at `sinceMs` or later, except those at `others`. */
export function savepointSince(
  checkpoints: CheckpointFacts | undefined,
  sinceMs: number,
  others: ReadonlySet<string>,
): SnapshotFacts | undefined {
  const { savepoint, history = [] } = checkpoints ?? {};
  return [...history, ...(savepoint === undefined ? [] : [savepoint])]
    .filter(({ kind, triggeredAt, discarded }) => kind === 'savepoint' && triggeredAt >= sinceMs && !discarded)
    .filter(({ path }) => path !== undefined && !others.has(path))
    .sort((a, b) => a.triggeredAt - b.triggeredAt)[0];
}
