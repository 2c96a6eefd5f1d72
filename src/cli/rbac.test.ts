import { describe, expect, it } from 'vitest';
import type { Access } from '../core/reconciler.ts';
import { certificateAccess } from '../operator-access.ts';
import { certificatesYaml, rbacYaml, rulesYaml } from './rbac.ts';

const access: readonly Access[] = [
  { group: 'apps', resources: ['deployments'], verbs: ['patch', 'get'], why: 'makes JobManagers' },
  { group: '', resources: ['services', 'configmaps'], verbs: ['create', 'patch'], why: 'makes what a cluster needs' },
  { group: '', resources: ['pods'], verbs: ['list', 'watch'], why: 'sees pods' },
  { group: '', resources: ['pods'], verbs: ['watch', 'delete'], why: 'ends drivers' },
  { group: 'coordination.k8s.io', resources: ['leases'], verbs: ['get', 'create', 'patch'], why: 'one leader' },
];

describe('rbac', () => {
  it('merges what is asked of one resource, and does not depend on the order', () => {
    const text = rulesYaml(access);
    expect(text).toBe(
      `# makes what a cluster needs
- apiGroups: [""]
  resources: [configmaps, services]
  verbs: [create, patch]
# sees pods
# ends drivers
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch, delete]
# makes JobManagers
- apiGroups: [apps]
  resources: [deployments]
  verbs: [get, patch]
# one leader
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [get, create, patch]
`,
    );
  });

  it('prints a ClusterRole, or a Role for each namespace, and keeps leases apart', () => {
    const headers = (text: string): string[] =>
      text.split('\n').filter((line) => /^(kind|metadata| {2}name)/.test(line));
    expect(headers(rbacYaml(access, 'weir', [])).join()).toBe(
      'kind: ClusterRole,metadata:,  name: weir,kind: Role,metadata:,  name: weir-leader-election',
    );
    expect(headers(rbacYaml(access, 'weir', ['a', 'b'])).join()).toBe(
      'kind: Role,metadata:,  name: weir,  namespace: a,kind: Role,metadata:,  name: weir,  namespace: b,kind: Role,metadata:,  name: weir-leader-election',
    );
    expect(rbacYaml(access, 'weir', []).split('---')[0]).not.toContain('leases');
  });

  it('limits rights to names, apart from those on all objects of a kind', () => {
    const one: Access = { group: '', resources: ['pods'], verbs: ['get'], names: ['a'], why: 'reads one' };
    expect(rulesYaml([access[2] as Access, one])).toBe(
      `# reads one
- apiGroups: [""]
  resources: [pods]
  resourceNames: [a]
  verbs: [get]
# sees pods
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
`,
    );
  });

  it('prints what the certificates of the webhook take, by the names of the two objects', () => {
    const text = certificatesYaml(certificateAccess({ secret: 'own', configuration: 'trusting' }), 'weir');
    const [role, clusterRole] = text.split('---\n');
    expect(role).toContain('kind: Role\nmetadata:\n  name: weir-webhook');
    expect(role).toMatch(/resources: \[secrets\]\n +resourceNames: \[own\]\n +verbs: \[get, patch\]\n$/);
    expect(clusterRole).toContain('kind: ClusterRole\nmetadata:\n  name: weir-webhook');
    expect(clusterRole).toContain('resourceNames: [trusting]');
  });

  it('gives rights on kinds without namespace to a ClusterRole only', () => {
    const nodes: Access = { group: '', resources: ['nodes'], verbs: ['list'], why: 'sees nodes', clusterOnly: true };
    expect(rbacYaml([...access, nodes], 'weir', [])).toContain('resources: [nodes]');
    expect(rbacYaml([...access, nodes], 'weir', ['a'])).toBe(rbacYaml(access, 'weir', ['a']));
  });
});
