import { gateIssues, NO_CHECK, type StartCheck } from '../core/capacity/gate.ts';
import { known } from '../core/fact.ts';
import type { Issue } from '../core/issue.ts';
import type { Action, EventDraft } from '../core/plan.ts';
import { type Refusal, refusalFor } from '../core/refusal.ts';
import { isBeingDeleted, type KubeObject } from '../kube/object.ts';
import { remembered, rememberedWith } from '../lib/remembered.ts';
import { withScaledVertices } from './autoscaled.ts';
import { type AutoscalerLook, decidedParallelism } from './autoscaler/autoscale.ts';
import type { FlinkAutoscalerStatus } from './autoscaler/status-schema.ts';
import { checkStart } from './capacity.ts';
import { defaultOptions, layeredConf } from './conf/layers.ts';
import { atLeast } from './conf/versions.ts';
import { GENERATION_ANNOTATION, START_ID_ANNOTATION } from './desired/names.ts';
import type { FlinkReason, ForeignReason } from './events.ts';
import type { OperatorDefaults } from './flink-conf.ts';
import { deployedConf, effectiveConf, renderIssues } from './flink-conf.ts';
import type { Observed } from './observed.ts';
import { type FlinkRecord, recordedWish, recordOf, startIdOf } from './record.ts';
import { diffFrom } from './recorded-diff.ts';
import {
  type FlinkDeployment,
  type FlinkDeploymentSpec,
  type FlinkDeploymentStatus,
  type KnownSnapshot,
  specOf,
} from './schema.ts';
import type { StopRequest } from './snapshot-client.ts';
import { asksForRestart } from './spec-diff.ts';
import { askedOnce, onceIssues } from './stateless-once.ts';
import type { KeptSnapshots, TakingEffect } from './taking/subject.ts';
import { validateChange, validateSpec } from './validate.ts';
import type { RescaleEffect } from './vertex-sizes.ts';
import type { Wanted } from './wanted.ts';

/** The incumbent's finalizer, kept so that either operator can clean up what the other made. */
export const FLINK_FINALIZER = 'flinkdeployments.flink.apache.org/finalizer';

/** The one effect a plan for a FlinkDeployment may hold. Asking Flink for the same again asks for nothing new. */
export type FlinkEffect =
  | TakingEffect
  | { readonly kind: 'cancel-job'; readonly jobId: string }
  | RescaleEffect
  | ({ readonly kind: 'stop-with-savepoint'; readonly jobId: string } & StopRequest);

/** The spec that decisions go by: the user's where it can be acted on, else the one last acted on. */
export interface Target extends Wanted {
  readonly generation: number;
}

/**
 * What of a cluster is there. `none`: nothing at all. `current`: the JobManager Deployment of the recorded start.
 * `other`: anything else, from another start or half gone, that must be gone before a start.
 */
export type ClusterState = 'none' | 'current' | 'other';

/** Everything a policy may look at. */
export interface Situation {
  readonly resource: KubeObject;
  readonly status: FlinkDeploymentStatus | undefined;
  readonly observed: Observed;
  readonly now: Date;
  readonly record: FlinkRecord | undefined;
  readonly target: Target | undefined;
  readonly refusal: Refusal<FlinkReason> | undefined;
  /** Whether what is to be started fits; while it is held back, the target is what was recorded before. */
  readonly start: StartCheck;
  readonly cluster: ClusterState;
  readonly defaults: OperatorDefaults;
}

/** What a policy wants: a plan without the status, which status.ts derives. */
export interface Intent {
  readonly because: FlinkReason | ForeignReason;
  readonly message: string;
  /** settled: as wanted. progressing: on its way. stalled: a human must change something. */
  readonly phase: 'settled' | 'progressing' | 'stalled';
  /** What is recorded anew. */
  readonly record?: FlinkRecord;
  readonly actions?: readonly Action<FlinkEffect>[];
  readonly events?: readonly EventDraft[];
  readonly requeueAfterMs?: number;
  /** What changes of the snapshots kept in the status. */
  readonly kept?: KeptSnapshots;
  /** The snapshots that are there; absent where that was not looked into. */
  readonly ledger?: readonly KnownSnapshot[];
  /** What the autoscaler says; null where it is off, absent where it was not asked. */
  readonly autoscaler?: FlinkAutoscalerStatus | null;
  /** What the autoscaler found in this pass; metrics tell it. */
  readonly looked?: AutoscalerLook;
  /** The status stays as it is: this pass knows less than the one that wrote it. */
  readonly keepsStatus?: boolean;
  /** How closely the JobManager is watched: not at all, at rest, or in a transition. */
  readonly probe: 'off' | 'slow' | 'fast';
}

