import { setTimeout as sleep } from 'node:timers/promises';
import { type KubeObject, refOf } from '../src/kube/object.ts';
import { KubeError } from '../src/runtime/classify-failure.ts';
import type { Api, Sighting } from './api.ts';

/** What the stand-in for scheduler and kubelet tells. */
export interface FakeNodeOptions {
  readonly api: Api;
  /** Called before a pod is reported as running, which it is once this is done. */
  readonly onRunning: (pod: KubeObject) => void | Promise<void>;
  /** How long pods run before they succeed, in milliseconds; for ever unless given. */
  readonly runsMs?: number;
  /** Called before a deleted pod is gone, which it is once this resolves. */
  readonly onRemoving?: (pod: KubeObject) => Promise<void>;
}

const NODE = { apiVersion: 'v1', kind: 'Node', name: 'bench-node' } as const;

/** Makes the Node that pods are bound to, with room for all of them. */
export async function createNode(api: Api): Promise<void> {
  const { name, ...kind } = NODE;
  const amounts = { cpu: '10k', memory: '100Ti', pods: '100k' };
  await api.create({ ...kind, metadata: { name } });
  const conditions = [{ type: 'Ready', status: 'True' }];
  // A new Node is tainted as not ready (admission plugin TaintNodesByCondition), and no controller here takes that away.
  await api.patch(NODE, { spec: { taints: null } });
  await api.patch(NODE, { status: { capacity: amounts, allocatable: amounts, conditions } }, 'status');
}

/**
 * A listener for an observer of pods: binds each new pod, reports it running at once, and ready when its startup probe
 * comes round for the first time, at any moment of the probe's period; removes deleted ones.
 */
export function fakeNode(options: FakeNodeOptions): (sighting: Sighting) => void {
  return ({ type, object }) => {
    if (object.kind !== 'Pod' || type === 'DELETED') return;
    if (object.metadata.deletionTimestamp !== undefined) void remove(options, object);
    else if (type === 'ADDED') void run(options, object);
  };
}

async function run({ api, onRunning, runsMs }: FakeNodeOptions, pod: KubeObject): Promise<void> {
  const ref = refOf(pod);
  const { name } = pod.metadata;
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: NODE };
  await insist(() => api.post(ref, 'binding', binding));
  await onRunning(pod);
  const period = startupPeriodMs(pod);
  await insist(() => api.patch(ref, { status: runningStatus(pod, period === 0) }, 'status'));
  if (period > 0) {
    await sleep(Math.random() * period, undefined, { ref: false });
    await insist(() => api.patch(ref, { status: runningStatus(pod, true) }, 'status'));
  }
  if (runsMs === undefined) return;
  await sleep(runsMs, undefined, { ref: false });
  await insist(() => api.patch(ref, { status: succeededStatus(pod) }, 'status'));
}

function succeededStatus(pod: KubeObject): object {
  const finishedAt = new Date().toISOString();
  return {
    phase: 'Succeeded',
    containerStatuses: containersOf(pod).map(({ name, image }) => ({
      name,
      image,
      imageID: image,
      ready: false,
      started: false,
      restartCount: 0,
      state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: finishedAt, finishedAt } },
    })),
  };
}

function startupPeriodMs(pod: KubeObject): number {
  const periods = containersOf(pod).map(({ startupProbe }) => startupProbe?.periodSeconds ?? 0);
  return Math.max(0, ...periods) * 1000;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly startupProbe?: { readonly periodSeconds?: number };
}

function containersOf(pod: KubeObject): readonly Container[] {
  return (pod.spec as { readonly containers: readonly Container[] }).containers;
}

async function remove({ api, onRemoving }: FakeNodeOptions, pod: KubeObject): Promise<void> {
  await onRemoving?.(pod);
  await insist(() => api.delete(refOf(pod), { gracePeriodSeconds: 0 }));
}

function runningStatus(pod: KubeObject, ready: boolean): object {
  const startedAt = new Date().toISOString();
  const condition = (type: string, status: boolean): object => ({
    type,
    status: status ? 'True' : 'False',
    lastTransitionTime: startedAt,
  });
  return {
    phase: 'Running',
    hostIP: '192.0.2.1',
    podIP: '192.0.2.2',
    podIPs: [{ ip: '192.0.2.2' }],
    startTime: startedAt,
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', true),
      condition('ContainersReady', ready),
      condition('Ready', ready),
    ],
    containerStatuses: containersOf(pod).map(({ name, image }) => ({
      name,
      image,
      imageID: image,
      ready,
      started: ready,
      restartCount: 0,
      state: { running: { startedAt } },
    })),
  };
}

/**
 * A burst is refused or cut off now and then, so each step is tried again. A pod may be gone before its time, and at the
 * end the API server too; whoever waits for a pod finds out by not seeing it.
 */
async function insist(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const outcome = await work().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (outcome === undefined || isSettled(outcome)) return;
    await sleep(250, undefined, { ref: false });
  }
}

/** Gone, or done by an attempt that was taken for lost. */
function isSettled(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 404 || error.status === 409);
}
