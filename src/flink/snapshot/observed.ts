import type { Fact } from '../../core/fact.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { JobManagerTarget } from '../rest-request-client.ts';
import type { FlinkVersion } from '../schema.ts';
import type { CheckpointFacts, DisposalProgress, SnapshotFacts, SnapshotProgress } from '../snapshot-facts.ts';
import type { FlinkJobStatusState } from '../status-schema.ts';

/*
 * What a decision about a FlinkStateSnapshot may know, gathered once per pass by observe.ts:
 *
 *   the resource in spec.jobReference   job          its status, and where its JobManager answers
 *   other FlinkStateSnapshots           others       so that no savepoint counts for two of them
 *   FlinkDeployments, FlinkSessionJobs  dependants   only while the snapshot is being deleted: who needs its files
 *   JobManager REST                     rest         the probe's latest answer
 */

/** Everything known about one FlinkStateSnapshot. */
export interface SnapshotObserved {
  /** The resource that spec.jobReference names; undefined when there is none. */
  readonly job: ReferencedJob | undefined;
  readonly others: readonly KubeObject[];
  readonly dependants: readonly KubeObject[];
  readonly rest: Fact<SnapshotAnswer>;
}

/** The job a snapshot is taken of, as its resource's status has it. */
export interface ReferencedJob {
  readonly resource: KubeObject;
  readonly state: FlinkJobStatusState | undefined;
  readonly jobId: string | undefined;
  /** Undefined while no cluster was started. */
  readonly cluster: SnapshotCluster | undefined;
}

/** The cluster that runs the job. */
export interface SnapshotCluster {
  readonly target: JobManagerTarget;
  readonly flinkVersion: FlinkVersion;
  /** Where its savepoints go unless a snapshot says otherwise (`execution.checkpointing.savepoint-dir`). */
  readonly savepointDirectory: string | undefined;
}

/** One JobManager's answer about one snapshot. */
export interface SnapshotAnswer {
  /** The trigger id that was asked for; undefined when only a disposal was. */
  readonly triggerId: string | undefined;
  readonly progress: SnapshotProgress | undefined;
  /** The completed checkpoint, while Flink still has it in its history. */
  readonly checkpoint: SnapshotFacts | undefined;
  /** All checkpoints of the job: only when the trigger id is unknown. */
  readonly checkpoints: CheckpointFacts | undefined;
  /** How far deleting the savepoint's files has come; undefined when it was not asked for. */
  readonly disposal: DisposalProgress | undefined;
}
