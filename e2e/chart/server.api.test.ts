import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../cluster/api-server.ts';
import { programs } from '../cluster/programs.ts';
import { established } from '../kit/established.ts';
import { type GoModule, moduleFolder } from '../lib/go-modules.ts';
import { run, tryRun } from '../lib/run.ts';
import { chartFolder, type Helm, merged, openHelm } from './helm.ts';

const root = join(import.meta.dirname, '../..');
const weir = join(root, 'bin/weir.mjs');

/** Where the CRDs of Certificate and Issuer are published. */
const CERT_MANAGER: GoModule = {
  path: 'github.com/cert-manager/cert-manager',
  version: 'v1.19.1',
  sum: 'h1:Txh8L/nLWTDcb7ZnXuXbTe15BxQnLbLirXmbNk0fGgY=',
};

/** Where the CRDs of ServiceMonitor, PodMonitor and PrometheusRule are published. */
const PROMETHEUS_OPERATOR: GoModule = {
  path: 'github.com/prometheus-operator/prometheus-operator',
  version: 'v0.85.0',
  sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
};

const everything = {
  commonLabels: { team: 'data' },
  commonAnnotations: { owner: 'me' },
  global: { imagePullSecrets: [{ name: 'all' }] },
  metrics: {
    serviceMonitor: { enabled: true, relabelings: [{ action: 'labeldrop', regex: 'endpoint' }] },
    podMonitor: { enabled: true, scrapeTimeout: '5s' },
    prometheusRule: { enabled: true, alertLabels: { team: 'data' } },
    dashboards: { enabled: true },
  },
  networkPolicy: { enabled: true, metricsFrom: [{ podSelector: {} }], egress: { enabled: true } },
  operatorPod: {
    priorityClassName: 'system-cluster-critical',
    hostUsers: false,
    dnsConfig: { options: [{ name: 'ndots', value: '2' }] },
    tolerations: [{ key: 'ops', operator: 'Exists' }],
    sidecarContainers: [{ name: 'beside', image: 'i' }],
    initContainers: [{ name: 'first', image: 'i' }],
  },
  operatorVolumes: { create: true, data: [{ name: 'jars', emptyDir: {} }] },
  operatorVolumeMounts: { create: true, data: [{ name: 'jars', mountPath: '/jars' }] },
  spark: { uiIngress: { urlFormat: '{{$appName}}.example.org', tls: [{ secretName: 'a' }], annotations: { a: 'b' } } },
};

/** What changes the shape of what is rendered, each alone and beside everything else. */
const SHAPES: Readonly<Record<string, object>> = {
  defaults: {},
  'listed namespaces': { watchNamespaces: ['team-a', 'team-b'] },
  'selected namespaces': {
    watchNamespaceSelector: {
      matchLabels: { 'weir.dev/watched': 'true' },
      matchExpressions: [{ key: 'team', operator: 'In', values: ['data'] }],
    },
  },
  'Flink alone': { spark: { enabled: false } },
  'Spark alone': { flink: { enabled: false } },
  'one replica': { replicas: 1, leaderElection: { enabled: false } },
  'no roles': { rbac: { create: false } },
  'certificates of cert-manager': { webhook: { certManager: { enabled: true } } },
  'certificates of an issuer': {
    webhook: {
      certManager: { enabled: true, issuerRef: { name: 'company', kind: 'ClusterIssuer', group: 'cert-manager.io' } },
    },
  },
  'no webhook': { webhook: { create: false } },
  'CRDs left to others': { crds: { upgrade: false } },
  'the longest name': { fullnameOverride: 'w'.repeat(63) },
};

