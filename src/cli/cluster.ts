import type { KubeObject, ObjectRef } from '../kube/object.ts';
import { VERSION } from '../lib/version.ts';
import { isNoSuchObject } from '../runtime/classify-failure.ts';
import { createKinds, type KindInfo } from '../runtime/kinds.ts';
import { createKubeClient, type KubeClient } from '../runtime/kube-client.ts';
import { readKubeConfig, type ServerOptions } from './plan/server.ts';

/** A cluster for commands that ask little of it. */
export interface Cluster {
  readonly client: KubeClient;
  /** The one of the kubeconfig's context, else `default`. */
  readonly namespace: string;
  /** The stored object, undefined if there is none. Rejects with KubeError, also where the cluster lacks the kind. */
  get(ref: ObjectRef): Promise<KubeObject | undefined>;
}

/** Connects as kubectl would, for objects of these kinds. Throws CliError when there is no usable kubeconfig. */
export function openCluster(options: ServerOptions, infos: readonly KindInfo[]): Cluster {
  const config = readKubeConfig(options);
  const client = createKubeClient({ config, kinds: createKinds(infos), userAgent: `weir/${VERSION}` });
  return {
    client,
    namespace: config.namespace ?? 'default',
    async get(ref) {
      try {
        return (await client.request({ method: 'GET', path: client.kinds.object(ref) })) as KubeObject;
      } catch (error) {
        if (isNoSuchObject(error)) return undefined;
        throw error;
      }
    },
  };
}
