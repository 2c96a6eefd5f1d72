import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type Access, kubeconfig } from '../kubeconfig.ts';
import { type CertificateRequest, createAuthority, issue, type KeyPair, newKey, publicPem } from './certificates.ts';

/** Whom a control plane needs to be told apart. */
export type Identity = 'admin' | 'controller-manager' | 'scheduler' | 'proxy' | 'kubelet' | 'coredns';

const clients: Readonly<Record<Identity, (node: string) => CertificateRequest>> = {
  admin: () => ({ commonName: 'admin', organizations: ['system:masters'] }),
  'controller-manager': () => ({ commonName: 'system:kube-controller-manager' }),
  scheduler: () => ({ commonName: 'system:kube-scheduler' }),
  proxy: () => ({ commonName: 'system:kube-proxy' }),
  kubelet: (node) => ({ commonName: `system:node:${node}`, organizations: ['system:nodes'] }),
  coredns: () => ({ commonName: 'coredns', organizations: ['system:masters'] }),
};

/** What to make certificates for. */
export interface PkiRequest {
  readonly folder: string;
  /** Name used in the kubeconfig files. */
  readonly cluster: string;
  readonly server: string;
  readonly serverAddresses: readonly string[];
  readonly identities: readonly Identity[];
  /** Kind of the administrator's key: `rsa` (the default) suits every client, `ec` is made at once. */
  readonly adminKey?: 'ec' | 'rsa';
  /** The node, if there is one: its name and address get a kubelet server certificate. */
  readonly node?: { readonly name: string; readonly address: string };
}

/** Paths of the files of a folder made by `createPki`. */
export interface Pki {
  readonly file: (name: string) => string;
  readonly kubeconfig: (identity: Identity) => string;
  /** The credentials of the administrator, as they are now in the folder. */
  readonly admin: () => Promise<Access>;
}

const accessSchema = z.object({ server: z.string(), authority: z.string(), certificate: z.string(), key: z.string() });

/** The files of a folder made by `createPki`; makes nothing. */
export function pkiAt(folder: string): Pki {
  const file = (name: string): string => join(folder, name);
  const admin = async (): Promise<Access> => accessSchema.parse(JSON.parse(await readFile(file('admin.json'), 'utf8')));
  return { file, kubeconfig: (identity) => file(`${identity}.kubeconfig`), admin };
}

/** Makes a new authority and everything signed by it as files in one folder (mode 600). Some 0.2 s, most of it one RSA key. */
export async function createPki(request: PkiRequest): Promise<Pki> {
  await mkdir(request.folder, { recursive: true, mode: 0o700 });
  const pki = pkiAt(request.folder);
  const write = (name: string, text: string): Promise<void> => writeFile(pki.file(name), text, { mode: 0o600 });
  const writePair = async (name: string, pair: KeyPair): Promise<void> => {
    await Promise.all([write(`${name}.crt`, pair.certificate), write(`${name}.key`, pair.key)]);
  };
  const authority = await createAuthority(`weir-${request.cluster}`);
  const access = (pair: KeyPair): Access => ({
    server: request.server,
    authority: authority.certificate,
    certificate: pair.certificate,
    key: pair.key,
  });
  const server = async (name: string, dnsNames: readonly string[], ipAddresses: readonly string[]): Promise<void> => {
    await writePair(name, await issue(authority, { commonName: name, dnsNames, ipAddresses }));
  };
  const client = async (identity: Identity): Promise<void> => {
    // Some Java clients read no elliptic-curve keys, and the administrator's is the one that people use.
    const keyType = identity === 'admin' ? (request.adminKey ?? 'rsa') : 'ec';
    const pair = await issue(authority, { ...clients[identity](request.node?.name ?? ''), keyType });
    if (identity === 'admin') await write('admin.json', JSON.stringify(access(pair)));
    await write(`${identity}.kubeconfig`, kubeconfig(request.cluster, access(pair)));
  };
  const service = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
  ];
  await Promise.all([
    writePair('ca', authority),
    server('apiserver', ['localhost', ...service], ['127.0.0.1', ...request.serverAddresses]),
    issue(authority, { commonName: 'apiserver', organizations: ['system:masters'] }).then((pair) =>
      writePair('apiserver-to-kubelet', pair),
    ),
    request.node === undefined ? undefined : server('kubelet', [request.node.name], [request.node.address]),
    writeServiceAccountKeys(write),
    ...request.identities.map(client),
  ]);
  return pki;
}

/** The keys that sign and check the tokens of service accounts. */
async function writeServiceAccountKeys(write: (name: string, text: string) => Promise<void>): Promise<void> {
  const { privateKey, pem } = await newKey('ec');
  await Promise.all([write('service-account.key', pem), write('service-account.pub', publicPem(privateKey))]);
}
