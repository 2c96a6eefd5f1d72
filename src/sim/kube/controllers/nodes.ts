import { isBeingDeleted, type KubeObject, refOf } from '../../../kube/object.ts';
import type { SimNode, SimNodes } from '../machines.ts';
import { conditionsAfter } from './conditions.ts';
import type { Kubelet, MachineState } from './kubelet.ts';
import { fieldsOf, NODE, POD, refAt, type World } from './world.ts';

/** node-monitor-grace-period of kube-controller-manager up to 1.31; 50 s since. */
const NOTICED_MS = 40_000;
/** Default toleration of unreachable nodes. */
const EVICTED_MS = 300_000;

/** How long kube-controller-manager takes to believe that a Node object is gone (podgc quarantine). */
const ORPHANED_MS = 40_000;

/** The Node object of a machine. */
export function nodeObject({ name, allocatable, labels = {} }: SimNode): KubeObject {
  return {
    ...NODE,
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    status: { allocatable },
  };
}

/** What happens to machines, and how the cluster comes to know: not ready after 40 s, pods deleted 5 minutes later. */
export function createNodes(world: World, kubelets: readonly Kubelet[]): SimNodes {
  const set = (name: string, state: MachineState): void => {
    const kubelet = kubelets.find(({ node }) => node === name);
    if (kubelet === undefined) throw new Error(`there is no node named ${name}`);
    kubelet.set(state);
    if (state === 'up') markNode(world, name, true);
    else world.time.after(NOTICED_MS, () => notice(world, kubelet));
  };
  for (const { node } of kubelets) markNode(world, node, true);
  return {
    kill: (name) => set(name, 'dead'),
    lose: (name, how) => set(name, how?.partitioned ? 'partitioned' : 'lost'),
    remove(name) {
      set(name, 'dead');
      world.kube.delete(refAt(NODE, name));
      world.time.after(ORPHANED_MS, () => collectPods(world, name));
    },
    evict: (pod) => kubelets.find(({ node }) => node === fieldsOf(pod.spec).nodeName)?.evict(pod.metadata.uid ?? ''),
    restore: (name) => set(name, 'up'),
  };
}

function markNode({ kube, time }: World, name: string, up: boolean): void {
  const node = kube.get(refAt(NODE, name));
  if (node === undefined) return;
  const draft = up
    ? ({ status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' } as const)
    : ({ status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' } as const);
  const conditions = conditionsAfter(node, [{ type: 'Ready', ...draft }], time.now());
  kube.patch(refOf(node), { status: { conditions } }, 'status');
}

function podsOn({ kube }: World, node: string): readonly KubeObject[] {
  return kube.list(POD).filter((pod) => fieldsOf(pod.spec).nodeName === node);
}

function notice(world: World, kubelet: Kubelet): void {
  if (kubelet.state === 'up') return;
  const { kube, time } = world;
  markNode(world, kubelet.node, false);
  for (const pod of podsOn(world, kubelet.node)) {
    const draft = { type: 'Ready', status: 'False', reason: 'NodeNotReady', message: 'Node is not ready' } as const;
    kube.patch(refOf(pod), { status: { conditions: conditionsAfter(pod, [draft], time.now()) } }, 'status');
  }
  time.after(EVICTED_MS, () => evict(world, kubelet));
}

function evict(world: World, kubelet: Kubelet): void {
  if (kubelet.state === 'up') return;
  for (const pod of podsOn(world, kubelet.node)) if (!isBeingDeleted(pod)) world.kube.delete(refOf(pod));
}

/** Pods whose node is no more are marked as failed and removed, without a kubelet that could object. */
function collectPods(world: World, node: string): void {
  const { kube, time } = world;
  const draft = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
  } as const;
  for (const pod of podsOn(world, node)) {
    const conditions = conditionsAfter(pod, [draft], time.now());
    const { phase } = fieldsOf(pod.status);
    const failed = phase === 'Succeeded' || phase === 'Failed' ? {} : { phase: 'Failed' };
    kube.patch(refOf(pod), { status: { ...failed, conditions } }, 'status');
    kube.delete(refOf(pod), { gracePeriodSeconds: 0 });
  }
}
