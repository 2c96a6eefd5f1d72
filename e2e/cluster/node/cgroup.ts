import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalPid } from '../process.ts';

const mountPoint = '/sys/fs/cgroup';

/** Version of the control groups this machine has: 1 is one folder per controller, 2 a single tree. */
export function cgroupVersion(): 1 | 2 {
  return existsSync(join(mountPoint, 'cgroup.controllers')) ? 2 : 1;
}

/** The roots of all control group trees: one in version 2, one for each controller in version 1. */
export async function hierarchies(): Promise<string[]> {
  if (cgroupVersion() === 2) return [mountPoint];
  const entries = await readdir(mountPoint, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'unified')
    .map((entry) => join(mountPoint, entry.name));
}

/**
 * Makes the cluster's own control group, below which kubelet puts all pods: two kubelets that shared one would kill
 * each other's pods as orphans, and `down` finds every process of every pod here.
 */
export async function createCgroup(name: string): Promise<void> {
  for (const root of await hierarchies()) {
    const path = join(root, name);
    if (cgroupVersion() === 2) await enableControllers(root);
    await mkdir(path, { recursive: true });
    if (cgroupVersion() === 2) await enableControllers(path);
    // A new cpuset of version 1 is empty, and takes no process before it is given processors and memory nodes.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (cgroupVersion() === 1 && existsSync(join(path, file))) {
        await writeFile(join(path, file), await readFile(join(root, file)));
      }
    }
  }
}

async function enableControllers(path: string): Promise<void> {
  const available = (await readFile(join(path, 'cgroup.controllers'), 'utf8'))
    .trim()
    .split(' ')
    .filter((name) => name !== '');
  await writeFile(join(path, 'cgroup.subtree_control'), available.map((name) => `+${name}`).join(' '));
}

/** All control groups of the cluster, inner ones first. */
async function groupsBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []); // removed meanwhile
  const inner = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => groupsBelow(join(path, entry.name))),
  );
  return [...inner.flat(), path];
}

async function pidsIn(group: string): Promise<number[]> {
  const text = await readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => ''); // removed meanwhile
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/**
 * Kills every process of every pod, or of those with these uids, as a node does that loses power; kubelet is not among them
 * and starts them again.
 */
export async function killPods(name: string, uids?: readonly string[]): Promise<void> {
  const roots = (await hierarchies()).map((root) => join(root, name));
  const all = (await Promise.all(roots.map(groupsBelow))).flat();
  const groups = all.filter((group) => uids === undefined || uids.some((uid) => group.includes(`pod${uid}`)));
  for (const pid of new Set((await Promise.all(groups.map(pidsIn))).flat())) signalPid(pid, 'SIGKILL');
}

/** Kills every process in the cluster's control groups and removes the groups. Throws if they do not end in 15 s. */
export async function removeCgroup(name: string): Promise<void> {
  const roots = (await hierarchies()).map((root) => join(root, name)).filter((path) => existsSync(path));
  const deadline = Date.now() + 15_000;
  for (;;) {
    const groups = (await Promise.all(roots.map(groupsBelow))).flat();
    const alive = new Set((await Promise.all(groups.map(pidsIn))).flat());
    if (alive.size === 0) {
      // One that got a process after all stays, and the next round sees it.
      for (const group of groups) await rmdir(group).catch(() => undefined);
      if (!roots.some((path) => existsSync(path))) return;
    }
    if (Date.now() > deadline)
      throw new Error(`processes in the control group ${name} do not end: ${[...alive].join(' ')}`);
    for (const pid of alive) signalPid(pid, 'SIGKILL');
    await sleep(50);
  }
}
