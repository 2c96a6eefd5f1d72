import type { KubeObject } from '../../src/kube/object.ts';
import type { Api } from '../api.ts';
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

/** Deletes all of them, a few at once, and waits until neither they nor pods are left; returns the seconds of each. */
export async function removal(
  api: Api,
  names: readonly string[],
  { refOf, left }: { refOf: (name: string) => Parameters<Api['delete']>[0]; left: () => Promise<number> },
): Promise<{ readonly resources: number; readonly pods: number }> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  await inParallel(names, (name) => api.delete(refOf(name)));
  const kind = refOf('');
  while ((await api.list(kind)).length > 0) await pause();
  const resources = seconds();
  while ((await left()) > 0) await pause();
  return { resources, pods: seconds() };
}

/** Does the work for all names, a few at once. */
export async function inParallel(names: readonly string[], work: (name: string) => Promise<unknown>): Promise<void> {
  const waiting = [...names];
  const some = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await work(name);
  };
  await Promise.all(Array.from({ length: CREATORS }, some));
}

function isBound({ kind, metadata, spec }: KubeObject, app: string): boolean {
  return (
    kind === POD && metadata.labels?.app === app && (spec as { nodeName?: string } | undefined)?.nodeName !== undefined
  );
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
