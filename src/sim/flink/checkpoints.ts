import { checkpointFailure, type Failure } from './failures.ts';
import type { Checkpointing } from './graph.ts';
import type { KubernetesHa } from './ha.ts';
import type { GroundTruth, Snapshot } from './truth.ts';
import type { FlinkWorld, SnapshotRequest } from './world.ts';

/** A checkpoint or savepoint as the JobManager's statistics show it. */
export interface CheckpointStat {
  readonly id: number;
  readonly kind: Snapshot['kind'];
  readonly triggeredMs: number;
  state: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  endedMs: number | undefined;
  snapshot: Snapshot | undefined;
  failure: string | undefined;
}

/** How a snapshot that was asked for ended. */
export type SnapshotResult =
  | { readonly ok: true; readonly snapshot: Snapshot; readonly jobFails: boolean }
  | { readonly ok: false; readonly failure: Failure };

/** The job a coordinator works for. */
export interface CheckpointedJob {
  readonly jobId: string;
  readonly execution: number;
  readonly operators: readonly string[];
  readonly serializer: string;
  readonly settings: Checkpointing;
  readonly flink: FlinkWorld;
  readonly ha: KubernetesHa | undefined;
  now(): number;
  /** Calls back unless the tasks stopped running in between. */
  whileRunning(delayMs: number, callback: () => void): void;
  records(): number;
  lineage(): number;
  allTasksRun(): boolean;
}

interface Entry {
  readonly snapshot: Snapshot;
  /** Files of a snapshot the job was started from by path are not the job's to delete (claim mode NO_CLAIM). */
  readonly owned: boolean;
}

const HISTORY = 10;

/** Takes a job's snapshots, and knows which of them the job would be restored from (CheckpointCoordinator). */
export class CheckpointCoordinator {
  /** Newest first. */
  readonly history: CheckpointStat[] = [];
  /** Those before, newest first: Flink tells of the newest of each kind however long ago that was (CheckpointStatsHistory). */
  readonly past: CheckpointStat[] = [];
  readonly counts = { completed: 0, failed: 0, restored: 0, total: 0 };
  restored: { readonly snapshot: Snapshot; readonly atMs: number } | undefined;
  private readonly job: CheckpointedJob;
  private entries: readonly Entry[] = [];
  private nextId = 1;
  private pending: { readonly stat: CheckpointStat; readonly done: (result: SnapshotResult) => void }[] = [];
  private paused = false;

  constructor(job: CheckpointedJob) {
    this.job = job;
  }

  /** Takes over what high availability knows. */
  recover(entries: readonly Snapshot[], nextId: number): void {
    this.entries = entries.map((snapshot) => ({ snapshot, owned: true }));
    this.nextId = nextId;
    this.noteRestore();
  }

  /** Goes on from a snapshot that was given by path. */
  restoreFrom(snapshot: Snapshot): void {
    this.entries = [{ snapshot, owned: false }];
    this.nextId = snapshot.checkpointId + 1;
    this.job.ha?.putCheckpoint(this.job.jobId, snapshot);
    this.job.ha?.setCounter(this.job.jobId, this.nextId);
    this.noteRestore();
  }

  /** What the job would be restored from now. */
  latest(): Snapshot | undefined {
    return this.entries.at(-1)?.snapshot;
  }

  /** The tasks were restored once more. */
  noteRestore(): void {
    const snapshot = this.latest();
    if (snapshot === undefined) return;
    this.counts.restored += 1;
    this.restored = { snapshot, atMs: this.job.now() };
  }

  /** All tasks run: periodic checkpoints begin. */
  start(): void {
    this.paused = false;
    this.schedule();
  }

  private schedule(): void {
    const { intervalMs } = this.job.settings;
    if (intervalMs === undefined || intervalMs <= 0) return;
    this.job.whileRunning(intervalMs, () => {
      const busy = this.paused || this.pending.some(({ stat }) => stat.kind === 'checkpoint');
      if (!busy) {
        const folder = this.job.settings.folder;
        this.trigger({ kind: 'checkpoint', cause: 'interval', folder, triggerId: undefined }, () => undefined);
      }
      this.schedule();
    });
  }

  /** No more periodic checkpoints while a stop-with-savepoint is under way. */
  pause(paused: boolean): void {
    this.paused = paused;
  }

  /** The tasks do not run any more: what is under way fails. */
  abort(reason: string): void {
    for (const { stat, done } of this.pending.splice(0)) this.fail(stat, reason, done);
  }

