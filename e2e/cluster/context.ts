import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KubeConfig, VersionApi } from '@kubernetes/client-node';
import { cacheRoot } from '../lib/cache.ts';

/** A cluster the user has, reached by a context of the user's own kubeconfig. Nothing here starts or ends it. */
export interface ContextCluster {
  readonly name: string;
  readonly kind: 'context';
  /** A copy of the user's kubeconfig with the context made current: the user's file stays as it is. */
  readonly kubeconfig: string;
  /** Version the API server reports. */
  readonly version: string;
}

/** Loads the user's kubeconfig ($KUBECONFIG or ~/.kube/config). Throws, naming the contexts there are, if this is none of them. */
export function configFor(
  context: string,
  load: (config: KubeConfig) => void = (config) => config.loadFromDefault(),
): KubeConfig {
  const config = new KubeConfig();
  load(config);
  // Without any file the library makes up a context of this name, for an API server on this machine.
  const names = config
    .getContexts()
    .map(({ name }) => name)
    .filter((name) => name !== 'loaded-context');
  if (!names.includes(context)) {
    const known = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    throw new Error(`no context "${context}" in your kubeconfig: ${known}`);
  }
  config.setCurrentContext(context);
  return config;
}

/** Checks that the cluster of a context answers, and writes the kubeconfig that selects it. */
export async function useContext(context: string): Promise<ContextCluster> {
  const config = configFor(context);
  const version = await config
    .makeApiClient(VersionApi)
    .getCode()
    .catch((error: unknown) => {
      const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
      throw new Error(`the cluster of the context "${context}" does not answer: ${why}`, { cause: error });
    });
  const folder = join(cacheRoot(), 'contexts');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${encodeURIComponent(context)}.kubeconfig`);
  await writeFile(path, config.exportConfig(), { mode: 0o600 });
  return { name: context, kind: 'context', kubeconfig: path, version: version.gitVersion };
}
