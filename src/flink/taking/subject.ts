import type { Action, EventDraft } from '../../core/plan.ts';
import type { KubeObject } from '../../kube/object.ts';
import { atLeast } from '../conf/versions.ts';
import type { FlinkConf } from '../flink-conf.ts';
import { type JobOptions, jobOptions } from '../options.ts';
import type { FlinkJobSpec, FlinkJobStatus, FlinkVersion } from '../schema.ts';
import type { DueFacts } from '../snapshot/due.ts';
import type { SnapshotKind } from '../snapshot-facts.ts';

/** A job whose resource, a FlinkDeployment or a FlinkSessionJob, asks for snapshots of it. */
export interface Subject {
  readonly resource: KubeObject;
  /** spec.job as its user wants it, and as it was last acted on. */
  readonly wanted: FlinkJobSpec;
  readonly recorded: FlinkJobSpec;
  readonly jobStatus: FlinkJobStatus;
  /** Of the cluster that runs it. */
  readonly flinkVersion: FlinkVersion;
  /** What holds for the job that runs. Worked out only where it is needed. */
  readonly conf: () => FlinkConf;
  /** The FlinkStateSnapshots of the job. */
  readonly snapshots: readonly KubeObject[];
  /** The whole job runs, as it was recorded. */
  readonly runs: boolean;
  readonly now: Date;
}

/** What a pass does about the snapshots of a job. */
export interface Taken {
  readonly actions: readonly Action<never>[];
  readonly events: readonly EventDraft[];
  /** How soon to look again, in milliseconds. */
  readonly waitMs?: number;
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

/** The options of the job that runs. */
export function optionsOf(subject: Subject): JobOptions {
  return jobOptions(subject.conf());
}
