import { isBeingDeleted, type KubeObject, keyOf, ownerReference, refOf } from '../../../kube/object.ts';
import { hashHex } from '../../../lib/hash.ts';
import { canonicalJson } from '../../../lib/json.ts';
import { remembered } from '../../../lib/remembered.ts';
import { hasAll } from '../selector.ts';
import { deploymentStatus } from './deployment-status.ts';
import {
  createLoop,
  DEPLOYMENT,
  fieldsOf,
  isControlledBy,
  ownerKey,
  POD,
  phaseOf,
  REPLICA_SET,
  refAt,
  type World,
} from './world.ts';

/** Rolls Deployments out over ReplicaSets, as kube-controller-manager does: Recreate and RollingUpdate, scale, adoption. */
export function startDeploymentController(world: World): void {
  const { kube } = world;
  const loop = createLoop(world, [2, 20], (key) => sync(world, key));
  const addOwner = (set: KubeObject | undefined): void => {
    const key = set && ownerKey(set, DEPLOYMENT);
    if (key !== undefined) loop.add(key);
  };
  kube.watch(DEPLOYMENT, undefined, ({ object }) => loop.add(keyOf(object.metadata)));
  kube.watch(REPLICA_SET, undefined, ({ object }) => addOwner(object));
  kube.watch(POD, undefined, ({ object }) => {
    const key = ownerKey(object, REPLICA_SET);
    if (key !== undefined) addOwner(kube.get(refAt(REPLICA_SET, key)));
  });
}

/** A Deployment with its ReplicaSets. */
interface Rollout {
  readonly deployment: KubeObject;
  readonly hash: string;
  readonly current: KubeObject | undefined;
  readonly old: readonly KubeObject[];
  readonly wanted: number;
}

function sync(world: World, key: string): undefined {
  const { kube } = world;
  const deployment = kube.get(refAt(DEPLOYMENT, key));
  if (deployment === undefined) return;
  if (!isBeingDeleted(deployment)) {
    claimSets(world, deployment);
    const rollout = rolloutOf(world, deployment);
    if (fieldsOf(fieldsOf(deployment.spec).strategy).type === 'Recreate') recreate(world, rollout);
    else rollingUpdate(world, rollout);
  }
  const now = kube.get(refOf(deployment));
  if (now === undefined) return;
  const { current, old } = rolloutOf(world, now);
  kube.replace({ ...now, status: deploymentStatus(now, { current, old, nowMs: world.time.now() }) }, 'status');
}

function claimSets({ kube }: World, deployment: KubeObject): void {
  const labels = fieldsOf(fieldsOf(fieldsOf(deployment.spec).selector).matchLabels) as Record<string, string>;
  for (const set of kube.list(REPLICA_SET, deployment.metadata.namespace)) {
    const owners = set.metadata.ownerReferences ?? [];
    if (isBeingDeleted(set) || owners.some((owner) => owner.controller === true)) continue;
    if (!hasAll(set.metadata.labels, labels)) continue;
    const ownerReferences = [...owners, ownerReference(deployment, { controller: true })];
    kube.patch(refOf(set), { metadata: { ownerReferences } });
  }
}

const HASH_LABEL = 'pod-template-hash';

const templateHash = remembered((template: object) => hashHex(canonicalJson(template), 10));

function rolloutOf({ kube }: World, deployment: KubeObject): Rollout {
  const spec = fieldsOf(deployment.spec);
  const hash = templateHash(fieldsOf(spec.template));
  const sets = kube
    .list(REPLICA_SET, deployment.metadata.namespace)
    .filter((set) => isControlledBy(set, deployment.metadata.uid));
  const current = sets.find((set) => set.metadata.labels?.[HASH_LABEL] === hash);
  return { deployment, hash, current, old: sets.filter((set) => set !== current), wanted: Number(spec.replicas ?? 1) };
}

function replicasOf(set: KubeObject | undefined): number {
  return Number(fieldsOf(set?.spec).replicas ?? 0);
}

