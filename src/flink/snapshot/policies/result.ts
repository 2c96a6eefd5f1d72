import type { EventDraft } from '../../../core/plan.ts';
import { errorText } from '../../status-error.ts';
import { isSavepoint, type SnapshotIntent, type SnapshotSituation, snapshotEvent } from '../situation.ts';

const FIRST_WAIT_MS = 10_000;
const LONGEST_WAIT_MS = 600_000;
/** Doublings after which the longest wait is reached anyway. */
const MOST_DOUBLINGS = 10;

/** How long after its n-th failure an attempt is repeated: 10 s, 20 s, 40 s and so on, at most 10 min. */
export function retryWaitMs(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(MOST_DOUBLINGS, Math.max(0, failures - 1)));
}

/** The snapshot is there. `path` is undefined for a checkpoint that left none. */
export function completed(
  situation: SnapshotSituation,
  { path, sizeBytes }: { readonly path: string | undefined; readonly sizeBytes?: number | undefined },
): SnapshotIntent {
  const { spec, now } = situation;
  const lostPath =
    'the checkpoint is complete but its path is not known any more: the JobManager keeps only the newest in its ' +
    'history; raise web.checkpoints.history of the job';
  const what = isSavepoint(spec) ? 'savepoint' : 'checkpoint';
  return {
    because: 'SnapshotCompleted',
    message: path === undefined ? lostPath : `the ${what} is at ${path}`,
    phase: 'settled',
    change: {
      state: 'COMPLETED',
      path: path ?? '',
      resultTimestamp: now.toISOString(),
      error: undefined,
      ...(sizeBytes === undefined ? {} : { sizeBytes }),
    },
    events: path === undefined ? [snapshotEvent('Warning', 'CheckpointError', lostPath)] : [],
  };
}

/** An attempt failed: repeated after a wait, unless spec.backoffLimit says it was the last one. */
export function failedAttempt(situation: SnapshotSituation, cause: string): SnapshotIntent {
  const { spec, status, now } = situation;
  const failures = (status.failures ?? 0) + 1;
  const limit = spec.backoffLimit ?? -1;
  const final = limit >= 0 && failures > limit;
  const wait = retryWaitMs(failures);
  const times = failures === 1 ? 'once' : `${failures} times`;
  const message = final
    ? `failed ${times}, and spec.backoffLimit is ${limit}: ${cause}`
    : `failed ${times}, tried again ${wait / 1000} s after that: ${cause}`;
  const reason = isSavepoint(spec) ? 'SavepointError' : 'CheckpointError';
  const events: EventDraft[] = [
    snapshotEvent('Warning', reason, message),
    ...(final ? [snapshotEvent('Warning', 'SnapshotError', message)] : []),
  ];
  return {
    because: final ? 'SnapshotError' : 'SnapshotRetrying',
    message,
    phase: final ? 'stalled' : 'progressing',
    change: {
      state: final ? 'FAILED' : 'TRIGGER_PENDING',
      failures,
      resultTimestamp: now.toISOString(),
      error: errorText({ type: reason, message: cause }, situation),
    },
    events,
    ...(final ? {} : { requeueAfterMs: wait }),
  };
}

/** The snapshot will never be: the run it was to be taken of is over. */
export function abandoned(situation: SnapshotSituation, why: string): SnapshotIntent {
  return {
    because: 'SnapshotAbandoned',
    message: why,
    phase: 'stalled',
    change: { state: 'ABANDONED', path: undefined, error: why, resultTimestamp: situation.now.toISOString() },
    events: [snapshotEvent('Warning', 'SnapshotAbandoned', why)],
  };
}
