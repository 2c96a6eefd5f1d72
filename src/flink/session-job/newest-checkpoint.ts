import { checkpointIntervalMs } from '../checkpoint-times.ts';
import { type FlinkConf, isHighlyAvailable } from '../flink-conf.ts';
import type { JobManagerAnswer } from '../observed.ts';
import { fromPath, type Restore } from '../restore.ts';
import type { RestoreFailure } from '../restore-failure.ts';
import type { SessionJobRecord } from './record.ts';

/*
 * A session whose JobManager dies right after it cancelled a job knows nothing of that job when it is back: Flink deletes the
 * high-availability data of a job that was cancelled, and keeps its checkpoint (Flink 1.15 to 2.3). The newest checkpoint that
 * was known when the job was asked to be cancelled is recorded with that. Later ones can only be of the moment until it was,
 * and each has a folder named by its number: the job is started from the newest that is possible, and from the one before
 * where Flink says that there is nothing, down to the one that was known.
 */

/** How old what is known of a job may be by the time that it is cancelled, in milliseconds. */
const WINDOW_MS = 60_000;

/** Checkpoints besides those of the interval that somebody may ask for meanwhile. */
const EXTRA = 2;

/** Most checkpoints that are looked for. */
const MAX_LOOKED_FOR = 20;

const NUMBERED = /^(.*\/chk-)(\d+)$/;

/** Whether a job that a session lost can be found again once its newest checkpoint is known; false also without state. */
export function canBeFound(conf: FlinkConf): boolean {
  return isHighlyAvailable(conf) && possible(conf) !== undefined;
}

/** How many checkpoints a job may complete until it is cancelled; undefined where they are too many to look for. */
function possible(conf: FlinkConf): number | undefined {
  const intervalMs = checkpointIntervalMs(conf);
  if (intervalMs === undefined) return undefined;
  const count = Math.ceil(WINDOW_MS / intervalMs) + EXTRA;
  return count > MAX_LOOKED_FOR ? undefined : count;
}

/** The newest checkpoint of a job that is asked to be cancelled; undefined where it would not tell how many may follow. */
export function lastKnown({ checkpoints }: JobManagerAnswer, conf: FlinkConf): Restore | undefined {
  const { checkpoint, savepoint, history = [] } = checkpoints ?? {};
  const number = Number(NUMBERED.exec(checkpoint?.path ?? '')?.[2] ?? Number.NaN);
  if (checkpoint?.path === undefined || number !== checkpoint.id || (savepoint?.id ?? 0) > checkpoint.id)
    return undefined;
  const times = history.filter(({ kind }) => kind === 'checkpoint').map(({ triggeredAt }) => triggeredAt);
  const gaps = times.slice(1).map((at, index) => (times[index] ?? at) - at);
  // A program that sets an interval of its own does not go by the configured one.
  if (gaps.some((gap) => gap < (checkpointIntervalMs(conf) ?? 0) * MEANT)) return undefined;
  const why = `checkpoint ${checkpoint.id} was the newest when the job was asked to be cancelled`;
  return { ...fromPath(checkpoint.path, why), checkpointId: checkpoint.id };
}

/** Part of the interval that two checkpoints are apart at least; the time of one varies a little. */
const MEANT = 0.8;

/** The newest checkpoint a lost job may have left, to be looked for from there on; undefined where nobody can tell. */
export function newestPossible({ restore, jobId, stopping }: SessionJobRecord, conf: FlinkConf): Restore | undefined {
  const { path = '', checkpointId } = restore;
  const [, folder, number] = NUMBERED.exec(path) ?? [];
  const count = possible(conf);
  if (stopping?.by !== 'cancel' || jobId === undefined || checkpointId === undefined || count === undefined)
    return undefined;
  if (Number(number) !== checkpointId || !isHighlyAvailable(conf)) return undefined;
  const why = `the session lost job ${jobId} when it was cancelled; its newest checkpoint is this or one before, down to ${checkpointId}`;
  return { ...fromPath(`${folder}${checkpointId + count}`, why), checkpointId, leftBy: jobId };
}

/** The checkpoint before one that is looked for and is not there; undefined where nothing is looked for any more. */
export function oneBefore({ path = '', ...restore }: Restore, failure: RestoreFailure): Restore | undefined {
  const [, folder, number] = NUMBERED.exec(path) ?? [];
  const { checkpointId } = restore;
  if (failure.kind !== 'missing-state' || failure.path?.replace(/\/+$/, '') !== path) return undefined;
  if (checkpointId === undefined || Number(number) <= checkpointId) return undefined;
  return { ...restore, path: `${folder}${Number(number) - 1}` };
}
