import type { ClusterCapacity } from '../core/capacity/survey.ts';
import { type Fact, unknown } from '../core/fact.ts';
import type { KubeObject } from '../kube/object.ts';
import type { JobVertex, Reading } from './autoscaler/model.ts';
import type { FlinkJobStatusState } from './schema.ts';
import type { CheckpointFacts, DisposalProgress, SnapshotKind, SnapshotProgress } from './snapshot-facts.ts';

/*
 * What a decision about a FlinkDeployment may know, gathered once per pass by observe.ts:
 *
 *   Deployment <name>                 jobManager        what was created for which start (annotations)
 *   Deployment <name>-taskmanager     taskManager       standalone mode only
 *   Services, ConfigMaps, Ingress     children          of any start, found by label or name
 *   ConfigMaps of Flink's HA          haConfigMaps      written by Flink, never owned
 *   Pods                              pods              JobManager and TaskManager pods of any start
 *   FlinkSessionJobs                  sessionJobs       that keep a session from being deleted
 *                                     statefulJobs      that would lose their state with a session
 *   JobManager REST                   rest              the probe's latest answer
 *   nodes, pods, quotas               capacity          the survey's latest answer, asked for at starts
 *   ConfigMap autoscaler-<name>       autoscalerMap     what the autoscaler remembers
 */

/** Everything known about one FlinkDeployment's cluster. */
export interface Observed {
  readonly jobManager: KubeObject | undefined;
  readonly taskManager: KubeObject | undefined;
  readonly children: readonly KubeObject[];
  readonly haConfigMaps: readonly KubeObject[];
  readonly pods: readonly KubeObject[];
  readonly rest: Fact<JobManagerAnswer>;
  readonly capacity: Fact<ClusterCapacity>;
  /** Names of the FlinkSessionJobs that use it; only of a session cluster that is being deleted. */
  readonly sessionJobs?: readonly string[];
  /** The FlinkSessionJobs whose state only it can tell; only of a session cluster that stays. */
  readonly statefulJobs?: readonly StatefulJob[];
  /** The FlinkStateSnapshots of its job. */
  readonly snapshots?: readonly KubeObject[];
  /** Resources that may need the files of a savepoint; only where the status keeps savepoints that may be deleted. */
  readonly dependants?: readonly KubeObject[];
  /** What the autoscaler remembers of its job. */
  readonly autoscalerMap?: KubeObject | undefined;
}

/** A FlinkSessionJob whose job runs and keeps state, or has ended and what it left is not recorded yet. */
export interface StatefulJob {
  readonly name: string;
  readonly jobId: string;
}

/** Nothing was looked at: for decisions that rest on the resource alone. */
export const UNSEEN: Observed = {
  jobManager: undefined,
  taskManager: undefined,
  children: [],
  haConfigMaps: [],
  pods: [],
  rest: unknown('not looked at'),
  capacity: unknown('not looked at'),
};

/** One JobManager's answer to a round of questions. */
export interface JobManagerAnswer {
  readonly flinkVersion: string;
  readonly flinkRevision: string;
  /** Every job the JobManager knows, newest state. */
  readonly jobs: readonly { readonly id: string; readonly state: FlinkJobStatusState }[];
  /** The job this deployment started (status.jobStatus.jobId); absent while the JobManager does not know it. */
  readonly job: JobFacts | undefined;
  /** That job's snapshots, as of this very answer; absent when they were not asked for. */
  readonly checkpoints?: CheckpointFacts;
  /** How far the savepoint is that the job is being stopped with. */
  readonly stop?: { readonly triggerId: string; readonly progress: SnapshotProgress };
  /** What is asked of the scheduler; only while the job is being scaled. */
  readonly requirements?: RequirementsFacts;
  /** How far the snapshots are that the status says are under way. */
  readonly taking?: readonly TakingAnswer[];
  /** How far deleting a savepoint's files is that left the history in the status. */
  readonly disposal?: { readonly path: string; readonly progress: DisposalProgress };
  /** The job has completed a snapshot since its JobManager runs. */
  readonly snapshotSeen?: boolean;
  /** That job's health; absent when it was not asked for, or not known yet. */
  readonly health?: HealthFacts;
  /** How old that job's newest checkpoint is; absent where it takes none. Metrics tell it, no decision goes by it. */
  readonly checkpointed?: Checkpointed;
  /** What its autoscaler has read of that job; only while it is on and the job runs as it should. */
  readonly autoscaled?: AutoscaledFacts;
  /** When this was asked, by the JobManager's clock; absent where it did not say. No decision goes by it. */
  readonly askedAt?: number;
}

