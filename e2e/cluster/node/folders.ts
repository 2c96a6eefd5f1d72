import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { maxClusters } from './addresses.ts';

/** Where clusters keep their files: $WEIR_CLUSTERS, else /var/lib/weir-clusters. Outside any checkout; not on overlayfs. */
export function clustersRoot(): string {
  return process.env.WEIR_CLUSTERS ?? '/var/lib/weir-clusters';
}

/** Throws unless the text can name a cluster: it becomes part of folder, namespace and cgroup names. */
export function checkName(name: string): string {
  if (!/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/.test(name)) {
    throw new Error(`not a cluster name: "${name}" (a-z, 0-9 and dashes, at most 20, beginning with a letter)`);
  }
  return name;
}

/** The places of one cluster. Everything below `run` goes with `down`, the rest with `down --purge`. */
export interface Folders {
  readonly name: string;
  readonly base: string;
  readonly record: string;
  /** Held while the cluster is brought up or down. */
  readonly lock: string;
  readonly kubeconfig: string;
  readonly bin: string;
  readonly run: string;
  readonly logs: string;
  readonly processes: string;
  readonly pki: string;
  readonly etcd: string;
  readonly kubelet: string;
  /** Images, kept from one `up` to the next. */
  readonly containerdRoot: string;
  readonly containerdState: string;
  readonly containerdSocket: string;
  /** There while containerd's root may hold containers of a cluster that is gone. */
  readonly containerdDirty: string;
  readonly networkNamespace: string;
  readonly cgroup: string;
}

/** The places of the cluster with this name; makes nothing. */
export function foldersOf(name: string): Folders {
  const base = join(clustersRoot(), checkName(name));
  const run = join(base, 'run');
  return {
    name,
    base,
    record: join(base, 'cluster.json'),
    lock: join(clustersRoot(), `.${name}.lock`),
    kubeconfig: join(base, 'kubeconfig'),
    bin: join(base, 'bin'),
    run,
    logs: join(run, 'logs'),
    processes: join(run, 'processes'),
    pki: join(run, 'pki'),
    etcd: join(run, 'etcd'),
    kubelet: join(run, 'kubelet'),
    containerdRoot: join(base, 'containerd'),
    containerdState: join(run, 'containerd'),
    containerdSocket: join(run, 'containerd.sock'),
    containerdDirty: join(base, 'containerd.dirty'),
    networkNamespace: `weir-${name}`,
    cgroup: `weir-${name}`,
  };
}

const recordSchema = z.object({
  index: z
    .number()
    .int()
    .min(0)
    .max(maxClusters - 1),
  /** False after `down`: the index may then be given to another cluster. */
  up: z.boolean(),
  /** What the running cluster was made with; another value means it must be made anew. */
  fingerprint: z.string(),
  bootId: z.string(),
});

/** What is remembered about a cluster. */
export type ClusterRecord = z.infer<typeof recordSchema>;

/** The record of a cluster; undefined if there is none (or one this version cannot read, which counts as none). */
export async function readRecord(name: string): Promise<ClusterRecord | undefined> {
  const text = await readFile(foldersOf(name).record, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined; // no such cluster yet
    throw new Error(`cluster ${name} is not yours to look at`, { cause: error });
  });
  if (text === undefined) return undefined;
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return undefined; // cut off or of another version: `up` then begins from nothing, as it does without a record
  }
}

/** Replaces the record of a cluster, whole or not at all. */
export async function writeRecord(name: string, record: ClusterRecord): Promise<void> {
  const { base, record: path } = foldersOf(name);
  await mkdir(base, { recursive: true });
  const draft = `${path}.new`;
  await writeFile(draft, `${JSON.stringify(record)}\n`);
  await rename(draft, path);
}

/** Names of all clusters that have a folder. */
export async function clusterNames(): Promise<string[]> {
  const entries = await readdir(clustersRoot(), { withFileTypes: true }).catch(() => []); // none was ever made
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
}
