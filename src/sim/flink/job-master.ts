import { type Bounds, fitted, type GraphVertex, widest, withBounds } from './adaptive.ts';
import { CheckpointCoordinator, type SnapshotResult } from './checkpoints.ts';
import { statefulOperators } from './code.ts';
import {
  checkpointFailure,
  type Failure,
  failure,
  incompatibleSerializer,
  initializationFailure,
  stoppingFailure,
  unreadableState,
} from './failures.ts';
import type { JobGraph } from './graph.ts';
import type { JobHome, JobState, RootCause, TaskState } from './job-home.ts';
import { type Restored, restoredState } from './restore.ts';
import type { Execution, ExecutionEnd, Snapshot } from './truth.ts';

/** Ends without which an execution's numbers are still moving. */
type Terminal = Extract<JobState, 'CANCELED' | 'FAILED' | 'FINISHED'>;

/** One job at work in one JobManager, from initialization to its end. */
export class JobMaster {
  graph: JobGraph;
  readonly coordinator: CheckpointCoordinator;
  readonly exceptions: RootCause[] = [];
  readonly since = new Map<JobState, number>();
  state: JobState = 'INITIALIZING';
  tasks: TaskState = 'CREATED';
  lastModifiedMs: number;
  restarts = 0;
  private readonly home: JobHome;
  private readonly execution: Execution;
  /** Timers of an earlier turn of events do nothing. */
  private turn = 0;
  private base = 0;
  private lineage = 0;
  private runningSinceMs: number | undefined;
  private stopping = false;

  constructor(graph: JobGraph, home: JobHome, execution: Execution) {
    this.graph = graph;
    this.home = home;
    this.execution = execution;
    this.lastModifiedMs = home.now();
    this.since.set('INITIALIZING', home.now());
    this.coordinator = new CheckpointCoordinator({
      jobId: graph.jobId,
      execution: execution.id,
      operators: statefulOperators(graph.code),
      serializer: graph.code.serializer ?? '',
      settings: graph.checkpointing,
      flink: home.world,
      ha: home.ha,
      now: () => home.now(),
      whileRunning: (delayMs, callback) => this.later(delayMs, callback),
      records: () => this.records(),
      lineage: () => this.lineage,
      allTasksRun: () => this.tasks === 'RUNNING',
    });
    this.later(home.world.timing.initialize, () => this.initialize());
  }

  /** Whether the job is over for good. */
  get over(): boolean {
    return this.state === 'CANCELED' || this.state === 'FAILED' || this.state === 'FINISHED';
  }

  /** Records processed since its state began. */
  records(): number {
    return this.base + (this.runningSinceMs === undefined ? 0 : this.home.now() - this.runningSinceMs);
  }

  private later(delayMs: number, callback: () => void): void {
    const { turn } = this;
    this.home.after(delayMs, () => {
      if (turn === this.turn) callback();
    });
  }

  private initialize(): void {
    try {
      this.begin();
    } catch {
      this.later(1_000, () => this.initialize()); // the API server refused or is out of reach: its client tries again
    }
  }

  private begin(): void {
    const restored = restoredState(this.graph, this.home);
    if (!restored.ok) {
      this.neverBegins(initializationFailure(restored.failure));
      return;
    }
    this.takeOver(restored);
    this.become('CREATED', 'CREATED');
    this.schedule();
  }

  private neverBegins(cause: Failure): void {
    this.exceptions.unshift({ ...cause, atMs: this.home.now(), taskName: undefined });
    if (this.execution.recovered) {
      this.home.fatal(cause);
      return;
    }
    this.end('FAILED');
    this.home.neverBegan(cause);
  }

  private takeOver(restored: Restored): void {
    const { snapshot } = restored;
    if (restored.via === 'ha') this.coordinator.recover(restored.all, restored.nextId);
    else if (snapshot !== undefined) this.coordinator.restoreFrom(snapshot);
    this.lineage = snapshot?.lineage ?? this.home.world.truth.newLineage();
    this.base = snapshot?.records ?? 0;
    this.execution.origin =
      snapshot === undefined ? { kind: 'empty' } : { kind: 'snapshot', snapshot, via: restored.via ?? 'path' };
  }

  private schedule(): void {
    this.become('RUNNING', 'SCHEDULED');
    this.home.request(this.graph.slots);
    this.slotsChanged();
  }

  /** TaskManagers came or went, or the bounds of the vertices are others. */
  slotsChanged(): void {
    const slots = this.home.world.taskManagers.slots(this.home.cluster);
    const fitting = fitted(this.graph, slots);
    if (this.tasks === 'SCHEDULED' && fitting !== undefined) this.deploy(fitting);
    if (this.tasks !== 'DEPLOYING' && this.tasks !== 'RUNNING') return;
    if (slots < this.execution.parallelism) {
      const name = 'org.apache.flink.runtime.jobmaster.JobMasterException';
      this.failTask(failure(name, 'TaskManager is no longer reachable.', 'jobmaster.JobMaster.onTaskManagerLost'));
    } else if (fitting !== undefined && !this.stopping && !isAsWide(fitting, this.graph.vertices)) {
      this.coordinator.abort('The job is rescaled.');
      this.startOver();
    }
  }

  private deploy(vertices: readonly GraphVertex[]): void {
    this.graph = { ...this.graph, vertices };
    this.execution.parallelism = widest(vertices);
    this.become('RUNNING', 'DEPLOYING');
    this.later(this.home.world.timing.deploy, () => this.deployed());
  }

