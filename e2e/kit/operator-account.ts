import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dump, load } from 'js-yaml';
import type { Api } from '../../bench/api.ts';
import type { ControlPlane } from '../../bench/control-plane.ts';
import { type Triple, triplesOf } from '../../src/core/access.ts';
import type { Access } from '../../src/core/reconciler.ts';
import type { ObjectRef } from '../../src/kube/object.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';
const RBAC = `${RBAC_GROUP}/v1`;
const NAME = 'weir';

/** Whom `createOperatorAccount` makes, as audit logs name it; control planes are asked to record it by this. */
export const operatorUser = (namespace: string): string => `system:serviceaccount:${namespace}:${NAME}`;

/** The operator's ServiceAccount on a control plane, and what it was seen to do there. */
export interface OperatorAccount {
  readonly kubeconfigPath: string;
  /** From now on it may do so in the namespace of the control plane only. */
  confine(): Promise<void>;
  /** Every right that a request of it took so far, sorted. */
  used(): Promise<readonly Triple[]>;
  /** What it was refused so far, each once. */
  denied(): Promise<readonly string[]>;
}

/** Makes the account with these rights in the namespace of a control plane that records what the account does. */
export async function createOperatorAccount(
  { api, namespace, kubeconfigPath: adminPath, auditLog }: ControlPlane,
  access: readonly Access[],
): Promise<OperatorAccount> {
  const account: ObjectRef = { apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: NAME };
  const { name } = account;
  await api.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
  await api.create({ apiVersion: RBAC, kind: 'ClusterRole', metadata: { name }, rules: rulesOf(access) });
  const granted = {
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name, namespace }],
  };
  const everywhere = { apiVersion: RBAC, kind: 'ClusterRoleBinding' };
  await api.create({ ...everywhere, metadata: { name }, ...granted });
  const kubeconfigPath = join(dirname(adminPath), 'operator.kubeconfig');
  await writeFile(kubeconfigPath, await withToken(adminPath, await tokenOf(api, account)), { mode: 0o600 });
  const events = async (): Promise<readonly AuditEvent[]> =>
    (await readFile(auditLog, 'utf8'))
      .split('\n')
      .flatMap((line) => (line === '' ? [] : (JSON.parse(line) as AuditEvent)));
  return {
    kubeconfigPath,
    async confine() {
      await api.create({ apiVersion: RBAC, kind: 'RoleBinding', metadata: { name, namespace }, ...granted });
      await api.delete({ ...everywhere, name });
    },
    used: async () => [...new Set((await events()).flatMap(rightsOf))].sort(),
    denied: async () => [...new Set((await events()).filter(isDenied).map(describe))],
  };
}

function rulesOf(access: readonly Access[]): readonly object[] {
  return access.map(({ group, resources, names, verbs }) => ({
    apiGroups: [group],
    resources,
    verbs,
    ...(names === undefined ? {} : { resourceNames: names }),
  }));
}

async function tokenOf(api: Api, account: ObjectRef): Promise<string> {
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { status } = (await api.post(account, 'token', request)) as { readonly status: { readonly token: string } };
  return status.token;
}

async function withToken(kubeconfigPath: string, token: string): Promise<string> {
  const config = load(await readFile(kubeconfigPath, 'utf8')) as {
    readonly users: readonly { readonly name: string }[];
  };
  return dump({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) });
}

/** The parts that are read of an event of audit.k8s.io/v1. */
interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef?: { readonly apiGroup?: string; readonly resource?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
}

/** A server-side apply of what is not there yet is a patch that takes the right to create, too. */
function rightsOf({ verb, objectRef, responseStatus }: AuditEvent): readonly Triple[] {
  if (objectRef === undefined) return [];
  const { apiGroup: group = '', resource = '', subresource } = objectRef;
  const resources = [subresource === undefined ? resource : `${resource}/${subresource}`];
  const verbs = verb === 'patch' && responseStatus?.code === 201 ? ['patch', 'create'] : [verb];
  return triplesOf([{ group, resources, verbs: verbs as Access['verbs'], why: 'seen' }]);
}

function isDenied({ responseStatus }: AuditEvent): boolean {
  return responseStatus?.code === 403;
}

function describe({ verb, requestURI, responseStatus }: AuditEvent): string {
  return `${verb} ${requestURI.split('?')[0]}: ${responseStatus?.message ?? ''}`;
}
