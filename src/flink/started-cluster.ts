import type { KubeObject } from '../kube/object.ts';
import { isTrue } from './conf/entry.ts';
import { effectiveConf, type FlinkConf, type OperatorDefaults, optionOf } from './flink-conf.ts';
import { type FlinkRecord, recordOf } from './record.ts';
import type { JobManagerTarget } from './rest-request-client.ts';
import type { FlinkDeployment } from './schema.ts';

/** Flink's default of `rest.port`. */
const REST_PORT = 8081;

/** What a FlinkDeployment was last started with. */
export interface StartedCluster {
  readonly record: FlinkRecord;
  readonly conf: FlinkConf;
  /** Where its JobManager answers; the job is the recorded one. */
  readonly target: JobManagerTarget;
}

/** What a FlinkDeployment was last started with, from its status; undefined when nothing was started yet. */
export function startedCluster(deployment: KubeObject, defaults: OperatorDefaults): StartedCluster | undefined {
  const record = recordOf(deployment);
  if (record === undefined) return undefined;
  const conf = effectiveConf({ ...deployment, spec: record.spec } as FlinkDeployment, defaults);
  const { name, namespace = '' } = deployment.metadata;
  const port = Number(optionOf(conf, 'rest.port') ?? REST_PORT);
  const tls = hasRestTls(conf) ? { tls: true } : {};
  return { record, conf, target: { namespace, name, port, ...tls, jobId: record.jobId } };
}

/** Whether REST is over TLS: its own option, else the old one for all of Flink (SecurityOptions, SSLUtils). */
function hasRestTls(conf: FlinkConf): boolean {
  return isTrue(conf, 'security.ssl.rest.enabled', isTrue(conf, 'security.ssl.enabled', false));
}
