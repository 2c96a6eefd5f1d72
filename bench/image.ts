import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Children } from '../e2e/cluster/children.ts';
import { freePorts } from '../e2e/cluster/ports.ts';
import { IMAGE_FILES, IMAGE_START, operatorImage } from '../e2e/images/operator.ts';
import { run } from '../e2e/lib/run.ts';
import { step } from '../e2e/lib/steps.ts';
import { startControlPlane } from './control-plane.ts';
import { machineFacts } from './machine.ts';
import { memoryMiB } from './process-use.ts';
import type { ImageFigures, Measured } from './results.ts';
import { round, spread } from './stats.ts';

/** How much is measured. */
export interface ImageEffort {
  readonly starts: number;
}

const MIB = 1024 ** 2;

/**
 * The image's size, and what a start of it takes: unpacked, with nothing else in reach, as its user, who may write nowhere.
 * The floor is Node with nothing to do. Needs root, to change the root folder.
 */
export async function measureImage({ starts }: ImageEffort): Promise<Measured<ImageFigures>> {
  const machine = machineFacts();
  const { archive } = await operatorImage();
  const folder = await mkdtemp(join(tmpdir(), 'weir-image-'));
  try {
    await step('unpack the image', () => unpack(archive, folder));
    const sizes = await sizesIn(folder);
    const [node = '', ...rest] = IMAGE_START.entrypoint;
    const timeOf = (args: readonly string[]) => timesOf(starts, () => inside(folder, args));
    const nodeMs = await step('start Node', () => timeOf([node, '--eval', '0']));
    const versionMs = await step('start weir version', () => timeOf([node, ...rest, 'version']));
    const ready = await step('start the operator until it is ready', () => measureReady(folder, starts));
    const figures = { ...sizes, nodeMs, versionMs, ...ready };
    const [value, ceiling] = [figures.readyMs.p50, nodeMs.p50];
    const headline = { bench: 'image', value, unit: 'ms', ceiling, ratio: round(value / ceiling, 1) };
    return { headline, machine, figures };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function unpack(archive: string, folder: string): Promise<void> {
  const [{ Layers }] = JSON.parse(await run('tar', ['-xOf', archive, 'manifest.json'])) as [{ Layers: string[] }];
  for (const layer of Layers) {
    await run('tar', ['-xf', archive, '-C', folder, layer]);
    await run('tar', ['-xf', join(folder, layer), '-C', folder]);
    await rm(join(folder, layer));
  }
  await Promise.all([chmod(folder, 0o755), chmod(join(folder, 'tmp'), 0o755)]);
}

async function sizesIn(folder: string): Promise<Pick<ImageFigures, 'imageMiB' | 'nodeMiB' | 'weirMiB'>> {
  const mibOf = async (path: string): Promise<number> =>
    Number((await run('du', ['--summarize', '--bytes', path])).split('\t')[0]) / MIB;
  const [node = 0, ...weir] = await Promise.all(IMAGE_FILES.map((path) => mibOf(join(folder, path))));
  const all = await mibOf(folder);
  return {
    imageMiB: round(all, 1),
    nodeMiB: round(node, 1),
    weirMiB: round(
      weir.reduce((sum, size) => sum + size, 0),
      1,
    ),
  };
}

/** What `env` is given to run a program of the image as its user with nothing but the image in reach. */
function chrooted(folder: string, args: readonly string[]): string[] {
  // chroot itself is found by the path of this machine.
  const { PATH: _path, ...environment } = IMAGE_START.environment;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return [...variables, 'chroot', '--userspec', IMAGE_START.user, folder, ...args];
}

async function inside(folder: string, args: readonly string[]): Promise<void> {
  await run('env', chrooted(folder, args));
}

async function timesOf(count: number, once: () => Promise<void>): Promise<ImageFigures['nodeMs']> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await once();
    times.push(performance.now() - started);
  }
  return spread(times);
}

/** Against an API server on which nothing is to be done. */
async function measureReady(folder: string, starts: number): Promise<Pick<ImageFigures, 'readyMs' | 'rssMiB'>> {
  const plane = await startControlPlane([]);
  try {
    const kubeconfig = join(folder, 'tmp/kubeconfig');
    await copyFile(plane.kubeconfigPath, kubeconfig);
    await chmod(kubeconfig, 0o644);
    let rss = 0;
    const readyMs = await timesOf(starts, async () => {
      rss = await startOnce(folder);
    });
    return { readyMs, rssMiB: round(rss, 0) };
  } finally {
    await plane.stop();
  }
}

/** Starts the operator, waits until it is ready, returns its memory in MiB and ends it. */
async function startOnce(folder: string): Promise<number> {
  const children = new Children(await mkdtemp(join(tmpdir(), 'weir-image-run-')));
  try {
    const [port = 0] = await freePorts(1);
    const options = ['run', '--kubeconfig=/tmp/kubeconfig', '--leader-election=false', `--http-port=${port}`];
    const args = chrooted(folder, [...IMAGE_START.entrypoint, ...options]);
    // env and chroot become the program they start.
    const { pid = 0 } = await children.start('operator', 'env', args, { url: `http://127.0.0.1:${port}/readyz` });
    return (await memoryMiB(pid)).rss;
  } finally {
    await children.stop();
  }
}
