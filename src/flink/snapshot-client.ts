import * as z from 'zod';
import { FailureError } from '../core/failure.ts';
import {
  type Door,
  describeTarget,
  errorText,
  type JobManagerTarget,
  type RestAnswer,
  readAs,
  send,
  unexpected,
} from './rest-request-client.ts';
import { missingStateIn } from './restore-failure.ts';
import { plainPath } from './snapshot/dependants.ts';
import {
  type CheckpointFacts,
  type DisposalProgress,
  NO_CHECKPOINTS,
  type RestoredFacts,
  type SnapshotFacts,
  type SnapshotKind,
  type SnapshotProgress,
} from './snapshot-facts.ts';
import { rootCause } from './stack-trace.ts';

/** What a savepoint is asked for with. */
export interface SavepointRequest {
  /**
   * 32 hex digits chosen by the caller and recorded before the request: Flink starts one savepoint per trigger id, so
   * repeating a request asks for nothing new (Flink 1.15 on) while the same JobManager process lives.
   */
  readonly triggerId: string;
  /** Folder the savepoint's own folder is made in; absent: `execution.checkpointing.savepoint-dir` of the job. */
  readonly targetDirectory: string | undefined;
  /** Absent: Flink's default, CANONICAL. */
  readonly formatType: 'CANONICAL' | 'NATIVE' | undefined;
}

/** What a job is stopped with. */
export interface StopRequest extends SavepointRequest {
  /** Emits a MAX_WATERMARK before stopping: only for jobs that are never resumed. */
  readonly drain: boolean;
}

/** What a checkpoint is asked for with (Flink 1.17 on). */
export interface CheckpointRequest {
  /** As in SavepointRequest. */
  readonly triggerId: string;
  /** CONFIGURED is as the job's own checkpoints are. */
  readonly checkpointType: 'CONFIGURED' | 'FULL' | 'INCREMENTAL';
}

/**
 * Asks Flink to stop a job with a savepoint (POST /jobs/:id/stop); whether and where it was written tells askSnapshot
 * with kind `savepoint`. Throws FailureError: `waiting` JobNotFound (404) or JobNotRunning (409), `stalled`
 * SnapshotRefused (400, e.g. no folder given and none configured), else `transient`: it may have taken effect. An
 * accepted request says little: Flink accepts one for a job it does not know and reports that by askSnapshot.
 */
export async function stopWithSavepoint(door: Door, request: StopRequest): Promise<void> {
  const { triggerId, targetDirectory, formatType, drain } = request;
  await trigger(door, `/jobs/${door.target.jobId}/stop`, { triggerId, targetDirectory, formatType, drain });
}

/** Asks Flink for a savepoint of a job that goes on (POST /jobs/:id/savepoints). Throws as stopWithSavepoint. */
export async function triggerSavepoint(door: Door, request: SavepointRequest): Promise<void> {
  const { triggerId, targetDirectory, formatType } = request;
  const body = { triggerId, 'target-directory': targetDirectory, formatType, 'cancel-job': false };
  await trigger(door, `/jobs/${door.target.jobId}/savepoints`, body);
}

/** Asks Flink for a checkpoint (POST /jobs/:id/checkpoints, Flink 1.17 on). Throws as stopWithSavepoint. */
export async function triggerCheckpoint(door: Door, request: CheckpointRequest): Promise<void> {
  const { triggerId, checkpointType } = request;
  await trigger(door, `/jobs/${door.target.jobId}/checkpoints`, { triggerId, checkpointType });
}

/**
 * Asks Flink to delete a savepoint's files (POST /savepoint-disposal); the trigger id is Flink's own and is returned.
 * Throws FailureError.
 */
export async function disposeSavepoint(door: Door, path: string): Promise<string> {
  const answer = await trigger(door, '/savepoint-disposal', { 'savepoint-path': path });
  return readAs(door.target, 'POST /savepoint-disposal', answer.body, Triggered)['request-id'];
}

async function trigger(door: Door, path: string, body: Readonly<Record<string, unknown>>): Promise<RestAnswer> {
  const answer = await send(door, 'POST', path, body);
  if (answer.status === 200 || answer.status === 202) return answer;
  throw refused(door.target, `POST ${path}`, answer);
}

const RETRY_MS = 5000;

