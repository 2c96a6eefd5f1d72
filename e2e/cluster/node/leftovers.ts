import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tryRun } from '../../lib/run.ts';
import type { Addresses } from './addresses.ts';
import { hierarchies } from './cgroup.ts';
import { clusterPids, mountsBelow } from './cleanup.ts';
import type { Folders } from './folders.ts';
import { namespacePath } from './network.ts';

/** What a cluster still has on the machine, one line each: after `down` this is empty. Looks only. */
export async function leftovers(folders: Folders, addresses: Addresses): Promise<string[]> {
  const pids = await clusterPids(folders);
  const mounts = await mountsBelow(folders.base);
  const paths = [
    namespacePath(folders.networkNamespace),
    folders.run,
    folders.containerdDirty,
    ...(await hierarchies()).map((root) => join(root, folders.cgroup)),
  ];
  const link = await tryRun('ip', ['link', 'show', addresses.hostLink]);
  const routes = await tryRun('ip', ['route', 'show', 'via', addresses.nodeIp]);
  const results = await readdir('/var/lib/cni/results').catch(() => []); // no pod ever ran on this machine
  return [
    ...pids.map((pid) => `process ${pid}`),
    ...mounts.map((point) => `mount ${point}`),
    ...paths.filter((path) => existsSync(path)).map((path) => `path ${path}`),
    ...(link.code === 0 ? [`link ${addresses.hostLink}`] : []),
    ...(routes.stdout.trim() === '' ? [] : [`routes ${routes.stdout.trim()}`]),
    ...results.filter((name) => name.startsWith(`${folders.networkNamespace}-`)).map((name) => `pod network ${name}`),
  ];
}
