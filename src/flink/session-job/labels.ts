import type { Plan } from '../../core/plan.ts';
import { isFlinkClusterId } from '../../kube/names.ts';
import { isLabelledCanary } from '../canary.ts';
import { sessionNameOf } from './schema.ts';
import type { Situation } from './situation.ts';

/** The incumbent's label with the name of the session, by which the jobs of a session are selected. */
export const SESSION_LABEL = 'target.session';

/** What says where a session job belongs. */
type Placed = Pick<Situation, 'resource' | 'record'>;

/** Whether a session job only shows that the operator works. One that was submitted is not, whatever its labels say. */
export function isCanary({ resource, record }: Placed): boolean {
  return isLabelledCanary(resource) && record === undefined;
}

/**
 * Puts the label on that the incumbent's webhook would have put on, before anything else is done; undefined when it is
 * there, or when the job names no session that can be.
 */
export function labelPlan({ resource, record }: Placed): Plan<never, never> | undefined {
  if (resource.metadata.deletionTimestamp !== undefined) return undefined;
  const session = record?.spec.deploymentName ?? sessionNameOf(resource);
  if (session === undefined || !isFlinkClusterId(session)) return undefined;
  if (resource.metadata.labels?.[SESSION_LABEL] === session) return undefined;
  const because = `label it with its session, ${session}`;
  const patch = { metadata: { labels: { [SESSION_LABEL]: session } } };
  return {
    because: 'Labelling',
    status: undefined,
    actions: [{ kind: 'patch', object: resource, patch, because }],
    events: [],
    requeueAfterMs: 10_000,
  };
}