/** Puts together what the policies look at. Pure; never throws, whatever the resource holds. */
export function situationOf(
  resource: KubeObject,
  observed: Observed,
  now: Date,
  defaults: OperatorDefaults,
): Situation {
  const status = resource.status as FlinkDeploymentStatus | undefined;
  const record = recordOf(resource);
  const wish = wishesUnder(defaults.flinkConfiguration)({ resource, map: observed.autoscalerMap });
  const start = startCheck(resource, observed, wish, { record, now, defaults });
  return {
    resource,
    status,
    start,
    observed: { ...observed, rest: ofRecordedJob(observed.rest, record) },
    now,
    record,
    target: start.held === undefined ? wish.target : recordedTarget(resource, record),
    refusal: wish.refusal,
    cluster: clusterState(resource, observed, record),
    defaults,
  };
}

/** An answer about a job that is no longer the recorded one says nothing about the recorded one. */
function ofRecordedJob(rest: Observed['rest'], record: FlinkRecord | undefined): Observed['rest'] {
  if (rest.kind !== 'known' || rest.value.job === undefined || rest.value.job.id === record?.jobId) return rest;
  return known({ ...rest.value, job: undefined });
}

function startCheck(
  resource: KubeObject,
  { capacity, pods }: Observed,
  { target }: Wish,
  known: Pick<Situation, 'record' | 'now' | 'defaults'>,
): StartCheck {
  if (target?.desired !== 'running' || isBeingDeleted(resource)) return NO_CHECK;
  const status = resource.status as FlinkDeploymentStatus | undefined;
  const { spec, diff } = target;
  return checkStart({ ...known, resource, status, capacity, pods, spec, asksForRestart: asksForRestart(diff) });
}

interface Wish {
  readonly target: Target | undefined;
  readonly refusal: Refusal<FlinkReason> | undefined;
}

/** Worked out once for each version of a resource: most passes come from what is around it. */
const wishesUnder = remembered((flinkConfiguration: OperatorDefaults['flinkConfiguration']) =>
  rememberedWith(
    ({ resource }: Wishing) => resource,
    ({ map }) => [map],
    ({ resource, map }) => wishOf(resource, recordOf(resource), { map, defaults: { flinkConfiguration } }),
  ),
);

interface Wishing {
  readonly resource: KubeObject;
  /** What the autoscaler remembers. */
  readonly map?: KubeObject | undefined;
}

/** What keeps the spec of a resource from being acted on; undefined when nothing does. Pure; never throws. */
export function refusalOf(resource: KubeObject, { flinkConfiguration }: OperatorDefaults): Refusal | undefined {
  return wishesUnder(flinkConfiguration)({ resource }).refusal;
}

function wishOf(
  resource: KubeObject,
  record: FlinkRecord | undefined,
  { map, defaults }: Pick<Wishing, 'map'> & Pick<Situation, 'defaults'>,
): Wish {
  const fallback = recordedTarget(resource, record);
  const parsed = specOf(resource);
  if (!parsed.ok) return { target: fallback, refusal: invalid(parsed.error) };
  const issues = issuesOf(resource, parsed.value, record, defaults);
  if (issues.length > 0) return { target: fallback, refusal: invalid(issues) };
  const spec = withScaledVertices(parsed.value, {
    recorded: record && recordedWish(record),
    decided: decidedParallelism(map, (resource.status as FlinkDeploymentStatus | undefined)?.autoscaler),
    conf: () => layeredConf({ ...resource, spec: parsed.value } as FlinkDeployment, defaults),
  });
  return { target: targetOf(spec, resource, record), refusal: undefined };
}

