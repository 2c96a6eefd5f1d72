import type { Plan } from '../core/plan.ts';
import type { KubeObject } from '../kube/object.ts';
import type { OperatorDefaults } from './flink-conf.ts';
import { GUARD_OPTIONS } from './options/operator-table.ts';
import { flatOption } from './options/read.ts';
import type { Situation } from './situation.ts';

/** The incumbent's label of resources that only show that the operator works. */
export const CANARY_LABEL = 'flink.apache.org/canary';

/** How long a canary may wait for a pass before the operator says that it is not ready, in milliseconds. */
export function canaryTimeoutMs({ flinkConfiguration }: OperatorDefaults): number {
  return flatOption(new Map(Object.entries(flinkConfiguration)), GUARD_OPTIONS.canaryTimeout);
}

/** Whether a resource is a canary. One that has or had a cluster is not, so that a label put on a job does no harm. */
export function isCanary({ resource, record, cluster }: Situation): boolean {
  return isLabelledCanary(resource) && record === undefined && cluster === 'none';
}

/** Whether a resource is labelled as a canary. */
export function isLabelledCanary({ metadata }: KubeObject): boolean {
  return metadata.labels?.[CANARY_LABEL]?.toLowerCase() === 'true';
}

/** Nothing is made of a canary, whatever its spec says; it is looked at again four times within its timeout. */
export function canaryPlan(
  { resource, defaults }: Pick<Situation, 'resource' | 'defaults'>,
  finalizer: string,
): Plan<never, never> {
  const { deletionTimestamp, finalizers = [] } = resource.metadata;
  const release = deletionTimestamp !== undefined && finalizers.includes(finalizer);
  return {
    because: 'Canary',
    status: undefined,
    actions: release ? [{ kind: 'finalizer', op: 'remove', finalizer, because: 'Canary' }] : [],
    events: [],
    ...(deletionTimestamp === undefined ? { requeueAfterMs: canaryTimeoutMs(defaults) / 4 } : {}),
  };
}
