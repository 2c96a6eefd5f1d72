import { isBeingDeleted, type KubeObject, keyOf, refOf } from '../../../kube/object.ts';
import { parseQuantity } from '../../../kube/quantity.ts';
import { isActive, resourcesOf } from '../quota.ts';
import { hasAll } from '../selector.ts';
import { conditionsAfter } from './conditions.ts';
import { createLoop, fieldsOf, isReady, NODE, POD, refAt, type World } from './world.ts';

/** Binds pods to nodes by cpu, memory and nodeSelector; pods that fit nowhere are looked at again when something changes. */
export function startScheduler(world: World): void {
  const { kube } = world;
  const loop = createLoop(world, [1, 10], (key) => schedule(world, key));
  const retryUnbound = (): void => {
    for (const pod of kube.list(POD)) if (isUnbound(pod)) loop.add(keyOf(pod.metadata));
  };
  kube.watch(POD, undefined, ({ type, object }) => {
    if (type === 'ADDED') loop.add(keyOf(object.metadata));
    else if (type === 'DELETED' || !isActive(object)) retryUnbound();
  });
  kube.watch(NODE, undefined, retryUnbound);
}

function isUnbound(pod: KubeObject): boolean {
  return fieldsOf(pod.spec).nodeName === undefined && !isBeingDeleted(pod);
}

function schedule(world: World, key: string): undefined {
  const { kube, time } = world;
  const pod = kube.get(refAt(POD, key));
  if (pod === undefined || !isUnbound(pod)) return;
  const problems = kube.list(NODE).map((node) => ({ node, problem: problemWith(world, node, pod) }));
  const fitting = problems.find(({ problem }) => problem === undefined);
  const draft =
    fitting === undefined
      ? ({ status: 'False', reason: 'Unschedulable', message: unschedulable(problems) } as const)
      : ({ status: 'True', reason: '', message: '' } as const);
  const conditions = conditionsAfter(pod, [{ type: 'PodScheduled', ...draft }], time.now());
  if (fitting !== undefined) kube.patch(refOf(pod), { spec: { nodeName: fitting.node.metadata.name } }, 'binding');
  kube.patch(refOf(pod), { status: { conditions } }, 'status');
}

/** Why a pod cannot run on a node, in the scheduler's words. */
function problemWith({ kube }: World, node: KubeObject, pod: KubeObject): string | undefined {
  if (!isReady(node)) return 'node(s) had untolerated taint {node.kubernetes.io/unreachable: }';
  const wanted = fieldsOf(fieldsOf(pod.spec).nodeSelector) as Record<string, string>;
  if (!hasAll(node.metadata.labels, wanted)) return "node(s) didn't match Pod's node affinity/selector";
  const { name } = node.metadata;
  const running = kube.list(POD).filter((other) => fieldsOf(other.spec).nodeName === name && isActive(other));
  for (const resource of ['cpu', 'memory']) {
    const allocatable = parseQuantity(String(fieldsOf(fieldsOf(node.status).allocatable)[resource])) ?? 0;
    const asked = [pod, ...running].reduce((sum, other) => sum + (resourcesOf(other)[`requests.${resource}`] ?? 0), 0);
    if (asked > allocatable) return `Insufficient ${resource}`;
  }
  return undefined;
}

function unschedulable(problems: readonly { readonly problem: string | undefined }[]): string {
  const counts = new Map<string, number>();
  for (const { problem = '' } of problems) counts.set(problem, (counts.get(problem) ?? 0) + 1);
  const said = [...counts].map(([problem, count]) => `${count} ${problem}`).join(', ');
  return `0/${problems.length} nodes are available: ${said}.`;
}
