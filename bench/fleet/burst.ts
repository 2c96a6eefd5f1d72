import type { KubeObject } from '../../src/kube/object.ts';
import type { Observer } from '../observer.ts';

/** As many creators as the incumbents were measured with. */
const CREATORS = 8;
const PATIENCE_MS = 600_000;
const POD = 'Pod';

/** One burst. Times are in milliseconds. */
export interface Burst {
  /** From the first create request until the last pod was bound. */
  readonly seconds: number;
  /** Create request started → its pod bound, each. */
  readonly boundMs: readonly number[];
}

/** Makes all of them, a few at once, and waits until the pod of each is bound. Pods are told by their label `app`. */
export async function burst(
  observer: Observer,
  names: readonly string[],
  make: (name: string) => Promise<unknown>,
): Promise<Burst> {
  const started = performance.now();
  const bound: Promise<number>[] = [];
  await inParallel(names, async (name) => {
    const asked = performance.now();
    const seen = observer.next(`the pod of ${name} to be bound`, ({ object }) => isBound(object, name), PATIENCE_MS);
    bound.push(seen.then(({ at }) => at - asked));
    await make(name);
  });
  const boundMs = await Promise.all(bound);
  return { seconds: (performance.now() - started) / 1000, boundMs };
}

/**
 * Deletes objects of one kind, a few at once, and waits until they and their pods are seen to be gone; returns the seconds of
 * each. Pods are told by their label `app`.
 */
export async function removal(
  observer: Observer,
  names: readonly string[],
  { kind, remove }: { readonly kind: string; readonly remove: (name: string) => Promise<void> },
): Promise<{ readonly resources: number; readonly pods: number }> {
  const seen = (what: string, isIt: (object: KubeObject) => boolean): Promise<unknown> =>
    observer.next(`${what} to be gone`, ({ type, object }) => type === 'DELETED' && isIt(object), PATIENCE_MS);
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const gone = names.map((name) => seen(`${kind} ${name}`, (object) => isNamed(object, kind, name)));
  const podsGone = names.map((name) => seen(`the pod of ${name}`, (object) => isPodOf(object, name)));
  await inParallel(names, remove);
  await Promise.all(gone);
  const resources = seconds();
  await Promise.all(podsGone);
  return { resources, pods: seconds() };
}

function isNamed({ kind, metadata }: KubeObject, wanted: string, name: string): boolean {
  return kind === wanted && metadata.name === name;
}

function isPodOf({ kind, metadata }: KubeObject, app: string): boolean {
  return kind === POD && metadata.labels?.app === app;
}

/** Does the work for all names, a few at once. */
export async function inParallel(names: readonly string[], work: (name: string) => Promise<unknown>): Promise<void> {
  const waiting = [...names];
  const some = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await work(name);
  };
  await Promise.all(Array.from({ length: CREATORS }, some));
}

function isBound(object: KubeObject, app: string): boolean {
  return isPodOf(object, app) && (object.spec as { nodeName?: string } | undefined)?.nodeName !== undefined;
}
