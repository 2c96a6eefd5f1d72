import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dump } from 'js-yaml';
import { NAMESPACE } from '../../bench/api.ts';
import type { Children } from '../cluster/children.ts';
import { apiCall, call } from '../cluster/http.ts';
import type { Access } from '../cluster/kubeconfig.ts';
import { freePorts } from '../cluster/ports.ts';
import { signalPid } from '../cluster/process.ts';
import { IMAGE_NODE_FLAGS } from '../images/operator.ts';
import { until } from '../kit/until.ts';

/** How one process of a replica ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether the test sent a signal that ends it. */
  readonly asked: boolean;
  /** What it said last, if it ended by itself. */
  readonly lastWords: string;
}

/** One replica of the operator, kept running as a kubelet does. */
export interface Replica {
  readonly name: string;
  /** Where health and metrics are served. */
  readonly origin: string;
  readonly exits: readonly Exit[];
  /** Sends a signal to its process. */
  signal(name: NodeJS.Signals): void;
  /** Resolves when it says that it is ready. */
  ready(): Promise<void>;
  /** Ends it for good. */
  stop(): void;
}

/** What a replica is run with. */
export interface ReplicaOptions {
  readonly name: string;
  readonly children: Children;
  /** The operator's bundle. */
  readonly program: string;
  /** Where its API server is, and whom it trusts there. */
  readonly server: Pick<Access, 'server' | 'authority'>;
  readonly token: string;
  /** Modules for `node --import`. */
  readonly imports: readonly string[];
  /** User id to run as; this process's own unless given. */
  readonly user?: number | undefined;
  /** Flags beside those of every replica, by name without dashes. */
  readonly flags?: Readonly<Record<string, string>>;
}

/** A kubelet waits 10 s before the second restart; less here, so that tests are short. */
const RESTART_MS = 1000;
/** Signals that end an operator, now or in order. */
const ENDING = new Set<NodeJS.Signals>(['SIGKILL', 'SIGTERM']);

/** Name of the Lease the replicas compete for. */
export const LEASE = 'weir';

/** Makes an account with all rights in the namespace of the tests, and a token for it. */
export async function newAccount(admin: Access, name: string): Promise<string> {
  const accounts = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`;
  await post(admin, accounts, { metadata: { name } });
  await post(admin, '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name, namespace: NAMESPACE }],
  });
  const answer = await post(admin, `${accounts}/${name}/token`, { spec: { expirationSeconds: 7200 } });
  return (JSON.parse(answer) as { readonly status: { readonly token: string } }).status.token;
}

async function post(admin: Access, path: string, body: object): Promise<string> {
  const answer = await apiCall(admin, path, { method: 'POST', body });
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${answer.body}`);
  return answer.body;
}

/** Starts a replica; whenever its process ends it is started again. */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { name, children } = options;
  const [port = 0] = await freePorts(1);
  const origin = `http://127.0.0.1:${port}`;
  const [command = '', ...args] = await commandOf(options, port);
  const exits: Exit[] = [];
  let running: ChildProcess | undefined;
  let [asked, stopped] = [false, false];
  const keep = async (): Promise<void> => {
    while (!stopped) {
      asked = false;
      const from = await sizeOf(children.log(name));
      running = children.spawn(name, command, args);
      const [code, signal] = (await once(running, 'exit')) as [number | null, NodeJS.Signals | null];
      if (stopped) return;
      exits.push({ code, signal, asked, lastWords: asked ? '' : await lastWords(children.log(name), from) });
      await sleep(RESTART_MS);
    }
  };
  const kept = keep();
  kept.catch((error: unknown) => process.emitWarning(`${name} cannot be kept running: ${String(error)}`));
  return {
    name,
    origin,
    exits,
    signal(signal) {
      if (running?.pid === undefined) throw new Error(`${name} does not run`);
      asked ||= ENDING.has(signal);
      signalPid(running.pid, signal);
    },
    async ready() {
      await until(`${name} to be ready`, async () => {
        const { status, body } = await call(`${origin}/readyz`);
        return status === 200 ? { done: true } : { not: body };
      });
    },
    stop() {
      stopped = true;
      running?.kill('SIGKILL');
    },
  };
}

async function commandOf(options: ReplicaOptions, port: number): Promise<string[]> {
  const { name, children, program, token, imports, user, server } = options;
  const kubeconfig = join(children.folder, `${name}.kubeconfig`);
  await writeFile(kubeconfig, kubeconfigOf(server, token));
  const given = {
    kubeconfig,
    identity: name,
    'leader-election': 'true',
    'lease-name': LEASE,
    'lease-namespace': NAMESPACE,
    'flink-rest': 'service-dns',
    'http-port': String(port),
    ...options.flags,
  };
  const flags = Object.entries(given).map(([flag, value]) => `--${flag}=${value}`);
  const node = [process.execPath, ...IMAGE_NODE_FLAGS, ...imports.flatMap((file) => ['--import', file])];
  const as = user === undefined ? [] : ['setpriv', '--reuid', String(user), '--clear-groups'];
  return [...as, ...node, program, 'run', ...flags];
}

function kubeconfigOf({ server, authority }: Pick<Access, 'server' | 'authority'>, token: string): string {
  const cluster = { server, 'certificate-authority-data': Buffer.from(authority).toString('base64') };
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'own', cluster }],
    users: [{ name: 'own', user: { token } }],
    contexts: [{ name: 'own', context: { cluster: 'own', user: 'own' } }],
    'current-context': 'own',
  });
}

async function sizeOf(log: string): Promise<number> {
  const found = await stat(log).catch(() => undefined); // not there before the first start
  return found?.size ?? 0;
}

/** The reason it gave for losing the Lease, else the end of its log since it started. */
async function lastWords(log: string, from: number): Promise<string> {
  const lines = (await readFile(log)).subarray(from).toString().trim().split('\n');
  return lines.findLast((line) => line.includes('leadership lost')) ?? lines.slice(-3).join('\n');
}

/** Exits in words that were neither asked for nor due to the loss of the Lease, after which a process has to end. */
export function unexplained({ name, exits }: Pick<Replica, 'name' | 'exits'>): readonly string[] {
  return exits
    .filter(({ asked, lastWords: words }) => !asked && !words.includes('leadership lost'))
    .map(({ code, signal, lastWords: words }) => `${name} ended by itself (${signal ?? code}): ${words}`);
}
