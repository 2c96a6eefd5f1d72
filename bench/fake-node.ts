import { type KubeObject, refOf } from '../src/kube/object.ts';
import type { Api, Sighting } from './api.ts';

/** What the stand-in for scheduler and kubelet tells. */
export interface FakeNodeOptions {
  readonly api: Api;
  /** Called before a pod is reported as running. */
  readonly onRunning: (pod: KubeObject) => void;
}

/** A listener for an observer of pods: binds each new pod, reports it running and ready, and removes deleted ones. */
export function fakeNode(options: FakeNodeOptions): (sighting: Sighting) => void {
  return ({ type, object }) => {
    if (object.kind !== 'Pod' || type === 'DELETED') return;
    if (object.metadata.deletionTimestamp !== undefined) void quietly(remove(options, object));
    else if (type === 'ADDED') void quietly(run(options, object));
  };
}

async function run({ api, onRunning }: FakeNodeOptions, pod: KubeObject): Promise<void> {
  const ref = refOf(pod);
  const { name } = pod.metadata;
  const target = { apiVersion: 'v1', kind: 'Node', name: 'bench-node' };
  await api.post(ref, 'binding', { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target });
  onRunning(pod);
  await api.patch(ref, { status: runningStatus(pod) }, 'status');
}

function remove({ api }: FakeNodeOptions, pod: KubeObject): Promise<void> {
  return api.delete(refOf(pod), { gracePeriodSeconds: 0 });
}

function runningStatus(pod: KubeObject): object {
  const { containers } = pod.spec as {
    readonly containers: readonly { readonly name: string; readonly image: string }[];
  };
  const startedAt = new Date().toISOString();
  const conditions = ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'];
  return {
    phase: 'Running',
    hostIP: '192.0.2.1',
    podIP: '192.0.2.2',
    podIPs: [{ ip: '192.0.2.2' }],
    startTime: startedAt,
    conditions: conditions.map((type) => ({ type, status: 'True', lastTransitionTime: startedAt })),
    containerStatuses: containers.map(({ name, image }) => ({
      name,
      image,
      imageID: image,
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt } },
    })),
  };
}

/** A pod may be gone before it is bound or removed; whoever waits for it finds out by not seeing it. */
async function quietly(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => process.emitWarning(`fake node: ${String(error)}`));
}
