import { isBeingDeleted, type KubeObject } from '../../../../kube/object.ts';
import type { ConnectReconciler } from '../../../../spark/connect/controller.ts';
import type { ConnectPlan } from '../../../../spark/connect/decide.ts';
import type { Rule } from '../../scenario.ts';

/** Changes a reconciler of SparkConnects. */
type Mutation = (reconciler: ConnectReconciler) => ConnectReconciler;

/** A planted bug, where it shows, and the rule that must find it. */
export interface ConnectMutant {
  readonly name: string;
  readonly rule: Rule;
  /** Name of the scenario. */
  readonly scenario: string;
  readonly mutate: Mutation;
}

function withPlan(change: (plan: ConnectPlan, seen: Parameters<ConnectReconciler['decide']>) => ConnectPlan): Mutation {
  return (reconciler) => ({ ...reconciler, decide: (...seen) => change(reconciler.decide(...seen), seen) });
}

function withObjects(change: (object: KubeObject) => KubeObject): Mutation {
  return withPlan((plan) => ({
    ...plan,
    actions: plan.actions.map((action) =>
      action.kind === 'apply' || action.kind === 'create' ? { ...action, object: change(action.object) } : action,
    ),
  }));
}

/** Gives each server a pod name of its own and takes one that is on its way out for gone. */
const impatient: Mutation = (reconciler) => {
  let made = 0;
  const renamed = withObjects((object) => {
    const text = JSON.stringify(object).replaceAll(/\bquery-server\b/g, `query-server-${made}`);
    return object.kind === 'Pod' || object.kind === 'ConfigMap' ? (JSON.parse(text) as KubeObject) : object;
  });
  const counted = withPlan((plan) => {
    if (plan.actions.some(({ kind }) => kind === 'create')) made += 1;
    return renamed({ ...reconciler, decide: () => plan }).decide({} as KubeObject, {} as never, new Date(0));
  })(reconciler);
  return {
    ...counted,
    observe: (resource, read, probe) => {
      const observed = counted.observe(resource, read, probe);
      return { ...observed, drivers: observed.drivers.filter((driver) => !isBeingDeleted(driver)) };
    },
  };
};

/** Takes the Service away with each server, and makes it anew with the next. */
const unsteady = withPlan((plan, [resource, { services }]) => {
  if (plan.status?.state !== 'NotReady' || resource.metadata.deletionTimestamp !== undefined) return plan;
  const removals = services.map(({ metadata: { name, namespace = '', uid = '' } }) => ({
    kind: 'delete' as const,
    ref: { apiVersion: 'v1', kind: 'Service', namespace, name },
    uid,
    propagation: 'Background' as const,
    because: 'planted',
  }));
  return { ...plan, actions: [...plan.actions, ...removals] };
});

/** Says Ready as soon as a server is made. */
const boastful = withPlan((plan) =>
  plan.status?.state === 'NotReady' ? { ...plan, status: { ...plan.status, state: 'Ready' } } : plan,
);

/** Goes on with the spec it saw first. */
const deaf: Mutation = (reconciler) => {
  let first: unknown;
  return {
    ...reconciler,
    decide: (resource, observed, now) => {
      first ??= resource.spec;
      return reconciler.decide({ ...resource, spec: first } as KubeObject, observed, now);
    },
  };
};

/** Says when it looked last, and looks every ten seconds. */
const restless = withPlan((plan, [, , now]) => {
  const lastUpdateTime = new Date(now.getTime() - (now.getTime() % 10_000)).toISOString();
  const status = plan.status === undefined ? {} : { status: { ...plan.status, lastUpdateTime } };
  return { ...plan, ...status, requeueAfterMs: 10_000 };
});

/** One for each of the invariants that guard a server. */
export const CONNECT_MUTANTS: readonly ConnectMutant[] = [
  {
    name: 'does not wait until the old server is gone',
    rule: 'I1',
    scenario: 'spark connect, edited while it serves, slow to stop',
    mutate: impatient,
  },
  {
    name: 'takes the Service of clients away with each server',
    rule: 'I6',
    scenario: 'spark connect, edited while it serves',
    mutate: unsteady,
  },
  {
    name: 'leaves objects without an owner',
    rule: 'I6',
    scenario: 'spark connect, deleted while it serves',
    mutate: withObjects(({ metadata: { ownerReferences: _owners, ...metadata }, ...object }) => ({
      ...object,
      metadata,
    })),
  },
  {
    name: 'says Ready before a server runs',
    rule: 'I7',
    scenario: 'spark connect, serves',
    mutate: boastful,
  },
  { name: 'writes without end', rule: 'I9', scenario: 'spark connect, serves', mutate: restless },
  { name: 'does not hear of an edit', rule: 'I16', scenario: 'spark connect, edited while it serves', mutate: deaf },
  {
    name: 'does not start a server again',
    rule: 'starts',
    scenario: 'spark connect, server lost by crash',
    mutate: withPlan((plan) => {
      const again = (plan.status?.run?.submissionAttempts ?? 1) > 1;
      return again ? { ...plan, actions: plan.actions.filter(({ kind }) => kind !== 'create') } : plan;
    }),
  },
];
