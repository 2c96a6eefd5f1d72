import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type ApiServer, type ApiServerOptions, startApiServer } from '../e2e/cluster/api-server.ts';
import type { Access } from '../e2e/cluster/kubeconfig.ts';

import { step } from '../e2e/lib/steps.ts';
import type { KindRef } from '../src/core/ports.ts';
import { flinkCrds } from '../src/flink/crds.ts';
import { sparkCrds } from '../src/spark/crds.ts';
import { SPARK_APPLICATION_KIND } from '../src/spark/schema.ts';
import { type Api, NAMESPACE, openApi } from './api.ts';
import { flinkRef } from './objects.ts';
import { pidsByProgram } from './process-use.ts';

/** etcd, API server and the controllers asked for, with Weir's CRDs and an empty namespace. */
export interface ControlPlane {
  readonly kubeconfigPath: string;
  /** See ApiServer. */
  readonly auditLog: string;
  readonly api: Api;
  /** Where everything is made. */
  readonly namespace: string;
  /** The administrator's credentials. */
  readonly admin: Access;
  /** Pids of its programs by name, as they were started first. */
  readonly pids: Readonly<Record<string, number>>;
  /** See ApiServer. */
  readonly restartApiServer: ApiServer['restart'];
  stop(): Promise<void>;
}

/** Starts a control plane of its own that never outlives this process. */
export async function startControlPlane(
  controllers: readonly string[],
  options: Omit<ApiServerOptions, 'controllers'> = {},
): Promise<ControlPlane> {
  return step('start a control plane', async () => {
    const server = await startApiServer({ ...options, controllers });
    const api = openApi(server.kubeconfigPath, 64);
    try {
      await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
      for (const crd of [...flinkCrds(), ...sparkCrds()]) await api.create(crd);
      await served(api, flinkRef(''));
      await served(api, SPARK_APPLICATION_KIND);
      const pids = await pidsByProgram(dirname(dirname(server.kubeconfigPath)));
      const stop = async (): Promise<void> => {
        await api.close();
        await server.stop();
      };
      const { kubeconfigPath, auditLog, admin, restart: restartApiServer } = server;
      return { kubeconfigPath, auditLog, admin, api, namespace: NAMESPACE, pids, restartApiServer, stop };
    } catch (error) {
      await server.stop();
      throw error;
    }
  });
}

/** A new CRD answers 404, then 429, before it is served. */
async function served(api: Api, kind: KindRef): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await api.list(kind);
      return;
    } catch (error) {
      if (attempt > 200) throw error;
      await sleep(50);
    }
  }
}
