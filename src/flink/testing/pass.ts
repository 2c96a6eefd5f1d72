import { known } from '../../core/fact.ts';
import type { Action } from '../../core/plan.ts';
import { type Condition, findCondition } from '../../kube/conditions.ts';
import type { KubeObject } from '../../kube/object.ts';
import { decide, type FlinkPlan } from '../decide.ts';
import { type JobFacts, type JobManagerAnswer, type Observed, UNSEEN } from '../observed.ts';
import { encodeSpec, newJobId, startIdOf } from '../record.ts';
import type { FlinkDeploymentSpec, FlinkDeploymentStatus, UpgradeMode } from '../schema.ts';
import { FLINK_FINALIZER, type FlinkEffect, situationOf } from '../situation.ts';
import { aFlinkDeployment, type DeepPartial } from '../testing.ts';

/** When every pass of these tests happens. */
export const NOW = new Date('2026-02-03T04:05:06Z');
/** The resource's uid. */
export const UID = '0b6f8f5e-7c1a-4f0e-9d43-6d2f1c3a9b10';
/** The recorded job's id. */
export const JOB = newJobId(UID, 1, 1000);
/** How often a JobManager is asked in these tests. */
export const INTERVALS = { fast: 250, slow: 10_000 };

/** A FlinkDeployment and its surroundings, as far as they differ from an ordinary deployed one. */
export interface Given {
  readonly spec?: DeepPartial<FlinkDeploymentSpec>;
  /** The spec last acted on; the present one unless given. False: nothing was ever recorded. */
  readonly recorded?: DeepPartial<FlinkDeploymentSpec> | false;
  readonly state?: 'DEPLOYED' | 'UPGRADING';
  readonly jobState?: 'running' | 'suspended';
  /** What the next run starts from, while nothing runs. */
  readonly mode?: UpgradeMode;
  /** Recorded as the very first start. */
  readonly first?: boolean;
  readonly status?: FlinkDeploymentStatus;
  readonly observed?: Partial<Observed>;
  readonly deleting?: boolean;
  /** Since when it is being deleted; 6 unless given. */
  readonly deletedSeconds?: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The FlinkDeployment of a test. */
export function resourceOf({
  spec = {},
  recorded,
  state = 'DEPLOYED',
  jobState = 'running',
  mode,
  first = false,
  status,
  deleting,
  deletedSeconds = 6,
  annotations = {},
}: Given): KubeObject {
  const deletedAt = new Date(NOW.getTime() - deletedSeconds * 1000).toISOString();
  const deletion = deleting === true ? { deletionTimestamp: deletedAt } : {};
  const metadata = { generation: 3, annotations, finalizers: recorded === false ? [] : [FLINK_FINALIZER], ...deletion };
  const deployment = aFlinkDeployment({ metadata, spec });
  if (recorded === false) return { ...deployment, ...(status === undefined ? {} : { status }) };
  const acted = aFlinkDeployment({ spec: recorded ?? spec }).spec;
  const reconciliationStatus = {
    state,
    lastReconciledSpec: encodeSpec(acted, jobState, first, mode),
    reconciliationTimestamp: 1000,
  };
  return {
    ...deployment,
    status: {
      ...(state === 'UPGRADING' ? { restore: { mode: mode ?? acted.job?.upgradeMode ?? 'stateless' } } : {}),
      ...status,
      jobStatus: { jobId: JOB, state: 'RECONCILING', ...status?.jobStatus },
      reconciliationStatus,
    },
  };
}

/** What one pass decides. */
export function plan(given: Given): FlinkPlan {
  const observed: Observed = { ...UNSEEN, ...given.observed };
  return decide(situationOf(resourceOf(given), observed, NOW, { flinkConfiguration: {} }), INTERVALS);
}

/** An object of the recorded start. */
export function child(
  kind: string,
  name: string,
  extra: Partial<KubeObject['metadata']> = {},
  body: object = {},
): KubeObject {
  const annotations = { 'weir.dev/start-id': startIdOf(UID, { jobId: JOB, timestamp: 1000 }) };
  return {
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'default', uid: `uid-${name}`, annotations, ...extra },
    ...body,
  };
}

/** Metadata of an object of some other start. */
export const OTHER_START = { annotations: { 'weir.dev/start-id': 'another' } };
/** The JobManager Deployment of the recorded start. */
export const jobManager = child('Deployment', 'orders');
/** The other objects a native cluster consists of. */
export const whole = [
  child('Service', 'orders'),
  child('Service', 'orders-rest'),
  child('ConfigMap', 'flink-config-orders'),
];

/** What the JobManager says of a job whose tasks all run. */
export function job(overrides: Partial<JobFacts> = {}): JobFacts {
  return {
    id: JOB,
    name: 'orders',
    state: 'RUNNING',
    startTime: 1,
    lastModification: 1,
    tasks: { total: 2, active: 2 },
    vertices: [{ id: 'v', name: 'Source', parallelism: 2, active: 2, slotSharingGroup: 'g' }],
    exception: undefined,
    ...overrides,
  };
}

/** The JobManager's answer about the recorded job. */
export function answer(facts: JobFacts | undefined, more: Partial<JobManagerAnswer> = {}): Observed['rest'] {
  const value: JobManagerAnswer = {
    flinkVersion: '2.0.0',
    flinkRevision: 'abc',
    jobs: facts === undefined ? [] : [{ id: facts.id, state: facts.state }],
    job: facts,
    ...more,
  };
  return known(value);
}

/** Actions as short lines. */
export function actionsOf({ actions }: FlinkPlan): string[] {
  return actions.map((action: Action<FlinkEffect>) => {
    if (action.kind === 'apply' || action.kind === 'create') {
      return `${action.kind} ${action.object.kind} ${action.object.metadata.name}`;
    }
    if (action.kind === 'delete')
      return `delete ${action.ref.kind} ${action.ref.name} ${action.uid} ${action.propagation}`;
    if (action.kind === 'finalizer') return `${action.op} finalizer`;
    if (action.kind === 'patch') return `patch ${action.object.kind} ${action.object.metadata.name}`;
    return `${action.effect.kind} ${action.effect.jobId}`;
  });
}

/** A condition of the planned status. */
export function condition({ status }: FlinkPlan, type: string): Condition | undefined {
  return findCondition((status?.conditions ?? []) as readonly Condition[], type);
}
