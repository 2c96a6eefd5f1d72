import type { KindRef } from '../../../core/ports.ts';
import { type KubeObject, keyOf, type OwnerReference, refOf } from '../../../kube/object.ts';
import type { KubeChange } from '../access.ts';
import { FOREGROUND, ORPHAN } from '../deletion.ts';
import { createLoop, type Loop, refAt, type World } from './world.ts';

/** What the garbage collector knows: who depends on whom. */
interface Graph {
  readonly world: World;
  readonly loop: Loop;
  /** Keys of dependents by the uid of the owner. */
  readonly dependents: Map<string, Set<string>>;
}

const KEY = /^([^|]+)\|([^|]+)\|(.+)$/;

/**
 * Collects objects whose owners are gone, and carries out foreground and orphaning deletions, as kube-controller-manager
 * does: some time after the deletion, in any order.
 */
export function startGarbageCollector(world: World, kinds: readonly KindRef[]): (kind: KindRef) => void {
  const loop: Loop = createLoop(world, [10, 300], (key) => attempt(graph, key));
  const graph: Graph = { world, loop, dependents: new Map() };
  const follow = (kind: KindRef): void => void world.kube.watch(kind, undefined, (change) => learn(graph, change));
  for (const kind of kinds) follow(kind);
  return follow;
}

function graphKey(object: KubeObject): string {
  return `${object.apiVersion}|${object.kind}|${keyOf(object.metadata)}`;
}

function objectAt({ world }: Graph, key: string): KubeObject | undefined {
  const [, apiVersion = '', kind = '', name = ''] = KEY.exec(key) ?? [];
  return world.kube.get(refAt({ apiVersion, kind }, name));
}

function ownersOf(object: KubeObject): readonly OwnerReference[] {
  return object.metadata.ownerReferences ?? [];
}

function learn(graph: Graph, { type, object }: KubeChange): void {
  const key = graphKey(object);
  if (type === 'DELETED') {
    for (const { uid } of ownersOf(object)) graph.dependents.get(uid)?.delete(key);
    for (const dependent of graph.dependents.get(object.metadata.uid ?? '') ?? []) graph.loop.add(dependent);
    for (const owner of ownersOf(object)) graph.loop.add(ownerKeyOf(object, owner));
    return;
  }
  for (const { uid } of ownersOf(object)) {
    const known = graph.dependents.get(uid);
    if (known === undefined) graph.dependents.set(uid, new Set([key]));
    else known.add(key);
  }
  if (needsLook(graph, object)) graph.loop.add(key);
}

function needsLook(graph: Graph, object: KubeObject): boolean {
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  if (deletionTimestamp !== undefined) return finalizers.includes(FOREGROUND) || finalizers.includes(ORPHAN);
  return ownersOf(object).some((owner) => stateOf(graph, object, owner) !== 'solid');
}

/** Owners are in the namespace of what they own, or have none. */
function ownerKeyOf(dependent: KubeObject, { apiVersion, kind, name }: OwnerReference): string {
  const { namespace } = dependent.metadata;
  return `${apiVersion}|${kind}|${keyOf(namespace === undefined ? { name } : { namespace, name })}`;
}

type OwnerState = 'solid' | 'absent' | 'waiting';

function stateOf(graph: Graph, dependent: KubeObject, owner: OwnerReference): OwnerState {
  const { kube } = graph.world;
  const inNamespace = objectAt(graph, ownerKeyOf(dependent, owner));
  const found = inNamespace ?? kube.get({ apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name });
  if (found?.metadata.uid !== owner.uid) return 'absent';
  const { deletionTimestamp, finalizers = [] } = found.metadata;
  return deletionTimestamp !== undefined && finalizers.includes(FOREGROUND) ? 'waiting' : 'solid';
}

function dependentsOf(graph: Graph, object: KubeObject): readonly KubeObject[] {
  const { uid = '' } = object.metadata;
  const keys = [...(graph.dependents.get(uid) ?? [])];
  return keys
    .flatMap((key) => objectAt(graph, key) ?? [])
    .filter((dependent) => ownersOf(dependent).some((owner) => owner.uid === uid));
}

function attempt(graph: Graph, key: string): undefined {
  const object = objectAt(graph, key);
  if (object === undefined) return;
  const { deletionTimestamp, finalizers = [] } = object.metadata;
  if (deletionTimestamp !== undefined && finalizers.includes(ORPHAN)) {
    orphanDependents(graph, object);
    return;
  }
  if (deletionTimestamp !== undefined && finalizers.includes(FOREGROUND)) {
    advanceForeground(graph, object);
    return;
  }
  if (deletionTimestamp === undefined && ownersOf(object).length > 0) collect(graph, object);
}

function orphanDependents(graph: Graph, object: KubeObject): void {
  const { kube } = graph.world;
  for (const dependent of dependentsOf(graph, object)) {
    const ownerReferences = ownersOf(dependent).filter((owner) => owner.uid !== object.metadata.uid);
    kube.patch(refOf(dependent), { metadata: { ownerReferences } });
  }
  dropFinalizer(graph, object, ORPHAN);
}

function advanceForeground(graph: Graph, object: KubeObject): void {
  const dependents = dependentsOf(graph, object);
  const blocking = dependents.filter((dependent) =>
    ownersOf(dependent).some((owner) => owner.uid === object.metadata.uid && owner.blockOwnerDeletion === true),
  );
  if (blocking.length === 0) dropFinalizer(graph, object, FOREGROUND);
  for (const dependent of dependents) {
    if (dependent.metadata.deletionTimestamp === undefined) graph.loop.add(graphKey(dependent));
  }
}

function dropFinalizer({ world }: Graph, object: KubeObject, finalizer: string): void {
  const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  world.kube.patch(refOf(object), { metadata: { finalizers } });
}

function collect(graph: Graph, object: KubeObject): void {
  const { kube } = graph.world;
  const owners = ownersOf(object).map((owner) => ({ owner, state: stateOf(graph, object, owner) }));
  const solid = owners.filter(({ state }) => state === 'solid').map(({ owner }) => owner);
  if (solid.length === owners.length) return;
  if (solid.length > 0) {
    kube.patch(refOf(object), { metadata: { ownerReferences: solid } });
    return;
  }
  const waits = owners.some(({ state }) => state === 'waiting');
  const propagation = waits && dependentsOf(graph, object).length > 0 ? 'Foreground' : 'Background';
  kube.delete(refOf(object), {
    propagation,
    ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }),
  });
}
