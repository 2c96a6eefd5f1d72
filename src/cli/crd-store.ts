import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../kube/object.ts';
import { VERSION } from '../lib/version.ts';
import { KubeError } from '../runtime/classify-failure.ts';
import { createKinds } from '../runtime/kinds.ts';
import { createKubeClient } from '../runtime/kube-client.ts';
import type { CrdStore } from './crds-apply.ts';
import { readKubeConfig, type ServerOptions } from './plan/server.ts';

const CRD = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
const PAUSE_MS = 250;

/** The CRDs of a cluster, as kubectl would reach it. Throws CliError when there is no usable kubeconfig. */
export function openCrdStore(options: ServerOptions): CrdStore & { close(): Promise<void> } {
  const kinds = createKinds([{ ...CRD, plural: 'customresourcedefinitions', namespaced: false }]);
  const client = createKubeClient({ config: readKubeConfig(options), kinds, userAgent: `weir/${VERSION}` });
  return {
    async get(name) {
      try {
        return (await client.request({ method: 'GET', path: kinds.object({ ...CRD, name }) })) as KubeObject;
      } catch (error) {
        if (error instanceof KubeError && error.status === 404) return undefined;
        throw error;
      }
    },
    apply: async (crd) =>
      (await client.request({
        method: 'PATCH',
        path: kinds.object({ ...CRD, name: crd.metadata.name }),
        query: { fieldManager: 'weir-crds', force: true },
        contentType: 'application/apply-patch+yaml',
        body: crd,
        what: `apply ${crd.metadata.name}`,
      })) as KubeObject,
    pause: () => sleep(PAUSE_MS),
    close: () => client.close(),
  };
}