  /** PUT resource-requirements. Stored first; throws KubeError when that fails. */
  require(bounds: Readonly<Record<string, Bounds>>): void {
    const graph = withBounds(this.graph, bounds);
    this.home.ha?.putGraph(graph);
    this.graph = graph;
    this.home.request(graph.slots);
    this.slotsChanged();
  }

  private deployed(): void {
    const { code } = this.graph;
    const snapshot = this.coordinator.latest();
    const broken = snapshot === undefined ? undefined : this.unusable(snapshot);
    if (broken !== undefined) {
      this.failTask(broken);
      return;
    }
    this.become('RUNNING', 'RUNNING');
    this.runningSinceMs = this.home.now();
    this.execution.processingSinceMs ??= this.home.now();
    this.coordinator.start();
    if (code.failsAfterMs !== undefined) {
      this.later(code.failsAfterMs, () => {
        this.failTask(
          failure('java.lang.IllegalStateException', 'the job fails as it was told to', 'Task.run(Task.java:566)'),
        );
      });
    }
    if (code.finishesAfterMs !== undefined) {
      this.later(Math.max(0, code.finishesAfterMs - this.base), () => this.end('FINISHED'));
    }
  }

  private unusable(snapshot: Snapshot): Failure | undefined {
    if (snapshot.discardedMs !== undefined || this.home.world.store.unreadable.has(snapshot.path)) {
      return unreadableState(snapshot);
    }
    return snapshot.serializer === (this.graph.code.serializer ?? '') ? undefined : incompatibleSerializer();
  }

  private failTask(cause: Failure): void {
    const { graph } = this;
    this.coordinator.abort('The job has failed.');
    this.exceptions.unshift({ ...cause, atMs: this.home.now(), taskName: `${graph.vertices[0]?.name} (1/1)` });
    if (!graph.restarts) {
      this.end('FAILED');
      return;
    }
    this.startOver();
  }

  private startOver(): void {
    this.stopping = false;
    this.halt();
    this.become('RESTARTING', 'CANCELED');
    this.restarts += 1;
    this.later(this.home.world.timing.restart, () => this.restart());
  }

  private restart(): void {
    const latest = this.coordinator.latest();
    this.base = latest?.records ?? 0;
    if (latest === undefined) this.lineage = this.home.world.truth.newLineage();
    this.coordinator.noteRestore();
    this.execution.restarts.push({ atMs: this.home.now(), records: this.base });
    this.become('RESTARTING', 'CREATED');
    this.schedule();
  }

  /** Processing stops here; what was to happen later does not. */
  private halt(): void {
    this.base = this.records();
    this.runningSinceMs = undefined;
    this.turn += 1;
  }

  /** PATCH mode=cancel. */
  cancel(): void {
    if (this.over || this.state === 'CANCELLING' || this.state === 'SUSPENDED') return;
    this.coordinator.abort('The job was canceled.');
    this.halt();
    this.become('CANCELLING', 'CANCELING');
    this.later(this.home.world.timing.cancel, () => this.end('CANCELED'));
  }

  /** Takes a savepoint and, if it can, stops with it. */
  stopWithSavepoint(
    request: { readonly folder: string; readonly triggerId: string },
    done: (result: SnapshotResult) => void,
  ): void {
    if (this.stopping) {
      done({ ok: false, failure: checkpointFailure('Stopping with savepoint is already in progress.') });
      return;
    }
    this.stopping = true;
    this.coordinator.pause(true);
    this.coordinator.trigger({ kind: 'savepoint', cause: 'stop', ...request }, (result) => {
      if (!result.ok) {
        this.stopping = false;
        this.coordinator.pause(false);
        done(result);
      } else if (result.jobFails) {
        const cause = stoppingFailure(result.snapshot.path, this.graph.jobId);
        this.failTask(cause);
        done({ ok: false, failure: cause });
      } else {
        this.end('FINISHED');
        done(result);
      }
    });
  }

  /** Its JobManager stops in order, loses the leadership, or dies. */
  leave(end: Extract<ExecutionEnd, 'SUSPENDED' | 'KILLED'>): void {
    if (this.execution.endedMs !== undefined) return;
    this.halt();
    if (end === 'SUSPENDED') {
      this.coordinator.abort('The job was suspended.');
      this.coordinator.shutdown('SUSPENDED');
      this.become('SUSPENDED', 'CANCELED');
    }
    this.close(end);
  }

  private end(state: Terminal): void {
    this.halt();
    this.coordinator.abort(`The job has ended: ${state}.`);
    this.coordinator.shutdown(state);
    const tasks = state === 'FINISHED' ? 'FINISHED' : state === 'CANCELED' ? 'CANCELED' : 'FAILED';
    this.become(state, tasks);
    this.close(state);
    this.home.terminated(this.graph.jobId);
  }

  private close(end: ExecutionEnd): void {
    this.execution.endedMs = this.home.now();
    this.execution.end = end;
    this.execution.records = this.base;
    this.execution.failure = end === 'FAILED' ? this.exceptions[0]?.trace : undefined;
  }

  private become(state: JobState, tasks: TaskState): void {
    if (state !== this.state) this.since.set(state, this.home.now());
    this.state = state;
    this.tasks = tasks;
    this.lastModifiedMs = this.home.now();
  }
}

function isAsWide(some: readonly GraphVertex[], others: readonly GraphVertex[]): boolean {
  return some.every(({ parallelism }, index) => parallelism === others[index]?.parallelism);
}
