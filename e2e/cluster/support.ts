import { existsSync } from 'node:fs';
import { platform } from 'node:os';
import { tryRun } from '../lib/run.ts';
import { clusterCommands, cniFolder } from './node/packages.ts';

/** Whether something can be done on this machine, and if not, why in one sentence. */
export interface Support {
  readonly ok: boolean;
  readonly why?: string;
}

/** What this machine can run of the local clusters. Changes nothing and takes well under a second. */
export async function clusterSupport(): Promise<{ node: Support; apiOnly: Support }> {
  const go = await goSupport();
  return { apiOnly: go, node: go.ok ? await nodeSupport() : go };
}

const neededGo = [1, 26] as const;

/** Whether text such as `go1.26.8` names a Go that can build the programs. */
export function isGoNewEnough(version: string): boolean {
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) return version.startsWith('devel');
  return Number(major) > neededGo[0] || (Number(major) === neededGo[0] && Number(minor) >= neededGo[1]);
}

async function goSupport(): Promise<Support> {
  const wanted = `Go ${neededGo.join('.')} or newer, which builds etcd and Kubernetes`;
  const result = await tryRun('go', ['env', 'GOVERSION'], { env: { GOTOOLCHAIN: 'local' } }).catch(() => undefined); // no such program
  if (result === undefined || result.code !== 0)
    return { ok: false, why: `it needs ${wanted}, and there is no go on PATH` };
  const version = result.stdout.trim();
  return isGoNewEnough(version) ? { ok: true } : { ok: false, why: `it needs ${wanted}; this is ${version}` };
}

async function nodeSupport(): Promise<Support> {
  if (platform() !== 'linux') return { ok: false, why: `it needs Linux, and this is ${platform()}` };
  if (process.getuid?.() !== 0)
    return { ok: false, why: 'it needs root, for network namespaces, mounts and control groups' };
  const namespaces = await tryRun('unshare', ['--net', '--mount', 'true']).catch(() => undefined); // no such program
  if (namespaces?.code !== 0)
    return { ok: false, why: 'this machine does not let root make network and mount namespaces' };
  if (!existsSync('/sys/fs/cgroup')) return { ok: false, why: 'this machine has no control groups mounted' };
  const missing = await missingCommands();
  if (missing.length > 0 && !(await hasApt())) {
    return { ok: false, why: `it needs ${missing.join(', ')}, and there is no apt-get to install what is missing` };
  }
  return { ok: true };
}

async function hasApt(): Promise<boolean> {
  return (await tryRun('apt-get', ['--version']).catch(() => undefined))?.code === 0; // no such program
}

async function missingCommands(): Promise<string[]> {
  const names = Object.keys(clusterCommands);
  const found = await tryRun('which', names).catch(() => ({ stdout: '' })); // without `which` all count as missing
  const present = found.stdout.split('\n').map((path) => path.slice(path.lastIndexOf('/') + 1));
  const missing = names.filter((name) => !present.includes(name));
  return existsSync(`${cniFolder}/bridge`) ? missing : [...missing, 'the CNI plugins'];
}
