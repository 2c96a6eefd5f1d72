import { type KubeObject, ownerReference } from '../../kube/object.ts';
import { hashHex } from '../../lib/hash.ts';
import { canonicalJson, isRecord } from '../../lib/json.ts';
import { SPARK_CONTAINERS, sparkContainerOf } from '../conf/pod-templates.ts';
import { driverRole, SPARK_LABELS } from '../conf/submission.ts';
import { labelText } from '../desired/names.ts';
import { serverPodName } from './application.ts';
import type { SparkConnectSpec } from './schema.ts';
import { servicePorts } from './service-ports.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Annotation of the Service clients use: a hash of what it was made from. */
export const SERVICE_HASH = 'weir.dev/desired-hash';

/** The labels of the server's pod that the incumbent's Service selects by: other ones would be joined with those. */
function selectorOf({ kind, metadata }: KubeObject, { sparkVersion = '' }: SparkConnectSpec): Fields {
  return {
    [SPARK_LABELS.launched]: 'true',
    [SPARK_LABELS.connectName]: metadata.name,
    'spark-role': driverRole({ kind }),
    'spark-version': labelText(sparkVersion),
  };
}

/** Name of the Service clients use. */
export function clientServiceName(connect: KubeObject, { server }: SparkConnectSpec): string {
  return server?.service?.metadata?.name ?? serverPodName(connect);
}

/** The Service clients use: what the spec says of it, with the server's ports among its own and the server's selector. It stays when the server is replaced. */
export function clientService(connect: KubeObject, spec: SparkConnectSpec): KubeObject {
  const { metadata = {}, spec: given = {} } = spec.server?.service ?? {};
  const { name, namespace = 'default' } = connect.metadata;
  const labels = { ...metadata.labels, [SPARK_LABELS.created]: 'true', [SPARK_LABELS.connectName]: name };
  const body = {
    ...given,
    selector: selectorOf(connect, spec),
    ports: servicePorts(spec).ports,
  };
  const hash = hashHex(canonicalJson({ labels, annotations: metadata.annotations, body }));
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: clientServiceName(connect, spec),
      namespace,
      labels,
      annotations: { ...metadata.annotations, [SERVICE_HASH]: hash },
      ownerReferences: [ownerReference(connect, { controller: true })],
    },
    spec: body,
  };
}

/**
 * The server's pod, from the driver pod that Spark would have made: probes where the template has none, and what the template
 * says of resources and pull policy, which the incumbent takes as it is.
 */
export function serverPod(driver: KubeObject, spec: SparkConnectSpec): KubeObject {
  const template = sparkContainerOf('driver', spec.server?.template);
  const name = template?.name ?? SPARK_CONTAINERS.driver;
  const pod = driver.spec as { readonly containers: readonly Fields[] };
  const containers = pod.containers.map((container) =>
    container.name === name ? serverContainer(container, { ...template }) : container,
  );
  return { ...driver, spec: { ...pod, containers } };
}

/** The port by its name in the container. */
const CONNECT_SOCKET = { tcpSocket: { port: 'spark-connect' }, timeoutSeconds: 1 };

function serverContainer(container: Fields, template: Fields): Fields {
  return {
    ...container,
    imagePullPolicy: template.imagePullPolicy ?? container.imagePullPolicy,
    resources: resourcesOf(container, template),
    startupProbe: container.startupProbe ?? { ...CONNECT_SOCKET, periodSeconds: 2, failureThreshold: 150 },
    readinessProbe: container.readinessProbe ?? { ...CONNECT_SOCKET, periodSeconds: 10, failureThreshold: 3 },
  };
}

/** Of cpu and memory, each, what the template says or else what follows from cores and heap: never one's request and the other's limit. */
function resourcesOf(container: Fields, template: Fields): Fields {
  const [ours, theirs] = [recordOf(container.resources), recordOf(template.resources)];
  const parts = (['requests', 'limits'] as const).map((part) => {
    const kept = Object.entries(recordOf(ours[part])).filter(([resource]) => !names(theirs, resource));
    return [part, { ...Object.fromEntries(kept), ...recordOf(theirs[part]) }] as const;
  });
  return { ...ours, ...Object.fromEntries(parts) };
}

function names(resources: Fields, resource: string): boolean {
  return [resources.requests, resources.limits].some((part) => recordOf(part)[resource] !== undefined);
}

function recordOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}
