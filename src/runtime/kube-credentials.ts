import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { User } from '@kubernetes/client-node/dist/config_types.js';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js';
import type { KubeConfig } from './kube-config.ts';
import type { Time } from './time.ts';

/** What a new TLS connection is made with; the same object as before while nothing changed. */
export interface TlsMaterial extends SecureContextOptions {
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Credentials that stay fresh: files are read again after 30 s, plugins asked again when what they gave expired. */
export interface Credentials {
  /** Request headers. Throws an Error when a token file cannot be read or a plugin fails. */
  headers(): Promise<Readonly<Record<string, string>>>;
  tls(): Promise<TlsMaterial>;
  /** Drops what is cached, after the server said 401. */
  invalidate(): void;
}

interface Snapshot {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
  readonly readAt: number;
}

const FRESH_MS = 30_000;
/** Exec plugins keep their own expiry inside ExecAuth, so asking it costs nothing and is done often. */
const EXEC_FRESH_MS = 1_000;

/** Credentials of a configuration, by client-node's authenticators for token files and exec plugins. */
export function createCredentials(config: KubeConfig, time: Time): Credentials {
  const { user } = config;
  let authenticate = authenticatorOf(user);
  let snapshot: Snapshot | undefined;
  let reading: Promise<Snapshot> | undefined;

  const read = async (): Promise<Snapshot> => {
    const options: RequestOptions & { headers: Record<string, string> } = { headers: fixedHeaders(user) };
    await authenticate(options);
    const tls = tlsMaterial(config, options);
    const kept = snapshot !== undefined && sameTls(snapshot.tls, tls) ? snapshot.tls : tls;
    return { headers: options.headers, tls: kept, readAt: time.monotonic() };
  };
  const current = async (): Promise<Snapshot> => {
    const freshMs = user.exec ? EXEC_FRESH_MS : FRESH_MS;
    if (snapshot !== undefined && time.monotonic() - snapshot.readAt < freshMs) return snapshot;
    reading ??= read().finally(() => {
      reading = undefined;
    });
    snapshot = await reading;
    return snapshot;
  };
  return {
    headers: async () => (await current()).headers,
    tls: async () => (await current()).tls,
    invalidate() {
      authenticate = authenticatorOf(user);
      if (snapshot !== undefined) snapshot = { ...snapshot, readAt: Number.NEGATIVE_INFINITY };
    },
  };
}

type Authenticate = (options: RequestOptions & { headers: Record<string, string> }) => Promise<void>;

function authenticatorOf(user: User): Authenticate {
  if (user.exec) {
    const exec = new ExecAuth();
    const asked = { ...user, exec: withExecInfo(user.exec) };
    return (options) => exec.applyAuthentication(asked, options);
  }
  if (user.authProvider?.config?.tokenFile) {
    // A new instance each time, since FileAuth alone would keep a token for another minute.
    return async (options) => {
      await new FileAuth().applyAuthentication(user, options);
      options.headers.Authorization = options.headers.Authorization?.trim() ?? '';
    };
  }
  if (user.authProvider) {
    const name = String(user.authProvider.name);
    throw new Error(`user ${user.name}: auth-provider ${name} is not supported, use an exec plugin`);
  }
  return async () => {};
}

interface ExecConfig {
  readonly apiVersion?: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}

/** Plugins of client.authentication.k8s.io/v1 expect this variable, which client-node does not set. */
function withExecInfo(exec: ExecConfig): ExecConfig {
  const info = { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  return { ...exec, env: [{ name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }, ...(exec.env ?? [])] };
}

function fixedHeaders(user: User): Record<string, string> {
  const headers: Record<string, string> = {};
  if (user.token) headers.Authorization = `Bearer ${user.token.trim()}`;
  else if (user.username) {
    headers.Authorization = `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}`;
  }
  if (user.impersonateUser) headers['Impersonate-User'] = user.impersonateUser;
  return headers;
}

function tlsMaterial({ cluster, user }: KubeConfig, fromPlugin: RequestOptions): TlsMaterial {
  const ca = fileOrData(cluster.caFile, cluster.caData);
  const cert = fromPlugin.cert ?? fileOrData(user.certFile, user.certData);
  const key = fromPlugin.key ?? fileOrData(user.keyFile, user.keyData);
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(cluster.tlsServerName ? { servername: cluster.tlsServerName } : {}),
    ...(cluster.skipTLSVerify ? { rejectUnauthorized: false } : {}),
  };
}

function fileOrData(file: string | undefined, data: string | undefined): Buffer | undefined {
  if (file) return readFileSync(file);
  return data ? Buffer.from(data, 'base64') : undefined;
}

function sameTls(a: TlsMaterial, b: TlsMaterial): boolean {
  return (['ca', 'cert', 'key'] as const).every((part) => String(a[part]) === String(b[part]));
}
