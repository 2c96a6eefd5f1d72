import { CRD_VERSION } from '../kube/crd.ts';
import type { KubeObject } from '../kube/object.ts';
import { CliError } from './exit.ts';

/** What applying CRDs needs of a cluster, so that tests need none. Both reject when the server cannot be asked. */
export interface CrdStore {
  /** Undefined if there is none of that name. */
  get(name: string): Promise<KubeObject | undefined>;
  /** Server-side apply that takes over fields of others; the CRD as it is stored then. */
  apply(crd: KubeObject): Promise<KubeObject>;
  /** Resolves after a while. */
  pause(): Promise<unknown>;
}

/** What became of one CRD: `kept` where the stored one belongs to a newer Weir. */
export type CrdOutcome = 'created' | 'updated' | 'unchanged' | 'kept';

const READS_UNTIL_SERVED = 120;

/**
 * Brings a CRD to this version and waits until it is served. One that a newer Weir put there is left as it is: it reads all that
 * this version reads, and an older one would cut fields off stored objects. Nothing is ever deleted. Throws CliError when the
 * server does not come to serve it.
 */
export async function applyCrd(store: CrdStore, crd: KubeObject): Promise<CrdOutcome> {
  const { name } = crd.metadata;
  const before = await store.get(name);
  if (before !== undefined && isNewer(versionOf(before), versionOf(crd))) return 'kept';
  const stored = await store.apply(crd);
  await untilServed(store, stored);
  if (before === undefined) return 'created';
  return stored.metadata.resourceVersion === before.metadata.resourceVersion ? 'unchanged' : 'updated';
}

async function untilServed(store: CrdStore, applied: KubeObject): Promise<void> {
  const { name } = applied.metadata;
  let crd: KubeObject | undefined = applied;
  for (let read = 0; read < READS_UNTIL_SERVED; read++) {
    if (crd !== undefined && isEstablished(crd)) return;
    await store.pause();
    crd = await store.get(name);
  }
  throw new CliError(`${name} was applied, but the API server does not serve it: ${JSON.stringify(crd?.status ?? {})}`);
}

function isEstablished(crd: KubeObject): boolean {
  // A CRD that was just made has `conditions: null`.
  const { conditions } = (crd.status ?? {}) as { conditions?: readonly { type: string; status: string }[] | null };
  return (conditions ?? []).some(({ type, status }) => type === 'Established' && status === 'True');
}

/** The version of Weir a CRD belongs to; undefined for one of the incumbents, which any Weir takes over. */
export function versionOf(crd: KubeObject): string | undefined {
  return crd.metadata.annotations?.[CRD_VERSION];
}

/** Whether a semantic version is newer than another; what is before a release is older than it. Absent is oldest. */
export function isNewer(version: string | undefined, than: string | undefined): boolean {
  if (version === undefined || than === undefined) return version !== undefined;
  const [a, b] = [partsOf(version), partsOf(than)];
  const at = [0, 1, 2].find((index) => a.numbers[index] !== b.numbers[index]);
  if (at !== undefined) return (a.numbers[at] ?? 0) > (b.numbers[at] ?? 0);
  if (a.before === '' || b.before === '') return a.before === '' && b.before !== '';
  return a.before.localeCompare(b.before, 'en', { numeric: true }) > 0;
}

function partsOf(version: string): { readonly numbers: readonly number[]; readonly before: string } {
  const [release = '', ...before] = version.replace(/\+.*$/, '').split('-');
  return { numbers: release.split('.').map(Number), before: before.join('-') };
}
