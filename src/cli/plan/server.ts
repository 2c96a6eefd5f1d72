import { FLINK_API_VERSION } from '../../flink/schema.ts';
import type { KubeObject, ObjectRef } from '../../kube/object.ts';
import { VERSION } from '../../lib/version.ts';
import { KubeError } from '../../runtime/classify-failure.ts';
import { createKinds } from '../../runtime/kinds.ts';
import { createKubeClient } from '../../runtime/kube-client.ts';
import { loadKubeConfig } from '../../runtime/kube-config.ts';
import { CliError } from '../exit.ts';

/** Which cluster to read. */
export interface ServerOptions {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/** A cluster to compare manifests with; only ever reads. */
export interface Server {
  /** Namespace of objects that name none. */
  readonly namespace: string;
  /** The stored object, undefined if there is none. Rejects with CliError if the cluster cannot be read. */
  get(ref: ObjectRef): Promise<KubeObject | undefined>;
  close(): Promise<void>;
}

/** Connects as kubectl would. Throws CliError when there is no usable kubeconfig. */
export function connectServer(options: ServerOptions): Server {
  const config = readConfig(options);
  const kinds = createKinds([
    { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment', plural: 'flinkdeployments', namespaced: true },
  ]);
  const client = createKubeClient({ config, kinds, userAgent: `weir/${VERSION}` });
  return {
    namespace: config.namespace ?? 'default',
    get: async (ref) => {
      try {
        return (await client.request({ method: 'GET', path: kinds.object(ref) })) as KubeObject;
      } catch (error) {
        if (error instanceof KubeError && error.status === 404) return undefined;
        const message = error instanceof Error ? error.message : String(error);
        throw new CliError(
          `reading ${ref.kind} ${ref.namespace}/${ref.name} from ${config.cluster.server}: ${message}`,
        );
      }
    },
    close: () => client.close(),
  };
}

function readConfig(options: ServerOptions) {
  try {
    return loadKubeConfig({ path: options.kubeconfig, context: options.context });
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error));
  }
}