function refused(target: JobManagerTarget, request: string, { status, body }: RestAnswer): FailureError {
  const said = errorText(body);
  const what = `${request} answered ${status}${said === '' ? '' : `: ${said}`}`;
  const message = `${describeTarget(target)}: ${what}`;
  switch (status) {
    case 400:
      return new FailureError({ kind: 'stalled', reason: 'SnapshotRefused', message });
    case 404:
      return new FailureError({ kind: 'waiting', reason: 'JobNotFound', message, retryAfterMs: RETRY_MS });
    case 409:
      return new FailureError({ kind: 'waiting', reason: 'JobNotRunning', message, retryAfterMs: RETRY_MS });
    default:
      return unexpected(target, what);
  }
}

/** Longer ones are kept nowhere: a job that names such a path is not believed. */
const Path = z.string().max(4096);

const Triggered = z.object({ 'request-id': z.string() });
const Throwable = z.object({ class: z.string().nullish(), 'stack-trace': z.string().nullish() });
const Operation = z.object({
  status: z.object({ id: z.enum(['IN_PROGRESS', 'COMPLETED']) }),
  operation: z
    .object({
      location: Path.nullish(),
      checkpointId: z.number().nullish(),
      'failure-cause': Throwable.nullish(),
      failureCause: Throwable.nullish(),
    })
    .nullish(),
});

/**
 * How far the savepoint (also of stopWithSavepoint) or checkpoint of a trigger id has come. Throws FailureError when the
 * JobManager does not answer.
 */
export async function askSnapshot(door: Door, kind: SnapshotKind, triggerId: string): Promise<SnapshotProgress> {
  const answer = await askOperation(door, `/jobs/${door.target.jobId}/${kind}s/${triggerId}`);
  return answer.kind === 'failed' ? failed(answer.trace) : answer;
}

/**
 * How far the disposal of the savepoint at `path` has come, by its trigger id. Throws FailureError when the JobManager does
 * not answer.
 */
export async function askDisposal(door: Door, triggerId: string, path: string): Promise<DisposalProgress> {
  const answer = await askOperation(door, `/savepoint-disposal/${triggerId}`);
  if (answer.kind !== 'failed') return { kind: answer.kind };
  const missing = missingStateIn(answer.trace);
  const gone = missing !== undefined && plainPath(missing) === plainPath(path);
  return gone ? { kind: 'nothing-there' } : { kind: 'failed', cause: rootCause(answer.trace) };
}

type OperationAnswer =
  | Exclude<SnapshotProgress, { kind: 'failed' }>
  | { readonly kind: 'failed'; readonly trace: string };

async function askOperation(door: Door, path: string): Promise<OperationAnswer> {
  const answer = await send(door, 'GET', path);
  if (answer.status === 404) return { kind: 'unknown-trigger' };
  if (answer.status !== 200) throw unexpected(door.target, `GET ${path} answered ${answer.status}`);
  const { status, operation } = readAs(door.target, `GET ${path}`, answer.body, Operation);
  if (status.id === 'IN_PROGRESS') return { kind: 'in-progress' };
  const failure = operation?.['failure-cause'] ?? operation?.failureCause;
  if (failure !== undefined && failure !== null) return { kind: 'failed', trace: traceOf(failure) };
  const { location, checkpointId } = operation ?? {};
  return { kind: 'completed', ...present({ location, checkpointId }) };
}

function traceOf(failure: z.infer<typeof Throwable>): string {
  return failure['stack-trace'] ?? failure.class ?? 'Flink gave no cause';
}

/** Begins the message of StopWithSavepointStoppingException (Flink 1.15 to 2.3), before the path. */
const SAVED_ALL_THE_SAME = /A savepoint has been created at: (\S+), but the corresponding job/;

function failed(trace: string): SnapshotProgress {
  const location = SAVED_ALL_THE_SAME.exec(trace)?.[1];
  return { kind: 'failed', cause: rootCause(trace), ...present({ location }) };
}

/** The properties that have a value. */
function present<T>(values: { readonly [K in keyof T]: T[K] | null | undefined }): Partial<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as Partial<T>;
}

/** What Flink says instead of a path where a checkpoint has none (NonPersistentMetadataCheckpointStorageLocation). */
const NO_PATH = '<checkpoint-not-externally-addressable>';

