import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { beforeAll, describe, expect, it } from 'vitest';
import { kubernetesVersion, programs } from './cluster/programs.ts';
import { run, tryRun } from './lib/run.ts';

const chart = join(import.meta.dirname, '..', 'charts', 'weir');

/** The parts of rendered objects these tests look at. */
interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  readonly subjects?: readonly { name: string; namespace: string }[];
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly template: { readonly spec: PodSpec } };
}

interface PodSpec {
  readonly securityContext: object;
  readonly containers: readonly { image: string; securityContext: object; env: { name: string; value?: string }[] }[];
}

describe('chart', () => {
  let helm = '';
  beforeAll(async () => {
    ({ helm } = await programs(['helm']));
  }, 900_000); // the first time on a machine it is built

  function helmArguments(values: object, file: string): string[] {
    writeFileSync(file, JSON.stringify(values));
    return ['template', 'release', chart, '--namespace', 'ops', '--kube-version', kubernetesVersion, '--values', file];
  }

  async function render(values: object = {}): Promise<Rendered[]> {
    const folder = mkdtempSync(join(tmpdir(), 'weir-chart-'));
    try {
      const text = await run(helm, helmArguments(values, join(folder, 'values.json')));
      return (loadAll(text) as (Rendered | null)[]).filter((object) => object !== null);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  async function refusal(values: object): Promise<string> {
    const folder = mkdtempSync(join(tmpdir(), 'weir-chart-'));
    const result = await tryRun(helm, helmArguments(values, join(folder, 'values.json')));
    rmSync(folder, { recursive: true });
    expect(result.code).not.toBe(0);
    return result.stderr;
  }

  const named = (objects: readonly Rendered[], kind: string): string[] =>
    objects
      .filter((object) => object.kind === kind)
      .map(({ metadata }) =>
        metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`,
      )
      .sort();

  it('passes lint', async () => {
    expect(await run(helm, ['lint', '--strict', chart, '--kube-version', kubernetesVersion])).toContain(
      '0 chart(s) failed',
    );
  });

  it('watches all namespaces with a ClusterRole, and keeps leases and jobs to its own namespace', async () => {
    const objects = await render();
    expect(named(objects, 'ClusterRole')).toEqual(['release-weir']);
    expect(named(objects, 'ClusterRoleBinding')).toEqual(['release-weir']);
    expect(named(objects, 'Role')).toEqual(['ops/flink', 'ops/release-weir-leader-election']);
    expect(named(objects, 'ServiceAccount')).toEqual(['ops/flink', 'ops/release-weir']);
  });

  it('has no right outside the watched namespaces when they are listed', async () => {
    const objects = await render({ watchNamespaces: ['team-a', 'team-b'] });
    expect(named(objects, 'ClusterRole')).toEqual([]);
    expect(named(objects, 'ClusterRoleBinding')).toEqual([]);
    expect(named(objects, 'Role')).toEqual([
      'ops/release-weir-leader-election',
      'team-a/flink',
      'team-a/release-weir',
      'team-b/flink',
      'team-b/release-weir',
    ]);
    const bindings = objects.filter(({ kind, metadata }) => kind === 'RoleBinding' && metadata.name === 'release-weir');
    expect(bindings.flatMap(({ subjects }) => subjects ?? [])).toEqual([
      { kind: 'ServiceAccount', name: 'release-weir', namespace: 'ops' },
      { kind: 'ServiceAccount', name: 'release-weir', namespace: 'ops' },
    ]);
    const env = objects.find(({ kind }) => kind === 'Deployment')?.spec?.template.spec.containers[0]?.env;
    expect(env?.find(({ name }) => name === 'WATCH_NAMESPACES')?.value).toBe('team-a,team-b');
  });

  it('never touches Secrets and never asks for everything', async () => {
    const rules = (await render()).flatMap((object) => object.rules ?? []);
    expect(rules.length).toBeGreaterThan(0);
    for (const { apiGroups, resources, verbs } of rules) {
      expect([...apiGroups, ...resources, ...verbs]).not.toContain('*');
      expect(resources).not.toContain('secrets');
    }
  });

  it('reads nodes with a ClusterRole only, and not when told not to', async () => {
    const readsNodes = async (values: object): Promise<boolean> =>
      (await render(values)).some(({ rules = [] }) => rules.some(({ resources }) => resources.includes('nodes')));
    expect(await readsNodes({})).toBe(true);
    expect(await readsNodes({ watchNamespaces: ['team-a'] })).toBe(false);
    expect(await readsNodes({ rbac: { operatorRole: { readNodes: false } } })).toBe(false);
  });

  it('runs under the restricted pod security profile', async () => {
    const pod = (await render()).find(({ kind }) => kind === 'Deployment')?.spec?.template.spec;
    expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod?.containers.map((container) => container.securityContext)).toEqual([
      { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    ]);
  });

  it('mounts the default configuration in either form', async () => {
    const values = { defaultConfiguration: { 'config.yaml': 'web:\n  timeout: 1\n', append: true } };
    const [config] = (await render(values)).filter(({ kind }) => kind === 'ConfigMap');
    expect(config?.data).toEqual({ 'config.yaml': 'web:\n  timeout: 1\n' });
  });

  it('makes no role or account that it is told not to', async () => {
    const objects = await render({ rbac: { create: false }, jobServiceAccount: { create: false } });
    expect(objects.filter(({ kind }) => kind.includes('Role'))).toEqual([]);
    expect(named(objects, 'ServiceAccount')).toEqual(['ops/release-weir']);
  });

  it("accepts the values of the incumbent's chart and refuses unknown ones", async () => {
    await render({ webhook: { create: true }, jvmArgs: { operator: '' }, operatorHealth: { port: 8085 } });
    expect(await refusal({ watchNamespace: 'a' })).toContain('watchNamespace');
    expect(await refusal({ watchNamespaces: ['Team'] })).toContain('watchNamespaces');
    expect(await refusal({ replicas: 'two' })).toContain('replicas');
  });

  it('takes an image by digest or tag', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const imageOf = async (image: object): Promise<string | undefined> =>
      (await render({ image })).find(({ kind }) => kind === 'Deployment')?.spec?.template.spec.containers[0]?.image;
    expect(await imageOf({ repository: 'localhost/weir', tag: 'e2e' })).toBe('localhost/weir:e2e');
    expect(await imageOf({ repository: 'r/weir', tag: 'x', digest })).toBe(`r/weir@${digest}`);
  });
});
