import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
// The package's index costs 1 s and 80 MB because it loads every generated type; these parts load none of them.
import {
  type Cluster,
  type Context,
  newClusters,
  newContexts,
  newUsers,
  type User,
} from '@kubernetes/client-node/dist/config_types.js';
import { load, YAMLException } from 'js-yaml';
import { isRecord } from '../lib/json.ts';

/** Where the API server is and as whom to talk to it. */
export interface KubeConfig {
  readonly cluster: Cluster;
  readonly user: User;
  /** The context's name; `in-cluster` inside a pod. */
  readonly context: string;
  /** The context's default namespace; inside a pod the pod's own. */
  readonly namespace: string | undefined;
}

/** Which configuration to use; without a path, as loadKubeConfig says. */
export interface KubeConfigOptions {
  readonly path?: string | undefined;
  readonly context?: string | undefined;
  /** The environment; process.env unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Finds the configuration in controller-runtime's order: the given path, KUBECONFIG, the pod's service account,
 * ~/.kube/config. Throws an Error in words when there is none, a file is not readable, or the context is not in it.
 */
export function loadKubeConfig(options: KubeConfigOptions = {}): KubeConfig {
  const env = options.env ?? process.env;
  const listed = options.path ?? env.KUBECONFIG;
  if (listed !== undefined && listed !== '') return fromFiles(listed.split(delimiter).filter(Boolean), options.context);
  if (env.KUBERNETES_SERVICE_HOST && options.context === undefined) return inCluster(env);
  const home = join(homedir(), '.kube', 'config');
  if (existsSync(home)) return fromFiles([home], options.context);
  throw new Error('no cluster configuration: neither --kubeconfig, KUBECONFIG, a service account nor ~/.kube/config');
}

function inCluster(env: Readonly<Record<string, string | undefined>>): KubeConfig {
  const host = env.KUBERNETES_SERVICE_HOST ?? '';
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${env.KUBERNETES_SERVICE_PORT ?? '443'}`;
  const namespaceFile = `${SERVICE_ACCOUNT}/namespace`;
  return {
    cluster: { name: 'in-cluster', server, caFile: `${SERVICE_ACCOUNT}/ca.crt`, skipTLSVerify: false },
    user: { name: 'in-cluster', authProvider: tokenFile(`${SERVICE_ACCOUNT}/token`) },
    context: 'in-cluster',
    namespace: existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : undefined,
  };
}

function tokenFile(path: string): { name: string; config: { tokenFile: string } } {
  return { name: 'tokenFile', config: { tokenFile: path } };
}

interface Parsed {
  readonly clusters: readonly Cluster[];
  readonly users: readonly User[];
  readonly contexts: readonly Context[];
  readonly current: string | undefined;
}

/** Several files merge as kubectl merges them: the first to name something wins. */
function fromFiles(paths: readonly string[], wanted: string | undefined): KubeConfig {
  const files = paths.map(parseFile);
  const name = wanted ?? files.find((file) => file.current)?.current;
  if (name === undefined) throw new Error(`${paths.join(', ')}: no current-context is set`);
  const find = <T extends { readonly name: string }>(
    what: string,
    id: string,
    of: (file: Parsed) => readonly T[],
  ): T => {
    const found = files.flatMap(of).find((item) => item.name === id);
    if (found === undefined) throw new Error(`${paths.join(', ')}: no ${what} named ${id}`);
    return found;
  };
  const context = find('context', name, (file) => file.contexts);
  return {
    cluster: find('cluster', context.cluster, (file) => file.clusters),
    user: context.user === undefined ? { name: '' } : find('user', context.user, (file) => file.users),
    context: name,
    namespace: context.namespace,
  };
}

function whyUnread(error: unknown): string {
  if (error instanceof YAMLException) return error.reason;
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' ? 'there is no such file' : message;
}

function parseFile(path: string): Parsed {
  let parsed: unknown;
  try {
    parsed = load(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path} is not a readable kubeconfig: ${whyUnread(error)}`, { cause: error });
  }
  if (!isRecord(parsed)) throw new Error(`${path} is not a kubeconfig`);
  const folder = dirname(path);
  return {
    clusters: newClusters(parsed.clusters).map((cluster) => absolutePaths(cluster, folder, ['caFile'])),
    users: withTokenFiles(newUsers(parsed.users), parsed.users, folder),
    contexts: newContexts(parsed.contexts),
    current: typeof parsed['current-context'] === 'string' ? parsed['current-context'] : undefined,
  };
}

/** kubectl's `tokenFile`, which client-node does not know, becomes the provider that re-reads the file. */
function withTokenFiles(users: readonly User[], raw: unknown, folder: string): User[] {
  const files = new Map<unknown, string>();
  for (const entry of Array.isArray(raw) ? raw : []) {
    const file: unknown = entry?.user?.tokenFile;
    if (typeof file === 'string') files.set(entry.name, isAbsolute(file) ? file : join(folder, file));
  }
  return users.map((user) => {
    const resolved = absolutePaths(user, folder, ['certFile', 'keyFile']);
    const file = files.get(user.name);
    return file === undefined ? resolved : { ...resolved, authProvider: tokenFile(file) };
  });
}

function absolutePaths<T extends object>(entry: T, folder: string, fields: readonly (keyof T)[]): T {
  const copy = { ...entry };
  for (const field of fields) {
    const value = copy[field];
    if (typeof value === 'string' && !isAbsolute(value)) copy[field] = join(folder, value) as T[keyof T];
  }
  return copy;
}
