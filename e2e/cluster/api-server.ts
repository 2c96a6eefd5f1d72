import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Children, StartError } from './children.ts';
import type { Access } from './kubeconfig.ts';
import { apiServerFlags } from './node/components.ts';
import { createPki, type Pki } from './pki/cluster-pki.ts';
import { freePorts } from './ports.ts';
import { programs } from './programs.ts';

/** What an API-only control plane has besides etcd and kube-apiserver. */
export interface ApiServerOptions {
  /**
   * Controllers of kube-controller-manager to run, by its names, e.g. `garbage-collector-controller`; none when left
   * out. (The garbage collector finds new custom resource kinds every 30 s.)
   */
  readonly controllers?: readonly string[];
  /** More command line arguments for kube-apiserver. */
  readonly flags?: readonly string[];
  /** Whose requests are recorded in `auditLog`; nobody's when left out. */
  readonly auditedUser?: string;
}

/** A control plane without any node: objects are stored, watched and checked, but nothing runs. */
export interface ApiServer {
  readonly url: string;
  /** The administrator's kubeconfig; gone after `stop`. */
  readonly kubeconfigPath: string;
  /** The administrator's credentials. */
  readonly admin: Access;
  /** What the audited user asked, a JSON event a line, without bodies; gone after `stop`. */
  readonly auditLog: string;
  /** Ends kube-apiserver by a signal, and when it is gone starts it again on the same data; returns when it is ready. */
  restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Ends it and removes all it left. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts a control plane of its own on free loopback ports, ready for use: some 3 s, no root needed, many at a time.
 * It never outlives this process.
 */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const names = ['etcd', 'kube-apiserver'] as const;
  const built = await programs(names);
  const manager = (options.controllers ?? []).length === 0 ? undefined : await programs(['kube-controller-manager']);
  for (let attempt = 1; ; attempt++) {
    try {
      return await tryToStart({ ...built, manager: manager?.['kube-controller-manager'] }, options);
    } catch (error) {
      // Another program may take a port between choosing and using it.
      const again = error instanceof StartError && /address already in use/.test(error.message) && attempt < 5;
      if (!again) throw error;
    }
  }
}

interface Programs {
  readonly etcd: string;
  readonly 'kube-apiserver': string;
  readonly manager: string | undefined;
}

async function tryToStart(built: Programs, options: ApiServerOptions): Promise<ApiServer> {
  const children = new Children(await mkdtemp(join(tmpdir(), 'weir-api-')));
  try {
    const [apiPort = 0, managerPort = 0] = await freePorts(2);
    const url = `https://127.0.0.1:${apiPort}`;
    // Health is asked with the new authority's certificate: a server of others on the same port does not pass for this one.
    const makePki = createPki({
      folder: join(children.folder, 'pki'),
      cluster: 'weir-api',
      server: url,
      serverAddresses: [],
      identities: ['admin'],
      adminKey: 'ec',
    });
    const etcd = join(children.folder, 'etcd.sock');
    const [pki] = await Promise.all([makePki, startEtcd(children, built.etcd, etcd)]);
    const admin = await pki.admin();
    const auditLog = join(children.folder, 'audit.log');
    const audit = await auditFlags(children.folder, auditLog, options.auditedUser);
    const apiArgs = [...apiArguments(pki, etcd, apiPort, options), ...audit, ...(options.flags ?? [])];
    const startApi = (): Promise<ChildProcess> =>
      children.start('kube-apiserver', built['kube-apiserver'], apiArgs, { url: `${url}/readyz`, access: admin });
    let api = await startApi();
    const restart = async (signal: NodeJS.Signals): Promise<void> => {
      const gone = once(api, 'exit');
      api.kill(signal);
      await gone;
      api = await startApi();
    };
    if (built.manager !== undefined) {
      const args = managerArguments(pki, managerPort, options.controllers ?? []);
      const probe = { url: `https://127.0.0.1:${managerPort}/healthz` };
      await children.start('kube-controller-manager', built.manager, args, probe);
    }
    const stop = (): Promise<void> => children.stop();
    return { url, kubeconfigPath: pki.kubeconfig('admin'), admin, auditLog, restart, stop };
  } catch (error) {
    await children.stop();
    throw error;
  }
}

/** etcd on a Unix socket: there is no port that another could have taken. */
function startEtcd(children: Children, program: string, socket: string): Promise<unknown> {
  const args = [
    '--data-dir',
    join(children.folder, 'etcd'),
    '--unsafe-no-fsync',
    '--listen-client-urls',
    `unix://${socket}`,
    '--advertise-client-urls',
    'http://127.0.0.1:2379', // for other members, of which there are none
    '--listen-peer-urls',
    'http://127.0.0.1:0',
    '--log-level',
    'warn',
  ];
  return children.start('etcd', program, args, { url: 'http://etcd/health', socketPath: socket });
}

function apiArguments(pki: Pki, etcd: string, port: number, options: ApiServerOptions): string[] {
  // Without the controller that makes a service account in each namespace, the check that one exists would refuse all pods.
  const makesAccounts = (options.controllers ?? []).some(
    (name) => name === '*' || name === 'serviceaccount-controller',
  );
  return [
    ...apiServerFlags(pki, '10.96.0.0/16'),
    '--etcd-servers',
    `unix://${etcd}`,
    '--secure-port',
    String(port),
    '--bind-address',
    '127.0.0.1',
    '--advertise-address',
    '127.0.0.1',
    '--endpoint-reconciler-type',
    'none',
    ...(makesAccounts ? [] : ['--disable-admission-plugins', 'ServiceAccount']),
  ];
}

/** Has the server write down every request of one user when it is answered, and every watch when it begins. */
async function auditFlags(folder: string, log: string, user: string | undefined): Promise<string[]> {
  if (user === undefined) return [];
  const rules = [{ level: 'Metadata', users: [user] }, { level: 'None' }];
  const policy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules };
  const file = join(folder, 'audit-policy.json');
  await writeFile(file, JSON.stringify(policy));
  return ['--audit-policy-file', file, '--audit-log-path', log];
}

function managerArguments(pki: Pki, port: number, controllers: readonly string[]): string[] {
  return [
    '--kubeconfig',
    pki.kubeconfig('admin'),
    '--bind-address',
    '127.0.0.1',
    '--secure-port',
    String(port),
    '--controllers',
    controllers.join(','),
    '--service-account-private-key-file',
    pki.file('service-account.key'),
    '--root-ca-file',
    pki.file('ca.crt'),
    '--leader-elect=false',
    '--kube-api-qps',
    '5000',
    '--kube-api-burst',
    '10000',
  ];
}
