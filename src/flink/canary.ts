import type { Plan } from '../core/plan.ts';
import type { OperatorDefaults } from './flink-conf.ts';
import { GUARD_OPTIONS } from './options/operator-table.ts';
import { flatOption } from './options/read.ts';
import type { FlinkDeploymentStatus } from './schema.ts';
import { FLINK_FINALIZER, type FlinkEffect, type Situation } from './situation.ts';

/** The incumbent's label of resources that only show that the operator works. */
export const CANARY_LABEL = 'flink.apache.org/canary';

/** How long a canary may wait for a pass before the operator says that it is not ready, in milliseconds. */
export function canaryTimeoutMs({ flinkConfiguration }: OperatorDefaults): number {
  return flatOption(new Map(Object.entries(flinkConfiguration)), GUARD_OPTIONS.canaryTimeout);
}

/** Whether a resource is a canary. One that has or had a cluster is not, so that a label put on a job does no harm. */
export function isCanary({ resource, record, cluster }: Situation): boolean {
  const label = resource.metadata.labels?.[CANARY_LABEL];
  return label?.toLowerCase() === 'true' && record === undefined && cluster === 'none';
}

/** Nothing is made of a canary, whatever its spec says; it is looked at again four times within its timeout. */
export function canaryPlan({ resource, defaults }: Situation): Plan<FlinkDeploymentStatus, FlinkEffect> {
  const { deletionTimestamp, finalizers = [] } = resource.metadata;
  const release = deletionTimestamp !== undefined && finalizers.includes(FLINK_FINALIZER);
  return {
    because: 'Canary',
    status: undefined,
    actions: release ? [{ kind: 'finalizer', op: 'remove', finalizer: FLINK_FINALIZER, because: 'Canary' }] : [],
    events: [],
    ...(deletionTimestamp === undefined ? { requeueAfterMs: canaryTimeoutMs(defaults) / 4 } : {}),
  };
}
