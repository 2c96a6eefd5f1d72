import type { JobCode } from './code.ts';

/** Where an execution's state came from. */
export type Origin =
  | { readonly kind: 'empty' }
  /** `ha`: the newest checkpoint that high availability points to. `path`: execution.savepoint.path. */
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot; readonly via: 'ha' | 'path' };

/** How an execution ended. SUSPENDED: its JobManager stopped in order. KILLED: its JobManager died. */
export type ExecutionEnd = 'FINISHED' | 'FAILED' | 'CANCELED' | 'SUSPENDED' | 'KILLED';

/** One JobMaster at work on a job, from the moment it leads until its end: what really ran, whatever anyone believes. */
export interface Execution {
  readonly id: number;
  /** `namespace/name` of the cluster. */
  readonly cluster: string;
  readonly pod: string;
  readonly podUid: string;
  /** The start the pod was made for (annotation weir.dev/start-id); empty if it has none. */
  readonly startId: string;
  readonly jobId: string;
  readonly image: string;
  /** Its program, as CodeRef has it. */
  readonly jar: string;
  /** Of the widest vertex, as last deployed. */
  parallelism: number;
  readonly args: readonly string[];
  readonly startedMs: number;
  /** The graph was found in high availability's storage, not made from the configuration. */
  readonly recovered: boolean;
  /** execution.savepoint.path of the graph. */
  readonly restorePath: string | undefined;
  /** What its program does. */
  readonly code: JobCode;
  /** Undefined until the state was looked for, and for ever where that failed. */
  origin: Origin | undefined;
  /** When its tasks first ran; undefined if they never did. */
  processingSinceMs: number | undefined;
  endedMs: number | undefined;
  end: ExecutionEnd | undefined;
  /** Records in its state at the end, the ones restored included. */
  records: number;
  /** Why it failed. */
  failure: string | undefined;
  /** Restarts within it: when, and with how many records it went on. */
  readonly restarts: { readonly atMs: number; readonly records: number }[];
}

/** One checkpoint or savepoint that completed. */
export interface Snapshot {
  /** In the order of completion over the whole run. */
  readonly id: number;
  readonly kind: 'checkpoint' | 'savepoint';
  readonly path: string;
  readonly jobId: string;
  readonly checkpointId: number;
  /** Id of the execution that took it. */
  readonly execution: number;
  /** Follows the state from its empty beginning: a start from a snapshot goes on with the snapshot's lineage. */
  readonly lineage: number;
  readonly triggeredMs: number;
  readonly completedMs: number;
  /** Records processed since the state began. */
  readonly records: number;
  /** uids of the operators with state in it. */
  readonly operators: readonly string[];
  readonly serializer: string;
  readonly askedBy: SnapshotCause;
  /** The trigger id under which it was asked for by REST. */
  readonly triggerId: string | undefined;
  discardedMs: number | undefined;
  discardedBy: 'subsumed' | 'job end' | 'disposal' | 'fault' | undefined;
}

/** Who wanted a snapshot: the interval, a call of REST, or a stop-with-savepoint. */
export type SnapshotCause = 'interval' | 'rest' | 'stop';

/** What really happened in all Flink clusters of a run. Oracles read this, never the operator's status. */
export class GroundTruth {
  readonly executions: Execution[] = [];
  readonly snapshots: Snapshot[] = [];
  /** The job whose high availability data a JobManager is deleting at this moment, if one is. */
  cleaning: string | undefined;
  private lineages = 0;

  /** A new execution. */
  begin(
    fields: Omit<
      Execution,
      'id' | 'origin' | 'processingSinceMs' | 'endedMs' | 'end' | 'records' | 'failure' | 'restarts'
    >,
  ): Execution {
    const execution: Execution = {
      ...fields,
      id: this.executions.length + 1,
      origin: undefined,
      processingSinceMs: undefined,
      endedMs: undefined,
      end: undefined,
      records: 0,
      failure: undefined,
      restarts: [],
    };
    this.executions.push(execution);
    return execution;
  }

  /** The number of a state that begins empty. */
  newLineage(): number {
    this.lineages += 1;
    return this.lineages;
  }

  /** A snapshot that completed just now. */
  complete(fields: Omit<Snapshot, 'id' | 'discardedMs' | 'discardedBy'>): Snapshot {
    const snapshot: Snapshot = {
      ...fields,
      id: this.snapshots.length + 1,
      discardedMs: undefined,
      discardedBy: undefined,
    };
    this.snapshots.push(snapshot);
    return snapshot;
  }
}

/** What ran and what it left, or a part of that. */
export type Ran = Pick<GroundTruth, 'executions' | 'snapshots'>;

/** Some executions, and the snapshots that they took. */
export function partOf({ executions, snapshots }: Ran, isPart: (execution: Execution) => boolean): Ran {
  const part = executions.filter(isPart);
  const ids = new Set(part.map(({ id }) => id));
  return { executions: part, snapshots: snapshots.filter(({ execution }) => ids.has(execution)) };
}

/** Executions that go on. */
export function running({ executions }: Pick<GroundTruth, 'executions'>): readonly Execution[] {
  return executions.filter((execution) => execution.endedMs === undefined);
}
