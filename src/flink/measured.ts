import { type Measured, measured } from '../core/measured.ts';
import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import { isTerminal } from './observed.ts';
import {
  type FlinkDeploymentStatus,
  FlinkJobStatusState,
  type JobManagerDeploymentStatus,
  LifecycleState,
} from './schema.ts';
import type { FlinkSessionJobStatus } from './session-job/schema.ts';
import { type FlinkStateSnapshotStatus, SnapshotState } from './snapshot/schema.ts';

/** status.lifecycleState; a resource nobody has looked at is in the first one. */
export const LIFECYCLE_STATES: readonly string[] = LifecycleState.options;

/** Flink's states of a job. */
export const JOB_STATES: readonly string[] = FlinkJobStatusState.options;

/** What the state of a snapshot is called that nobody has looked at. */
const NEW = 'New';

/** status.state of a snapshot, the first one before it has any. */
export const SNAPSHOT_STATES: readonly string[] = [NEW, ...SnapshotState.options];

/**
 * How far the job of a resource has come: `new` before anything is made for it, `stopping` while it is stopped for what
 * comes next, `starting` from when the cluster before is taken down until it runs, `restarting` when it stopped by itself.
 */
export type FlinkPhase = 'new' | 'running' | 'restarting' | 'stopping' | 'starting' | 'suspended' | 'ended';

/** What metrics read of a FlinkDeployment or FlinkSessionJob. */
export interface MeasuredFlink extends Measured {
  readonly kind: string;
  /** Flink's state of the job; undefined where there is none, as of a session cluster. */
  readonly job: string | undefined;
  readonly phase: FlinkPhase;
  /** What the run under way, or the next one, starts from; `none` before anything was started. */
  readonly mode: 'last-state' | 'savepoint' | 'stateless' | 'none';
  /** The spec that failed is being given up, or was, for the last stable one. */
  readonly rolledBack: boolean;
  /** metadata.generation: counts the changes of the spec. */
  readonly generation: number;
  /** The spec last acted on, as it is recorded. */
  readonly recorded: string | undefined;
  readonly jobManager: JobManagerDeploymentStatus;
  /** As Flink reports it: 2.0.1. */
  readonly flinkVersion: string | undefined;
  readonly cpu: number;
  readonly memoryBytes: number;
  /** Of the newest snapshot that says how large it is. */
  readonly stateBytes: number;
}

type Status = Partial<FlinkDeploymentStatus & FlinkSessionJobStatus>;

/** What metrics read of a FlinkDeployment or FlinkSessionJob: all of it is in the status. */
export function measuredFlink(object: KubeObject): MeasuredFlink {
  const status: Status = isRecord(object.status) ? object.status : {};
  const { lifecycleState = 'CREATED', jobStatus, clusterInfo = {}, reconciliationStatus } = status;
  const { ROLLING_BACK, ROLLED_BACK } = LifecycleState.enum;
  const rolledBack = [ROLLING_BACK, ROLLED_BACK].some((word) => word === reconciliationStatus?.state);
  return {
    ...measured(object, lifecycleState),
    kind: object.kind,
    job: jobStatus?.state,
    phase: phaseOf(status, lifecycleState, isSuspended(object)),
    mode: modeOf(status),
    rolledBack,
    generation: object.metadata.generation ?? 0,
    recorded: reconciliationStatus?.lastReconciledSpec,
    jobManager: status.jobManagerDeploymentStatus ?? 'MISSING',
    flinkVersion: clusterInfo['flink-version'] || undefined,
    cpu: amount(clusterInfo['total-cpu']),
    memoryBytes: amount(clusterInfo['total-memory']),
    stateBytes: status.snapshots?.find(({ sizeBytes }) => sizeBytes !== undefined)?.sizeBytes ?? 0,
  };
}

/** States in which a snapshot stays. */
export const SNAPSHOT_ENDED: readonly string[] = ['ABANDONED', 'COMPLETED', 'FAILED'] satisfies SnapshotState[];

/** What metrics read of a FlinkStateSnapshot. */
export interface MeasuredSnapshot extends Measured {
  readonly type: 'Savepoint' | 'Checkpoint';
}

/** What metrics read of a FlinkStateSnapshot: one without savepoint in its spec is a checkpoint. */
export function measuredSnapshot(object: KubeObject): MeasuredSnapshot {
  const status: Partial<FlinkStateSnapshotStatus> = isRecord(object.status) ? object.status : {};
  const savepoint = isRecord(object.spec) && isRecord(object.spec.savepoint);
  return { ...measured(object, status.state ?? NEW), type: savepoint ? 'Savepoint' : 'Checkpoint' };
}

/** What the user wants, not what is. */
function isSuspended({ spec }: KubeObject): boolean {
  return isRecord(spec) && isRecord(spec.job) && spec.job.state === 'suspended';
}

/** A job that is being cancelled goes on from its last state. */
function modeOf({ stopping, restore }: Status): MeasuredFlink['mode'] {
  if (stopping?.by === 'savepoint') return 'savepoint';
  return stopping?.by === 'cancel' ? 'last-state' : (restore?.mode ?? 'none');
}

const SAID_BY_LIFECYCLE: Readonly<Partial<Record<LifecycleState, FlinkPhase>>> = {
  CREATED: 'new',
  SUSPENDED: 'suspended',
  DELETING: 'ended',
  DELETED: 'ended',
  FAILED: 'ended',
};

function phaseOf(status: Status, lifecycle: LifecycleState, toBeSuspended: boolean): FlinkPhase {
  const { jobStatus, stopping, jobManagerDeploymentStatus } = status;
  const said = SAID_BY_LIFECYCLE[lifecycle];
  if (said !== undefined) return said;
  if (stopping !== undefined) return 'stopping';
  if (lifecycle === 'UPGRADING' || lifecycle === 'ROLLING_BACK') return toBeSuspended ? 'stopping' : 'starting';
  return phaseOfJob(jobStatus?.state ?? (jobManagerDeploymentStatus === 'READY' ? 'RUNNING' : 'CREATED'), lifecycle);
}

/** A job that was stable and does not run is on its way back; one that was not yet is starting. */
function phaseOfJob(state: FlinkJobStatusState, lifecycle: LifecycleState): FlinkPhase {
  if (isTerminal(state)) return 'ended';
  if (state === 'RUNNING') return 'running';
  return lifecycle === 'DEPLOYED' ? 'starting' : 'restarting';
}

function amount(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Number.isFinite(value) ? value : 0;
}
