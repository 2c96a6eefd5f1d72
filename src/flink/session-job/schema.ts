import type { z } from 'zod';
import type { Issue } from '../../core/issue.ts';
import { issueOf } from '../../core/issues.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isNestedDeeperThan, schemaProblems, withoutNulls } from '../../kube/parse.ts';
import { condition, field, group, integer, list, openObject, text } from '../../kube/schema-parts.ts';
import type { DeepReadonly } from '../../lib/deep-readonly.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { FlinkAutoscalerStatus } from '../autoscaler/status-schema.ts';
import {
  FLINK_API_VERSION,
  FlinkJobSpec,
  FlinkJobStatus,
  FlinkReconciliationStatus,
  FlinkRestoreStatus,
  FlinkScalingStatus,
  FlinkStatelessOnceStatus,
  FlinkStoppingStatus,
  FlinkTasks,
  KnownSnapshot,
  LifecycleState,
  MAX_SNAPSHOTS_IN_STATUS,
} from '../schema.ts';

/** The kind of session jobs, as it is watched. */
export const SESSION_JOB_KIND = { apiVersion: FLINK_API_VERSION, kind: 'FlinkSessionJob' } as const;

/** The kind of session clusters, as it is watched. */
export const SESSION_KIND = { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment' } as const;

/** The incumbent's finalizer, kept so that either operator can clean up what the other made. */
export const SESSION_JOB_FINALIZER = 'flinksessionjobs.flink.apache.org/finalizer';

/** spec.job of a session job: the same fields as of an application cluster. */
export const SessionJobJobSpec = FlinkJobSpec.extend({
  jarURI: field(
    text(),
    "Where the job's jar is: an http, https or s3 URL, which the operator fetches, or local: and a path in the session's image.",
    { fallback: "entryClass is on the session's class path" },
  ),
  parallelism: field(integer(), 'Subtasks of each operator, unless the code says otherwise.', {
    fallback: '`parallelism.default` of flinkConfiguration, of the job or else of the session, else 1',
  }),
});

/** FlinkSessionJob.spec: field names, types and words as the incumbent's CRD has them; never narrower. */
export const FlinkSessionJobSpec = group({
  deploymentName: field(text(), 'The FlinkDeployment in the same namespace on which the job runs. Fixed.'),
  job: field(SessionJobJobSpec, 'The job.'),
  restartNonce: field(integer(), 'A new number restarts the job, with state as upgradeMode says.'),
  flinkConfiguration: field(
    openObject(),
    "Options of the job, as dotted keys or nested; the session's hold where it sets none. Read by Flink from 1.17 on.",
  ),
});
export type FlinkSessionJobSpec = DeepReadonly<z.infer<typeof FlinkSessionJobSpec>>;

/** FlinkSessionJob.status: the incumbent's fields and, marked as added, Weir's own. */
export const FlinkSessionJobStatus = group({
  jobStatus: field(FlinkJobStatus, 'The job.'),
  error: field(text(), 'What is wrong, as JSON with type and message.'),
  observedGeneration: field(integer(), 'The generation of the spec this status is about.'),
  lifecycleState: field(LifecycleState, 'Where the resource stands, in one word.'),
  reconciliationStatus: field(FlinkReconciliationStatus, 'What the operator did with the spec.'),
  restore: field(FlinkRestoreStatus, 'What the run under way, or the next one, starts from.', { added: true }),
  stopping: field(FlinkStoppingStatus, 'How the job is being stopped; only while it is.', { added: true }),
  scaling: field(FlinkScalingStatus, 'The size that was asked for; only until the job has it.', { added: true }),
  autoscaler: field(FlinkAutoscalerStatus, 'What the autoscaler says; only where it is on.', { added: true }),
  snapshots: field(
    list(KnownSnapshot),
    `Its newest snapshots, newest first, at most ${MAX_SNAPSHOTS_IN_STATUS}; the one a run started from is always among them.`,
    { added: true },
  ),
  statelessOnce: field(FlinkStatelessOnceStatus, 'The last start without state, by annotation.', { added: true }),
  tasks: field(FlinkTasks, 'The tasks of the running job.', { added: true }),
  conditions: field(list(condition()), 'Ready, Reconciling, Stalled, Running: for kubectl wait, Flux and Helm.', {
    added: true,
  }),
});
export type FlinkSessionJobStatus = DeepReadonly<z.infer<typeof FlinkSessionJobStatus>>;

/** A FlinkSessionJob whose spec and status fit the schema. Unknown fields (a newer CRD's) are still there. */
export interface FlinkSessionJob extends KubeObject {
  readonly spec: FlinkSessionJobSpec;
  readonly status?: FlinkSessionJobStatus;
}

/** Nulls in it mean what the user meant. */
const OPEN_FIELDS: ReadonlySet<string> = new Set(['flinkConfiguration']);

/** Deepest nesting of a spec. */
const MAX_DEPTH = 64;

/** Checks a spec against the schema; what fits is handed on whole, nulls count as absent. See parseFlinkDeployment. */
export function parseSessionJobSpec(value: unknown): Result<FlinkSessionJobSpec, readonly Issue[]> {
  if (isNestedDeeperThan(value, MAX_DEPTH)) {
    return err([{ path: 'spec', value: 'the nesting', rule: `be at most ${MAX_DEPTH} levels deep` }]);
  }
  const spec = withoutNulls(value ?? {}, OPEN_FIELDS);
  const problems = schemaProblems(FlinkSessionJobSpec, spec, ['spec']);
  return problems.length === 0 ? ok(spec as FlinkSessionJobSpec) : err(problems.map(issueOf));
}

/** The session a job names, also where the rest of its spec cannot be read; undefined when it names none. */
export function sessionNameOf(object: KubeObject): string | undefined {
  const name = (object.spec as { deploymentName?: unknown } | undefined)?.deploymentName;
  return typeof name === 'string' ? name : undefined;
}