/** What was recorded, without anything that is new. */
function recordedTarget(resource: KubeObject, record: FlinkRecord | undefined): Target | undefined {
  if (record === undefined) return undefined;
  const { annotations: _annotations, ...metadata } = resource.metadata;
  return targetOf(recordedWish(record), { ...resource, metadata }, record);
}

function issuesOf(
  resource: KubeObject,
  spec: FlinkDeploymentSpec,
  record: FlinkRecord | undefined,
  defaults: OperatorDefaults,
): readonly Issue[] {
  const own = [...gateIssues(resource), ...onceIssues(resource), ...issuesOfSpec({ resource, spec, defaults })];
  return record === undefined ? own : [...own, ...validateChange(record.spec, spec)];
}

interface Judged {
  readonly resource: KubeObject;
  readonly spec: FlinkDeploymentSpec;
  readonly defaults: OperatorDefaults;
}

/** What is wrong with a spec by itself: of most versions of a resource only the status is another. */
const issuesOfSpec = rememberedWith(
  ({ spec }: Judged) => spec,
  ({ resource: { metadata }, defaults }) => [
    metadata.namespace,
    metadata.name,
    metadata.uid,
    defaults.flinkConfiguration,
  ],
  ({ resource, spec, defaults }): readonly Issue[] => {
    const options = defaultOptions({ ...resource, spec } as FlinkDeployment, defaults);
    return [...validateSpec(resource.metadata.name, spec, options), ...fileIssues(resource, spec, defaults)];
  },
);

/** Flink from 2.0 on refuses to read a configuration in which one key is the beginning of another. */
function fileIssues(resource: KubeObject, spec: FlinkDeploymentSpec, defaults: OperatorDefaults): readonly Issue[] {
  const version = spec.flinkVersion;
  if (version === undefined || !atLeast(version, 'v2_0')) return [];
  return renderIssues(deployedConf(effectiveConf({ ...resource, spec } as FlinkDeployment, defaults)), version);
}

function invalid(issues: readonly Issue[]): Refusal<FlinkReason> {
  return refusalFor(issues.every(isUnsupportedVersion) ? 'UnsupportedFlinkVersion' : 'ValidationError', issues);
}

function isUnsupportedVersion({ path, value }: Issue): boolean {
  return path === 'spec.flinkVersion' && value !== undefined;
}

function targetOf(spec: FlinkDeploymentSpec, resource: KubeObject, record: FlinkRecord | undefined): Target {
  return {
    spec,
    generation: resource.metadata.generation ?? 0,
    desired: spec.job?.state === 'suspended' ? 'suspended' : 'running',
    ...askedOnce({ resource, record, spec, diff: diffFrom(record, spec) }),
  };
}

function clusterState(resource: KubeObject, observed: Observed, record: FlinkRecord | undefined): ClusterState {
  const { jobManager } = observed;
  if (jobManager !== undefined && record !== undefined && !isBeingDeleted(jobManager)) {
    if (isOfStart(jobManager, resource, record)) return 'current';
  }
  const left =
    jobManager ?? observed.taskManager ?? observed.children[0] ?? observed.haConfigMaps[0] ?? observed.pods[0];
  return left === undefined ? 'none' : 'other';
}

/** Whether a JobManager Deployment belongs to the recorded start; one of the incumbent's is told by what it recorded. */
function isOfStart(jobManager: KubeObject, resource: KubeObject, record: FlinkRecord): boolean {
  const annotations = jobManager.metadata.annotations ?? {};
  const startId = annotations[START_ID_ANNOTATION];
  if (startId !== undefined) return startId === startIdOf(resource.metadata.uid ?? '', record);
  if (record.state === 'DEPLOYED') return true;
  const { observedGeneration, jobManagerDeploymentStatus } = (resource.status ?? {}) as FlinkDeploymentStatus;
  // It deploys once nothing is left of the run before and its status says so.
  return jobManagerDeploymentStatus === 'MISSING' && annotations[GENERATION_ANNOTATION] === String(observedGeneration);
}
