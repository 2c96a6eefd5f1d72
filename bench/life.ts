import { setTimeout as sleep } from 'node:timers/promises';
import type { FlinkDeploymentStatus } from '../src/flink/schema.ts';
import type { KubeObject } from '../src/kube/object.ts';
import type { Api, Sighting } from './api.ts';
import type { FakeClusters } from './clusters.ts';
import { flinkApplication } from './objects.ts';
import type { Observer } from './observer.ts';

/** Where FlinkDeployments are made and watched. */
export interface Stage {
  readonly api: Api;
  readonly observer: Observer;
  readonly clusters: FakeClusters;
  readonly restPort: number;
}

/** Pause between two applications, after which the controllers have nothing left to do: the cluster is to be idle. */
export const SETTLING_MS = 200;

/** Milliseconds one FlinkDeployment took on its way to a running job. */
export interface StartTimes {
  readonly firstChild: number;
  readonly firstChildFromAck: number;
  readonly firstStatus: number;
  readonly pod: number;
  readonly answersToStable: number;
}

/** Makes one FlinkDeployment and waits until it is STABLE with its job RUNNING. */
export async function startOne({ api, observer, clusters, restPort }: Stage, name: string): Promise<StartTimes> {
  const child = observer.next(`a child of ${name}`, ({ object }) => isChildOf(object, name));
  const firstStatus = observer.next(`a status of ${name}`, (seen) => statusOf(seen, name) !== undefined);
  const pod = observer.next(`the pod of ${name}`, ({ object }) => isOf(object, 'Pod', name));
  const stable = observer.next(`${name} to be STABLE`, (seen) => isStable(statusOf(seen, name)));
  const available = observer.next(`Deployment ${name} to be available`, ({ object }) => isAvailable(object, name));
  const started = performance.now();
  await api.create(flinkApplication(name, restPort));
  const acknowledged = performance.now();
  const [childSeen, statusSeen, podSeen, stableSeen] = await Promise.all([child, firstStatus, pod, stable]);
  await available;
  await sleep(SETTLING_MS);
  return {
    firstChild: childSeen.at - started,
    firstChildFromAck: childSeen.at - acknowledged,
    firstStatus: statusSeen.at - started,
    pod: podSeen.at - started,
    answersToStable: stableSeen.at - clusters.answeringSince(name),
  };
}

/**
 * Makes one FlinkDeployment whose job is found INITIALIZING, lets the job run at a moment that has nothing to do with the
 * operator's polls, and returns the milliseconds until the status says so.
 */
export async function flipOne(stage: Stage, name: string): Promise<number> {
  const { api, observer, clusters, restPort } = stage;
  const jobIs = (state: string) => (seen: Sighting) => statusOf(seen, name)?.jobStatus?.state === state;
  const initializing = observer.next(`the job of ${name} to be INITIALIZING`, jobIs('INITIALIZING'));
  await api.create(flinkApplication(name, restPort));
  await initializing;
  await sleep(100 + Math.random() * 500);
  const running = observer.next(`the job of ${name} to be RUNNING`, jobIs('RUNNING'));
  const began = clusters.run(name);
  const { at } = await running;
  return at - began;
}

/** Whether this is the JobManager Deployment of a cluster, with a ready pod. */
export function isAvailable(object: KubeObject, name: string): boolean {
  const status = (object.status ?? {}) as { readonly availableReplicas?: number };
  return isOf(object, 'Deployment', name) && (status.availableReplicas ?? 0) > 0;
}

function isOf({ kind, metadata }: KubeObject, wanted: string, app: string): boolean {
  return kind === wanted && metadata.labels?.app === app;
}

/** Owned by the resource, directly or through its JobManager Deployment, which has the same name. */
function isChildOf({ metadata }: KubeObject, name: string): boolean {
  return metadata.ownerReferences?.some((owner) => owner.name === name) === true;
}

function statusOf({ object }: Sighting, name: string): FlinkDeploymentStatus | undefined {
  if (object.kind !== 'FlinkDeployment' || object.metadata.name !== name) return undefined;
  return object.status as FlinkDeploymentStatus | undefined;
}

function isStable(status: FlinkDeploymentStatus | undefined): boolean {
  return status?.lifecycleState === 'STABLE' && status.jobStatus?.state === 'RUNNING';
}
