import type { FlinkReconciler } from '../../flink/controller.ts';
import type { FlinkPlan } from '../../flink/decide.ts';
import type { FlinkDeploymentStatus, UpgradeMode } from '../../flink/schema.ts';
import { isBeingDeleted, refOf } from '../../kube/object.ts';
import { type Mutant, RESTORE_LINE, withActions, withConfiguration, withPlan, withStatus } from './mutations.ts';

const SAVEPOINT = /s3:[^"\\ ]*savepoint-[^"\\ ]*/;

/** What a start goes on from, written over. */
function startingFrom(status: FlinkDeploymentStatus, mode: UpgradeMode, path?: string): FlinkDeploymentStatus {
  const { jobStatus, reconciliationStatus, restore } = status;
  const lastReconciledSpec = reconciliationStatus?.lastReconciledSpec?.replace(
    /"upgradeMode":"[a-z-]+"/,
    `"upgradeMode":"${mode}"`,
  );
  return {
    ...status,
    jobStatus: { ...jobStatus, upgradeSavepointPath: path },
    reconciliationStatus: { ...reconciliationStatus, lastReconciledSpec },
    restore: { ...restore, mode, path, why: 'planted' },
  } as FlinkDeploymentStatus;
}

function isStarting({ reconciliationStatus }: FlinkDeploymentStatus): boolean {
  return reconciliationStatus?.state === 'UPGRADING';
}

/** FLINK-39270: goes on from the savepoint in its status although high availability has newer state. */
function fromOldSavepoint(reconciler: FlinkReconciler): FlinkReconciler {
  let known: string | undefined;
  return withStatus((status) => {
    known ??= SAVEPOINT.exec(JSON.stringify(status))?.[0];
    const newer = isStarting(status) && status.restore?.mode === 'last-state';
    return newer && known !== undefined ? startingFrom(status, 'savepoint', known) : status;
  })(reconciler);
}

/** FLINK-33011: clears high availability's data away before it deploys again. */
const clearing = withPlan((plan, [, { haConfigMaps, jobManager }]) => {
  if (plan.because !== 'Upgrading' || jobManager !== undefined) return plan;
  const removals = haConfigMaps.map((object) => ({
    kind: 'delete' as const,
    ref: refOf(object),
    uid: object.metadata.uid ?? '',
    propagation: 'Background' as const,
    because: 'planted',
  }));
  return { ...plan, actions: [...removals, ...plan.actions] };
});

/** FLINK-28845: initialSavepointPath counts for the first generation only, whether or not that ever started. */
const forgettingInitial = withPlan((plan, [{ metadata, spec }]) => {
  const given = (spec as { job?: { initialSavepointPath?: string } }).job?.initialSavepointPath;
  return given === undefined || (metadata.generation ?? 0) < 2 ? plan : withoutPath(plan);
});

/** FLINK-30437: takes a job whose new code could not read its state for one that has none. */
const givingStateUp = withPlan((plan, [{ metadata }]) => ((metadata.generation ?? 0) < 3 ? plan : withoutPath(plan)));

function withoutPath(plan: FlinkPlan): FlinkPlan {
  return withActions(
    plan,
    withConfiguration((text) => text.replace(RESTORE_LINE, '')),
  );
}

/** FLINK-27804: what was there before a change is taken for what is there after it. */
const unobservant = withStatus((status, [resource]) => {
  const before = (resource.status as FlinkDeploymentStatus | undefined)?.jobStatus;
  if (before?.state !== 'RUNNING' || status.jobStatus?.state === 'RUNNING') return status;
  return { ...status, jobStatus: { ...status.jobStatus, state: 'RUNNING', updateTime: before.updateTime } };
});

/** FLINK-26577: a change to last-state takes no savepoint, although high availability was off until then. */
const withoutSavepoint = withStatus((status, [{ spec }]) => {
  const mode = (spec as { job?: { upgradeMode?: string } }).job?.upgradeMode;
  return isStarting(status) && mode === 'last-state' ? startingFrom(status, 'stateless') : status;
});

