import pc from 'picocolors';
import type { Cluster } from './cluster.ts';
import type { Addresses } from './node/addresses.ts';
import type { NodeClusterStatus } from './node/status.ts';

/** A text as one word of a POSIX shell. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Lines for `eval` that make a shell use the cluster. */
export function shellExports(cluster: Cluster): string {
  const lines = [`export KUBECONFIG=${shellQuote(cluster.kubeconfig)}`];
  if (cluster.kind === 'node') lines.push(`export PATH=${shellQuote(cluster.bin)}:"$PATH"`);
  return `${lines.join('\n')}\n`;
}

function optionsFor(cluster: { readonly kind: Cluster['kind']; readonly name: string }): string {
  if (cluster.kind === 'context') return ` --context ${shellQuote(cluster.name)}`;
  const name = cluster.name === 'weir' ? '' : ` --name ${cluster.name}`;
  return cluster.kind === 'kind' ? `${name} --kind` : name;
}

function addressLines(addresses: Addresses): string[] {
  return [
    `  reachable from here   pods ${addresses.podCidr}, services ${addresses.serviceCidr}, DNS ${addresses.dnsIp}`,
    `  this machine, seen from pods   ${addresses.hostIp}`,
  ];
}

/** A few lines on how to use a cluster that is up. */
export function howToUse(cluster: Cluster): string {
  const options = optionsFor(cluster);
  const lines = [
    `cluster ${cluster.name}`,
    `  kubeconfig   ${cluster.kubeconfig}`,
    ...(cluster.kind === 'node' ? addressLines(cluster.addresses) : []),
    `  use it   eval "$(npm run -s cluster -- env${options})"   or   npm run cluster -- shell${options}`,
  ];
  return `${lines.join('\n')}\n`;
}

const colours = { up: pc.green, broken: pc.red, down: pc.yellow };

/** The state of a cluster as text for people. */
export function describeStatus(status: NodeClusterStatus): string {
  const head = `cluster ${status.name}: ${colours[status.state](status.state)}`;
  const options = optionsFor(status);
  if (status.state === 'down') return `${head}\n  bring it up   npm run cluster -- up${options}\n`;
  const parts = status.components.map(({ name, pid, ready, log }) => {
    const state = pid === undefined ? pc.red('not running') : ready ? pc.green('ready') : pc.red('not ready');
    const where = ready ? '' : pc.dim(`  ${log}`);
    return `  ${name.padEnd(24)} ${(pid === undefined ? '' : `pid ${pid}`).padEnd(12)} ${state}${where}`;
  });
  const lines = [
    `${head}, Kubernetes ${status.kubernetes}`,
    ...parts,
    `  API server   ${status.server ?? ''}`,
    ...(status.addresses === undefined ? [] : addressLines(status.addresses)),
    `  kubeconfig   ${status.kubeconfig ?? ''}`,
    `  files   ${status.folder}`,
    status.state === 'broken'
      ? `  mend it   npm run cluster -- up${options}`
      : `  use it   eval "$(npm run -s cluster -- env${options})"   or   npm run cluster -- shell${options}`,
  ];
  return `${lines.join('\n')}\n`;
}
