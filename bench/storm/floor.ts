import { NAMESPACE } from '../api.ts';
import type { ControlPlane } from '../control-plane.ts';
import { isAvailable } from '../life.ts';
import { applicationObjects, smallConfigMap } from '../objects.ts';
import type { Observer } from '../observer.ts';

/** A storm takes its time, and right after its start the garbage collector too. */
const PATIENCE_MS = 600_000;

const LABELS = { bench: 'floor' };
const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' } as const;

/**
 * Seconds in which the bench itself, without any operator, replaces `count` JobManager Deployments at once: each is deleted
 * in the foreground, made again once it is gone, and waited for until its pod is ready. The least an upgrade storm takes.
 */
export async function stormFloor(plane: ControlPlane, observer: Observer, count: number): Promise<number> {
  const names = Array.from({ length: count }, (_, index) => `floor-${index}`);
  await Promise.all(names.map((name) => make(plane, observer, name)));
  const started = performance.now();
  await Promise.all(names.map((name) => replace(plane, observer, name)));
  const seconds = (performance.now() - started) / 1000;
  const left = Promise.all(names.map((name) => gone(observer, name)));
  await plane.api.deleteAll(CONFIG_MAP, 'bench=floor');
  await left;
  return seconds;
}

async function make({ api }: ControlPlane, observer: Observer, name: string): Promise<void> {
  const available = observer.next(
    `Deployment ${name} to be available`,
    ({ object }) => isAvailable(object, name),
    PATIENCE_MS,
  );
  const owner = await api.create(smallConfigMap(name, LABELS));
  for (const object of applicationObjects(name, { ...owner, ...CONFIG_MAP })) await api.create(object);
  await available;
}

async function replace({ api }: ControlPlane, observer: Observer, name: string): Promise<void> {
  const ref = { ...DEPLOYMENT, namespace: NAMESPACE, name };
  const { metadata, spec } = await api.get(ref);
  const { labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  const fresh = { ...DEPLOYMENT, metadata: { name, namespace: NAMESPACE, labels, annotations, ownerReferences }, spec };
  const left = gone(observer, name);
  await api.delete(ref, { propagationPolicy: 'Foreground' });
  await left;
  const available = observer.next(
    `Deployment ${name} to be available`,
    ({ object }) => isAvailable(object, name),
    PATIENCE_MS,
  );
  await api.create(fresh);
  await available;
}

async function gone(observer: Observer, name: string): Promise<void> {
  await observer.next(
    `Deployment ${name} to be gone`,
    ({ type, object: { kind, metadata } }) => {
      return type === 'DELETED' && kind === 'Deployment' && metadata.name === name;
    },
    PATIENCE_MS,
  );
}
