import { COUNTING, type CodeRef, type JobCode } from './code.ts';
import { StateStore } from './store.ts';
import { TaskManagers } from './task-managers.ts';
import { GroundTruth, type Snapshot, type SnapshotCause } from './truth.ts';

/** How long Flink takes, in milliseconds of virtual time. */
export interface FlinkTiming {
  /** From the start of a container until REST listens. */
  readonly boot: number;
  /** Running main() and making the JobMaster. */
  readonly submit: number;
  /** Looking for state and making the execution graph. */
  readonly initialize: number;
  readonly deploy: number;
  readonly cancel: number;
  /** Delay of the restart strategy. */
  readonly restart: number;
  readonly shutdown: number;
  /** From a job that cannot be initialized until its application is given up, where that ends the process. */
  readonly giveUp: number;
  readonly checkpoint: number;
  readonly savepoint: number;
  /** resourcemanager.taskmanager-timeout: how long a TaskManager may be idle. */
  readonly idle: number;
}

const TIMING: FlinkTiming = {
  boot: 2_000,
  submit: 1_000,
  initialize: 300,
  deploy: 400,
  cancel: 500,
  restart: 1_000,
  shutdown: 400,
  giveUp: 50,
  checkpoint: 150,
  savepoint: 1_500,
  idle: 30_000,
};

/** What one snapshot is asked for with. */
export interface SnapshotRequest {
  readonly kind: Snapshot['kind'];
  readonly cause: SnapshotCause;
  readonly folder: string | undefined;
  readonly triggerId: string | undefined;
}

/** What becomes of a snapshot. job-fails: it completes, then the job fails before it has stopped. */
export type SnapshotFate =
  | { readonly kind: 'ok' | 'fails' | 'job-fails'; readonly afterMs: number }
  | { readonly kind: 'never' };

/** What a scenario decides about Flink. */
export interface FlinkWorldOptions {
  /** What the jar of an image does; COUNTING unless given. */
  readonly code?: (ref: CodeRef) => JobCode;
  readonly timing?: Partial<FlinkTiming>;
  /** The fate of the n-th snapshot of a kind and cause, counted from 1; undefined: it completes in time. */
  readonly fate?: (request: SnapshotRequest, n: number) => SnapshotFate | undefined;
  /** Whether the storage refuses to delete a savepoint, the n-th time it is asked to, counted from 1. */
  readonly undeletable?: (n: number) => boolean;
}

/** What the Flink processes of a simulation share: storage, code, what fate has in store, and what really happened. */
export class FlinkWorld {
  readonly truth = new GroundTruth();
  readonly store = new StateStore(this.truth);
  readonly taskManagers = new TaskManagers();
  /** URLs at which there is no jar, or none yet. */
  readonly missingJars = new Set<string>();
  readonly timing: FlinkTiming;
  private readonly options: FlinkWorldOptions;
  private readonly asked = new Map<string, number>();
  private readonly processes = new Map<string, () => void>();
  private digits = 0;
  private deletions = 0;

  constructor(options: FlinkWorldOptions = {}) {
    this.options = options;
    this.timing = { ...TIMING, ...options.timing };
  }

  /** What the jar does. */
  codeOf(ref: CodeRef): JobCode {
    return this.options.code?.(ref) ?? COUNTING;
  }

  /** Decides what becomes of a snapshot that begins now. */
  fateOf(request: SnapshotRequest): SnapshotFate {
    const key = `${request.kind} ${request.cause}`;
    const n = (this.asked.get(key) ?? 0) + 1;
    this.asked.set(key, n);
    return this.options.fate?.(request, n) ?? { kind: 'ok', afterMs: this.timing[request.kind] };
  }

  /** Whether the storage lets a savepoint be deleted this time. */
  mayDelete(): boolean {
    this.deletions += 1;
    return this.options.undeletable?.(this.deletions) !== true;
  }

  /** Notes how to end the process in a pod at once; the result forgets it. */
  entered(pod: string, crash: () => void): () => void {
    this.processes.set(pod, crash);
    return () => void this.processes.delete(pod);
  }

  /** The process in a pod dies by itself, as of an OutOfMemoryError. */
  crash(pod: string): void {
    this.processes.get(pod)?.();
  }

  /** Hex digits that no other call returns, the same in every run. */
  hex(length: number): string {
    this.digits += 1;
    return this.digits.toString(16).padStart(length, '0');
  }
}
