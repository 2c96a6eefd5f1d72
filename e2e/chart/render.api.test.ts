import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { beforeAll, describe, expect, it } from 'vitest';
import { migrateValues } from '../../src/cli/migrate/migrate.ts';
import { rulesYaml, splitAccess } from '../../src/cli/rbac.ts';
import { parseRequirements } from '../../src/kube/label-selector.ts';
import { parseJavaProperties } from '../../src/lib/java-properties.ts';
import { certificateAccess, operatorAccess } from '../../src/operator-access.ts';
import { chartFolder, type Helm, merged, named, only, openHelm, type Rendered } from './helm.ts';

describe('chart', () => {
  let helm: Helm;
  beforeAll(async () => {
    helm = await openHelm();
  }, 900_000); // the first time on a machine it is built

  const pod = async (values: object = {}): Promise<Rendered['spec']> =>
    only(await helm.render(values), 'Deployment').spec.template.spec;

  it('passes lint', async () => {
    expect(await helm.lint()).toContain('0 chart(s) failed');
  });

  it('watches all namespaces with a ClusterRole, and keeps leases and jobs to its own namespace', async () => {
    const objects = await helm.render({ webhook: { create: false } });
    expect(named(objects, 'ClusterRole')).toEqual(['release-weir', 'release-weir-edit', 'release-weir-view']);
    expect(named(objects, 'ClusterRoleBinding')).toEqual(['release-weir']);
    expect(named(objects, 'Role')).toEqual(['ops/flink', 'ops/release-weir-leader-election', 'ops/spark-driver']);
    expect(named(objects, 'ServiceAccount')).toEqual(['ops/flink', 'ops/release-weir', 'ops/spark']);
  });

  it('has no right outside the watched namespaces when they are listed', async () => {
    const objects = await helm.render({ watchNamespaces: ['team-a', 'team-b'] });
    expect(named(objects, 'ClusterRole')).toEqual([]);
    expect(named(objects, 'ClusterRoleBinding')).toEqual([]);
    expect(named(objects, 'Role')).toEqual([
      'ops/release-weir-leader-election',
      'team-a/flink',
      'team-a/release-weir',
      'team-a/spark-driver',
      'team-b/flink',
      'team-b/release-weir',
      'team-b/spark-driver',
    ]);
    const bindings = objects.filter(({ kind, metadata }) => kind === 'RoleBinding' && metadata.name === 'release-weir');
    expect(bindings.flatMap(({ subjects }) => subjects ?? [])).toEqual([
      { kind: 'ServiceAccount', name: 'release-weir', namespace: 'ops' },
      { kind: 'ServiceAccount', name: 'release-weir', namespace: 'ops' },
    ]);
    const { env } = only(objects, 'Deployment').spec.template.spec.containers[0];
    expect(env).toContainEqual({ name: 'WATCH_NAMESPACES', value: 'team-a,team-b' });
  });

  it('follows namespaces by their labels, with the right to, and not beside a list', async () => {
    const matchExpressions = [
      { key: 'team', operator: 'In', values: ['a', 'b'] },
      { key: 'tier', operator: 'NotIn', values: ['test'] },
      { key: 'data', operator: 'Exists' },
      { key: 'old', operator: 'DoesNotExist' },
    ];
    const watchNamespaceSelector = { matchLabels: { 'weir.dev/watched': 'true', empty: '' }, matchExpressions };
    const objects = await helm.render({ watchNamespaceSelector });
    const args: string[] = only(objects, 'Deployment').spec.template.spec.containers[0].args;
    const flag = '--watch-namespace-selector=';
    const text = args.find((arg) => arg.startsWith(flag))?.slice(flag.length) ?? '';
    expect(parseRequirements(text)).toEqual([
      { key: 'empty', operator: 'In', values: [''] },
      { key: 'weir.dev/watched', operator: 'In', values: ['true'] },
      ...matchExpressions.map(({ values = [], ...rest }) => ({ ...rest, values })),
    ]);
    const follows = (all: readonly Rendered[]): boolean =>
      all.some(({ rules = [] }) => rules.some(({ resources }) => resources.includes('namespaces')));
    expect([follows(objects), follows(await helm.render())]).toEqual([true, false]);
    expect(await helm.refusal({ watchNamespaceSelector, watchNamespaces: ['a'] })).toContain('exclude each other');
    const [, , exists] = matchExpressions;
    expect(
      await helm.refusal({ watchNamespaceSelector: { matchExpressions: [{ ...exists, values: ['x'] }] } }),
    ).toContain('watchNamespaceSelector: Exists of "data" takes no values');
    expect(await helm.refusal({ watchNamespaceSelector: { labels: {} } })).toContain('watchNamespaceSelector');
  });

  it('never touches Secrets but the one of its webhook, and never asks for everything', async () => {
    const { text, render } = helm;
    expect((await text()).match(/resources: \[secrets\]\n +resourceNames: /g)).toHaveLength(1);
    const rules = (await render({ webhook: { create: false } })).flatMap((object) => object.rules ?? []);
    expect(rules.length).toBeGreaterThan(0);
    for (const { apiGroups, resources, verbs } of rules) {
      expect([...apiGroups, ...resources, ...verbs]).not.toContain('*');
      expect(resources).not.toContain('secrets');
    }
  });

  it('gives the operator what its webhook declares, and rights on PodGroups only where applications may ask for them', async () => {
    const rulesOf = async (values: object, kind: string, name: string): Promise<Rendered['rules']> =>
      (await helm.render(values)).find((object) => object.kind === kind && object.metadata.name === name)?.rules;
    const names = { secret: 'release-weir-webhook', configuration: 'release-weir-webhook.ops' };
    const { own, cluster } = certificateAccess(names);
    expect(await rulesOf({}, 'Role', names.secret)).toEqual(load(rulesYaml(own)));
    expect(await rulesOf({}, 'ClusterRole', names.configuration)).toEqual(load(rulesYaml(cluster)));
    const groups = async (values: object): Promise<number> =>
      ((await rulesOf(values, 'ClusterRole', 'release-weir')) ?? []).filter(({ resources }) =>
        resources.includes('podgroups'),
      ).length;
    expect(await groups({})).toBe(0);
    expect(await groups({ spark: { batchScheduler: { enable: true } } })).toBe(2);
  });

  it('lets the operator hold its own Lease, and touch no other of the namespace', async () => {
    const objects = await helm.render({ fullnameOverride: 'ours' });
    const rules = objects.find(({ metadata }) => metadata.name === 'ours-leader-election')?.rules;
    expect(rules).toEqual(load(rulesYaml(splitAccess(operatorAccess(['flink'], 'ours')).leaderElection)));
    expect(only(objects, 'Deployment').spec.template.spec.containers[0].args).toContain('--lease-name=ours');
  });

  it('reads nodes with a ClusterRole only, and not when told not to', async () => {
    const readsNodes = async (values: object): Promise<boolean> =>
      (await helm.render(values)).some(({ rules = [] }) => rules.some(({ resources }) => resources.includes('nodes')));
    expect(await readsNodes({})).toBe(true);
    expect(await readsNodes({ watchNamespaces: ['team-a'] })).toBe(false);
    expect(await readsNodes({ rbac: { operatorRole: { readNodes: false } } })).toBe(false);
  });

  it('runs under the restricted pod security profile', async () => {
    const { securityContext, containers } = await pod();
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('mounts the default configuration in either form', async () => {
    const values = { defaultConfiguration: { 'config.yaml': 'web:\n  timeout: 1\n', append: true } };
    const [config] = (await helm.render(values)).filter(({ kind }) => kind === 'ConfigMap');
    expect(config?.data).toEqual({ 'config.yaml': 'web:\n  timeout: 1\n' });
  });

  it("writes Spark's default properties as Spark reads them", async () => {
    const defaults = { 'spark.eventLog.dir': 's3a://logs/', 'spark.a': 'C:\\\n x=y' };
    const objects = await helm.render({ spark: { defaults } });
    const file = objects.find(({ metadata }) => metadata.name === 'release-weir-spark-config')?.data?.[
      'spark-defaults.conf'
    ];
    expect(parseJavaProperties(file ?? '')).toEqual({ ok: true, value: defaults });
    const { volumes, containers } = only(objects, 'Deployment').spec.template.spec;
    expect(volumes).toContainEqual({ name: 'spark-config', configMap: { name: 'release-weir-spark-config' } });
    expect(containers[0].env).toContainEqual({ name: 'WEIR_SPARK_CONF_DIR', value: '/etc/weir/spark' });
    expect(await helm.refusal({ spark: { defaults: { 'spark.a=b': 'c' } } })).toContain('spark.a=b');
  });

  it('makes no role or account that it is told not to', async () => {
    const objects = await helm.render({
      rbac: { create: false },
      jobServiceAccount: { create: false },
      spark: { serviceAccount: { create: false } },
    });
    const kinds = ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'];
    expect(kinds.flatMap((kind) => named(objects, kind))).toEqual([]);
    expect(named(objects, 'ServiceAccount')).toEqual(['ops/release-weir']);
  });

  it("accepts the values of the incumbent's chart and refuses unknown ones", async () => {
    await helm.render({ webhook: { create: true }, jvmArgs: { operator: '' }, operatorHealth: { port: 8085 } });
    expect(await helm.refusal({ watchNamespace: 'a' })).toContain('watchNamespace');
    expect(await helm.refusal({ watchNamespaces: ['Team'] })).toContain('watchNamespaces');
    expect(await helm.refusal({ replicas: 'two' })).toContain('replicas');
    await helm.render({ tls: { create: true, secretName: 'a', secretKeyRef: { name: 'b', key: 'c' } } });
    expect(await helm.refusal({ tls: { secret: 'a' } })).toContain('secret');
  });

  it("names those of the incumbent's chart that it ignores", async () => {
    const ignored = ignoredIn(JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8')) as Schema);
    expect(ignored.length).toBeGreaterThan(10);
    const values = ignored.reduce<object>((all, path) => merged(all, nested(path, { a: 1 })), {});
    const told = async (given: object): Promise<readonly string[]> => {
      const data = { ignored: '{{ include "weir.ignored" . }}' };
      const extra = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'told' }, data };
      const objects = await helm.render({ ...given, extraObjects: [extra] });
      return objects.find(({ metadata }) => metadata.name === 'told')?.data?.ignored?.split(', ') ?? [];
    };
    expect([...(await told(values))].sort()).toEqual(ignored.map((path) => path.join('.')).sort());
    expect(await told({})).toEqual(['']);
  });

  it('takes what weir migrate values makes of the values of either incumbent', async () => {
    const flink = migrateValues('flink', {
      operatorPod: { dnsPolicy: 'Default', topologySpreadConstraints: [], initContainers: [], envFrom: [] },
      operatorVolumes: { create: true, data: [{ name: 'jars', emptyDir: {} }] },
      rbac: { nodesRule: { create: true }, operatorRole: { create: true, name: 'flink-operator' } },
      webhook: { create: false, keystore: { useDefaultPassword: true } },
      tls: { create: true, secretName: 'a', secretKeyRef: { name: 'b' } },
    });
    const spark = migrateValues('spark', {
      controller: {
        batchScheduler: { enable: true, kubeSchedulerNames: ['volcano'], default: 'volcano' },
        uiIngress: { enable: true, urlFormat: '{{$appName}}.a', ingressClassName: 'nginx', tls: [], annotations: {} },
        podDisruptionBudget: { enable: true, minAvailable: 1 },
        volumes: [{ name: 'tmp', emptyDir: {} }],
      },
      webhook: { enable: true, port: 9443, failurePolicy: 'Fail', timeoutSeconds: 10 },
      spark: {
        jobNamespaces: [''],
        jobNamespaceSelector: 'team in (a,b),!old',
        serviceAccount: { create: true, name: '' },
      },
      prometheus: { metrics: { enable: true, port: 8080, prefix: '', labels: '' }, podMonitor: { create: true } },
      certManager: { enable: false, issuerRef: {} },
    });
    for (const { values } of [flink, spark]) expect(named(await helm.render(values), 'Deployment')).toHaveLength(1);
  });

  it('takes an image by digest or tag', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    const imageOf = async (image: object): Promise<string> => (await pod({ image })).containers[0].image;
    expect(await imageOf({ repository: 'localhost/weir', tag: 'e2e' })).toBe('localhost/weir:e2e');
    expect(await imageOf({ repository: 'r/weir', tag: 'x', digest })).toBe(`r/weir@${digest}`);
    expect(await imageOf({ registry: 'r:5000', repository: 'a/weir' })).toBe('r:5000/a/weir:0.1.0');
  });
});

/** What is read of a JSON schema. */
interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Paths of the values that the chart takes and ignores. */
function ignoredIn({ $ref, properties = {} }: Schema): readonly (readonly string[])[] {
  if ($ref === '#/definitions/ignored') return [[]];
  return Object.entries(properties).flatMap(([name, below]) => ignoredIn(below).map((path) => [name, ...path]));
}

function nested(path: readonly string[], value: object): object {
  return path.reduceRight((below, name) => ({ [name]: below }), value);
}