  /** Begins a snapshot; `done` is called once it has completed or failed. */
  trigger(request: SnapshotRequest, done: (result: SnapshotResult) => void): void {
    if (!this.job.allTasksRun()) {
      const reason = 'Checkpoint triggering task of job is not being executed at the moment. Aborting checkpoint. ';
      done({
        ok: false,
        failure: checkpointFailure(`${reason}Failure reason: Not all required tasks are currently running.`),
      });
      return;
    }
    const stat = this.newStat(request.kind);
    if (!this.reserveId()) {
      this.fail(stat, 'An Exception occurred while triggering the checkpoint. IO-problem detected.', done);
      return;
    }
    const records = this.job.records();
    const fate = this.job.flink.fateOf(request);
    this.pending.push({ stat, done });
    if (fate.kind === 'never') return;
    this.job.whileRunning(fate.afterMs, () => {
      if (stat.state !== 'IN_PROGRESS') return;
      this.pending = this.pending.filter((other) => other.stat !== stat);
      if (fate.kind === 'fails') this.fail(stat, 'Checkpoint Coordinator is suspending.', done);
      else this.complete(stat, { ...request, records, jobFails: fate.kind === 'job-fails' }, done);
    });
  }

  private newStat(kind: Snapshot['kind']): CheckpointStat {
    const stat: CheckpointStat = {
      id: this.nextId,
      kind,
      triggeredMs: this.job.now(),
      state: 'IN_PROGRESS',
      endedMs: undefined,
      snapshot: undefined,
      failure: undefined,
    };
    this.nextId += 1;
    this.counts.total += 1;
    this.history.unshift(stat);
    this.past.unshift(...this.history.splice(HISTORY));
    return stat;
  }

  /** False when high availability could not be told which id comes next. */
  private reserveId(): boolean {
    try {
      this.job.ha?.setCounter(this.job.jobId, this.nextId);
      return true;
    } catch {
      return false; // the API server refused or is out of reach: no checkpoint without an id of its own
    }
  }

  private complete(
    stat: CheckpointStat,
    request: SnapshotRequest & { readonly records: number; readonly jobFails: boolean },
    done: (result: SnapshotResult) => void,
  ): void {
    const { job } = this;
    const snapshot = record(job.flink.truth, this.job, stat, request);
    if (request.kind === 'checkpoint' && !this.add(snapshot)) {
      job.flink.store.discard(snapshot, job.now(), 'fault');
      this.fail(stat, 'Could not complete the pending checkpoint.', done);
      return;
    }
    this.counts.completed += 1;
    stat.state = 'COMPLETED';
    stat.endedMs = job.now();
    stat.snapshot = snapshot;
    done({ ok: true, snapshot, jobFails: request.jobFails });
  }

  /** Makes a checkpoint the newest one; false when high availability could not be told. */
  private add(snapshot: Snapshot): boolean {
    const { ha, jobId, settings } = this.job;
    try {
      ha?.putCheckpoint(jobId, snapshot);
    } catch {
      return false; // the API server refused or is out of reach: Flink gives the checkpoint up
    }
    const entries = [...this.entries, { snapshot, owned: true }];
    const kept = entries.slice(-Math.max(1, settings.retained));
    this.entries = kept;
    for (const old of entries.slice(0, entries.length - kept.length)) this.subsume(old);
    return true;
  }

  /** The files go only after the pointer to them has gone. */
  private subsume({ snapshot, owned }: Entry): void {
    try {
      this.job.ha?.removeCheckpoint(this.job.jobId, snapshot.checkpointId);
    } catch {
      return; // pointer and files stay
    }
    if (owned) this.job.flink.store.discard(snapshot, this.job.now(), 'subsumed');
  }

  private fail(stat: CheckpointStat, reason: string, done: (result: SnapshotResult) => void): void {
    this.counts.failed += 1;
    stat.state = 'FAILED';
    stat.endedMs = this.job.now();
    stat.failure = reason;
    done({ ok: false, failure: checkpointFailure(reason) });
  }

  /** The job is over: files go or stay as its retention says (CheckpointProperties). */
  shutdown(state: 'FINISHED' | 'CANCELED' | 'FAILED' | 'SUSPENDED'): void {
    const { settings, ha, flink } = this.job;
    if (state === 'SUSPENDED' && ha !== undefined) return;
    const keeps = {
      RETAIN_ON_CANCELLATION: state !== 'FINISHED',
      DELETE_ON_CANCELLATION: state === 'FAILED',
      NO_EXTERNALIZED_CHECKPOINTS: false,
    }[settings.externalized];
    if (keeps) return;
    for (const { snapshot, owned } of this.entries) {
      if (owned) flink.store.discard(snapshot, this.job.now(), 'job end');
    }
  }
}

function record(
  truth: GroundTruth,
  job: CheckpointedJob,
  stat: CheckpointStat,
  request: SnapshotRequest & { readonly records: number },
): Snapshot {
  const folder = request.folder ?? 'memory:';
  const path =
    request.kind === 'checkpoint'
      ? `${folder}/${job.jobId}/chk-${stat.id}`
      : `${folder}/savepoint-${job.jobId.slice(0, 6)}-${job.flink.hex(12)}`;
  return truth.complete({
    kind: request.kind,
    path,
    jobId: job.jobId,
    checkpointId: stat.id,
    execution: job.execution,
    lineage: job.lineage(),
    triggeredMs: stat.triggeredMs,
    completedMs: job.now(),
    records: request.records,
    operators: job.operators,
    serializer: job.serializer,
    askedBy: request.cause,
    triggerId: request.triggerId,
  });
}
