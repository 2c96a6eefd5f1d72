import type { Action, EventDraft } from '../../core/plan.ts';
import type { KubeObject } from '../../kube/object.ts';
import { atLeast } from '../conf/versions.ts';
import type { FlinkConf } from '../flink-conf.ts';
import type { JobManagerAnswer } from '../observed.ts';
import { type JobOptions, jobOptions } from '../options.ts';
import type { FlinkRecord } from '../record.ts';
import type { FlinkJobSpec, FlinkJobStatus, FlinkVersion } from '../schema.ts';
import type { DueFacts } from '../snapshot/due.ts';
import type { CheckpointRequest, SavepointRequest } from '../snapshot-client.ts';
import type { SnapshotKind } from '../snapshot-facts.ts';

/** A job whose resource, a FlinkDeployment or a FlinkSessionJob, asks for snapshots of it. */
export interface Subject {
  readonly resource: KubeObject;
  /** spec.job as its user wants it, and as it was last acted on. */
  readonly wanted: FlinkJobSpec;
  readonly recorded: FlinkJobSpec;
  readonly record: FlinkRecord;
  readonly jobStatus: FlinkJobStatus;
  /** Of the cluster that runs it. */
  readonly flinkVersion: FlinkVersion;
  /** What holds for the job that runs. Worked out only where it is needed, and once. */
  readonly conf: () => FlinkConf;
  readonly options: () => JobOptions;
  /** The FlinkStateSnapshots of the job. */
  readonly snapshots: readonly KubeObject[];
  /** What the JobManager says of the recorded job. */
  readonly answer: JobManagerAnswer | undefined;
  /** What is recorded after this pass. */
  readonly next: FlinkRecord;
  /** Resources that may need a savepoint's files. */
  readonly dependants: readonly KubeObject[];
  /** The whole job runs, as it was recorded. */
  readonly runs: boolean;
  readonly now: Date;
}

/** What Flink is asked for to take snapshots that are kept in the status. Asking for the same again asks for nothing new. */
export type TakingEffect =
  | { readonly kind: 'trigger-savepoint'; readonly jobId: string; readonly request: SavepointRequest }
  | { readonly kind: 'trigger-checkpoint'; readonly jobId: string; readonly request: CheckpointRequest }
  | { readonly kind: 'dispose-savepoint'; readonly jobId: string; readonly path: string };

/** The snapshots that the status keeps. */
export type KeptSnapshots = Pick<FlinkJobStatus, 'savepointInfo' | 'checkpointInfo'>;

/** What a pass does about the snapshots of a job. */
export interface Taken {
  readonly actions?: readonly Action<TakingEffect>[];
  readonly events?: readonly EventDraft[];
  /** How soon to look again, in milliseconds. */
  readonly waitMs?: number;
  /** What changes of what the status keeps. */
  readonly kept?: KeptSnapshots;
  /** Nonces that were acted on just now. */
  readonly nonces?: Readonly<Partial<Record<SnapshotKind, number>>>;
  /** The savepoint that stopped the job is among its snapshots. */
  readonly savepointKept?: boolean;
  /** Flink is at work: its JobManager is asked often. */
  readonly underWay?: boolean;
}

/** The kinds of snapshots, in the order in which they are asked for. */
export const KINDS: readonly SnapshotKind[] = ['savepoint', 'checkpoint'];

/** The fields of spec.job that ask for a snapshot by a new number. */
export const NONCES = { savepoint: 'savepointTriggerNonce', checkpoint: 'checkpointTriggerNonce' } as const;

/** The kinds that this Flink can be asked for. */
export function askableKinds({ flinkVersion }: Subject): readonly SnapshotKind[] {
  return KINDS.filter((kind) => kind === 'savepoint' || atLeast(flinkVersion, 'v1_17'));
}

/** What decides whether a snapshot of one kind is due; without options only for what nonces ask. */
export function dueFacts(subject: Subject, kind: SnapshotKind, options?: JobOptions): DueFacts {
  const { resource, wanted, recorded, snapshots, jobStatus, now } = subject;
  const { savepointInfo, checkpointInfo } = jobStatus;
  const last =
    kind === 'savepoint'
      ? savepointInfo?.lastPeriodicSavepointTimestamp
      : checkpointInfo?.lastPeriodicCheckpointTimestamp;
  return {
    kind,
    wanted: wanted[NONCES[kind]],
    recorded: recorded[NONCES[kind]],
    schedule: options === undefined ? undefined : scheduleOf(options, kind),
    timeZone: options?.periodicTimeZone ?? 'UTC',
    snapshots,
    lastMs: last || Date.parse(resource.metadata.creationTimestamp ?? '') || 0,
    nowMs: now.getTime(),
  };
}

/** When snapshots of one kind are taken again and again. */
export function scheduleOf(options: JobOptions, kind: SnapshotKind): JobOptions['periodicSavepointInterval'] {
  return kind === 'savepoint' ? options.periodicSavepointInterval : options.periodicCheckpointInterval;
}

/** What holds for a job, for its Subject; `make` is called once, when it is needed first. */
export function heldBy(make: () => FlinkConf): Pick<Subject, 'conf' | 'options'> {
  const conf = once(make);
  return { conf, options: once(() => jobOptions(conf())) };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
