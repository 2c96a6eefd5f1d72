import { dump } from 'js-yaml';

/** How to reach an API server and as whom: everything in PEM. */
export interface Access {
  readonly server: string;
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** A kubeconfig file with one cluster, one user and one context, all called `name`, certificates inside. */
export function kubeconfig(name: string, access: Access): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: access.server, 'certificate-authority-data': base64(access.authority) } }],
    users: [
      {
        name,
        user: { 'client-certificate-data': base64(access.certificate), 'client-key-data': base64(access.key) },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}
