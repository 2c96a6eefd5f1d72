import { isBeingDeleted, type KubeObject, refOf } from '../../../kube/object.ts';
import {
  all,
  type SparkMutant,
  statusOf,
  withDrivers,
  withObjects,
  withOwnNames,
  withPlan,
  withStatus,
} from './mutations.ts';

/** Tidies up after a driver that still needs it. */
const tidy = withPlan((plan, [, { supports }]) => {
  if (plan.because !== 'DriverRunning') return plan;
  const removals = supports.map((object) => ({
    kind: 'delete' as const,
    ref: refOf(object),
    uid: object.metadata.uid ?? '',
    propagation: 'Background' as const,
    because: 'planted',
  }));
  return { ...plan, actions: [...plan.actions, ...removals] };
});

/** Makes objects that nobody owns, so that nothing takes them with it. */
const ownerless = withObjects((object) => {
  const { ownerReferences: _owners, ...metadata } = object.metadata;
  return { ...object, metadata };
});

/** Says of what is over when it looked last, and looks every ten seconds. */
const restless: SparkMutant['mutate'] = (reconciler) => ({
  ...reconciler,
  decide: (resource, observed, now) => {
    const plan = reconciler.decide(resource, observed, now);
    if (plan.status?.applicationState?.state !== 'COMPLETED') return plan;
    const message = `looked at ${10 * Math.floor(now.getTime() / 10_000)}`;
    const conditions = (plan.status.conditions ?? []).map((condition) => ({ ...condition, message }));
    return { ...plan, status: { ...plan.status, conditions }, requeueAfterMs: 10_000 };
  },
});

/** Waits for room without asking how much there is. */
const incurious = withPlan((plan) => {
  const { surveyNewerThan: _asked, ...rest } = plan;
  return plan.because === 'WaitingForCapacity' ? rest : plan;
});

const isConfFolder = ({ kind, metadata }: KubeObject): boolean =>
  kind === 'ConfigMap' && metadata.name.startsWith('spark-drv-');

/** Makes what a driver starts with before its pod, so that its being there says nothing. */
const confFolderFirst = withPlan((plan) => {
  const first = plan.actions.filter((action) => action.kind === 'apply' && isConfFolder(action.object));
  return { ...plan, actions: [...first, ...plan.actions.filter((action) => !first.includes(action))] };
});

/** One for each of the invariants that guard runs. */
export const SPARK_MUTANTS: readonly SparkMutant[] = [
  {
    name: 'does not wait until the old driver is gone',
    rule: 'I1',
    scenario: 'spark, edited while it runs, slow to stop',
    mutate: all(
      withOwnNames(),
      withDrivers((driver) => !isBeingDeleted(driver)),
    ),
  },
  {
    name: 'loses what a driver came to',
    rule: 'I5',
    scenario: 'spark, Never: success',
    mutate: withDrivers((driver) => (driver.status as { phase?: string }).phase !== 'Succeeded'),
  },
  {
    name: 'runs again what has ended well',
    rule: 'I5',
    scenario: 'spark, OnFailure: success',
    mutate: withDrivers((driver, resource) => {
      const ended = (driver.status as { phase?: string }).phase === 'Succeeded';
      return !ended || statusOf(resource).executionAttempts !== 1;
    }),
  },
  {
    name: 'counts no attempts',
    rule: 'I5',
    scenario: 'spark, OnFailure: retries used up',
    mutate: withStatus((status) => ({ ...status, executionAttempts: 1 })),
  },
  {
    name: 'takes a driver for made that a crash kept from being made',
    rule: 'starts',
    scenario: 'spark, Never: success',
    mutate: confFolderFirst,
    faults: [{ at: 'write', n: 3, fault: { kind: 'crash-after' } }],
  },
  { name: 'takes away what a driver still needs', rule: 'I6', scenario: 'spark, Never: success', mutate: tidy },
  { name: 'leaves objects without an owner', rule: 'I6', scenario: 'spark, deleted while it runs', mutate: ownerless },
  {
    name: 'says RUNNING before anything runs',
    rule: 'I7',
    scenario: 'spark, suspended while its driver is pending',
    mutate: withStatus((status) =>
      status.applicationState?.state === 'SUBMITTED' ? { ...status, applicationState: { state: 'RUNNING' } } : status,
    ),
  },
  { name: 'writes without end', rule: 'I9', scenario: 'spark, Never: success', mutate: restless },
  {
    name: 'does not hear of a suspension',
    rule: 'end',
    scenario: 'spark, created suspended, then left alone',
    mutate: (reconciler) => ({
      ...reconciler,
      decide: (resource, observed, now) => {
        const spec = { ...(resource.spec as object), suspend: false };
        return reconciler.decide({ ...resource, spec }, observed, now);
      },
    }),
  },
  {
    name: 'never asks whether there is room by now',
    rule: 'starts',
    scenario: 'spark, gate: quota too small, then raised',
    mutate: incurious,
  },
];
