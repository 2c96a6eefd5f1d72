import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from '../lib/cache.ts';
import { run, tryRun } from '../lib/run.ts';
import { step } from '../lib/steps.ts';

// Written from kind's documentation and not tested: no machine with a container engine was at hand.

/** A cluster made by kind in a container of the user's engine. */
export interface KindCluster {
  readonly name: string;
  readonly kind: 'kind';
  readonly kubeconfig: string;
}

function kubeconfigPath(name: string): string {
  return join(cacheRoot(), 'kind', `${name}.kubeconfig`);
}

/** Throws, saying what is missing, unless kind and a container engine that answers are there. */
async function ensureKind(): Promise<void> {
  const kind = await tryRun('kind', ['version']).catch(() => undefined); // no such program
  if (kind?.code !== 0) throw new Error('--kind needs the program kind on PATH');
  const engine = process.env.KIND_EXPERIMENTAL_PROVIDER ?? 'docker';
  const answer = await tryRun(engine, ['info']).catch(() => undefined); // no such program
  if (answer?.code !== 0) throw new Error(`--kind needs ${engine}, and it does not answer`);
}

/** Whether kind has a cluster of this name. */
async function exists(name: string): Promise<boolean> {
  return (await run('kind', ['get', 'clusters'])).split('\n').includes(name);
}

/** Makes the cluster unless it is there, and returns when its node is Ready. */
export async function kindUp(name: string): Promise<KindCluster> {
  await ensureKind();
  const kubeconfig = kubeconfigPath(name);
  await mkdir(join(kubeconfig, '..'), { recursive: true });
  await step(`kind cluster ${name}`, async (handle) => {
    if (await exists(name)) {
      handle.cached();
      await run('kind', ['export', 'kubeconfig', '--name', name, '--kubeconfig', kubeconfig]);
      return;
    }
    await run('kind', ['create', 'cluster', '--name', name, '--kubeconfig', kubeconfig, '--wait', '120s'], {
      onOutput: (text) => handle.note(text),
    });
  });
  return { name, kind: 'kind', kubeconfig };
}

/** The cluster, if kind has one of this name. */
export async function findKindCluster(name: string): Promise<KindCluster | undefined> {
  await ensureKind();
  return (await exists(name)) ? { name, kind: 'kind', kubeconfig: kubeconfigPath(name) } : undefined;
}

/** Deletes the cluster; fine if there is none. */
export async function kindDown(name: string): Promise<void> {
  await ensureKind();
  await step(`kind cluster ${name} down`, () =>
    run('kind', ['delete', 'cluster', '--name', name, '--kubeconfig', kubeconfigPath(name)]),
  );
}

/** Copies an image (a docker archive) into the cluster's node. */
export async function kindLoad(cluster: KindCluster, archive: string): Promise<void> {
  await run('kind', ['load', 'image-archive', archive, '--name', cluster.name]);
}