/** FLINK-31860: writes something into the namespace before it lets the resource go. */
const chatty = withPlan((plan, [resource]) => {
  if (!isBeingDeleted(resource)) return plan;
  const metadata = { name: 'farewell', namespace: resource.metadata.namespace ?? '' };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
  return { ...plan, actions: [{ kind: 'apply', object, because: 'planted' }, ...plan.actions] };
});

/** FLINK-30266: high availability without any checkpoint is no state to recover from. */
const demanding = withStatus((status) => {
  const { startedEmpty: _startedEmpty, ...restore } = status.restore ?? {};
  return { ...status, restore } as FlinkDeploymentStatus;
});

/** FLINK-27257: a savepoint that failed once is not tried again. */
const givingUp = withPlan((plan, [{ status }]) => {
  const failures = (status as FlinkDeploymentStatus | undefined)?.stopping?.failures ?? 0;
  return failures === 0 ? plan : { ...plan, actions: plan.actions.filter(({ kind }) => kind !== 'effect') };
});

/** Hotfix a00bf278: asks for the next savepoint under the trigger id of the last one. */
function repeating(reconciler: FlinkReconciler): FlinkReconciler {
  let first: string | undefined;
  return {
    ...withStatus((status) => {
      first ??= status.stopping?.triggerId;
      return status.stopping === undefined || first === undefined
        ? status
        : { ...status, stopping: { ...status.stopping, triggerId: first } };
    })(reconciler),
    perform: (resource, effect, signal) =>
      reconciler.perform(
        resource,
        effect.kind === 'stop-with-savepoint' ? { ...effect, triggerId: first ?? effect.triggerId } : effect,
        signal,
      ),
  };
}

/** Bugs the Flink Kubernetes Operator had, by their issues, planted here. */
export const REGRESSIONS: readonly Mutant[] = [
  {
    name: 'FLINK-39270: an old savepoint instead of newer state',
    rule: 'I3',
    scenario: 'native, savepoint: mode changed in the same edit',
    mutate: fromOldSavepoint,
  },
  {
    name: 'FLINK-33011: high-availability data deleted with a last-state deployment',
    rule: 'I4',
    scenario: 'native, last-state: JobManager Deployment deleted',
    mutate: clearing,
  },
  {
    name: 'FLINK-28845: initialSavepointPath ignored after a first start that failed',
    rule: 'I2',
    scenario: 'native, savepoint: created again from its savepoint, edited before it started',
    mutate: forgettingInitial,
  },
  {
    name: 'FLINK-30437: state given up after code that could not read it',
    rule: 'I2',
    scenario: 'native, last-state: operator uid changed and changed back',
    mutate: givingStateUp,
  },
  {
    name: 'FLINK-27804: the job of before observed in the middle of a change',
    rule: 'I7',
    scenario: 'native, last-state: suspend',
    mutate: unobservant,
  },
  {
    name: 'FLINK-26577: no savepoint when the mode becomes last-state without high availability',
    rule: 'I2',
    scenario: 'native, savepoint, no HA: last-state and high availability in the same edit',
    mutate: withoutSavepoint,
  },
  {
    name: 'FLINK-31860: a namespace that never ends',
    rule: 'I16',
    scenario: 'native, last-state: namespace deleted',
    mutate: chatty,
  },
  {
    name: 'FLINK-30266: no recovery before the first checkpoint',
    rule: 'I16',
    scenario: 'native, last-state: JobManager Deployment deleted before the first checkpoint',
    mutate: demanding,
  },
  {
    name: 'FLINK-27257: a failed savepoint is the end of an upgrade',
    rule: 'I16',
    scenario: 'native, savepoint: savepoint fails once',
    mutate: givingUp,
  },
  {
    name: 'hotfix a00bf278: a stale trigger id asked for again',
    rule: 'I8',
    scenario: 'native, savepoint: savepoint fails once',
    mutate: repeating,
  },
];
