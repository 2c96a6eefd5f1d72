import type { KubeObject } from '../../kube/object.ts';
import type { OutsideAddress } from '../conf/around.ts';
import type { IngressTls } from '../settings.ts';
import { type Build, metadataOf } from './names.ts';

/** What an Ingress of a driver leads to, and what is said about it. */
export interface IngressParts {
  readonly name: string;
  readonly address: OutsideAddress;
  readonly service: string;
  readonly port: number;
  /** Of the resource; where there are any, those of the operator are left out. */
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly tls: readonly IngressTls[] | undefined;
}

/** Under a path, what follows it is all the driver sees (ingress-nginx; Kubeflow Spark Operator 2.5). */
const REST_OF_PATH = '(/|$)(.*)';
const REWRITE = { 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' };

/** An Ingress to a Service of the driver. */
export function driverIngress(build: Build, parts: IngressParts): KubeObject {
  const { ingress } = build.settings;
  const { address, service, port } = parts;
  const under = address.path !== '';
  const annotations = filledOr(parts.annotations, ingress.annotations);
  const tls = parts.tls === undefined || parts.tls.length === 0 ? ingress.tls : parts.tls;
  const route = {
    path: under ? `${address.path}${REST_OF_PATH}` : '/',
    pathType: 'ImplementationSpecific',
    backend: { service: { name: service, port: { number: port } } },
  };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: metadataOf(build, parts.name, { annotations: { ...annotations, ...(under ? REWRITE : {}) } }),
    spec: {
      ...(ingress.className === undefined ? {} : { ingressClassName: ingress.className }),
      rules: [{ host: address.host, http: { paths: [route] } }],
      ...(tls.length === 0 ? {} : { tls }),
    },
  };
}

function filledOr(
  own: Readonly<Record<string, string>> = {},
  others: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.keys(own).length === 0 ? others : own;
}
