import type { FlinkReconciler } from '../../flink/controller.ts';
import type { FlinkPlan } from '../../flink/decide.ts';
import { FLINK_FINALIZER } from '../../flink/situation.ts';
import { refOf } from '../../kube/object.ts';
import {
  type FlinkAction,
  type Mutant,
  RESTORE_LINE,
  withActions,
  withConfiguration,
  withPlan,
  withStatus,
} from './mutations.ts';

/** Does not wait for the old job: does not cancel it, deletes in the background and does not look at pods. */
function impatient(reconciler: FlinkReconciler): FlinkReconciler {
  const background = withPlan((plan) => {
    const deleting = withActions(plan, (action) =>
      action.kind === 'delete' ? { ...action, propagation: 'Background' } : action,
    );
    return { ...deleting, actions: deleting.actions.filter(({ kind }) => kind !== 'effect') };
  })(reconciler);
  return { ...background, observe: (...seen) => ({ ...reconciler.observe(...seen), pods: [] }) };
}

/** Starts every run from the first path it ever used. */
function nostalgic(reconciler: FlinkReconciler): FlinkReconciler {
  let first: string | undefined;
  const older = withConfiguration((text) => {
    first ??= RESTORE_LINE.exec(text)?.[2];
    return text.replace(RESTORE_LINE, (_line, key: string, path: string) => `${key}${first ?? path}`);
  });
  return withPlan((plan) => withActions(plan, older))(reconciler);
}

/** Takes high availability's data away while the job runs. */
const tidy = withPlan((plan, [, { haConfigMaps }]) => {
  if (plan.because !== 'JobRunning') return plan;
  const pointing = haConfigMaps.filter(({ data }) =>
    Object.keys(data ?? {}).some((key) => key.startsWith('checkpointID-')),
  );
  const removals = pointing.map((object) => ({
    kind: 'delete' as const,
    ref: refOf(object),
    uid: object.metadata.uid ?? '',
    propagation: 'Background' as const,
    because: 'planted',
  }));
  return { ...plan, actions: [...plan.actions, ...removals] };
});

/** Records no path of a savepoint, in the status or as a resource. */
const forgetful = withPlan((plan) => {
  const text = JSON.stringify(plan.status ?? null).replace(
    /s3:[^"\\ ]*savepoint-[^"\\ ]*/g,
    's3://state/savepoints/lost',
  );
  const actions = plan.actions.filter((action) => !('object' in action && action.object.kind === 'FlinkStateSnapshot'));
  if (plan.status === undefined) return { ...plan, actions };
  return { ...plan, actions, status: JSON.parse(text) as NonNullable<FlinkPlan['status']> };
});

/** Lets a deleted resource go at once. */
const careless = withPlan((plan, [resource]) => {
  if (resource.metadata.deletionTimestamp === undefined) return plan;
  const action: FlinkAction = { kind: 'finalizer', op: 'remove', finalizer: FLINK_FINALIZER, because: 'planted' };
  return { because: plan.because, status: undefined, actions: [action], events: [] };
});

/** Takes everything of a fitting name for its own. */
function greedy(reconciler: FlinkReconciler): FlinkReconciler {
  return {
    ...reconciler,
    observe(resource, read, probe) {
      const observed = reconciler.observe(resource, read, probe);
      const { name, namespace = 'default' } = resource.metadata;
      const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: `pod-template-${name}` };
      const found = read.get(ref);
      return found === undefined ? observed : { ...observed, children: [...observed.children, found] };
    },
  };
}

/** Does not read what a container said when it ended. */
function deaf(reconciler: FlinkReconciler): FlinkReconciler {
  return {
    ...reconciler,
    observe(...seen) {
      const observed = reconciler.observe(...seen);
      return { ...observed, pods: observed.pods.map(({ status: _status, ...pod }) => pod) };
    },
  };
}

/** Forgets what could not be deleted. */
const yielding = withStatus((status) => {
  const { savepointInfo } = status.jobStatus ?? {};
  if (savepointInfo === undefined) return status;
  const { undisposed: _forgotten, ...info } = savepointInfo;
  return { ...status, jobStatus: { ...status.jobStatus, savepointInfo: info } };
});

/** Does nothing for minutes about a job that its savepoint has stopped. */
function tardy(reconciler: FlinkReconciler): FlinkReconciler {
  let idleUntil = 0;
  return withPlan((plan, [, , now]) => {
    const { because } = plan;
    if (because === 'TakingSavepoint') idleUntil ||= now.getTime() + 150_000;
    if (because === 'TakingSavepoint' || now.getTime() >= idleUntil) return plan;
    return { because, status: undefined, actions: [], events: [], requeueAfterMs: 1_000, probeEveryMs: 500 };
  })(reconciler);
}

/** Takes every edit for a wish to run the job again whatever it left. */
function eager(reconciler: FlinkReconciler): FlinkReconciler {
  return {
    ...reconciler,
    decide(resource, ...seen) {
      const { spec, metadata } = resource;
      return reconciler.decide(
        { ...resource, spec: { ...(spec as object), restartNonce: metadata.generation } },
        ...seen,
      );
    },
  };
}

/** One for each of the invariants that guard state. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'does not wait until the old JobManager is gone',
    rule: 'I1',
    scenario: 'native, stateless, no HA: slow JobManager, upgrade',
    mutate: impatient,
  },
  {
    name: 'forgets the path to start from',
    rule: 'I2',
    scenario: 'native, savepoint: upgrade',
    mutate: withPlan((plan) =>
      withActions(
        plan,
        withConfiguration((text) => text.replace(RESTORE_LINE, '')),
      ),
    ),
  },
  {
    name: 'runs a job that has finished again because of an edit',
    rule: 'I2',
    scenario: 'native, last-state: finishes, its cluster goes, new image',
    mutate: eager,
  },
  { name: 'starts from an old snapshot', rule: 'I3', scenario: 'native, savepoint: two upgrades', mutate: nostalgic },
  {
    name: 'deletes high-availability data of a running job',
    rule: 'I4',
    scenario: 'native, last-state: upgrade',
    mutate: tidy,
  },
  { name: 'does not record savepoints', rule: 'I5', scenario: 'native, savepoint: upgrade', mutate: forgetful },
  { name: 'removes the finalizer too early', rule: 'I6', scenario: 'native, last-state: delete', mutate: careless },
  {
    name: 'leaves in storage what could not be deleted at once',
    rule: 'I5',
    scenario: 'native, savepoint: savepoints in the status, the older one deleted at the third attempt',
    mutate: yielding,
  },
  { name: 'takes minutes to start a job anew', rule: 'I8', scenario: 'native, savepoint: upgrade', mutate: tardy },
  {
    name: 'deletes objects of others',
    rule: 'I19',
    scenario: 'native, savepoint: a name that is taken, upgrade and delete',
    mutate: greedy,
  },
  {
    name: 'does not see why a JobManager that died could not restore its job',
    rule: 'I16',
    scenario: 'standalone, savepoint: Flink 1.20, operator uid changed',
    mutate: deaf,
  },
];
