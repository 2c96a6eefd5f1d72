import type { KubeObject } from '../../kube/object.ts';
import { optionValue } from '../options/read.ts';
import { RESOURCE_OPTIONS } from '../options/resource-table.ts';
import type { FlinkIngressSpec } from '../schema.ts';
import { type Cluster, ownedByDeployment, START_ID_ANNOTATION } from './names.ts';
import { jobManagerPorts, restServiceName } from './services.ts';

/** Host and path of an Ingress. */
export interface IngressAddress {
  /** Empty: any host. */
  readonly host: string;
  /** Empty: any path. */
  readonly path: string;
}

/** Host and path of an ingress template, with name and namespace filled in (incumbent IngressUtils.getIngressUrl). */
export function ingressAddress(template: string, name: string, namespace: string): IngressAddress {
  const filled = template.replace(/\{\{name\}\}/gi, name).replace(/\{\{namespace\}\}/gi, namespace);
  const match = /^(?:https?:\/\/)?([^/?#:]*)(?::\d*)?([^?#]*)/i.exec(filled.trim());
  return { host: match?.[1] ?? '', path: match?.[2] ?? '' };
}

/** Whether there is one: not when the spec has none or the operator is told to keep off Ingresses. */
export function hasIngress({ deployment: { spec }, conf }: Pick<Cluster, 'deployment' | 'conf'>): boolean {
  const template = spec.ingress?.template?.trim();
  return template !== undefined && template !== '' && optionValue(conf, RESOURCE_OPTIONS.manageIngress);
}

/** The Ingress of the web UI; undefined when there is to be none. */
export function ingress(cluster: Cluster): KubeObject | undefined {
  const spec = cluster.deployment.spec.ingress;
  const template = spec?.template?.trim();
  if (spec === undefined || template === undefined || !hasIngress(cluster)) return undefined;
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: cluster.name,
      namespace: cluster.namespace,
      labels: { ...spec.labels, component: 'ingress' },
      annotations: { ...spec.annotations, [START_ID_ANNOTATION]: cluster.start.startId },
      ...ownedByDeployment(cluster, true),
    },
    spec: ingressSpec(cluster, spec, ingressAddress(template, cluster.name, cluster.namespace)),
  };
}

function ingressSpec(cluster: Cluster, spec: FlinkIngressSpec, { host, path }: IngressAddress): object {
  const number = jobManagerPorts(cluster).rest;
  const backend = { service: { name: restServiceName(cluster.name), port: { number } } };
  const route = { ...(path === '' ? {} : { path }), pathType: 'ImplementationSpecific', backend };
  return {
    ...(spec.className === undefined ? {} : { ingressClassName: spec.className }),
    rules: [{ ...(host === '' ? {} : { host }), http: { paths: [route] } }],
    ...(spec.tls === undefined || spec.tls.length === 0 ? {} : { tls: spec.tls }),
  };
}
