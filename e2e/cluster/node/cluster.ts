import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageArchive } from '../../images/image.ts';
import { pauseImage } from '../../images/pause.ts';
import { contentHash } from '../../lib/cache.ts';
import { withLock } from '../../lib/lock.ts';
import { step } from '../../lib/steps.ts';
import { apiCall } from '../http.ts';
import { type Access, kubeconfig } from '../kubeconfig.ts';
import { createPki, pkiAt } from '../pki/cluster-pki.ts';
import { bootId } from '../process.ts';
import { programs } from '../programs.ts';
import { type Addresses, chooseIndex, planAddresses } from './addresses.ts';
import { createCgroup } from './cgroup.ts';
import { cleanUp, purge } from './cleanup.ts';
import {
  apiServerUrl,
  type ClusterPlan,
  type ComponentName,
  clusterPrograms,
  components,
  configFile,
  nodeName,
} from './components.ts';
import { configFiles } from './configuration.ts';
import { containerdConfig, importArchive } from './containerd.ts';
import { clusterNames, clustersRoot, type Folders, foldersOf, readRecord, writeRecord } from './folders.ts';
import { createNetwork, networkExists, routedOnHost, writeCniConfig } from './network.ts';
import { ensureClusterPackages } from './packages.ts';
import { runningProcess, startComponents, type WhenReady } from './start.ts';

/** A node cluster that is up. */
export interface NodeCluster {
  readonly name: string;
  readonly kind: 'node';
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Folder with kubectl and helm. */
  readonly bin: string;
  readonly addresses: Addresses;
  readonly folders: Folders;
}

/** What a cluster of this name is or would be, without looking at the machine. */
function describe(folders: Folders, addresses: Addresses): NodeCluster {
  return { name: folders.name, kind: 'node', kubeconfig: folders.kubeconfig, bin: folders.bin, addresses, folders };
}

/** The cluster of this name if `up` made it and `down` has not ended it since this boot; its parts may have died. */
export async function findNodeCluster(name: string): Promise<NodeCluster | undefined> {
  const record = await readRecord(name);
  if (record === undefined || !record.up || record.bootId !== (await bootId())) return undefined;
  return describe(foldersOf(name), planAddresses(record.index));
}

/**
 * Brings the cluster up and returns when its node takes pods. What runs already stays as it is, parts that died are
 * started again, and where too much is gone (or was made by another version of this code) all is made anew.
 */
export async function nodeClusterUp(name: string): Promise<NodeCluster> {
  const folders = foldersOf(name);
  needRoot();
  await ensureClusterPackages();
  const built = await programs(clusterPrograms);
  return withLock(
    folders.lock,
    async () => {
      const plan = await existingPlan(folders, built);
      if (plan !== undefined) return repair(plan);
      return create(folders, built);
    },
    () => process.stderr.write(`… waiting: cluster ${name} is being brought up or down elsewhere\n`),
  );
}

/** Ends the cluster and removes all it has on the machine; with `purge` its kept images too. Fine if there is none. */
export async function nodeClusterDown(name: string, options: { readonly purge?: boolean } = {}): Promise<void> {
  const folders = foldersOf(name);
  needRoot();
  await withLock(folders.lock, () =>
    step(`cluster ${name} down`, async () => {
      const record = await readRecord(name);
      await cleanUp(folders);
      await rm(folders.kubeconfig, { force: true });
      await rm(folders.bin, { recursive: true, force: true });
      if (options.purge === true) await purge(folders);
      else if (record !== undefined) await writeRecord(name, { ...record, up: false });
    }),
  );
}

function needRoot(): void {
  if (process.getuid?.() === 0) return;
  throw new Error('a cluster on this machine needs root (network namespaces, mounts, control groups)');
}

/** The plan of the running cluster, if enough of it is left to mend; undefined if it has to be made anew. */
async function existingPlan(folders: Folders, built: ClusterPlan['programs']): Promise<ClusterPlan | undefined> {
  const record = await readRecord(folders.name);
  if (record === undefined || !record.up || record.bootId !== (await bootId())) return undefined;
  const plan = { folders, addresses: planAddresses(record.index), pki: pkiAt(folders.pki), programs: built };
  if (record.fingerprint !== (await fingerprint(plan))) return undefined;
  if (!existsSync(folders.etcd) || !existsSync(plan.pki.file('admin.json'))) return undefined;
  if (!(await networkExists(folders.networkNamespace, plan.addresses))) return undefined;
  const processes = await Promise.all(components(plan).map(({ name }) => runningProcess(folders, name)));
  return processes.some((identity) => identity !== undefined) ? plan : undefined;
}

/** A hash of everything the running cluster was made with. */
async function fingerprint(plan: ClusterPlan): Promise<string> {
  const made = [components(plan), configFiles(plan), containerdText(plan)];
  return contentHash([{ text: JSON.stringify(made) }]);
}

function containerdText({ folders }: ClusterPlan): string {
  return containerdConfig(folders, { configFolder: configFile(folders, 'cni') });
}