function availableOf(set: KubeObject | undefined): number {
  return Number(fieldsOf(set?.status).availableReplicas ?? 0);
}

function scale({ kube }: World, set: KubeObject, replicas: number): void {
  if (replicasOf(set) !== replicas) kube.patch(refOf(set), { spec: { replicas } });
}

function createSet({ kube }: World, { deployment, hash }: Rollout, replicas: number): void {
  const spec = fieldsOf(deployment.spec);
  const template = fieldsOf(spec.template);
  const metadata = fieldsOf(template.metadata);
  const labels = { ...fieldsOf(metadata.labels), [HASH_LABEL]: hash } as Record<string, string>;
  const { name, namespace = '' } = deployment.metadata;
  const selector = { matchLabels: { ...fieldsOf(fieldsOf(spec.selector).matchLabels), [HASH_LABEL]: hash } };
  kube.create({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels,
      ownerReferences: [ownerReference(deployment, { controller: true })],
    },
    spec: { replicas, selector, template: { ...template, metadata: { ...metadata, labels } } },
  });
}

/** No pod of the new template is made before all pods of old ones are gone. */
function recreate(world: World, rollout: Rollout): void {
  const { current, old, wanted } = rollout;
  for (const set of old) scale(world, set, 0);
  const left = old.some((set) => replicasOf(set) > 0) || hasLivingPods(world, rollout);
  if (left) return;
  if (current === undefined) createSet(world, rollout, wanted);
  else scale(world, current, wanted);
}

function hasLivingPods({ kube }: World, { deployment, old }: Rollout): boolean {
  const pods = kube.list(POD, deployment.metadata.namespace);
  return old.some((set) =>
    pods.some((pod) => {
      const phase = phaseOf(pod);
      return isControlledBy(pod, set.metadata.uid) && phase !== 'Succeeded' && phase !== 'Failed';
    }),
  );
}

/** How many pods more than wanted, and how many fewer available ones, there may be during a rolling update. */
function bounds({ deployment, wanted }: Rollout): { readonly surge: number; readonly unavailable: number } {
  const rolling = fieldsOf(fieldsOf(fieldsOf(deployment.spec).strategy).rollingUpdate);
  const surge = share(rolling.maxSurge, wanted, Math.ceil);
  const unavailable = share(rolling.maxUnavailable, wanted, Math.floor);
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

function share(value: unknown, wanted: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? Number(value.replace('%', '')) : 25;
  return round((wanted * percent) / 100);
}

function rollingUpdate(world: World, rollout: Rollout): void {
  const { current, old, wanted } = rollout;
  const { surge, unavailable } = bounds(rollout);
  const total = [current, ...old].reduce((sum, set) => sum + replicasOf(set), 0);
  const have = replicasOf(current);
  const next = have > wanted ? wanted : Math.min(wanted, have + Math.max(0, wanted + surge - total));
  if (current === undefined) createSet(world, rollout, next);
  else if (have !== next) scale(world, current, next);
  else scaleDownOld(world, rollout, wanted - unavailable);
}

/** Old pods that are not available go first, then as many as the number of available ones allows. */
function scaleDownOld(world: World, { current, old }: Rollout, minAvailable: number): void {
  const total = [current, ...old].reduce((sum, set) => sum + replicasOf(set), 0);
  let most = total - minAvailable - Math.max(0, replicasOf(current) - availableOf(current));
  let spare = [current, ...old].reduce((sum, set) => sum + availableOf(set), 0) - minAvailable;
  for (const set of old) {
    const unhealthy = Math.max(0, Math.min(most, replicasOf(set) - availableOf(set)));
    const healthy = Math.max(0, Math.min(most - unhealthy, spare, availableOf(set)));
    scale(world, set, replicasOf(set) - unhealthy - healthy);
    most -= unhealthy + healthy;
    spare -= healthy;
  }
}
