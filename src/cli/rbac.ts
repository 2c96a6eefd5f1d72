import type { Access } from '../core/reconciler.ts';
import type { CertificateAccess } from '../operator-access.ts';

/**
 * Rights that are needed in the namespaces looked after, those there for batch schedulers, those that only a ClusterRole
 * can give, and those needed only where the operator itself runs.
 */
export interface SplitAccess {
  readonly watched: readonly Access[];
  readonly batchScheduler: readonly Access[];
  readonly cluster: readonly Access[];
  readonly leaderElection: readonly Access[];
}

/** Sorts declared access by where it is needed: Leases belong to leader election, kinds without namespace to ClusterRoles. */
export function splitAccess(access: readonly Access[]): SplitAccess {
  const isLease = (item: Access): boolean => item.group === 'coordination.k8s.io';
  const watched = access.filter((item) => !isLease(item) && item.clusterOnly !== true);
  return {
    watched: watched.filter(({ feature }) => feature === undefined),
    batchScheduler: watched.filter(({ feature }) => feature === 'batchScheduler'),
    cluster: access.filter((item) => item.clusterOnly === true),
    leaderElection: access.filter(isLease),
  };
}

const VERB_ORDER: readonly string[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];

interface Rule {
  readonly group: string;
  readonly resources: readonly string[];
  /** Empty for all. */
  readonly names: readonly string[];
  readonly verbs: readonly string[];
  readonly whys: readonly string[];
}

/**
 * The rules of a Role as a YAML list, each under a comment that says what it is for. What several controllers ask of the
 * same resource becomes one rule; the order does not depend on theirs.
 */
export function rulesYaml(access: readonly Access[]): string {
  return merged(access)
    .map(({ group, resources, names, verbs, whys }) =>
      [
        ...whys.map((why) => `# ${why}`),
        `- apiGroups: [${group === '' ? '""' : group}]`,
        `  resources: [${resources.join(', ')}]`,
        ...(names.length === 0 ? [] : [`  resourceNames: [${names.join(', ')}]`]),
        `  verbs: [${verbs.join(', ')}]`,
        '',
      ].join('\n'),
    )
    .join('');
}

function merged(access: readonly Access[]): Rule[] {
  const byResource = new Map<string, Access[]>();
  for (const item of access) {
    for (const resource of item.resources) {
      const key = JSON.stringify([item.group, resource, ...(item.names ?? [])]);
      byResource.set(key, [...(byResource.get(key) ?? []), item]);
    }
  }
  const rules = new Map<string, Rule>();
  for (const [key, items] of [...byResource].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [group, resource, ...names] = JSON.parse(key) as [string, string, ...string[]];
    const wanted = new Set<string>(items.flatMap((item) => item.verbs));
    const verbs = VERB_ORDER.filter((verb) => wanted.has(verb));
    const whys = [...new Set(items.map((item) => item.why))];
    const same = JSON.stringify([group, names, verbs, whys]);
    const resources = [...(rules.get(same)?.resources ?? []), resource];
    rules.set(same, { group, names, verbs, whys, resources });
  }
  return [...rules.values()];
}

/** What `weir rbac` prints: a ClusterRole, or a Role for each namespace, and the Role of leader election. */
export function rbacYaml(access: readonly Access[], name: string, namespaces: readonly string[]): string {
  const { watched, batchScheduler, cluster, leaderElection } = splitAccess(access);
  const inEach = [...watched, ...batchScheduler];
  const documents =
    namespaces.length === 0
      ? [roleYaml({ name }, [...inEach, ...cluster])]
      : namespaces.map((namespace) => roleYaml({ name, namespace }, inEach));
  if (leaderElection.length > 0) {
    const role = roleYaml({ name: `${name}-leader-election` }, leaderElection, 'Role');
    documents.push(`${IN_OWN_NAMESPACE}${role}`);
  }
  return documents.join('---\n');
}

/** What `weir rbac` prints besides where the operator makes the certificates of its webhook. */
export function certificatesYaml({ own, cluster }: CertificateAccess, name: string): string {
  const role = roleYaml({ name: `${name}-webhook` }, own, 'Role');
  return `${IN_OWN_NAMESPACE}${role}---\n${roleYaml({ name: `${name}-webhook` }, cluster)}`;
}

const IN_OWN_NAMESPACE = '# in the namespace of the operator\n';

function roleYaml(
  meta: { readonly name: string; readonly namespace?: string | undefined },
  access: readonly Access[],
  kind = meta.namespace === undefined ? 'ClusterRole' : 'Role',
): string {
  const rules = rulesYaml(access).trimEnd().split('\n');
  return [
    'apiVersion: rbac.authorization.k8s.io/v1',
    `kind: ${kind}`,
    'metadata:',
    `  name: ${meta.name}`,
    ...(meta.namespace === undefined ? [] : [`  namespace: ${meta.namespace}`]),
    'rules:',
    ...rules.map((line) => `  ${line}`),
    '',
  ].join('\n');
}
