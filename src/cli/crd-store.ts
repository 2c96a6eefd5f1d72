import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../kube/object.ts';
import { openCluster } from './cluster.ts';
import type { CrdStore } from './crds-apply.ts';
import type { ServerOptions } from './plan/server.ts';

const CRD = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
const PAUSE_MS = 250;

/** The CRDs of a cluster, as kubectl would reach it. Throws CliError when there is no usable kubeconfig. */
export function openCrdStore(options: ServerOptions): CrdStore & { close(): Promise<void> } {
  const { client, get } = openCluster(options, [{ ...CRD, plural: 'customresourcedefinitions', namespaced: false }]);
  return {
    get: (name) => get({ ...CRD, name }),
    apply: async (crd) =>
      (await client.request({
        method: 'PATCH',
        path: client.kinds.object({ ...CRD, name: crd.metadata.name }),
        query: { fieldManager: 'weir-crds', force: true },
        contentType: 'application/apply-patch+yaml',
        body: crd,
        what: `apply ${crd.metadata.name}`,
      })) as KubeObject,
    pause: () => sleep(PAUSE_MS),
    close: () => client.close(),
  };
}
