import { knownValue, unasked } from '../../core/fact.ts';
import type { Action } from '../../core/plan.ts';
import { describeRef, isBeingDeleted, type KubeObject, type ObjectRef, refOf } from '../../kube/object.ts';
import { isTerminal } from '../observed.ts';
import { isAvailable } from '../pods.ts';
import type { UpgradeMode } from '../schema.ts';
import type { FlinkEffect, Intent, Situation } from '../situation.ts';

/** How long a job may take to cancel before its cluster is deleted all the same. */
const CANCEL_PATIENCE_MS = 20_000;

/** How long the garbage collector may take before what it left is deleted by name. */
const ORPHAN_PATIENCE_MS = 15_000;

/** What is said while a cluster goes. */
export const GOING = 'waiting until everything of the cluster is gone';

/** The next step of taking a cluster down. */
export type TeardownStep = Required<Pick<Intent, 'message' | 'actions' | 'requeueAfterMs' | 'probe'>>;

/** Whether a cluster that began to go at `sinceMs` takes so long that it is to be told why. */
export function isLate({ now }: Situation, sinceMs: number): boolean {
  return now.getTime() - sinceMs > ORPHAN_PATIENCE_MS;
}

/**
 * The next step of taking down a cluster, after which the next run starts as `next` says: cancel the job while the
 * JobManager answers (at most 20 s since `sinceMs`), delete the objects, wait until no pod is left. Undefined when
 * nothing is left. Repeating a step asks for the same thing. Before a start from high-availability data that data stays,
 * and the job is not cancelled, since Flink deletes the data of a cancelled job.
 */
export function teardown(situation: Situation, sinceMs: number, next: UpgradeMode): TeardownStep | undefined {
  const keepsHa = next === 'last-state';
  const { observed } = situation;
  const going = keepsHa ? { ...situation, observed: { ...observed, haConfigMaps: [] } } : situation;
  if (isGone(going)) return undefined;
  return (keepsHa ? undefined : cancelStep(going, sinceMs)) ?? deleteStep(going, sinceMs);
}

function isGone({ observed }: Situation): boolean {
  const { jobManager, taskManager, children, haConfigMaps, pods } = observed;
  return (
    jobManager === undefined && taskManager === undefined && children.length + haConfigMaps.length + pods.length === 0
  );
}

function cancelStep(situation: Situation, sinceMs: number): TeardownStep | undefined {
  const { jobManager, rest } = situation.observed;
  if (jobManager === undefined || isBeingDeleted(jobManager)) return undefined;
  if (situation.now.getTime() - sinceMs > CANCEL_PATIENCE_MS) return undefined;
  if (rest === unasked && isAvailable(jobManager)) {
    return { message: 'asking the JobManager for its jobs', actions: [], requeueAfterMs: 1000, probe: 'fast' };
  }
  const job = knownValue(rest)?.jobs.find((candidate) => !isTerminal(candidate.state));
  if (job === undefined) return undefined;
  const message = `waiting for job ${job.id} to be cancelled`;
  const wait = { message, requeueAfterMs: 1000, probe: 'fast' } as const;
  if (job.state === 'CANCELLING') return { ...wait, actions: [] };
  const effect: FlinkEffect = { kind: 'cancel-job', jobId: job.id };
  return { ...wait, actions: [{ kind: 'effect', effect, because: `cancel job ${job.id}` }] };
}

/**
 * What the Deployments own goes before them: the garbage collector, which is slower, then finds nothing of it to delete, and no
 * JobManager starts again without its ConfigMap. Services go after: as long as the JobManager is not on its way out, whoever takes
 * up a deletion that was cut short has to ask it for its jobs.
 */
function deleteStep(situation: Situation, sinceMs: number): TeardownStep {
  const { jobManager, taskManager, children, haConfigMaps, pods } = situation.observed;
  const services = children.filter(({ kind }) => kind === 'Service');
  const others = children.filter(({ kind }) => kind !== 'Service');
  const objects = [...others, jobManager, taskManager, ...services].filter((object) => object !== undefined);
  // A JobManager that still runs would make the one with its lease again.
  const last = jobManager === undefined && pods.length === 0 ? haConfigMaps : [];
  const late = isLate(situation, sinceMs);
  const orphans = jobManager === undefined && taskManager === undefined && late ? pods : [];
  const actions = [
    ...[...objects, ...last].filter((object) => !isBeingDeleted(object)).map(deleteAction),
    ...orphans.filter((pod) => !isBeingDeleted(pod)).map(deleteOrphan),
  ];
  return {
    message: late ? `still waiting until ${remaining([...objects, ...haConfigMaps], pods)} gone` : GOING,
    actions,
    requeueAfterMs: 5000,
    probe: 'off',
  };
}

function deleteAction(object: KubeObject): Action<FlinkEffect> {
  const propagation = object.kind === 'Deployment' ? 'Foreground' : 'Background';
  return {
    kind: 'delete',
    ref: refOf(object),
    uid: object.metadata.uid ?? '',
    propagation,
    because: 'take the cluster down',
  };
}

/**
 * A pod nobody will collect: its ReplicaSet goes if it has one (else it would be made again), else the pod itself. The pod
 * says which, and whoever may make pods may say anything: only one named like those of the cluster's Deployments goes.
 */
function deleteOrphan(pod: KubeObject): Action<FlinkEffect> {
  const { app = '', 'pod-template-hash': hash = '' } = pod.metadata.labels ?? {};
  const names = [`${app}-${hash}`, `${app}-taskmanager-${hash}`];
  const owner = pod.metadata.ownerReferences?.find(
    ({ apiVersion, kind, name }) => apiVersion === 'apps/v1' && kind === 'ReplicaSet' && names.includes(name),
  );
  const because = 'its Deployment is gone and nothing collects it';
  if (owner === undefined) return { ...deleteAction(pod), because };
  const { apiVersion, kind, name, uid } = owner;
  const ref: ObjectRef = {
    apiVersion,
    kind,
    name,
    ...(pod.metadata.namespace === undefined ? {} : { namespace: pod.metadata.namespace }),
  };
  return { kind: 'delete', ref, uid, propagation: 'Foreground', because };
}

function remaining(objects: readonly KubeObject[], pods: readonly KubeObject[]): string {
  const all = [...pods, ...objects].map((object) => describeRef(refOf(object)));
  const shown = all.slice(0, 3).join(', ');
  return `${all.length > 3 ? `${shown} and ${all.length - 3} more` : shown} ${all.length === 1 ? 'is' : 'are'}`;
}
