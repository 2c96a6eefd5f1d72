import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlane } from './control-plane.ts';
import { isAvailable, SETTLING_MS } from './life.ts';
import { applicationObjects, smallConfigMap } from './objects.ts';
import type { Observer } from './observer.ts';

/** Milliseconds until the Deployment of an application was seen, when the bench itself makes all objects. */
export interface FloorTimes {
  /** A ConfigMap in place of the resource, then ConfigMap and Services, the Deployment last. */
  readonly chain: readonly number[];
  /** A ConfigMap in place of the resource, then the Deployment. */
  readonly shortest: readonly number[];
}

const LABELS = { bench: 'floor' };
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };
const POD = { apiVersion: 'v1', kind: 'Pod' };
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };

/** Makes the objects of `count` applications in each order without any operator, one at a time on an idle control plane; removes them. */
export async function measureFloor(plane: ControlPlane, observer: Observer, count: number): Promise<FloorTimes> {
  const chain: number[] = [];
  const shortest: number[] = [];
  for (let index = 0; index < 2 * count; index++) {
    const deploymentFirst = index % 2 === 1;
    const took = await one(plane, observer, { name: `floor-${index}`, deploymentFirst });
    (deploymentFirst ? shortest : chain).push(took);
  }
  await removeAll(plane);
  return { chain, shortest };
}

async function one(
  { api }: ControlPlane,
  observer: Observer,
  { name, deploymentFirst }: { name: string; deploymentFirst: boolean },
): Promise<number> {
  const isIt = (object: { kind: string; metadata: { name: string } }): boolean =>
    object.kind === 'Deployment' && object.metadata.name === name;
  const seen = observer.next(`Deployment ${name}`, ({ object }) => isIt(object));
  const available = observer.next(`Deployment ${name} to be available`, ({ object }) => isAvailable(object, name));
  const started = performance.now();
  const owner = await api.create(smallConfigMap(name, LABELS));
  const objects = applicationObjects(name, { ...owner, ...CONFIG_MAP });
  for (const object of deploymentFirst ? objects.toReversed() : objects) await api.create(object);
  const { at } = await seen;
  await available;
  await sleep(SETTLING_MS);
  return at - started;
}

/** The rest is collected with its owner. */
async function removeAll({ api }: ControlPlane): Promise<void> {
  await api.deleteAll(CONFIG_MAP, 'bench=floor');
  while ((await api.list(DEPLOYMENT)).length + (await api.list(POD)).length > 0) await sleep(200);
}
