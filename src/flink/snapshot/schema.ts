import type { z } from 'zod';
import type { Issue } from '../../core/issue.ts';
import { issueOf } from '../../core/issues.ts';
import type { KubeObject } from '../../kube/object.ts';
import { schemaProblems, withoutNulls } from '../../kube/parse.ts';
import { choice, condition, field, flag, group, integer, list, text } from '../../kube/schema-parts.ts';
import type { DeepReadonly } from '../../lib/deep-readonly.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { SavepointFormatType } from '../status-schema.ts';

/** spec.jobReference: the job to take a snapshot of, in the same namespace. */
export const JobReference = group({
  kind: field(choice(['FlinkDeployment', 'FlinkSessionJob']), 'The kind of the resource that runs the job.'),
  name: field(text(), 'Its name.'),
});
export type JobReference = DeepReadonly<z.infer<typeof JobReference>>;

/** spec.savepoint. */
export const SavepointSpec = group({
  path: field(text(), 'The folder to write into; with alreadyExists the savepoint itself.', {
    fallback: "the job's `execution.checkpointing.savepoint-dir`",
  }),
  formatType: field(SavepointFormatType, 'The format: CANONICAL, or NATIVE for one that is quicker to write.', {
    fallback: 'CANONICAL',
  }),
  disposeOnDelete: field(flag(), 'Whether deleting this resource deletes the savepoint too.', { fallback: 'true' }),
  alreadyExists: field(flag(), 'The savepoint is there already: nothing is taken, it is only recorded.', {
    fallback: 'false',
  }),
});
export type SavepointSpec = DeepReadonly<z.infer<typeof SavepointSpec>>;

/** spec.checkpoint: has no fields. */
export const CheckpointSpec = group({});

/** FlinkStateSnapshot.spec. What was taken stays taken: a later change of the spec takes nothing anew. */
export const FlinkStateSnapshotSpec = group({
  jobReference: field(JobReference, 'The job to take a snapshot of.'),
  savepoint: field(SavepointSpec, 'A savepoint. Exactly one of savepoint and checkpoint is given.'),
  checkpoint: field(CheckpointSpec, 'A checkpoint (Flink 1.17 on), written as an empty object.'),
  backoffLimit: field(integer(), 'How often a failed attempt is repeated; below 0 without end.', { fallback: '-1' }),
});
export type FlinkStateSnapshotSpec = DeepReadonly<z.infer<typeof FlinkStateSnapshotSpec>>;

/** status.state. */
export const SnapshotState = choice(['ABANDONED', 'COMPLETED', 'FAILED', 'IN_PROGRESS', 'TRIGGER_PENDING']);
export type SnapshotState = z.infer<typeof SnapshotState>;

/** FlinkStateSnapshot.status: the incumbent's fields and, marked as added, Weir's own. */
export const FlinkStateSnapshotStatus = group({
  state: field(SnapshotState, 'Where the snapshot stands.'),
  triggerId: field(text(), "Flink's id of the attempt; fixed before Flink is asked."),
  triggerTimestamp: field(text(), 'When the attempt was asked for.'),
  resultTimestamp: field(text(), 'When it was completed, failed or was given up.'),
  path: field(text(), 'Where it is; empty for a checkpoint that left no path.'),
  error: field(text(), 'What went wrong, as JSON with type and message, or in plain words.'),
  failures: field(integer(), 'Attempts that failed.'),
  jobId: field(text(), 'The Flink job it is taken of.', { added: true }),
  sizeBytes: field(integer(), 'Bytes of state in it, where Flink said so.', { added: true }),
  observedGeneration: field(integer(), 'The generation of the spec this status is about.', { added: true }),
  conditions: field(list(condition()), 'Ready, Reconciling, Stalled: for kubectl wait, Flux and Helm.', {
    added: true,
  }),
});
export type FlinkStateSnapshotStatus = DeepReadonly<z.infer<typeof FlinkStateSnapshotStatus>>;

/** Kind and version of FlinkStateSnapshots. */
export const SNAPSHOT_KIND = { apiVersion: 'flink.apache.org/v1beta1', kind: 'FlinkStateSnapshot' } as const;

/** A FlinkStateSnapshot whose spec fits the schema. */
export interface FlinkStateSnapshot extends KubeObject {
  readonly spec: FlinkStateSnapshotSpec;
  readonly status?: FlinkStateSnapshotStatus;
}

/** Checks a spec against the schema; nulls count as absent. Everything that does not fit is reported. */
export function parseSnapshotSpec(value: unknown): Result<FlinkStateSnapshotSpec, readonly Issue[]> {
  const spec = withoutNulls(value ?? {}, new Set());
  const problems = schemaProblems(FlinkStateSnapshotSpec, spec, ['spec']);
  return problems.length === 0 ? ok(spec as FlinkStateSnapshotSpec) : err(problems.map(issueOf));
}

/** Labels by which snapshots are found, as the incumbent writes them. */
export const SNAPSHOT_LABELS = {
  jobKind: 'job-reference.kind',
  jobName: 'job-reference.name',
  type: 'snapshot.type',
  trigger: 'snapshot.trigger-type',
  state: 'snapshot.state',
} as const;