/** What an autoscaler has read of a job since it runs and this process asks. Times are of the JobManager's clock. */
export interface AutoscaledFacts {
  readonly jobId: string;
  /** When it became RUNNING for the last time. */
  readonly runningSince: number;
  readonly vertices: readonly JobVertex[];
  /** The newest last, and only a few: what is remembered for longer is stored. */
  readonly readings: readonly Reading[];
  /** When it was read last, or that was tried. */
  readonly askedAt: number;
  /** Why the newest attempt brought nothing. */
  readonly failed?: string;
}

/** How recent the newest checkpoint of a job is. Times are of the JobManager's clock. */
export interface Checkpointed {
  readonly jobId: string;
  /** When it was completed, or the job began that has completed none. */
  readonly newestAt: number;
  /** When Flink was asked that. */
  readonly askedAt: number;
  /** Within so many milliseconds a job that is configured like this completes one. */
  readonly windowMs: number;
}

/** The numbers a job's health is judged by. They count from the start of the JobManager process. */
export interface HealthFacts {
  /** How often Flink has restarted the job. */
  readonly restarts: number;
  /** As of the last change of one of the others. */
  readonly completedCheckpoints: number;
  /** It has completed no checkpoint since, for longer than it may; absent while it gets on, or where that is not checked. */
  readonly stalledSince?: number;
}

/** Fewest and most tasks of the vertices of a job, by their id. */
export type VertexBounds = Readonly<Record<string, { readonly lower: number; readonly upper: number }>>;

/** What a scheduler says of the sizes it was asked for; `refused` when it cannot be asked for any, with why. */
export type RequirementsFacts =
  | { readonly kind: 'known'; readonly bounds: VertexBounds }
  | { readonly kind: 'refused'; readonly why: string };

/** How far one snapshot is that the operator asked for under an id recorded in the status. */
export interface TakingAnswer {
  readonly kind: SnapshotKind;
  readonly triggerId: string;
  readonly progress: SnapshotProgress;
}

/** What the JobManager says of one job. Times are milliseconds since the epoch. */
export interface JobFacts {
  readonly id: string;
  readonly name: string;
  readonly state: FlinkJobStatusState;
  readonly startTime: number;
  /** Changes whenever the job's state changed; tells a fast restart between two polls. */
  readonly lastModification: number;
  readonly tasks: TaskCounts;
  readonly vertices: readonly VertexFacts[];
  /** Newest root cause in the exception history, if there is one. */
  readonly exception: JobException | undefined;
  /**
   * How vertices and exception stand against the rest, since Flink serves them from a cache: `behind` when they tell of
   * an earlier moment, `recent` when they may. Absent when they are of the same moment.
   */
  readonly details?: 'behind' | 'recent';
}

/** Subtasks of a job. `active` counts running and finished ones. */
export interface TaskCounts {
  readonly total: number;
  readonly active: number;
}

/** One vertex (chained operators) of the job graph. */
export interface VertexFacts {
  readonly id: string;
  readonly name: string;
  readonly parallelism: number;
  /** Subtasks that run or have finished. */
  readonly active: number;
  /** Vertices of one group share slots; absent before Flink 1.19. */
  readonly slotSharingGroup: string | undefined;
}

/** A root cause from the exception history. */
export interface JobException {
  readonly name: string;
  /** Stack trace as Flink printed it, without most of its calls, at most 8 KiB. */
  readonly stackTrace: string;
  readonly timestamp: number;
  readonly taskName: string | undefined;
  readonly endpoint: string | undefined;
  readonly taskManagerId: string | undefined;
}

/** Job states after which nothing changes any more (globally terminal in Flink's words). */
export function isTerminal(state: FlinkJobStatusState): state is 'FAILED' | 'CANCELED' | 'FINISHED' {
  return state === 'FAILED' || state === 'CANCELED' || state === 'FINISHED';
}

/** Whether a job of this state has not been deployed yet: its state may still be looked for. */
export function isStarting(state: FlinkJobStatusState): boolean {
  return state === 'CREATED' || state === 'INITIALIZING' || state === 'RECONCILING';
}
