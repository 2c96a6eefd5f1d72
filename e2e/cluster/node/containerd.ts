import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../lib/run.ts';
import { isReady } from '../http.ts';
import { endProcess, isAlive, logTail, startDetached } from '../process.ts';
import type { Folders } from './folders.ts';
import { cniFolder } from './packages.ts';

/** The image every pod's first container runs. */
export const pauseImageName = 'localhost/pause:1';

/** Configuration of the cluster's own containerd (format 2, which versions 1.5 to 2 read). */
export function containerdConfig(folders: Folders, cri: { readonly configFolder: string } | undefined): string {
  const common = [
    'version = 2',
    `root = "${folders.containerdRoot}"`,
    `state = "${folders.containerdState}"`,
    cri === undefined ? 'disabled_plugins = ["io.containerd.grpc.v1.cri"]' : 'disabled_plugins = []',
    '[grpc]',
    `  address = "${folders.containerdSocket}"`,
    '[plugins."io.containerd.internal.v1.opt"]',
    `  path = "${join(folders.containerdRoot, 'opt')}"`,
  ];
  if (cri === undefined) return `${common.join('\n')}\n`;
  const settings = [
    '[plugins."io.containerd.grpc.v1.cri"]',
    `  sandbox_image = "${pauseImageName}"`,
    // Below our own folder instead of /run/netns, so that they can be told from those of others.
    '  netns_mounts_under_state_dir = true',
    // Without CAP_SYS_RESOURCE, lowering the score fails and with it the container.
    '  restrict_oom_score_adj = true',
    '  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]',
    '    runtime_type = "io.containerd.runc.v2"',
    '    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]',
    '      SystemdCgroup = false',
    '  [plugins."io.containerd.grpc.v1.cri".cni]',
    `    bin_dir = "${cniFolder}"`,
    `    conf_dir = "${cri.configFolder}"`,
  ];
  return `${[...common, ...settings].join('\n')}\n`;
}

/** The `ctr` command line for the cluster's containerd, in the namespace Kubernetes uses. */
function ctr(folders: Folders, args: readonly string[]): Promise<string> {
  return run('ctr', ['--address', folders.containerdSocket, '--namespace', 'k8s.io', ...args]);
}

const markerFile = (folders: Folders, name: string): string =>
  join(folders.containerdRoot, 'weir-imported', encodeURIComponent(name));

/**
 * Imports an image (a docker archive) unless the one with this key is there already. Returns whether it had to. The
 * images stay from one `up` to the next.
 */
export async function importArchive(
  folders: Folders,
  image: { readonly name: string; readonly archive: string; readonly key: string },
): Promise<boolean> {
  const marker = markerFile(folders, image.name);
  const imported = await readFile(marker, 'utf8').catch(() => undefined); // never imported
  const present = (await ctr(folders, ['images', 'list', '--quiet', `name==${image.name}`])).trim() !== '';
  if (present && imported === image.key) return false;
  await ctr(folders, ['images', 'import', image.archive]);
  await mkdir(join(marker, '..'), { recursive: true });
  await writeFile(marker, image.key);
  return true;
}

/** Gives an image that was imported another name as well. */
export async function nameImage(folders: Folders, name: string, other: string): Promise<void> {
  await ctr(folders, ['images', 'tag', '--force', name, other]);
}

/**
 * Forgets all containers in containerd's store, so that only images are left: runs containerd for a moment without
 * its Kubernetes part. Nothing else of the cluster may run then. Does nothing if no container can be there.
 */
export async function forgetContainers(folders: Folders, env: Readonly<Record<string, string>>): Promise<void> {
  if (!existsSync(folders.containerdDirty)) return;
  await mkdir(folders.logs, { recursive: true });
  const config = join(folders.run, 'containerd-scrub.toml');
  const log = join(folders.logs, 'containerd-scrub.log');
  await writeFile(config, containerdConfig(folders, undefined));
  const identity = await startDetached('containerd', ['--config', config], { log, env });
  try {
    const deadline = Date.now() + 30_000;
    while (!(await isReady({ socket: folders.containerdSocket }))) {
      if (!(await isAlive(identity)) || Date.now() > deadline) {
        throw new Error(`containerd does not start on ${folders.containerdRoot}:\n${await logTail(log)}`);
      }
      await sleep(50);
    }
    const ids = (await ctr(folders, ['containers', 'list', '--quiet'])).split('\n').filter((line) => line !== '');
    if (ids.length > 0) await ctr(folders, ['containers', 'delete', ...ids]);
  } finally {
    await endProcess(identity, 5000);
  }
  await rm(folders.containerdDirty);
}
