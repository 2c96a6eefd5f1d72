import { known } from '../../core/fact.ts';
import type { Issue } from '../../core/issue.ts';
import type { Action, EventDraft } from '../../core/plan.ts';
import { type Refusal, refusalFor } from '../../core/refusal.ts';
import { isBeingDeleted, type KubeObject, keyOf } from '../../kube/object.ts';
import { withScaledVertices } from '../autoscaled.ts';
import { type AutoscalerLook, decidedParallelism } from '../autoscaler/autoscale.ts';
import type { FlinkAutoscalerStatus } from '../autoscaler/status-schema.ts';
import type { ForeignReason } from '../events.ts';
import type { FlinkConf, OperatorDefaults } from '../flink-conf.ts';
import { diffFrom } from '../recorded-diff.ts';
import type { FlinkDeploymentSpec, FlinkDeploymentStatus, KnownSnapshot } from '../schema.ts';
import type { StopRequest } from '../snapshot-client.ts';
import { startedCluster } from '../started-cluster.ts';
import { askedOnce, onceIssues } from '../stateless-once.ts';
import type { KeptSnapshots, TakingEffect } from '../taking/subject.ts';
import type { RescaleEffect } from '../vertex-sizes.ts';
import type { Wanted } from '../wanted.ts';
import type { SessionJobReason } from './events.ts';
import { jobConf } from './job-conf.ts';
import { type Observed, UNSEEN } from './observed.ts';
import { readSessionJobRecord, recordedSessionJobWish, type SessionJobRecord } from './record.ts';
import { type FlinkSessionJobSpec, type FlinkSessionJobStatus, parseSessionJobSpec, sessionNameOf } from './schema.ts';
import { type JarToRun, jarRulesOf, type Submission } from './submission.ts';
import { validateOnSession, validateSessionJob, validateSessionJobChange } from './validate.ts';

/** The one effect a plan for a FlinkSessionJob may hold. `jar` is made ready before the job is stopped. */
export type SessionJobEffect =
  | TakingEffect
  | RescaleEffect
  | { readonly kind: 'submit'; readonly submission: Submission }
  | { readonly kind: 'cancel-job'; readonly jobId: string; readonly jar?: JarToRun }
  | {
      readonly kind: 'stop-with-savepoint';
      readonly jobId: string;
      readonly request: StopRequest;
      readonly jar?: JarToRun;
    };

/** The spec that decisions go by: the user's where it can be acted on, else the one last acted on. */
export interface Target extends Wanted {
  readonly spec: FlinkSessionJobSpec;
  /** What holds for the job. */
  readonly conf: FlinkConf;
}

/** A session that jobs can be submitted to. */
export interface ReadySession {
  readonly kind: 'ready';
  readonly object: KubeObject;
  /** The spec it was started with. */
  readonly spec: FlinkDeploymentSpec;
  /** What holds for the target's job on it. */
  readonly conf: FlinkConf;
}

/** How the session stands. `why` is a sentence about it. */
export type SessionState =
  | ReadySession
  | { readonly kind: 'missing'; readonly why: string }
  | { readonly kind: 'not-ready'; readonly object: KubeObject; readonly why: string };

/** Everything a policy may look at. */
export interface Situation {
  readonly resource: KubeObject;
  readonly status: FlinkSessionJobStatus | undefined;
  readonly observed: Observed;
  readonly now: Date;
  readonly record: SessionJobRecord | undefined;
  readonly target: Target | undefined;
  readonly refusal: Refusal<SessionJobReason> | undefined;
  readonly session: SessionState;
  readonly defaults: OperatorDefaults;
}

/** What a policy wants: a plan without the status, which status.ts derives. */
export interface Intent {
  readonly because: SessionJobReason | ForeignReason;
  readonly message: string;
  /** settled: as wanted. progressing: on its way. stalled: a human must change something. */
  readonly phase: 'settled' | 'progressing' | 'stalled';
  /** What is recorded anew. */
  readonly record?: SessionJobRecord;
  readonly actions?: readonly Action<SessionJobEffect>[];
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
  const status = resource.status as FlinkSessionJobStatus | undefined;
  const record = readSessionJobRecord(status);
  const wish = wishOf({ resource, observed, record, defaults });
  return {
    resource,
    status,
    observed: { ...observed, rest: ofRecordedJob(observed.rest, record) },
    now,
    record,
    ...wish,
    session: sessionState(resource, observed.session, { wish, defaults }),
    defaults,
  };
}

/** What holds for the job of a record. */
export function recordedConf({ resource, observed, defaults }: Situation, { spec }: SessionJobRecord): FlinkConf {
  return jobConf(resource.metadata.name, spec, observed.session, defaults);
}

