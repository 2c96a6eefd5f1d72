import type { Failure } from './failures.ts';
import type { KubernetesHa } from './ha.ts';
import type { FlinkWorld } from './world.ts';

/** States of a job (org.apache.flink.api.common.JobStatus). */
export type JobState =
  | 'INITIALIZING'
  | 'CREATED'
  | 'RUNNING'
  | 'RESTARTING'
  | 'CANCELLING'
  | 'CANCELED'
  | 'FAILED'
  | 'FINISHED'
  | 'SUSPENDED';

/** States of tasks; all tasks of a simulated job are in the same one. */
export type TaskState =
  | 'CREATED'
  | 'SCHEDULED'
  | 'DEPLOYING'
  | 'RUNNING'
  | 'CANCELING'
  | 'CANCELED'
  | 'FAILED'
  | 'FINISHED';

/** One root cause in the exception history. */
export interface RootCause extends Failure {
  readonly atMs: number;
  readonly taskName: string | undefined;
}

/** What a JobMaster is given by its JobManager. */
export interface JobHome {
  readonly world: FlinkWorld;
  readonly ha: KubernetesHa | undefined;
  readonly cluster: string;
  now(): number;
  /** Never calls back once the process has ended. */
  after(delayMs: number, callback: () => void): void;
  /** Slots to be provided from now on. */
  request(slots: number): void;
  /** The job is over for good. */
  terminated(jobId: string): void;
  /** The process cannot go on (a recovered job that cannot be initialized). */
  fatal(cause: Failure): void;
  /** A job that was submitted just now cannot be initialized. */
  neverBegan(cause: Failure): void;
}
