import type { KubeObject } from '../../kube/object.ts';
import { integerOf, optionOf } from '../conf/entry.ts';
import { mapOption } from '../conf/values.ts';
import { type Cluster, metadataOf, selectorLabels } from './names.ts';

/** Ports of a JobManager. */
export interface JobManagerPorts {
  readonly rest: number;
  /** What the REST server listens on; the Service maps `rest` to it. */
  readonly restBind: number;
  readonly rpc: number;
  readonly blob: number;
}

/** The ports a cluster's configuration gives its JobManager. */
export function jobManagerPorts({ conf }: Cluster): JobManagerPorts {
  const rest = integerOf(conf, 'rest.port', 8081);
  return {
    rest,
    restBind: integerOf(conf, 'rest.bind-port', rest),
    rpc: integerOf(conf, 'jobmanager.rpc.port', 6123),
    blob: integerOf(conf, 'blob.server.port', 6124),
  };
}

/** The headless Service TaskManagers find the JobManager by (Flink HeadlessClusterIPService). */
export function internalService(cluster: Cluster): KubeObject {
  const ports = jobManagerPorts(cluster);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(cluster, cluster.name, {
      labels: mapOption(cluster.conf, 'kubernetes.internal-service.labels'),
      annotations: mapOption(cluster.conf, 'kubernetes.internal-service.annotations'),
    }),
    spec: {
      clusterIP: 'None',
      selector: selectorLabels(cluster, 'jobmanager'),
      ports: [
        { name: 'jobmanager-rpc', port: ports.rpc, protocol: 'TCP' },
        { name: 'blobserver', port: ports.blob, protocol: 'TCP' },
      ],
    },
  };
}

/** The Service of REST and web UI (Flink ExternalServiceDecorator). */
export function restService(cluster: Cluster): KubeObject {
  const ports = jobManagerPorts(cluster);
  const exposed = optionOf(cluster.conf, 'kubernetes.rest-service.exposed.type') ?? 'ClusterIP';
  const type = ['ClusterIP', 'NodePort', 'LoadBalancer'].find((name) => name.toLowerCase() === exposed.toLowerCase());
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(cluster, restServiceName(cluster.name), {
      labels: mapOption(cluster.conf, 'kubernetes.rest-service.labels'),
      annotations: mapOption(cluster.conf, 'kubernetes.rest-service.annotations'),
    }),
    spec: {
      type: type ?? 'ClusterIP',
      ...(type === undefined ? { clusterIP: 'None' } : {}),
      selector: selectorLabels(cluster, 'jobmanager'),
      ports: [{ name: 'rest', port: ports.rest, targetPort: ports.restBind, protocol: 'TCP' }],
    },
  };
}

/** Name of the Service of REST and web UI. */
export function restServiceName(clusterName: string): string {
  return `${clusterName}-rest`;
}