/** An answer about a job that is no longer the recorded one says nothing about the recorded one. */
function ofRecordedJob(rest: Observed['rest'], record: SessionJobRecord | undefined): Observed['rest'] {
  if (rest.kind !== 'known' || rest.value.job === undefined || rest.value.job.id === record?.jobId) return rest;
  const { job: _job, checkpoints: _checkpoints, stop: _stop, ...answer } = rest.value;
  return known({ ...answer, job: undefined });
}

interface Wish {
  readonly target: Target | undefined;
  readonly refusal: Refusal<SessionJobReason> | undefined;
}

interface Given {
  readonly resource: KubeObject;
  readonly observed: Observed;
  readonly record: SessionJobRecord | undefined;
  readonly defaults: OperatorDefaults;
}

/**
 * What keeps the spec of a resource from being acted on, on its session as far as that is known; undefined when nothing
 * does. Pure; never throws.
 */
export function refusalOf(
  resource: KubeObject,
  session: KubeObject | undefined,
  defaults: OperatorDefaults,
): Refusal | undefined {
  const record = readSessionJobRecord(resource.status as FlinkSessionJobStatus | undefined);
  return wishOf({ resource, observed: { ...UNSEEN, session }, record, defaults }).refusal;
}

function wishOf(given: Given): Wish {
  const { resource, record, observed, defaults } = given;
  const fallback =
    record === undefined ? undefined : targetOf(recordedSessionJobWish(record), withoutAnnotations(given));
  const parsed = parseSessionJobSpec(resource.spec);
  if (!parsed.ok) return { target: fallback, refusal: invalid(parsed.error) };
  const spec = withScaledVertices(parsed.value, {
    recorded: record && recordedSessionJobWish(record),
    decided: decidedParallelism(
      observed.autoscalerMap,
      (resource.status as FlinkSessionJobStatus | undefined)?.autoscaler,
    ),
    conf: () => jobConf(resource.metadata.name, parsed.value, observed.session, defaults),
  });
  const target = targetOf(spec, given);
  const issues = issuesOf(target, given);
  if (issues.length > 0) return { target: fallback, refusal: invalid(issues) };
  return { target, refusal: undefined };
}

/** For what was recorded, without anything that is new. */
function withoutAnnotations(given: Given): Given {
  const { annotations: _annotations, ...metadata } = given.resource.metadata;
  return { ...given, resource: { ...given.resource, metadata } };
}

function targetOf(spec: FlinkSessionJobSpec, { resource, observed, record, defaults }: Given): Target {
  return {
    spec,
    desired: spec.job?.state === 'suspended' ? 'suspended' : 'running',
    ...askedOnce({ resource, record, spec, diff: diffFrom(record, spec) }),
    conf: jobConf(resource.metadata.name, spec, observed.session, defaults),
  };
}

function issuesOf({ spec, conf }: Target, { resource, observed, record }: Given): readonly Issue[] {
  const own = [
    ...onceIssues(resource),
    ...validateSessionJob(spec, jarRulesOf(conf)),
    ...(record === undefined ? [] : validateSessionJobChange(record.spec, spec)),
  ];
  if (own.length > 0 || observed.session === undefined) return own;
  const values = new Map([...conf].map(([key, { value }]) => [key, value]));
  return validateOnSession(spec, (observed.session.spec ?? {}) as FlinkDeploymentSpec, values);
}

function invalid(issues: readonly Issue[]): Refusal<SessionJobReason> {
  return refusalFor('ValidationError', issues);
}

function sessionState(
  resource: KubeObject,
  session: KubeObject | undefined,
  { wish, defaults }: { readonly wish: Wish; readonly defaults: OperatorDefaults },
): SessionState {
  if (session === undefined) {
    const { namespace = '' } = resource.metadata;
    const name = wish.target?.spec.deploymentName ?? sessionNameOf(resource) ?? '';
    return { kind: 'missing', why: `FlinkDeployment ${keyOf({ namespace, name })} is not there` };
  }
  const who = `session ${keyOf(session.metadata)}`;
  if (isBeingDeleted(session)) return { kind: 'not-ready', object: session, why: `${who} is being deleted` };
  const started = startedCluster(session, defaults);
  const state = (session.status as FlinkDeploymentStatus | undefined)?.jobManagerDeploymentStatus ?? 'MISSING';
  if (started === undefined || started.record.state !== 'DEPLOYED' || state !== 'READY') {
    return { kind: 'not-ready', object: session, why: `${who} is not ready, its JobManager is ${state}` };
  }
  const conf = wish.target?.conf ?? started.conf;
  return { kind: 'ready', object: session, spec: started.record.spec, conf };
}
