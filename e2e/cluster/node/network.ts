import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { run, tryRun } from '../../lib/run.ts';
import { type Addresses, routedRanges } from './addresses.ts';

/** The file that stands for a network namespace made by `ip netns`. */
export function namespacePath(namespace: string): string {
  return `/run/netns/${namespace}`;
}

/** The command line that runs a program inside a network namespace; the program keeps the pid of what is started. */
export function inNamespace(namespace: string, command: string, args: readonly string[]): [string, string[]] {
  // Not `ip netns exec`: that mounts a /sys of its own, which hides the cgroups from kubelet and runc.
  return ['nsenter', [`--net=${namespacePath(namespace)}`, command, ...args]];
}

async function runInside(namespace: string, command: string, args: readonly string[]): Promise<string> {
  return run(...inNamespace(namespace, command, args));
}

/** Makes the cluster's network namespace with its link to the host, its addresses and the host's routes into it. */
export async function createNetwork(namespace: string, plan: Addresses): Promise<void> {
  await run('ip', ['netns', 'add', namespace]);
  await run('ip', ['link', 'add', plan.hostLink, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace]);
  const inside = [
    'link set lo up',
    `addr add ${plan.dnsIp}/32 dev lo`,
    `addr add ${plan.nodeIp}/24 dev eth0`,
    'link set eth0 up',
    `route add default via ${plan.hostIp}`,
    // Cloud metadata addresses: without this, libraries that look for a cloud wait for an answer that never comes.
    'route add unreachable 169.254.0.0/16',
  ];
  await run('ip', ['-n', namespace, '-batch', '-'], { input: `${inside.join('\n')}\n` });
  const outside = [
    `addr add ${plan.hostIp}/24 dev ${plan.hostLink}`,
    `link set ${plan.hostLink} up`,
    ...routedRanges(plan).map((range) => `route replace ${range} via ${plan.nodeIp}`),
  ];
  await run('ip', ['-batch', '-'], { input: `${outside.join('\n')}\n` });
  await runInside(namespace, 'sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
  // Kernels without bridge filtering have no such setting, and then need none.
  await tryRun(...inNamespace(namespace, 'sysctl', ['-qw', 'net.bridge.bridge-nf-call-iptables=1']));
  await raiseInotifyLimits();
}

/** Each pod's runtime and log follower watches files; the usual limits of 128 instances are soon used up. */
async function raiseInotifyLimits(): Promise<void> {
  const wanted = { max_user_instances: 8192, max_user_watches: 524_288 };
  for (const [key, value] of Object.entries(wanted)) {
    const path = `fs.inotify.${key}`;
    const now = Number(await run('sysctl', ['-n', path]));
    if (now < value) await run('sysctl', ['-qw', `${path}=${value}`]);
  }
}

/** Whether the namespace and the host's link to it are both there. */
export async function networkExists(namespace: string, plan: Addresses): Promise<boolean> {
  if (!(await linkExists(plan.hostLink)) || !existsSync(namespacePath(namespace))) return false;
  const inside = await tryRun('ip', ['-n', namespace, 'addr', 'show', 'eth0']);
  return inside.code === 0 && inside.stdout.includes(plan.nodeIp);
}

async function linkExists(link: string): Promise<boolean> {
  return (await tryRun('ip', ['link', 'show', link])).code === 0;
}

/** Removes namespace and link, whatever is left of them. */
export async function removeNetwork(namespace: string, plan: Addresses | undefined): Promise<void> {
  // The link first: with the namespace the kernel removes it too, but only some time later.
  if (plan !== undefined && (await linkExists(plan.hostLink))) {
    const removed = await tryRun('ip', ['link', 'delete', plan.hostLink]);
    if (removed.code !== 0 && (await linkExists(plan.hostLink))) {
      throw new Error(`removing ${plan.hostLink}: ${removed.stderr}`);
    }
  }
  const path = namespacePath(namespace);
  if (!existsSync(path)) return;
  if ((await tryRun('ip', ['netns', 'delete', namespace])).code === 0) return;
  // A file without a namespace behind it, as a crash between two steps leaves it.
  await tryRun('umount', ['-l', path]);
  await rm(path, { force: true });
}

const routesSchema = z.array(z.object({ dst: z.string().optional() }));

/** IPv4 ranges the host already has routes for, other than the default route. */
export async function routedOnHost(): Promise<string[]> {
  const routes = routesSchema.parse(JSON.parse(await run('ip', ['-j', '-4', 'route', 'show', 'table', 'main'])));
  return routes.filter((route) => route.dst !== undefined && route.dst !== 'default').map((route) => route.dst ?? '');
}

/** Writes the CNI configuration of the cluster: one bridge, addresses from the pod range, host ports. */
export async function writeCniConfig(
  path: string,
  network: string,
  plan: Addresses,
  stateFolder: string,
): Promise<void> {
  const ipam = {
    type: 'host-local',
    dataDir: stateFolder,
    ranges: [[{ subnet: plan.podCidr }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  const plugins = [
    { type: 'bridge', bridge: 'cni0', isGateway: true, hairpinMode: true, ipMasq: false, ipam },
    { type: 'portmap', capabilities: { portMappings: true } },
  ];
  await writeFile(path, JSON.stringify({ cniVersion: '0.4.0', name: network, plugins }, undefined, 2));
}