const Basic = z.object({ id: z.number(), is_savepoint: z.boolean(), trigger_timestamp: z.number() });
const Completed = Basic.extend({
  latest_ack_timestamp: z.number(),
  state_size: z.number(),
  external_path: Path.nullish(),
  discarded: z.boolean().nullish(),
});
const Restored = z.object({
  id: z.number(),
  is_savepoint: z.boolean(),
  restore_timestamp: z.number(),
  external_path: Path.nullish(),
});
const Entry = z.discriminatedUnion('status', [
  Completed.extend({ status: z.literal('COMPLETED') }),
  Basic.extend({ status: z.enum(['IN_PROGRESS', 'FAILED']) }),
]);
const Checkpoints = z.object({
  counts: z.object({ restored: z.number(), in_progress: z.number(), completed: z.number(), failed: z.number() }),
  latest: z.object({
    completed: Completed.nullish(),
    savepoint: Completed.nullish(),
    restored: Restored.nullish(),
  }),
  history: z.array(Entry),
});

/**
 * Everything Flink tells of the job's checkpoints (GET /jobs/:id/checkpoints). The answer comes from a cache of at most
 * 3 s (web.refresh-interval). Throws FailureError: `waiting` JobNotFound when the JobManager does not know the job, else
 * `transient`.
 */
export async function askCheckpoints(door: Door): Promise<CheckpointFacts> {
  const path = `/jobs/${door.target.jobId}/checkpoints`;
  const answer = await send(door, 'GET', path);
  if (answer.status === 404 && /Checkpointing has not been enabled/.test(errorText(answer.body))) return NO_CHECKPOINTS;
  if (answer.status !== 200) throw refused(door.target, `GET ${path}`, answer);
  const { counts, latest, history } = readAs(door.target, `GET ${path}`, answer.body, Checkpoints);
  return {
    counts: {
      completed: counts.completed,
      failed: counts.failed,
      inProgress: counts.in_progress,
      restored: counts.restored,
    },
    checkpoint: snapshotFacts(latest.completed),
    savepoint: snapshotFacts(latest.savepoint),
    restored: restoredFacts(latest.restored),
    history: history.flatMap((entry) => (entry.status === 'COMPLETED' ? [completedFacts(entry)] : [])),
    inProgress: history
      .filter((entry) => entry.status === 'IN_PROGRESS')
      .map((entry) => ({ id: entry.id, kind: kindOf(entry), triggeredAt: entry.trigger_timestamp })),
  };
}

/**
 * One checkpoint by its id (GET /jobs/:id/checkpoints/details/:id); undefined when it is not in the history any more or
 * not completed. Throws FailureError when the JobManager does not answer.
 */
export async function askCheckpoint(door: Door, id: number): Promise<SnapshotFacts | undefined> {
  const path = `/jobs/${door.target.jobId}/checkpoints/details/${id}`;
  const answer = await send(door, 'GET', path);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw refused(door.target, `GET ${path}`, answer);
  const found = readAs(door.target, `GET ${path}`, answer.body, Entry);
  return found.status === 'COMPLETED' ? completedFacts(found) : undefined;
}

function snapshotFacts(found: z.infer<typeof Completed> | null | undefined): SnapshotFacts | undefined {
  return found === undefined || found === null ? undefined : completedFacts(found);
}

function completedFacts(found: z.infer<typeof Completed>): SnapshotFacts {
  return {
    id: found.id,
    kind: kindOf(found),
    path: pathOf(found.external_path),
    triggeredAt: found.trigger_timestamp,
    completedAt: found.latest_ack_timestamp,
    sizeBytes: found.state_size,
    discarded: found.discarded === true,
  };
}

function restoredFacts(found: z.infer<typeof Restored> | null | undefined): RestoredFacts | undefined {
  if (found === undefined || found === null) return undefined;
  return {
    id: found.id,
    kind: kindOf(found),
    path: pathOf(found.external_path),
    restoredAt: found.restore_timestamp,
  };
}

function kindOf({ is_savepoint }: { readonly is_savepoint: boolean }): SnapshotKind {
  return is_savepoint ? 'savepoint' : 'checkpoint';
}

function pathOf(path: string | null | undefined): string | undefined {
  return path === undefined || path === null || path === '' || path === NO_PATH ? undefined : path;
}
