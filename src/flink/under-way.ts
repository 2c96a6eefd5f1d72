import type { FlinkDeploymentSpec, FlinkDeploymentStatus } from './schema.ts';
import { isBeingCancelled } from './taken-over.ts';

/** The size that is asked for, recorded before anybody is asked. */
export interface Scaling {
  /** Of a standalone cluster. */
  readonly taskManagers?: number;
  /** Of the job of a native one: the parallelism of its vertices by their id. */
  readonly vertices?: Readonly<Record<string, number>>;
  /** When it was asked for last, in milliseconds since the epoch. */
  readonly askedAt: number;
  /** How often it was asked for. */
  readonly attempts: number;
  /** Why it cannot be had without starting the cluster anew. */
  readonly failed?: string;
}

/** How Flink was asked to stop a job, recorded before it is asked. */
export interface Stopping {
  readonly by: 'savepoint' | 'cancel';
  readonly why: string;
  /** Under which the savepoint is asked for: 32 hex digits. */
  readonly triggerId: string;
  /** When this was decided first, in milliseconds since the epoch. */
  readonly since: number;
  /** Savepoints that failed so far. */
  readonly failures: number;
  /** Not asked again before this time, in milliseconds since the epoch. */
  readonly retryAt?: number;
}

/** The stop under way that a status tells of, of the job it names; another operator's counts as one by cancelling. */
export function readStopping(
  status: FlinkDeploymentStatus | undefined,
  spec: FlinkDeploymentSpec,
): { stopping?: Stopping } {
  const { stopping, jobStatus, reconciliationStatus } = status ?? {};
  if (isBeingCancelled(status, spec)) {
    const since = reconciliationStatus?.reconciliationTimestamp ?? 0;
    const why = 'another operator began to cancel it';
    return { stopping: { by: 'cancel', why, triggerId: '', since, failures: 0 } };
  }
  if (stopping?.by === undefined || stopping.jobId !== jobStatus?.jobId) return {};
  const { by, why = '', triggerId = '', since = 0, failures = 0, retryAt } = stopping;
  return { stopping: { by, why, triggerId, since, failures, ...(retryAt === undefined ? {} : { retryAt }) } };
}

/** The scaling under way that a status tells of, of the job it names. */
export function readScaling(status: FlinkDeploymentStatus | undefined): { scaling?: Scaling } {
  const { scaling, jobStatus } = status ?? {};
  if (scaling === undefined || scaling.jobId !== jobStatus?.jobId) return {};
  const { taskManagers, vertices, askedAt = 0, attempts = 0, failed } = scaling;
  return {
    scaling: {
      ...(taskManagers === undefined ? {} : { taskManagers }),
      ...(vertices === undefined ? {} : { vertices }),
      ...(failed === undefined ? {} : { failed }),
      askedAt,
      attempts,
    },
  };
}
