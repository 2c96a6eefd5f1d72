import type { ConditionDraft } from '../../../kube/conditions.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { conditionsAfter } from './conditions.ts';
import { fieldsOf, listOf } from './world.ts';

/** What a Deployment's status is made from. */
export interface DeploymentState {
  readonly current: KubeObject | undefined;
  readonly old: readonly KubeObject[];
  readonly nowMs: number;
}

type Counter = 'replicas' | 'readyReplicas' | 'availableReplicas';

function sum(sets: readonly (KubeObject | undefined)[], counter: Counter): number {
  return sets.reduce((total, set) => total + Number(fieldsOf(set?.status)[counter] ?? 0), 0);
}

/** Counters of zero are left out, as the API server does. */
function counters(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value > 0));
}

/** apps/v1 DeploymentStatus. */
export function deploymentStatus(deployment: KubeObject, { current, old, nowMs }: DeploymentState): object {
  const spec = fieldsOf(deployment.spec);
  const wanted = Number(spec.replicas ?? 1);
  const sets = [current, ...old];
  const available = sum(sets, 'availableReplicas');
  const drafts = [availability(available, wanted), progress(deployment, current, nowMs), ...failures(sets)];
  const conditions = conditionsAfter(deployment, drafts, nowMs, ['ReplicaFailure']);
  return {
    observedGeneration: deployment.metadata.generation,
    ...counters({
      replicas: sum(sets, 'replicas'),
      updatedReplicas: sum([current], 'replicas'),
      readyReplicas: sum(sets, 'readyReplicas'),
      availableReplicas: available,
      unavailableReplicas: wanted - available,
    }),
    conditions,
  };
}

function availability(available: number, wanted: number): ConditionDraft {
  return available >= wanted
    ? draft('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
    : draft('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.');
}

function draft(type: string, status: 'True' | 'False', reason: string, message: string): ConditionDraft {
  return { type, status, reason, message };
}

function progress(deployment: KubeObject, current: KubeObject | undefined, nowMs: number): ConditionDraft {
  const spec = fieldsOf(deployment.spec);
  const wanted = Number(spec.replicas ?? 1);
  const name = current === undefined ? '' : ` "${current.metadata.name}"`;
  if (current !== undefined && sum([current], 'availableReplicas') >= wanted) {
    return draft('Progressing', 'True', 'NewReplicaSetAvailable', `ReplicaSet${name} has successfully progressed.`);
  }
  const since = Date.parse(current?.metadata.creationTimestamp ?? '');
  const deadlineMs = Number(spec.progressDeadlineSeconds ?? 600) * 1000;
  if (nowMs - since > deadlineMs) {
    return draft('Progressing', 'False', 'ProgressDeadlineExceeded', `ReplicaSet${name} has timed out progressing.`);
  }
  return draft('Progressing', 'True', 'ReplicaSetUpdated', `ReplicaSet${name} is progressing.`);
}

/** What keeps a ReplicaSet from making pods is told by its Deployment too. */
function failures(sets: readonly (KubeObject | undefined)[]): readonly ConditionDraft[] {
  const found = sets
    .flatMap((set) => listOf(fieldsOf(set?.status).conditions))
    .find((condition) => fieldsOf(condition).type === 'ReplicaFailure');
  return found === undefined
    ? []
    : [draft('ReplicaFailure', 'True', String(fieldsOf(found).reason), String(fieldsOf(found).message))];
}