/** Starts what does not run, and does again, at no cost where it is done, all that an interrupted `up` may have left out. */
async function bringUp(plan: ClusterPlan, pause: ImageArchive): Promise<{ started: ComponentName[] }> {
  const { folders, pki } = plan;
  const admin = await pki.admin();
  const whenReady: WhenReady = {
    containerd: async () => {
      await importArchive(folders, pause);
    },
    'kube-apiserver': () => createStorageClass(admin),
  };
  const started = await startComponents(folders, components(plan), whenReady);
  await untilUsable(folders, admin);
  await linkPrograms(plan);
  await writeFile(folders.kubeconfig, kubeconfig(folders.name, admin), { mode: 0o600 });
  return { started };
}

async function repair(plan: ClusterPlan): Promise<NodeCluster> {
  const pause = await pauseImage();
  const { started } = await step(`cluster ${plan.folders.name}`, async (handle) => {
    const result = await bringUp(plan, pause);
    if (result.started.length === 0) handle.cached();
    return result;
  });
  if (started.length > 0) process.stderr.write(`  started again: ${started.join(', ')}\n`);
  return describe(plan.folders, plan.addresses);
}

async function create(folders: Folders, built: ClusterPlan['programs']): Promise<NodeCluster> {
  await step(`clear what is left of cluster ${folders.name}`, () => cleanUp(folders));
  const pause = await pauseImage();
  return step(`cluster ${folders.name} up`, async () => {
    const plan = await reserve(folders, built);
    await Promise.all([
      makeCredentials(plan),
      createNetwork(folders.networkNamespace, plan.addresses),
      createCgroup(folders.cgroup),
      writeFiles(plan),
    ]);
    await bringUp(plan, pause);
    return describe(folders, plan.addresses);
  });
}

/** Gives the cluster an index no other has, and records it before anything is made with it. */
async function reserve(folders: Folders, built: ClusterPlan['programs']): Promise<ClusterPlan> {
  return withLock(join(clustersRoot(), '.index.lock'), async () => {
    const boot = await bootId();
    const taken = new Set<number>();
    for (const other of await clusterNames()) {
      const record = other === folders.name ? undefined : await readRecord(other);
      if (record?.up === true && record.bootId === boot) taken.add(record.index);
    }
    const had = await readRecord(folders.name);
    const index = chooseIndex(had?.index, taken, await routedOnHost());
    const plan = { folders, addresses: planAddresses(index), pki: pkiAt(folders.pki), programs: built };
    await writeRecord(folders.name, { index, up: true, fingerprint: await fingerprint(plan), bootId: boot });
    return plan;
  });
}

async function makeCredentials({ folders, addresses }: ClusterPlan): Promise<void> {
  await createPki({
    folder: folders.pki,
    cluster: folders.name,
    server: apiServerUrl(addresses),
    serverAddresses: [addresses.nodeIp, addresses.apiServiceIp],
    identities: ['admin', 'controller-manager', 'scheduler', 'proxy', 'kubelet', 'coredns'],
    node: { name: nodeName(folders), address: addresses.nodeIp },
  });
}

async function writeFiles(plan: ClusterPlan): Promise<void> {
  const { folders, addresses } = plan;
  const cni = configFile(folders, 'cni');
  const needed = [cni, folders.logs, folders.etcd, folders.kubelet, folders.containerdRoot, folders.containerdState];
  await Promise.all(needed.map((path) => mkdir(path, { recursive: true })));
  await Promise.all([chmod(folders.base, 0o700), chmod(folders.etcd, 0o700)]);
  const state = join(folders.run, 'cni-addresses');
  await Promise.all([
    ...Object.entries(configFiles(plan)).map(([name, text]) => writeFile(configFile(folders, name), text)),
    writeFile(configFile(folders, 'containerd.toml'), containerdText(plan)),
    writeCniConfig(join(cni, '10-weir.conflist'), folders.networkNamespace, addresses, state),
  ]);
}

async function linkPrograms({ folders, programs: built }: ClusterPlan): Promise<void> {
  await rm(folders.bin, { recursive: true, force: true });
  await mkdir(folders.bin, { recursive: true });
  for (const name of ['kubectl', 'helm'] as const) await symlink(built[name], join(folders.bin, name));
}

async function createStorageClass(admin: Access): Promise<void> {
  const body = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'kubernetes.io/host-path',
  };
  const answer = await apiCall(admin, '/apis/storage.k8s.io/v1/storageclasses', { method: 'POST', body });
  if (answer.status !== 201 && answer.status !== 409)
    throw new Error(`creating the StorageClass: ${answer.status} ${answer.body}`);
}

/** Waits until the node is Ready and a pod can be created in the namespace default (its service account exists). */
async function untilUsable(folders: Folders, admin: Access): Promise<void> {
  const deadline = Date.now() + 90_000;
  const node = `/api/v1/nodes/${nodeName(folders)}`;
  const account = '/api/v1/namespaces/default/serviceaccounts/default';
  for (;;) {
    const [nodeAnswer, accountAnswer] = await Promise.all([apiCall(admin, node), apiCall(admin, account)]);
    if (accountAnswer.status === 200 && nodeAnswer.status === 200 && isNodeReady(nodeAnswer.body)) return;
    if (Date.now() > deadline) throw new Error(`the node does not get ready; see ${folders.logs}:\n${nodeAnswer.body}`);
    await sleep(50);
  }
}

/** Whether the JSON of a Node says it is Ready. */
export function isNodeReady(text: string): boolean {
  const node = JSON.parse(text) as { status?: { conditions?: { type: string; status: string }[] } };
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}
