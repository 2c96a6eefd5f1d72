import type { JobGraph } from './graph.ts';
import type { GroundTruth, Snapshot } from './truth.ts';

/** Text that stands where Flink writes a serialized pointer into its storage: nobody outside can read it. */
type Handle = string;

/**
 * The file system all clusters share: snapshots by path, what high availability keeps outside its ConfigMaps, and the job
 * result store. It outlives every process.
 */
export class StateStore {
  /** Paths whose files cannot be read: a fault of the storage. */
  readonly unreadable = new Set<string>();
  private readonly truth: GroundTruth;
  private readonly handles = new Map<Handle, Snapshot | JobGraph>();
  private readonly results = new Set<string>();
  private count = 0;

  constructor(truth: GroundTruth) {
    this.truth = truth;
  }

  /** The snapshot at a path, with or without its `_metadata` file named; undefined if there is none or it cannot be read. */
  at(path: string): Snapshot | undefined {
    const folder = path.replace(/\/+(_metadata)?$/, '').replace(/^file:\/+/, '/');
    if (this.unreadable.has(path)) return undefined;
    return this.truth.snapshots.findLast(
      (snapshot) => snapshot.discardedMs === undefined && snapshot.path.replace(/^file:\/+/, '/') === folder,
    );
  }

  /** Removes a snapshot's files. */
  discard(snapshot: Snapshot, atMs: number, by: NonNullable<Snapshot['discardedBy']>): void {
    if (snapshot.discardedMs !== undefined) return;
    snapshot.discardedMs = atMs;
    snapshot.discardedBy = by;
  }

  /** Keeps something in high availability's storage and returns what its ConfigMap holds for it. */
  keep(value: Snapshot | JobGraph): Handle {
    this.count += 1;
    const handle = btoa(`simulated state handle ${this.count}`);
    this.handles.set(handle, value);
    return handle;
  }

  /** What a value of high availability's ConfigMap points to. */
  resolve(handle: Handle): Snapshot | JobGraph | undefined {
    return this.handles.get(handle);
  }

  /** Notes that a job reached its end (FileSystemJobResultStore). */
  putResult(folder: string, jobId: string): void {
    this.results.add(`${folder}/${jobId}`);
  }

  /** Whether a job is known to have reached its end. */
  hasResult(folder: string, jobId: string): boolean {
    return this.results.has(`${folder}/${jobId}`);
  }
}