describe('chart on an API server', () => {
  let helm: Helm;
  let server: ApiServer;
  let kubectl = '';
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-chart-'));
    [server, helm, { kubectl }] = await Promise.all([startApiServer(), openHelm(), programs(['kubectl'])]);
    const crds = join(await moduleFolder(PROMETHEUS_OPERATOR), 'example/prometheus-operator-crd');
    const names = ['servicemonitors', 'podmonitors', 'prometheusrules'];
    const signed = join(await moduleFolder(CERT_MANAGER), 'deploy/crds');
    const files = [
      ...names.map((name) => join(crds, `monitoring.coreos.com_${name}.yaml`)),
      ...['certificates', 'issuers'].map((name) => join(signed, `cert-manager.io_${name}.yaml`)),
    ];
    await kube('apply', '--server-side', ...files.flatMap((file) => ['-f', file]));
    await established(() => kube('wait', '--for=condition=established', 'crd', '--all'));
    for (const namespace of ['ops', 'team-a', 'team-b', 'weir']) await kube('create', 'namespace', namespace);
  }, 900_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  const kube = (...args: string[]): Promise<string> => run(kubectl, ['--kubeconfig', server.kubeconfigPath, ...args]);
  const applyCrds = (...args: string[]): Promise<string> =>
    run(weir, ['crds', 'apply', '--kubeconfig', server.kubeconfigPath, ...args]);

  it.each(
    Object.entries(SHAPES).flatMap(
      ([name, values]) =>
        [
          [name, values],
          [`${name}, with everything`, merged(everything, values)],
        ] as [string, object][],
    ),
  )('%s: the server takes every object, and knows every field', async (_, values) => {
    const file = join(folder, 'chart.yaml');
    writeFileSync(file, await helm.text(values));
    const applied = await kube('apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', file);
    expect(applied).toMatch(/^deployment\.apps\/\S+ serverside-applied/m);
  });

  it('every pod of it, hook and test among them, is one that the profile restricted lets in', async () => {
    const profile = ['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
    await kube('label', 'namespace', 'team-a', ...profile);
    const file = join(folder, 'pods.yaml');
    const dryRun = ['apply', '--dry-run=server', '--kubeconfig', server.kubeconfigPath, '-n', 'team-a', '-f', file];
    const told = async (values: object): Promise<readonly [code: number, stderr: string]> => {
      const pods = (await helm.render(values)).filter(({ kind }) => ['Deployment', 'Job', 'Pod'].includes(kind));
      expect(pods).toHaveLength(3);
      const moved = pods.map((pod) => dump({ ...pod, metadata: { ...pod.metadata, namespace: 'team-a' } }));
      writeFileSync(file, moved.join('---\n'));
      const { code, stderr } = await tryRun(kubectl, dryRun);
      return [code, stderr];
    };
    expect(await told({})).toEqual([0, '']);
    const [code, stderr] = await told({ operatorSecurityContext: { allowPrivilegeEscalation: true } });
    expect([code, stderr.match(/would violate PodSecurity|violates PodSecurity/g)]).toEqual([
      1,
      ['would violate PodSecurity', 'would violate PodSecurity', 'violates PodSecurity'],
    ]);
  });

  it.each(['base', 'crds'])('the server takes the kustomize base deploy/%s', async (base) => {
    const folder = join(root, 'deploy', base);
    const applied = await kube('apply', '-k', folder, '--server-side', '--dry-run=server', '--validate=strict');
    expect(applied).toContain(
      base === 'base' ? 'deployment.apps/weir serverside' : 'sparkapplications.sparkoperator.k8s.io',
    );
  });

  it('its hook has the rights to install and upgrade CRDs, and says what became of each', async () => {
    const file = join(folder, 'hook.yaml');
    const hook = (await helm.render()).filter(
      ({ kind, metadata }) => kind.startsWith('ClusterRole') && metadata.annotations?.['helm.sh/hook'] !== undefined,
    );
    writeFileSync(file, hook.map((object) => dump(object)).join('---\n'));
    await kube('apply', '-f', file);
    const account = '--as=system:serviceaccount:ops:release-weir-crds';
    await kube('apply', '--server-side', account, '-f', join(chartFolder, 'crds'));
    const denied = await tryRun(kubectl, ['--kubeconfig', server.kubeconfigPath, account, 'delete', 'crd', '--all']);
    expect(denied.stderr).toContain('forbidden');
  });

  it('its notes say what it looks after, which values it ignored, and how roles are made by hand', async () => {
    const { helm: program } = await programs(['helm']);
    const args = ['install', 'release', chartFolder, '--namespace', 'ops', '--dry-run=client', '--hide-secret'];
    const notesOf = async (...values: readonly string[]): Promise<string> => {
      const set = values.flatMap((value) => ['--set', value]);
      const told = await run(program, [...args, ...set, '--kubeconfig', server.kubeconfigPath]);
      return told.slice(told.indexOf('NOTES:'));
    };
    const notes = await notesOf('watchNamespaces={team-a}', 'jvmArgs.operator=-Xmx1g', 'metrics.port=9999');
    expect(notes).toContain('It looks after flink and spark in the namespaces team-a.');
    expect(notes).toContain('Values that Weir has no use for were ignored: jvmArgs, metrics.port.');
    expect(notes).not.toContain('weir rbac');
    const everywhere = await notesOf('spark.enabled=false');
    expect(everywhere).toContain('kubectl get flinkdeployments -A');
    expect(everywhere).toContain('--show-only templates/flink-job-rbac.yaml | kubectl apply -f -');
    const [, command = ''] = /^ {2}weir (rbac .*)$/m.exec(await notesOf('rbac.create=false')) ?? [];
    const rules = await run(weir, command.split(' '));
    expect(rules).toContain('resourceNames: [release-weir-webhook.ops]');
    expect(rules).toContain('resourceNames: [release-weir]');
  });

  it('CRDs are made, left as they are, brought up to date, and never made older', async () => {
    const name = 'flinkdeployments.flink.apache.org';
    const spark = await applyCrds('--engines=spark');
    expect(spark).not.toContain('flink');
    await kube('delete', 'crd', name, '--ignore-not-found');
    expect(await applyCrds()).toContain(`${name} created`);
    expect(await applyCrds()).toContain(`${name} unchanged`);
    await kube('annotate', 'crd', name, '--overwrite', 'weir.dev/version=0.0.1');
    expect(await applyCrds()).toContain(`${name} updated`);
    await kube('annotate', 'crd', name, '--overwrite', 'weir.dev/version=99.0.0');
    expect(await applyCrds('--engines', 'flink')).toContain(`${name} kept`);
  });

  it('weir wait ends with a code for what became of a resource', async () => {
    await applyCrds();
    const manifest = { apiVersion: 'flink.apache.org/v1beta1', kind: 'FlinkDeployment', metadata: { name: 'orders' } };
    const file = join(folder, 'orders.yaml');
    writeFileSync(file, dump({ ...manifest, spec: { flinkVersion: 'v2_1' } }));
    await kube('apply', '-n', 'ops', '-f', file);
    const wait = async (): Promise<number> => {
      const args = ['wait', 'flinkdep/orders', '-n', 'ops', '--timeout', '1s', '--kubeconfig', server.kubeconfigPath];
      return (await tryRun(weir, args)).code;
    };
    const stand = (...conditions: readonly [string, string][]): Promise<string> => {
      const entries = conditions.map(([type, status]) => ({
        ...{ type, status, reason: 'Because', message: 'as it is', observedGeneration: 1 },
        lastTransitionTime: '2026-01-01T00:00:00Z',
      }));
      const patch = JSON.stringify({ status: { conditions: entries } });
      return kube('patch', 'flinkdep', 'orders', '-n', 'ops', '--subresource=status', '--type=merge', '-p', patch);
    };
    expect(await wait()).toBe(5);
    await stand(['Ready', 'False'], ['Stalled', 'True']);
    expect(await wait()).toBe(4);
    await stand(['Ready', 'True']);
    expect(await wait()).toBe(0);
    expect((await tryRun(weir, ['wait', 'pod/orders', '--kubeconfig', server.kubeconfigPath])).code).toBe(2);
  });
});
