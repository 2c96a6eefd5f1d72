import { existsSync } from 'node:fs';
import { lstat, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, tryRun } from '../../lib/run.ts';
import { bootId, pidsWithEnvironment, signalPid } from '../process.ts';
import { planAddresses } from './addresses.ts';
import { removeCgroup } from './cgroup.ts';
import { forgetContainers } from './containerd.ts';
import { type Folders, readRecord } from './folders.ts';
import { removeNetwork } from './network.ts';

const marker = 'WEIR_CLUSTER_FOLDER';

/**
 * The environment of every process of a cluster. One variable marks it, and goes on to what containerd starts: so none
 * is missed and none is mistaken for one, whatever records say.
 */
export function processEnvironment(folders: Folders): Record<string, string> {
  const path = [process.env.PATH, '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return { PATH: path.filter((part) => part !== undefined).join(':'), HOME: folders.run, [marker]: folders.base };
}

/** Pids of everything that runs for the cluster outside its pods. */
export async function clusterPids(folders: Folders): Promise<number[]> {
  return pidsWithEnvironment(marker, folders.base);
}

/**
 * Removes all that a cluster has on the machine, in whatever state it is: processes, pods, mounts, network, control
 * groups and its run folder. Images stay. It needs no record of what was started and may be repeated at will.
 */
export async function cleanUp(folders: Folders): Promise<void> {
  const record = await readRecord(folders.name);
  // kubelet first: it would start again what the rest of this function ends.
  await killMarked(folders, (command) => command.includes('kubelet'));
  await killMarked(folders, () => true);
  await removeCgroup(folders.cgroup);
  await killMarked(folders, () => true); // a shim that came to life between the two
  await unmountBelow(folders.run);
  // The index of a cluster that is down, or was up before the machine started again, may be another's by now.
  const owned = record?.up === true && record.bootId === (await bootId());
  await removeNetwork(folders.networkNamespace, owned ? planAddresses(record.index) : undefined);
  await removeTraces(folders);
  await removeFolder(folders.run);
  await forgetContainers(folders, processEnvironment(folders));
  await removeFolder(folders.run);
}

/** Removes a folder that no mount is in. The guard matters: below a pod's folders other people's files may be mounted. */
async function removeFolder(path: string): Promise<void> {
  await unmountBelow(path);
  const left = await mountsBelow(path);
  if (left.length > 0) throw new Error(`still mounted, so not removed: ${left.join(' ')}`);
  await run('rm', ['-rf', '--one-file-system', path]);
}

/** Removes a stopped cluster's kept images too. */
export async function purge(folders: Folders): Promise<void> {
  await removeFolder(folders.base);
}

async function killMarked(folders: Folders, matches: (command: string) => boolean): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const pids = await clusterPids(folders);
    const commands = await Promise.all(
      pids.map(async (pid) => ({ pid, command: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') })), // ended meanwhile
    );
    const wanted = commands.filter(({ command }) => command !== '' && matches(command));
    if (wanted.length === 0) return;
    if (Date.now() > deadline) throw new Error(`processes do not end: ${wanted.map(({ pid }) => pid).join(' ')}`);
    for (const { pid } of wanted) signalPid(pid, 'SIGKILL');
    await sleep(20);
  }
}

/** Mount points at or below a folder, as the kernel lists them. */
export async function mountsBelow(folder: string): Promise<string[]> {
  return parseMounts(await readFile('/proc/self/mountinfo', 'utf8'), folder);
}

/** Mount points at or below a folder in the text of /proc/PID/mountinfo, in the order they were made. */
export function parseMounts(text: string, folder: string): string[] {
  const points = text.split('\n').map((line) => line.split(' ')[4] ?? '');
  const plain = points.map((point) =>
    point.replace(/\\(\d{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))),
  );
  return plain.filter((point) => point === folder || point.startsWith(`${folder}/`));
}

async function unmountBelow(folder: string): Promise<void> {
  for (const point of (await mountsBelow(folder)).reverse()) {
    // Unmounting one can take others with it; what matters, and is checked after, is that none is left.
    await tryRun('umount', ['--lazy', point]);
  }
}

/** Removes what the programs leave outside the cluster's folder. */
async function removeTraces(folders: Folders): Promise<void> {
  await Promise.all([
    removeShimSockets(folders),
    removeNetworkResults(folders),
    removeLogLinks(folders),
    removeVolumes(folders),
  ]);
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []); // not there: nothing in it
}

/** Each shim's socket is in a folder all containerds of the machine share; its own folder says which one it is. */
async function removeShimSockets(folders: Folders): Promise<void> {
  const tasks = join(folders.containerdState, 'io.containerd.runtime.v2.task', 'k8s.io');
  for (const id of await namesIn(tasks)) {
    const address = await readFile(join(tasks, id, 'address'), 'utf8').catch(() => ''); // died before it wrote one
    if (address.startsWith('unix://')) await rm(address.slice('unix://'.length).trim(), { force: true });
  }
}

/** What the CNI library remembers of each pod's two networks, the cluster's and its loopback. */
async function removeNetworkResults(folders: Folders): Promise<void> {
  const results = '/var/lib/cni/results';
  const own = new RegExp(`^${folders.networkNamespace}-([0-9a-f]{64})-`);
  for (const name of await namesIn(results)) {
    const pod = own.exec(name)?.[1];
    if (pod === undefined) continue;
    await rm(join(results, `cni-loopback-${pod}-lo`), { force: true });
    await rm(join(results, name), { force: true });
  }
}

/** kubelet links every container's log into a folder all kubelets of the machine share. */
async function removeLogLinks(folders: Folders): Promise<void> {
  const shared = '/var/log/containers';
  for (const name of await namesIn(shared)) {
    const path = join(shared, name);
    const link = await lstat(path).catch(() => undefined); // another cluster's, removed meanwhile
    if (link?.isSymbolicLink() === true && (await readlink(path)).startsWith(`${folders.run}/`))
      await rm(path, { force: true });
  }
}

/** The folders of persistent volumes are in a place all clusters share; which are ours, only our etcd's files tell. */
async function removeVolumes(folders: Folders): Promise<void> {
  const shared = '/tmp/hostpath_pv';
  const present = await namesIn(shared);
  if (present.length === 0 || !existsSync(folders.etcd)) return;
  const found = await tryRun('grep', ['-raohE', `${shared}/[0-9a-f-]{36}`, folders.etcd]); // exits with 1 when there is none
  const own = new Set(found.stdout.split('\n').map((path) => basename(path)));
  for (const name of present.filter((entry) => own.has(entry))) {
    await rm(join(shared, name), { recursive: true, force: true });
  }
}
