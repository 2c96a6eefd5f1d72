import type { KubeObject, ObjectRef } from '../../../kube/object.ts';
import type { Time } from '../../../runtime/time.ts';
import type { ProcessAnswer, ProcessRequest, StartProcess } from '../../process.ts';
import { createRandom } from '../../random.ts';
import { createAccess } from '../api-access.ts';
import type { Backend } from '../backend.ts';
import type { SimNode, SimNodes } from '../machines.ts';
import type { Network } from '../service-door.ts';
import { startDeploymentController } from './deployments.ts';
import { startGarbageCollector } from './garbage.ts';
import { type Kubelet, startKubelet } from './kubelet.ts';
import { startNamespaceController } from './namespaces.ts';
import { createNodes, nodeObject } from './nodes.ts';
import { startQuotaController } from './quotas.ts';
import { startReplicaSetController } from './replica-sets.ts';
import { startScheduler } from './scheduler.ts';
import { fieldsOf, isReady, POD, type World } from './world.ts';

/** What a cluster is made with besides its API server. */
export interface ClusterOptions {
  readonly seed: number;
  readonly time: Time;
  readonly nodes: readonly SimNode[];
  readonly startProcess: StartProcess;
}

/** Everything in a cluster that is no API server and no operator. */
export interface Cluster {
  readonly nodes: SimNodes;
  readonly network: Network;
}

/** Starts controllers, scheduler and kubelets; makes the Node objects and the namespace `default`. */
export function startCluster(backend: Backend, { seed, time, nodes, startProcess }: ClusterOptions): Cluster {
  const kube = createAccess(backend, undefined);
  const world: World = { kube, time, random: createRandom(seed, 'controllers') };
  kube.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
  startGarbageCollector(world, backend.kinds.all());
  startNamespaceController(world, () => backend.kinds.all().filter(({ namespaced }) => namespaced));
  startDeploymentController(world);
  startReplicaSetController(world);
  startScheduler(world);
  startQuotaController(world);
  let ips = 0;
  const podIp = (): string => `10.244.${(++ips >> 8) & 255}.${ips & 255}`;
  const kubelets = nodes.map((node) => {
    const made = kube.create(nodeObject(node));
    kube.replace({ ...made, status: { allocatable: node.allocatable } }, 'status');
    return startKubelet({ world, node: node.name, startProcess, seed, podIp });
  });
  return {
    nodes: createNodes(world, kubelets),
    network: {
      service: (ref: ObjectRef) => kube.get(ref),
      endpoints: (namespace, labels) => kube.list(POD, namespace, labels).filter(isReady),
      send: (pod, request) => sendTo(kubelets, pod, request),
    },
  };
}

/** Undefined: nothing answers, not even by refusing. Rejects when the connection is refused or breaks. */
function sendTo(
  kubelets: readonly Kubelet[],
  pod: KubeObject,
  request: ProcessRequest,
): Promise<ProcessAnswer> | undefined {
  const kubelet = kubelets.find(({ node }) => node === fieldsOf(pod.spec).nodeName);
  if (kubelet === undefined || kubelet.state === 'dead' || kubelet.state === 'partitioned') return undefined;
  const http = kubelet.processOf(pod.metadata.uid ?? '')?.http;
  return http === undefined ? Promise.reject(new Error('connect ECONNREFUSED')) : http(request);
}
