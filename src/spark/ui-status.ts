import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import { uiAddress, uiIngressName, uiServiceName } from './conf/around.ts';
import { SPARK_LABELS } from './conf/submission.ts';
import type { SparkRecord } from './record.ts';
import type { DriverInfo } from './schema.ts';
import type { Situation } from './situation.ts';

/** What status.driverInfo says of the UI: of the Service and Ingress of the recorded submission, as far as they are there. */
export function uiStatus({ observed, resource, settings }: Situation, { submission }: SparkRecord): DriverInfo {
  if (submission === undefined) return {};
  const own = observed.supports.filter(
    ({ metadata }) => metadata.labels?.[SPARK_LABELS.submissionId] === submission.submissionId,
  );
  const named = (kind: string, name: string): KubeObject | undefined =>
    own.find((object) => object.kind === kind && object.metadata.name === name);
  const service = named('Service', uiServiceName(resource));
  const ingress = named('Ingress', uiIngressName(resource));
  const address = uiAddress(settings, resource, submission.applicationId);
  return {
    ...(service === undefined ? {} : serviceStatus(service)),
    ...(ingress === undefined ? {} : { webUIIngressName: ingress.metadata.name }),
    ...(ingress === undefined || address === undefined ? {} : { webUIIngressAddress: address.url }),
  };
}

/** An address only once the API server has given the Service one. */
function serviceStatus({ metadata, spec }: KubeObject): DriverInfo {
  const { clusterIP, ports = [] } = (isRecord(spec) ? spec : {}) as {
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly port?: number }[];
  };
  const port = ports[0]?.port;
  if (clusterIP === undefined || clusterIP === '' || port === undefined) return { webUIServiceName: metadata.name };
  const host = clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP;
  return { webUIServiceName: metadata.name, webUIAddress: `${host}:${port}`, webUIPort: port };
}
