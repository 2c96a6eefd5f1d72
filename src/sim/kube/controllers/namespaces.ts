import type { KindRef } from '../../../core/ports.ts';
import { isBeingDeleted, type KubeObject, refOf } from '../../../kube/object.ts';
import { createLoop, refAt, type World } from './world.ts';

const NAMESPACE: KindRef = { apiVersion: 'v1', kind: 'Namespace' };
const LOOK_AGAIN_MS = 1_000;

/** Empties namespaces that are being deleted, and lets them go once nothing is left. `kinds` are the namespaced ones. */
export function startNamespaceController(world: World, kinds: () => readonly KindRef[]): void {
  const loop = createLoop(world, [20, 100], (name) => sync(world, kinds(), name));
  world.kube.watch(NAMESPACE, undefined, ({ object }) => loop.add(object.metadata.name));
}

function sync({ kube }: World, kinds: readonly KindRef[], name: string): number | undefined {
  const namespace = kube.get(refAt(NAMESPACE, name));
  if (namespace === undefined || !isBeingDeleted(namespace)) return undefined;
  const content: readonly KubeObject[] = kinds.flatMap((kind) => kube.list(kind, name));
  for (const object of content) if (!isBeingDeleted(object)) kube.delete(refOf(object));
  if (content.length > 0) return LOOK_AGAIN_MS;
  kube.patch(refOf(namespace), { spec: { finalizers: [] } });
  return undefined;
}
