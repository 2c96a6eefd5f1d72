import { vi } from 'vitest';
import type { Plan } from '../../core/plan.ts';
import type { Reconciler } from '../../core/reconciler.ts';
import { type KubeObject, ownerReference, refOf } from '../../kube/object.ts';
import { POD, pod, THING } from './objects.ts';

/** What a thing's pass sees: its resource and the pod of its name. */
export interface Seen {
  readonly resource: KubeObject;
  readonly pod: KubeObject | undefined;
  readonly answer: unknown;
}

/** A plan that does nothing. */
export const nothing: Plan<unknown, string> = { because: 'Settled', status: undefined, actions: [], events: [] };

/** A plan that gives a thing its finalizer, a status and a pod, and does nothing once it has them. */
export function convergingPlan(seen: Seen): Plan<unknown, string> {
  const { resource } = seen;
  const child = pod(resource.metadata.name, { ownerReferences: [ownerReference(resource, { controller: true })] });
  return {
    because: 'Converging',
    status: { pod: seen.pod === undefined ? 'missing' : 'there' },
    actions: [
      ...(resource.metadata.finalizers?.includes('weir/f')
        ? []
        : [{ kind: 'finalizer', op: 'add', finalizer: 'weir/f', because: 'Created' } as const]),
      ...(seen.pod === undefined ? [{ kind: 'apply', object: child, because: 'PodMissing' } as const] : []),
    ],
    events: [],
  };
}

/** A reconciler of things and their pods whose decision is the given function. */
export function thingReconciler(
  decide: (seen: Seen) => Plan<unknown, string>,
  extra: Partial<Reconciler<Seen, unknown, string, unknown>> = {},
): Reconciler<Seen, unknown, string, unknown> {
  return {
    name: 'thing',
    kind: THING,
    watches: [{ kind: POD, toKey: ({ metadata }) => `${metadata.namespace}/${metadata.labels?.app}` }],
    access: [],
    observe(resource, read, probe) {
      const { namespace, name } = resource.metadata;
      const pod = read.get({ ...refOf(resource), ...POD });
      const answer = probe.latest(`${namespace}/${name}`);
      return { resource, pod, answer };
    },
    decide: (_resource, seen) => decide(seen),
    perform: vi.fn(async () => {}),
    ask: async () => 'answer',
    answersEqual: (a, b) => a === b,
    ...extra,
  };
}
