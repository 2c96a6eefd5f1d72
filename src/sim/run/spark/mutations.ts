import type { Plan } from '../../../core/plan.ts';
import type { KubeObject } from '../../../kube/object.ts';
import type { SparkReconciler } from '../../../spark/controller.ts';
import type { SparkPlan } from '../../../spark/decide.ts';
import type { Observed } from '../../../spark/observed.ts';
import type { SparkApplicationStatus } from '../../../spark/schema.ts';
import type { Fault } from '../../kube/faults.ts';
import type { Rule } from '../scenario.ts';

/** Changes a reconciler. */
export type Mutation = (reconciler: SparkReconciler) => SparkReconciler;

/** A planted bug, where it shows, and the rule that must find it. */
export interface SparkMutant {
  readonly name: string;
  readonly rule: Rule;
  /** Name of the scenario. */
  readonly scenario: string;
  readonly mutate: Mutation;
  /** Without which it does not show. */
  readonly faults?: readonly Fault[];
}

/** Changes every plan, which is told what it was decided from. */
export function withPlan(
  change: (plan: SparkPlan, seen: Parameters<SparkReconciler['decide']>) => SparkPlan,
): Mutation {
  return (reconciler) => ({ ...reconciler, decide: (...seen) => change(reconciler.decide(...seen), seen) });
}

/** Changes the status of every plan that writes one. */
export function withStatus(change: (status: SparkApplicationStatus) => SparkApplicationStatus): Mutation {
  return withPlan((plan) => ({
    ...plan,
    ...(plan.status === undefined ? {} : { status: change(plan.status) }),
  }));
}

/**
 * A change of plans that has what makes something recorded by the pass after it: an operator that dies in between has made what
 * nobody recorded. Made anew for each life of the operator, which remembers nothing of the one before.
 */
export function recordedByTheNext<P extends Plan<unknown, never>>(): (plan: P) => P {
  let owed: P['status'];
  return (plan) => {
    const status = owed;
    owed = undefined;
    if (status !== undefined) return { ...plan, status, actions: [] };
    if (!plan.actions.some(({ kind }) => kind === 'create')) return plan;
    owed = plan.status;
    return { ...plan, status: undefined, requeueAfterMs: 1 };
  };
}

/** Changes every object that is made. */
export function withObjects(change: (object: KubeObject) => KubeObject): Mutation {
  return withPlan((plan) => ({
    ...plan,
    actions: plan.actions.map((action) =>
      action.kind === 'apply' || action.kind === 'create' ? { ...action, object: change(action.object) } : action,
    ),
  }));
}

/** Changes what is seen. */
export function withObserved(change: (observed: Observed, resource: KubeObject) => Observed): Mutation {
  return (reconciler) => ({
    ...reconciler,
    observe: (resource, read, probe) => change(reconciler.observe(resource, read, probe), resource),
  });
}

/** Drivers that are seen, picked out. */
export function withDrivers(keep: (driver: KubeObject, resource: KubeObject) => boolean): Mutation {
  return withObserved((observed, resource) => ({
    ...observed,
    drivers: observed.drivers.filter((driver) => keep(driver, resource)),
  }));
}

/** One mutation after another. */
export function all(...mutations: readonly Mutation[]): Mutation {
  return (reconciler) => mutations.reduce((changed, mutate) => mutate(changed), reconciler);
}

/** What a status says. */
export function statusOf({ status }: KubeObject): SparkApplicationStatus {
  return (status ?? {}) as SparkApplicationStatus;
}

/** Gives each driver pod a name of its own, which its properties say too, until there are `most` names. */
export function withOwnNames(most = Number.POSITIVE_INFINITY): Mutation {
  let made = 0;
  return withPlan((plan) => {
    if (!plan.actions.some(({ kind }) => kind === 'create')) return plan;
    made = Math.min(most, made + 1);
    const renamed = withObjects((object) => named(object, made))({ decide: () => plan } as unknown as SparkReconciler);
    return renamed.decide({} as KubeObject, {} as Observed, new Date(0));
  });
}

function named(object: KubeObject, n: number): KubeObject {
  const rename = (text: string): string => text.replaceAll(/\bpi-driver\b(?!-svc)/g, `pi-driver-${n}`);
  if (object.kind === 'Pod') return { ...object, metadata: { ...object.metadata, name: rename(object.metadata.name) } };
  if (object.kind !== 'ConfigMap') return object;
  const data = Object.entries((object.data ?? {}) as Record<string, string>);
  return { ...object, data: Object.fromEntries(data.map(([key, text]) => [key, rename(text)])) };
}
