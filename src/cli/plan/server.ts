import { unknown } from '../../core/fact.ts';
import { FLINK_API_VERSION } from '../../flink/schema.ts';
import { SESSION_JOB_KIND } from '../../flink/session-job/schema.ts';
import { SNAPSHOT_KIND } from '../../flink/snapshot/schema.ts';
import type { KubeObject, ObjectRef } from '../../kube/object.ts';
import { VERSION } from '../../lib/version.ts';
import { CAPACITY_KINDS } from '../../runtime/capacity-questions.ts';
import { createCapacitySurvey } from '../../runtime/capacity-survey.ts';
import { isNoSuchObject } from '../../runtime/classify-failure.ts';
import { createKinds } from '../../runtime/kinds.ts';
import { createKubeClient, type KubeClient } from '../../runtime/kube-client.ts';
import { type KubeConfig, loadKubeConfig } from '../../runtime/kube-config.ts';
import { systemTime } from '../../runtime/time.ts';
import { SPARK_CONNECT_KIND } from '../../spark/connect/schema.ts';
import { SCHEDULE_KIND } from '../../spark/schedule/schema.ts';
import { SPARK_APPLICATION_KIND } from '../../spark/schema.ts';
import { CliError } from '../exit.ts';
import type { Room } from './planner.ts';

/** Which cluster to read. */
export interface ServerOptions {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/** A cluster to compare manifests with; only ever reads. */
export interface Server {
  /** Namespace of objects that name none. */
  readonly namespace: string;
  /** The stored object, undefined if there is none. Rejects with CliError if the cluster cannot be read or lacks the kind. */
  get(ref: ObjectRef): Promise<KubeObject | undefined>;
  /** What the cluster can give to a resource whose pods have these labels. Never rejects: what cannot be read is unknown. */
  room(namespace: string, labelSelector: string): Promise<Room>;
  close(): Promise<void>;
}

/** Connects as kubectl would. Throws CliError when there is no usable kubeconfig. */
export function connectServer(options: ServerOptions): Server {
  const config = readKubeConfig(options);
  const kinds = createKinds([
    { apiVersion: FLINK_API_VERSION, kind: 'FlinkDeployment', plural: 'flinkdeployments', namespaced: true },
    { ...SESSION_JOB_KIND, plural: 'flinksessionjobs', namespaced: true },
    { ...SNAPSHOT_KIND, plural: 'flinkstatesnapshots', namespaced: true },
    { ...SPARK_APPLICATION_KIND, plural: 'sparkapplications', namespaced: true },
    { ...SPARK_CONNECT_KIND, plural: 'sparkconnects', namespaced: true },
    { ...SCHEDULE_KIND, plural: 'scheduledsparkapplications', namespaced: true },
    { ...POD, plural: 'pods', namespaced: true },
    { ...CONFIG_MAP, plural: 'configmaps', namespaced: true },
    ...CAPACITY_KINDS,
  ]);
  const client = createKubeClient({ config, kinds, userAgent: `weir/${VERSION}` });
  const survey = createCapacitySurvey({ client, time: systemTime });
  return {
    namespace: config.namespace ?? 'default',
    get: async (ref) => {
      try {
        return (await client.request({ method: 'GET', path: kinds.object(ref) })) as KubeObject;
      } catch (error) {
        if (isNoSuchObject(error)) return undefined;
        const message = error instanceof Error ? error.message : String(error);
        throw new CliError(
          `reading ${ref.kind} ${ref.namespace}/${ref.name} from ${config.cluster.server}: ${message}`,
        );
      }
    },
    async room(namespace, labelSelector) {
      const surveyed = new Promise<void>((resolve) => survey.refresh(namespace, 0, resolve));
      try {
        const [pods] = await Promise.all([ownPods(client, namespace, labelSelector), surveyed]);
        return { capacity: survey.latest(namespace), pods };
      } catch (error) {
        return { capacity: unknown(error instanceof Error ? error.message : String(error)), pods: [] };
      }
    },
    async close() {
      survey.stop();
      await client.close();
    },
  };
}

const POD = { apiVersion: 'v1', kind: 'Pod' } as const;
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' } as const;

async function ownPods(client: KubeClient, namespace: string, labelSelector: string): Promise<readonly KubeObject[]> {
  const path = client.kinds.collection(POD, namespace);
  const list = (await client.request({ method: 'GET', path, query: { labelSelector }, what: 'list pods' })) as {
    items?: KubeObject[];
  };
  return list.items ?? [];
}

/** How to reach the cluster. Throws CliError when there is no usable kubeconfig. */
export function readKubeConfig(options: ServerOptions): KubeConfig {
  try {
    return loadKubeConfig({ path: options.kubeconfig, context: options.context });
  } catch (error) {
    throw new CliError(error instanceof Error ? error.message : String(error));
  }
}
