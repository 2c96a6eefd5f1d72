import type { Action, EventDraft } from '../../core/plan.ts';
import { type Refusal, refusalFor } from '../../core/refusal.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { OperatorDefaults } from '../flink-conf.ts';
import type { JobManagerTarget } from '../rest-request-client.ts';
import type { CheckpointRequest, SavepointRequest } from '../snapshot-client.ts';
import type { SnapshotAnswer, SnapshotObserved } from './observed.ts';
import type { SnapshotReason } from './reasons.ts';
import { type FlinkStateSnapshotSpec, type FlinkStateSnapshotStatus, parseSnapshotSpec } from './schema.ts';
import { validateSnapshot } from './validate.ts';

/** The incumbent's finalizer, kept so that either operator can clean up what the other made. */
export const SNAPSHOT_FINALIZER = 'flinkstatesnapshots.flink.apache.org/finalizer';

/** The one effect a plan for a FlinkStateSnapshot may hold. */
export type SnapshotEffect =
  | { readonly kind: 'trigger-savepoint'; readonly target: JobManagerTarget; readonly request: SavepointRequest }
  | { readonly kind: 'trigger-checkpoint'; readonly target: JobManagerTarget; readonly request: CheckpointRequest }
  | { readonly kind: 'dispose-savepoint'; readonly target: JobManagerTarget; readonly path: string };

/** Everything a policy may look at. */
export interface SnapshotSituation {
  readonly resource: KubeObject;
  /** As far as it could be read; what is wrong with it is in `refusal`. */
  readonly spec: FlinkStateSnapshotSpec;
  readonly refusal: Refusal<SnapshotReason> | undefined;
  readonly status: FlinkStateSnapshotStatus;
  readonly observed: SnapshotObserved;
  readonly now: Date;
  /** What the operator's own configuration says. */
  readonly defaults: OperatorDefaults;
}

/** What a policy wants: a plan without the status, which status.ts derives. */
export interface SnapshotIntent {
  /** A word of ours, or of the API server or the runtime. */
  readonly because: SnapshotReason | (string & {});
  readonly message: string;
  /** settled: as wanted. progressing: on its way. stalled: it will not come about unless something is changed. */
  readonly phase: 'settled' | 'progressing' | 'stalled';
  /** What changes in the status; undefined takes a field away. */
  readonly change?: {
    readonly [Field in keyof FlinkStateSnapshotStatus]?: FlinkStateSnapshotStatus[Field] | undefined;
  };
  readonly actions?: readonly Action<SnapshotEffect>[];
  readonly events?: readonly EventDraft[];
  readonly requeueAfterMs?: number;
  /** Whether the JobManager is asked how far it has come. */
  readonly probe?: boolean;
}

/** Puts together what the policies look at. Pure; never throws, whatever the resource holds. */
export function snapshotSituation(
  resource: KubeObject,
  observed: SnapshotObserved,
  now: Date,
  defaults: OperatorDefaults,
): SnapshotSituation {
  const parsed = parseSnapshotSpec(resource.spec);
  const spec = parsed.ok ? parsed.value : {};
  const status = (resource.status ?? {}) as FlinkStateSnapshotStatus;
  return { resource, spec, refusal: refusalOf(resource), status, observed, now, defaults };
}

/** What keeps the spec of a resource from being acted on; undefined when nothing does. Pure; never throws. */
export function refusalOf(resource: KubeObject): Refusal<SnapshotReason> | undefined {
  const parsed = parseSnapshotSpec(resource.spec);
  const issues = parsed.ok ? validateSnapshot(parsed.value) : parsed.error;
  return issues.length === 0 ? undefined : refusalFor('ValidationError', issues);
}

/** What the JobManager says of the recorded attempt; undefined when it was not asked about that one yet. */
export function answerOf({ observed, status }: SnapshotSituation): SnapshotAnswer | undefined {
  const { rest } = observed;
  return rest.kind === 'known' && rest.value.triggerId === status.triggerId ? rest.value : undefined;
}

/** Whether a savepoint is wanted; else it is a checkpoint. */
export function isSavepoint(spec: FlinkStateSnapshotSpec): boolean {
  return spec.savepoint !== undefined;
}

/** `FlinkDeployment orders`, as messages name the referenced job. */
export function describeJob({ jobReference }: FlinkStateSnapshotSpec): string {
  return `${jobReference?.kind ?? 'FlinkDeployment'} ${jobReference?.name ?? ''}`;
}

/** An event about a snapshot; `component` as the incumbent writes it. */
export function snapshotEvent(
  type: EventDraft['type'],
  reason: SnapshotReason,
  message: string,
  component: 'Snapshot' | 'Operator' = 'Snapshot',
): EventDraft {
  return { type, reason, message, component };
}

/** The event, unless the status says the same already: a pass may be repeated, the event not. */
export function unlessTold(status: FlinkStateSnapshotStatus, event: EventDraft): readonly EventDraft[] {
  const told = status.conditions?.some(({ reason, message }) => reason === event.reason && message === event.message);
  return told === true ? [] : [event];
}
