import type { ConditionDraft } from '../../../kube/conditions.ts';
import { isBeingDeleted, type KubeObject, keyOf, ownerReference, refOf } from '../../../kube/object.ts';
import { KubeError } from '../../../runtime/classify-failure.ts';
import { isActive } from '../quota.ts';
import { hasAll } from '../selector.ts';
import { conditionsAfter } from './conditions.ts';
import {
  createLoop,
  fieldsOf,
  isControlledBy,
  isReady,
  ownerKey,
  POD,
  phaseOf,
  REPLICA_SET,
  refAt,
  type World,
} from './world.ts';

/** Keeps as many pods of each ReplicaSet as it asks for, as kube-controller-manager does. */
export function startReplicaSetController(world: World): void {
  const { kube } = world;
  const loop = createLoop(world, [2, 20], (key) => sync(world, key));
  kube.watch(REPLICA_SET, undefined, ({ object }) => loop.add(keyOf(object.metadata)));
  kube.watch(POD, undefined, ({ object }) => {
    const key = ownerKey(object, REPLICA_SET);
    if (key !== undefined) loop.add(key);
  });
}

const RETRY_MS = 1_000;

function sync(world: World, key: string): number | undefined {
  const { kube } = world;
  const set = kube.get(refAt(REPLICA_SET, key));
  if (set === undefined) return undefined;
  let problem: string | undefined;
  if (!isBeingDeleted(set)) {
    claimPods(world, set);
    problem = manage(world, set, podsOf(world, set).filter(isWanted));
  }
  writeStatus(world, set, problem);
  return problem === undefined ? undefined : RETRY_MS;
}

/** A pod counts until it is asked to go or has ended. */
function isWanted(pod: KubeObject): boolean {
  return !isBeingDeleted(pod) && isActive(pod);
}

function podsOf({ kube }: World, set: KubeObject): readonly KubeObject[] {
  return kube.list(POD, set.metadata.namespace).filter((pod) => isControlledBy(pod, set.metadata.uid));
}

/** Pods without a controller that the selector takes become the set's. */
function claimPods({ kube }: World, set: KubeObject): void {
  const labels = fieldsOf(fieldsOf(fieldsOf(set.spec).selector).matchLabels) as Record<string, string>;
  for (const pod of kube.list(POD, set.metadata.namespace, labels)) {
    const owners = pod.metadata.ownerReferences ?? [];
    if (!isWanted(pod) || owners.some((owner) => owner.controller === true)) continue;
    const ownerReferences = [...owners, ownerReference(set, { controller: true })];
    kube.patch(refOf(pod), { metadata: { ownerReferences } });
  }
}

/** Makes or deletes pods; returns what kept it from making them. */
function manage({ kube }: World, set: KubeObject, pods: readonly KubeObject[]): string | undefined {
  const wanted = Number(fieldsOf(set.spec).replicas ?? 1);
  try {
    for (let count = pods.length; count < wanted; count++) kube.create(podFrom(set));
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return error.message;
  }
  const surplus = [...pods].sort(byUsefulness).slice(0, Math.max(0, pods.length - wanted));
  for (const pod of surplus) kube.delete(refOf(pod));
  return undefined;
}

function podFrom(set: KubeObject): KubeObject {
  const template = fieldsOf(fieldsOf(set.spec).template);
  const { labels = {}, annotations = {} } = fieldsOf(template.metadata) as { labels?: object; annotations?: object };
  const metadata = {
    generateName: `${set.metadata.name}-`,
    namespace: set.metadata.namespace,
    labels,
    annotations,
    ownerReferences: [ownerReference(set, { controller: true })],
  };
  return { ...POD, metadata, spec: template.spec } as unknown as KubeObject;
}

/** Those that go first come first: not bound, not running, not ready, young. */
function byUsefulness(a: KubeObject, b: KubeObject): number {
  const rank = (pod: KubeObject): number =>
    Number(fieldsOf(pod.spec).nodeName !== undefined) + Number(phaseOf(pod) === 'Running') + Number(isReady(pod));
  const age = (pod: KubeObject): string => `${pod.metadata.creationTimestamp} ${pod.metadata.name}`;
  return rank(a) - rank(b) || (age(a) < age(b) ? 1 : -1);
}

function writeStatus(world: World, before: KubeObject, problem: string | undefined): void {
  const { kube, time } = world;
  const set = kube.get(refOf(before));
  if (set === undefined) return;
  const pods = podsOf(world, set).filter(isWanted);
  const labels = fieldsOf(fieldsOf(fieldsOf(fieldsOf(set.spec).template).metadata).labels) as Record<string, string>;
  const ready = pods.filter(isReady).length;
  const failure: ConditionDraft[] =
    problem === undefined ? [] : [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: problem }];
  const conditions = conditionsAfter(set, failure, time.now(), ['ReplicaFailure']);
  const status = {
    replicas: pods.length,
    ...(pods.length === 0
      ? {}
      : { fullyLabeledReplicas: pods.filter((pod) => hasAll(pod.metadata.labels, labels)).length }),
    ...(ready === 0 ? {} : { readyReplicas: ready, availableReplicas: ready }),
    ...(conditions.length === 0 ? {} : { conditions }),
    observedGeneration: set.metadata.generation,
  };
  kube.replace({ ...set, status }, 'status');
}
