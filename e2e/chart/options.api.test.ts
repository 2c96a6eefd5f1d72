import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { crdsOf } from '../../src/cli/crds.ts';
import { runConfig } from '../../src/cli/run-command.ts';
import { OPTIONS } from '../../src/cli/run-options.ts';
import { chartFolder, type Helm, named, only, openHelm, type Rendered } from './helm.ts';

describe('options of the chart', () => {
  let helm: Helm;
  beforeAll(async () => {
    helm = await openHelm();
  }, 900_000);

  const pod = async (values: object = {}): Promise<Rendered['spec']> =>
    only(await helm.render(values), 'Deployment').spec.template.spec;
  const ruleGroups = (objects: readonly Rendered[], name: string): readonly string[] =>
    objects
      .filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === name)
      .flatMap(({ rules = [] }) => rules.flatMap(({ apiGroups }) => apiGroups));

  it.each([
    ['flink', 'spark', 'flink.apache.org', 'sparkoperator.k8s.io', 'ops/flink'],
    ['spark', 'flink', 'sparkoperator.k8s.io', 'flink.apache.org', 'ops/spark'],
  ])('switches on %s alone, with nothing of %s', async (on, off, group, otherGroup, account) => {
    const objects = await helm.render({ [off]: { enabled: false } });
    expect(only(objects, 'Deployment').spec.template.spec.containers[0].args).toContain(`--engines=${on}`);
    for (const role of ['release-weir', 'release-weir-view', 'release-weir-edit']) {
      expect(ruleGroups(objects, role)).toContain(group);
      expect(ruleGroups(objects, role)).not.toContain(otherGroup);
    }
    expect(named(objects, 'ServiceAccount')).toEqual([account, 'ops/release-weir'].sort());
  });

  it('serves profiles only where they are switched on', async () => {
    const flag = '--profiling=true';
    expect((await pod()).containers[0].args).not.toContain(flag);
    expect((await pod({ operatorHealth: { profiling: true } })).containers[0].args).toContain(flag);
  });

  it('says how UIs of Spark are reached in the words the operator reads', async () => {
    const env = async (uiIngress: object): Promise<Record<string, string>> => {
      const { containers } = await pod({ spark: { uiIngress } });
      return Object.fromEntries(
        containers[0].env.map(({ name, value }: { name: string; value: string }) => [name, value]),
      );
    };
    const tls = [{ hosts: ['a.example.org'], secretName: 'a-tls' }];
    const given = await env({
      urlFormat: '{{$appName}}.example.org',
      ingressClassName: 'nginx',
      tls,
      annotations: { a: 'b' },
    });
    expect(given).toMatchObject({
      [OPTIONS.enableUiService.env]: 'true',
      [OPTIONS.ingressUrlFormat.env]: '{{$appName}}.example.org',
      [OPTIONS.ingressClassName.env]: 'nginx',
      [OPTIONS.ingressTls.env]: JSON.stringify(tls),
      [OPTIONS.ingressAnnotations.env]: '{"a":"b"}',
    });
    expect(Object.keys(await env({}))).not.toContain(OPTIONS.ingressTls.env);
  });

  it('lets Spark applications name batch schedulers, and labels their metrics', async () => {
    const env = async (spark: object): Promise<Record<string, string>> => {
      const { containers } = await pod({ spark });
      return Object.fromEntries(
        containers[0].env.map(({ name, value }: { name: string; value: string }) => [name, value]),
      );
    };
    const batchScheduler = { enable: true, kubeSchedulerNames: ['gang', 'other'], default: 'volcano' };
    expect(await env({ batchScheduler, metrics: { labels: ['app_type', 'namespace'], prefix: 'jobs' } })).toMatchObject(
      {
        [OPTIONS.enableBatchScheduler.env]: 'true',
        [OPTIONS.kubeSchedulerNames.env]: 'gang,other',
        [OPTIONS.defaultBatchScheduler.env]: 'volcano',
        [OPTIONS.metricsLabels.env]: 'app_type,namespace',
        [OPTIONS.metricsPrefix.env]: 'jobs',
      },
    );
    const without = Object.keys(await env({}));
    expect(without).not.toContain(OPTIONS.enableBatchScheduler.env);
    expect(without).not.toContain(OPTIONS.metricsLabels.env);
  });

  it('does not start without any engine', async () => {
    const both = { flink: { enabled: false }, spark: { enabled: false } };
    expect(await helm.refusal(both)).toContain('flink.enabled and spark.enabled are both false');
  });

  it('runs two replicas that a drain takes one by one, and one without a disruption budget', async () => {
    const objects = await helm.render();
    expect(only(objects, 'Deployment').spec.replicas).toBe(2);
    const { matchLabels } = only(objects, 'PodDisruptionBudget').spec.selector;
    expect(only(objects, 'Deployment').spec.template.metadata.labels).toMatchObject(matchLabels);
    const [constraint] = (await pod()).topologySpreadConstraints;
    expect(constraint).toMatchObject({ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels } });
    expect(named(await helm.render({ replicas: 1 }), 'PodDisruptionBudget')).toEqual([]);
    const unled = { leaderElection: { enabled: false } };
    expect(await helm.refusal(unled)).toContain('two of them would act at once');
  });

  it("adds the kinds to the cluster's roles, where namespaces are listed only when asked to", async () => {
    const labelsOf = (objects: readonly Rendered[], name: string): readonly string[] =>
      Object.keys(objects.find(({ metadata }) => metadata.name === name)?.metadata.labels ?? {})
        .filter((label) => label.startsWith('rbac.'))
        .map((label) => label.replace('rbac.authorization.k8s.io/aggregate-to-', ''));
    const objects = await helm.render();
    expect(labelsOf(objects, 'release-weir-view')).toEqual(['admin', 'edit', 'view']);
    expect(labelsOf(objects, 'release-weir-edit')).toEqual(['admin', 'edit']);
    const without = await helm.render({ rbac: { userRoles: { create: false } }, webhook: { create: false } });
    expect(named(without, 'ClusterRole')).toEqual(['release-weir']);
    const watchNamespaces = ['team-a'];
    expect(named(await helm.render({ watchNamespaces }), 'ClusterRole')).toEqual([]);
    const asked = await helm.render({ watchNamespaces, rbac: { userRoles: { create: true } } });
    expect(named(asked, 'ClusterRole')).toEqual(['release-weir-edit', 'release-weir-view']);
    expect(named(asked, 'ClusterRoleBinding')).toEqual([]);
  });

  it('hands what is said of the pod through to it', async () => {
    const mount = { name: 'jars', mountPath: '/jars' };
    const values = {
      global: { imagePullSecrets: [{ name: 'all' }] },
      imagePullSecrets: [{ name: 'own' }],
      operatorPod: {
        priorityClassName: 'system-cluster-critical',
        nodeSelector: { pool: 'ops' },
        tolerations: [{ key: 'ops', operator: 'Exists' }],
        affinity: { nodeAffinity: {} },
        env: [{ name: 'WEIR_DRAIN_DEADLINE', value: '25s' }],
        dnsPolicy: 'Default',
        hostUsers: false,
        initContainers: [{ name: 'first', image: 'i' }],
        sidecarContainers: [{ name: 'beside', image: 's' }],
      },
      operatorVolumes: { create: true, data: [{ name: 'jars', emptyDir: {} }] },
      operatorVolumeMounts: { create: true, data: [mount] },
    };
    const spec = await pod(values);
    const { priorityClassName, nodeSelector, tolerations, affinity, dnsPolicy, hostUsers } = spec;
    const { env, initContainers, sidecarContainers, ...same } = values.operatorPod;
    expect({ priorityClassName, nodeSelector, tolerations, affinity, dnsPolicy, hostUsers }).toEqual(same);
    expect(spec.imagePullSecrets).toEqual([{ name: 'all' }, { name: 'own' }]);
    expect(spec.initContainers).toEqual(initContainers);
    expect(spec.containers[1]).toEqual(sidecarContainers[0]);
    expect(spec.containers[0].env).toContainEqual(env[0]);
    expect(spec.containers[0].volumeMounts).toContainEqual(mount);
    expect(spec.volumes).toContainEqual({ name: 'jars', emptyDir: {} });
  });

  it('puts labels and annotations on everything, and renders extra objects as templates', async () => {
    const extra = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-more' } };
    const values = { commonLabels: { team: 'data' }, commonAnnotations: { owner: 'me' }, extraObjects: [extra] };
    const objects = await helm.render(values);
    expect(named(objects, 'ConfigMap')).toContain('release-more');
    const own = objects.filter(({ metadata }) => metadata.name !== 'release-more');
    expect(own.filter(({ metadata }) => metadata.labels?.team !== 'data')).toEqual([]);
    expect(own.filter(({ metadata }) => metadata.annotations?.owner !== 'me')).toEqual([]);
  });

  it('is scraped through its Service or by its pods', async () => {
    const objects = await helm.render({ metrics: { serviceMonitor: { enabled: true, labels: { release: 'prom' } } } });
    const monitor = only(objects, 'ServiceMonitor');
    const [service] = objects.filter(({ kind }) => kind === 'Service');
    expect(monitor.metadata.labels?.release).toBe('prom');
    expect(service?.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
    expect(monitor.spec.endpoints[0].port).toBe(service?.spec.ports[0].name);
    expect(monitor.spec.endpoints[0].honorLabels).toBe(true);
    expect(named(objects, 'PodMonitor')).toEqual([]);
    const noService = { service: { create: false }, podMonitor: { enabled: true, scrapeTimeout: '5s' } };
    const byPods = await helm.render({ metrics: noService });
    const { selector, podMetricsEndpoints } = only(byPods, 'PodMonitor').spec;
    expect(only(byPods, 'Deployment').spec.template.metadata.labels).toMatchObject(selector.matchLabels);
    expect(podMetricsEndpoints[0]).toMatchObject({ port: 'http', scrapeTimeout: '5s' });
    const broken = { service: { create: false }, serviceMonitor: { enabled: true } };
    expect(await helm.refusal({ metrics: broken })).toContain('needs metrics.service.create');
  });

  it('is scraped over TLS where there is a certificate for it', async () => {
    const tls = {
      secretName: 'scraped',
      config: { serverName: 'weir', ca: { secret: { name: 'scraped', key: 'ca.crt' } } },
    };
    const objects = await helm.render({
      metrics: { tls, serviceMonitor: { enabled: true }, podMonitor: { enabled: true } },
      networkPolicy: { enabled: true },
    });
    const { containers, volumes } = only(objects, 'Deployment').spec.template.spec;
    const [{ args, ports, volumeMounts }] = containers;
    const folder = '/etc/weir/metrics';
    expect(args).toEqual(
      expect.arrayContaining([`${OPTIONS.metricsCertDir.flag}=${folder}`, `${OPTIONS.metricsPort.flag}=8443`]),
    );
    expect(ports).toContainEqual({ name: 'metrics', containerPort: 8443 });
    expect(volumeMounts).toContainEqual({ name: 'metrics-cert', mountPath: folder, readOnly: true });
    expect(volumes).toContainEqual({ name: 'metrics-cert', secret: { secretName: 'scraped' } });
    const [service] = objects.filter(({ kind }) => kind === 'Service');
    expect(service?.spec.ports).toContainEqual({ name: 'metrics', port: 8443, targetPort: 'metrics' });
    const endpoint = { port: 'metrics', scheme: 'https', tlsConfig: tls.config };
    expect(only(objects, 'ServiceMonitor').spec.endpoints[0]).toMatchObject(endpoint);
    expect(only(objects, 'PodMonitor').spec.podMetricsEndpoints[0]).toMatchObject(endpoint);
    expect(only(objects, 'NetworkPolicy').spec.ingress[0].ports).toContainEqual({ port: 'metrics', protocol: 'TCP' });
    const same = { metrics: { tls: { secretName: 'scraped', port: 8080 } } };
    expect(await helm.refusal(same)).toContain('metrics.tls.port is 8080, and so is operatorHealth.port');
  });

  it('says which metrics there are and who is told of passes, in the words the operator reads', async () => {
    const metrics = { incumbents: false, maxResources: 5 };
    const latencies = { submitLatencyBuckets: [0.5, 2], startLatencyBuckets: [30] };
    const tracing = { endpoint: 'http://collector.ops:4318', ratio: 0.25 };
    const objects = await helm.render({ metrics, tracing, spark: { metrics: latencies } });
    const { env } = only(objects, 'Deployment').spec.template.spec.containers[0];
    const set = Object.fromEntries(env.map(({ name, value }: { name: string; value?: string }) => [name, value]));
    const config = runConfig({}, { ...set, POD_NAMESPACE: 'ops', FLINK_CONF_DIR: undefined });
    expect(config.metrics).toEqual(metrics);
    expect(config.tracing).toEqual(tracing);
    expect(config.spark.metrics).toMatchObject({ submitBuckets: [0.5, 2], startBuckets: [30] });
    expect(Object.keys(set)).toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
    expect(JSON.stringify(await helm.render({}))).not.toContain('OTEL_');
  });

  it('brings alerts for its own release, each with a runbook, and leaves out those named', async () => {
    const prometheusRule = { enabled: true, disabled: ['WeirEventsDropped'], runbookUrl: 'https://d/#' };
    const rules = only(await helm.render({ metrics: { prometheusRule } }), 'PrometheusRule').spec.groups[0].rules;
    const names = rules.map(({ alert }: { alert: string }) => alert);
    expect(names).toContain('WeirDown');
    expect(names).not.toContain('WeirEventsDropped');
    expect(rules[0].expr).toBe('absent(weir_build_info{job="weir",namespace="ops"} == 1)');
    expect(rules[0].annotations.runbook_url).toBe('https://d/#weirdown');
    expect(rules.at(-1).expr).toContain('weir_resources{job="weir",kind=');
    expect(JSON.stringify(rules)).not.toMatch(/\$(selector|resources)/);
  });

  it('brings every dashboard as a ConfigMap for the sidecar', async () => {
    const objects = await helm.render({ metrics: { dashboards: { enabled: true, namespace: 'monitoring' } } });
    const maps = objects.filter(({ metadata }) => metadata.labels?.grafana_dashboard === '1');
    const files = readdirSync(join(chartFolder, 'files/dashboards'));
    expect(maps.flatMap(({ data = {} }) => Object.keys(data))).toEqual(files.map((file) => `weir-${file}`));
    for (const { metadata, data = {} } of maps) {
      expect(metadata.namespace).toBe('monitoring');
      for (const text of Object.values(data)) expect(JSON.parse(text)).toHaveProperty('panels');
    }
  });

  it('lets in who reads metrics, and out only where told', async () => {
    const metricsFrom = [{ namespaceSelector: { matchLabels: { team: 'observability' } } }];
    const closed = await helm.render({
      networkPolicy: { enabled: true, metricsFrom, egress: { enabled: true, jobManagerPorts: [8081, 8082] } },
    });
    const { policyTypes, ingress, egress, podSelector } = only(closed, 'NetworkPolicy').spec;
    expect(only(closed, 'Deployment').spec.template.metadata.labels).toMatchObject(podSelector.matchLabels);
    expect(policyTypes).toEqual(['Ingress', 'Egress']);
    const [test] = closed.filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'test');
    const [asked, own] = ingress[0].from;
    expect([ingress[0].ports, asked]).toEqual([[{ port: 'http', protocol: 'TCP' }], metricsFrom[0]]);
    expect(test?.metadata.labels).toMatchObject(own.podSelector.matchLabels);
    expect(only(closed, 'Deployment').spec.template.metadata.labels).not.toMatchObject(own.podSelector.matchLabels);
    const ports = egress.flatMap((rule: { ports: { port: number }[] }) => rule.ports.map(({ port }) => port));
    expect(ports).toEqual([53, 53, 443, 6443, 8081, 8082]);
    const open = only(await helm.render({ networkPolicy: { enabled: true } }), 'NetworkPolicy').spec;
    expect(open.policyTypes).toEqual(['Ingress']);
  });

  it('brings CRDs up to date before an upgrade, unless they are left to others', async () => {
    const objects = await helm.render({ spark: { enabled: false } });
    const hooks = objects.filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === 'crds');
    expect(hooks.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Job']);
    for (const { metadata } of hooks) expect(metadata.annotations?.['helm.sh/hook']).toBe('pre-install,pre-upgrade');
    const job = only(hooks, 'Job').spec.template;
    expect(job.spec.containers[0].args).toEqual(['crds', 'apply', '--engines=flink']);
    expect(job.metadata.labels).not.toHaveProperty('app.kubernetes.io/name');
    const [rule] = only(hooks, 'ClusterRole').rules as readonly { readonly resourceNames?: readonly string[] }[];
    expect(rule?.resourceNames).toEqual(crdsOf(['flink']).map(({ metadata }) => metadata.name));
    const ofBoth = only(await helm.render(), 'Job').spec.template;
    expect(ofBoth.spec.containers[0].args).toEqual(['crds', 'apply', '--engines=flink,spark']);
    const without = await helm.render({ crds: { upgrade: false } });
    expect(without.filter(({ kind }) => kind === 'Job')).toEqual([]);
  });

  it.each([
    [{ webhook: { port: 8080 } }, 'webhook.port and operatorHealth.port are both 8080'],
    [{ spark: { batchScheduler: { enable: true, default: 'gang' } } }, 'spark.batchScheduler.default is "gang"'],
    [{ fullnameOverride: 'weir.ops' }, 'fullnameOverride'],
  ])('refuses %j, with which it would not start', async (values, words) => {
    expect(await helm.refusal(values)).toContain(words);
  });

  it('does not make one account twice', async () => {
    const jobServiceAccount = { name: 'jobs' };
    const spark = { serviceAccount: { name: 'jobs' } };
    expect(await helm.refusal({ jobServiceAccount, spark })).toContain(
      'jobServiceAccount.name and spark.serviceAccount.name are both "jobs"',
    );
    const shared = { jobServiceAccount, spark: { serviceAccount: { name: 'jobs', create: false } } };
    const objects = await helm.render(shared);
    expect(named(objects, 'ServiceAccount')).toEqual(['ops/jobs', 'ops/release-weir']);
    const bound = objects.filter(({ subjects }) => subjects?.some(({ name }) => name === 'jobs'));
    expect(bound.map(({ metadata }) => metadata.name).sort()).toEqual(['flink-role-binding', 'jobs-driver']);
  });

  it('tests that what its Service leads to is ready', async () => {
    const [test] = (await helm.render()).filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] === 'test');
    const url = 'http://release-weir-metrics.ops:8080/readyz';
    expect(test?.spec.containers[0].args).toEqual(['ready', url, '--timeout=60s']);
    // A quota on requests would refuse a pod without.
    expect(test?.spec.containers[0].resources).toEqual((await pod()).containers[0].resources);
  });
});
