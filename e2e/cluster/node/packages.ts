import { existsSync } from 'node:fs';
import { ensureCommands, ensureDebianPackages } from '../../lib/debian.ts';

/** Commands the node runs, by the Debian package that brings each. */
export const clusterCommands: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  nft: 'nftables',
  iptables: 'iptables',
  conntrack: 'conntrack',
  socat: 'socat',
  ip: 'iproute2',
  sysctl: 'procps',
};

/** Where Debian's package puts the CNI plugins. */
export const cniFolder = '/usr/lib/cni';

/** Installs what the node needs and the machine lacks. Throws, naming the packages, where that is impossible. */
export async function ensureClusterPackages(): Promise<void> {
  const why = 'a cluster on this machine';
  await ensureCommands(clusterCommands, why);
  if (!existsSync(`${cniFolder}/bridge`)) await ensureDebianPackages(['containernetworking-plugins'], why);
}
