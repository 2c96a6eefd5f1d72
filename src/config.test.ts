import { describe, expect, it } from 'vitest';
import {
  type ConfigSurroundings,
  describeProblem,
  type GivenOptions,
  type OperatorConfig,
  parseConfig,
} from './config.ts';

const surroundings: ConfigSurroundings = {
  hostname: 'host-1',
  flinkConfiguration: { 'web.timeout': '100000' },
  sparkDefaults: { 'spark.eventLog.enabled': 'true' },
};

const complete: GivenOptions = Object.fromEntries(
  Object.entries({
    engines: 'flink,spark',
    watchNamespaces: '',
    leaderElection: 'true',
    leaseName: 'weir',
    leaseNamespace: 'weir-system',
    leaseDuration: '15s',
    renewDeadline: '10s',
    retryPeriod: '2s',
    httpPort: '8080',
    profiling: 'false',
    logLevel: 'info',
    workers: '50',
    flinkConfReload: 'true',
    flinkConfCheckInterval: '5m',
    flinkRest: 'auto',
    enableUiService: 'true',
    ingressTls: '[]',
    ingressAnnotations: '{}',
    enableBatchScheduler: 'false',
    kubeSchedulerNames: '',
    metricsLabels: '',
    metricsPrefix: '',
    submitLatencyBuckets: '0.5,1',
    startLatencyBuckets: '30',
    metricsIncumbents: 'true',
    metricsMaxResources: '1000',
    metricsPort: '8443',
    traceRatio: '1',
    probeTransition: '250ms',
    probeRest: '15 s',
    probeTimeout: '10s',
    submissionTimeout: '10 min',
    drainDeadline: '1m',
    runNamePrecision: 'seconds',
    defaultTimeToLiveSeconds: '60',
    partialRestart: 'true',
    webhookHosts: '',
    webhookSecret: 'weir-webhook',
  }).map(([name, text]) => [name, { source: `--${name}`, text }]),
);

function config(changes: Record<string, string>): OperatorConfig {
  const result = parseConfig({ ...complete, ...flags(changes) }, surroundings);
  if (!result.ok) throw new Error(result.error.map(describeProblem).join('; '));
  return result.value;
}

function problems(changes: Record<string, string>, without: readonly string[] = []): string[] {
  const given = Object.entries({ ...complete, ...flags(changes) }).filter(([name]) => !without.includes(name));
  const result = parseConfig(Object.fromEntries(given), surroundings);
  return result.ok ? [] : result.error.map(describeProblem);
}

function flags(changes: Record<string, string>): GivenOptions {
  return Object.fromEntries(Object.entries(changes).map(([name, text]) => [name, { source: `--${name}`, text }]));
}

describe('parseConfig', () => {
  it('reads what concerns Ingresses of Spark applications, and refuses what the API server would', () => {
    const { spark } = config({
      sparkConfDir: '/etc/weir/spark',
      enableUiService: 'False',
      ingressUrlFormat: 'spark.example.org/{{$appName}}',
      ingressTls: '[{"hosts":["spark.example.org"],"secretName":"tls"}]',
      ingressAnnotations: '{"a":"b"}',
      enableBatchScheduler: 'true',
      kubeSchedulerNames: 'a, b',
      metricsLabels: 'app-type,namespace, app-type',
      defaultBatchScheduler: 'volcano',
    });
    expect(spark).toEqual({
      defaults: { 'spark.eventLog.enabled': 'true' },
      folder: '/etc/weir/spark',
      uiService: false,
      runNamePrecision: 'seconds',
      defaultTimeToLiveSeconds: 60,
      partialRestart: true,
      ingress: {
        urlFormat: 'spark.example.org/{{$appName}}',
        className: undefined,
        tls: [{ hosts: ['spark.example.org'], secretName: 'tls' }],
        annotations: { a: 'b' },
      },
      metrics: { prefix: '', labels: ['app-type', 'namespace'], submitBuckets: [0.5, 1], startBuckets: [30] },
      batch: { enabled: true, kubeSchedulers: ['a', 'b'], fallback: 'volcano' },
    });
    expect(config({ ingressUrlFormat: ' ', ingressTls: '', ingressAnnotations: ' ' }).spark.ingress).toEqual({
      urlFormat: undefined,
      className: undefined,
      tls: [],
      annotations: {},
    });
    expect(problems({ ingressUrlFormat: '/{{$appName}}', ingressTls: '{', ingressAnnotations: '["a"]' })).toEqual([
      '--ingressUrlFormat: "/{{$appName}}" is not valid, it must be a URL with a host, such as spark.example.org/{{$appNamespace}}/{{$appName}}',
      '--ingressTls: "{" is not valid, it must be a JSON list such as [{"hosts":["a.example.org"],"secretName":"a-tls"}]',
      '--ingressAnnotations: "["a"]" is not valid, it must be a JSON map of texts',
    ]);
    expect(problems({ defaultBatchScheduler: 'kueue', kubeSchedulerNames: 'a' })).toEqual([
      '--defaultBatchScheduler: "kueue" is not valid, it must be volcano, yunikorn or one of the kube-scheduler names',
    ]);
    expect(problems({ defaultBatchScheduler: 'a', kubeSchedulerNames: 'a' })).toEqual([]);
    expect(problems({ ingressUrlFormat: 'http://{{$name}}.example.org' })).toHaveLength(1);
  });

  it('tells of passes only where it says to whom', () => {
    expect(config({ traceEndpoint: '' }).tracing).toBeUndefined();
    const endpoint = 'http://collector.ops:4318';
    expect(config({ traceEndpoint: endpoint, traceRatio: '0.25' }).tracing).toEqual({ endpoint, ratio: 0.25 });
    expect(problems({ traceEndpoint: 'collector:4317', traceRatio: '1.5' })).toEqual([
      '--traceEndpoint: "collector:4317" is not valid, it must be an http or https URL',
      '--traceRatio: "1.5" is not valid, it must be a number from 0 to 1',
    ]);
  });

  it('serves metrics over TLS where certificates are', () => {
    expect(config({}).metrics.tls).toBeUndefined();
    const tls = { port: 9443, folder: '/etc/tls' };
    expect(config({ metricsPort: '9443', metricsCertDir: '/etc/tls' }).metrics.tls).toEqual(tls);
  });

  it('takes buckets that ascend', () => {
    expect(config({ submitLatencyBuckets: ' 0.5, 1,2.5 ' }).spark.metrics.submitBuckets).toEqual([0.5, 1, 2.5]);
    const rule = 'is not valid, it must be at most 50 comma-separated numbers of seconds above 0, ascending';
    for (const text of ['', '1,,2', '0,1', '2,1', '1,1', 'a', Array.from({ length: 51 }, (_, i) => i + 1).join()]) {
      expect(problems({ startLatencyBuckets: text })).toEqual([`--startLatencyBuckets: "${text}" ${rule}`]);
    }
  });

  it('turns texts into values', () => {
    expect(config({ watchNamespaces: ' team-a, team-b ,' })).toEqual({
      engines: ['flink', 'spark'],
      watchNamespaces: ['team-a', 'team-b'],
      watchNamespaceSelector: undefined,
      labelSelector: undefined,
      leaderElection: {
        leaseName: 'weir',
        leaseNamespace: 'weir-system',
        leaseDurationMs: 15_000,
        renewDeadlineMs: 10_000,
        retryPeriodMs: 2000,
      },
      identity: 'host-1',
      httpPort: 8080,
      profiling: false,
      logLevel: 'info',
      workers: 50,
      kube: { kubeconfig: undefined, context: undefined },
      flink: {
        restAccess: 'auto',
        configuration: { 'web.timeout': '100000' },
        reload: undefined,
        tlsFolder: undefined,
        probe: { transitionMs: 250, restMs: 15_000, timeoutMs: 10_000 },
        submissionTimeoutMs: 600_000,
      },
      spark: {
        uiService: true,
        ingress: { urlFormat: undefined, className: undefined, tls: [], annotations: {} },
        runNamePrecision: 'seconds',
        metrics: { prefix: '', labels: [], submitBuckets: [0.5, 1], startBuckets: [30] },
        batch: { enabled: false, kubeSchedulers: [], fallback: undefined },
        defaultTimeToLiveSeconds: 60,
        defaults: { 'spark.eventLog.enabled': 'true' },
        folder: undefined,
        partialRestart: true,
      },
      metrics: { incumbents: true, maxResources: 1000 },
      tracing: undefined,
      webhook: undefined,
      drainMs: 60_000,
    });
  });

  it('has a webhook where a port is given, with certificates of its own or mounted ones', () => {
    const own = { webhookHosts: 'weir.ops.svc, 127.0.0.1', leaseNamespace: 'ops', webhookConfiguration: 'weir.ops' };
    expect(config({ webhookPort: '9443', ...own }).webhook).toEqual({
      port: 9443,
      certificates: {
        from: 'secret',
        namespace: 'ops',
        secret: 'weir-webhook',
        configuration: 'weir.ops',
        hosts: ['weir.ops.svc', '127.0.0.1'],
      },
    });
    expect(config({ webhookPort: '9443', webhookCertDir: '/certs' }).webhook).toEqual({
      port: 9443,
      certificates: { from: 'folder', folder: '/certs' },
    });
  });

  it('names what the webhook lacks', () => {
    const rule = 'is missing, it must be given with --webhook-port, unless --webhook-cert-dir is';
    expect(problems({ webhookPort: '9443', leaderElection: 'false' }, ['leaseNamespace'])).toEqual([
      `--webhook-hosts: ${rule}`,
      `--webhook-configuration: ${rule}`,
      `--lease-namespace: ${rule}`,
    ]);
    expect(problems({ webhookHosts: 'a b' })).toEqual([
      '--webhookHosts: "a b" is not valid, it must be a comma-separated list of DNS names or addresses',
    ]);
  });

  it('takes engines in one order, each once', () => {
    expect(config({ engines: ' spark , flink,spark' }).engines).toEqual(['flink', 'spark']);
    expect(config({ engines: 'spark' }).engines).toEqual(['spark']);
  });

  it.each(['', 'beam', 'flink,'])('refuses the engines "%s"', (engines) => {
    const rule = 'it must be a comma-separated list of flink, spark';
    expect(problems({ engines })).toEqual([`--engines: "${engines}" is not valid, ${rule}`]);
  });

  it('reads the incumbent word for all namespaces', () => {
    expect(config({ watchNamespaces: 'JOSDK_ALL_NAMESPACES' }).watchNamespaces).toEqual([]);
  });

  it('reads the incumbent word for as many workers as there is work', () => {
    expect(config({ workers: '-1' }).workers).toBe(1000);
  });

  it('reads a mounted configuration again unless told not to', () => {
    const reload = { folder: '/conf', intervalMs: 300_000 };
    expect(config({ flinkConfDir: '/conf' }).flink.reload).toEqual(reload);
    expect(config({ flinkConfDir: '/conf', flinkConfReload: 'False' }).flink.reload).toBeUndefined();
  });

  it.each(['team=a', 'a.io/team', '!x', 'tier != test, env in (dev, ops),x notin (y)', 'a=', 'a==b'])(
    'takes the label selector %s',
    (labelSelector) => expect(config({ labelSelector }).labelSelector).toBe(labelSelector),
  );

  it.each(['', '=a', 'a in b', 'a,,b', 'a=b c', 'a in ()'])('refuses the label selector "%s"', (labelSelector) => {
    const rule = 'it must be a label selector such as team=a,tier!=test';
    expect(problems({ labelSelector })).toEqual([`--labelSelector: "${labelSelector}" is not valid, ${rule}`]);
  });

  it('follows namespaces by their labels, and not beside a list of them', () => {
    const watchNamespaceSelector = 'weir.dev/watched=true';
    expect(config({ watchNamespaceSelector })).toMatchObject({ watchNamespaces: [], watchNamespaceSelector });
    expect(problems({ watchNamespaceSelector, watchNamespaces: 'a,b' })).toEqual([
      '--watchNamespaceSelector: "weir.dev/watched=true" is not valid, it must not be given beside a list of namespaces (--watchNamespaces: "a,b")',
    ]);
    expect(problems({ watchNamespaceSelector: 'a in b' })).toEqual([
      '--watchNamespaceSelector: "a in b" is not valid, it must be a label selector such as team=a,tier!=test',
    ]);
  });

  it('needs no lease settings to agree when leader election is off', () => {
    expect(config({ leaderElection: 'false', renewDeadline: '1h' }).leaderElection).toBeUndefined();
  });

  it.each([
    [{ workers: '0' }, '--workers: "0" is not valid, it must be a whole number from 1 to 1000'],
    [{ httpPort: '65536' }, '--httpPort: "65536" is not valid, it must be a whole number from 0 to 65535'],
    [
      { logLevel: 'loud' },
      '--logLevel: "loud" is not valid, it must be one of trace, debug, info, warn, error, fatal, silent',
    ],
    [{ flinkRest: 'dns' }, '--flinkRest: "dns" is not valid, it must be one of auto, service-dns, api-proxy'],
    [
      { watchNamespaces: 'A,b' },
      '--watchNamespaces: "A,b" is not valid, it must be a comma-separated list of namespace names',
    ],
    [
      { probeRest: '0s' },
      '--probeRest: "0s" is not valid, it must be a positive duration such as 500ms, 15s, 2m or 1h30m',
    ],
    [
      { drainDeadline: 'soon' },
      '--drainDeadline: "soon" is not valid, it must be a positive duration such as 500ms, 15s, 2m or 1h30m',
    ],
    [{ renewDeadline: '15s' }, '--renewDeadline: "15s" is not valid, it must be shorter than the lease duration'],
    [{ retryPeriod: '10s' }, '--retryPeriod: "10s" is not valid, it must be shorter than the renew deadline'],
  ])('refuses %j', (changes, message) => {
    expect(problems(changes)).toEqual([message]);
  });

  it('names every problem at once', () => {
    expect(problems({ workers: 'many', leaderElection: 'maybe' })).toEqual([
      '--leaderElection: "maybe" is not valid, it must be one of true, false',
      '--workers: "many" is not valid, it must be a whole number from 1 to 1000',
    ]);
  });

  it('asks for a lease namespace when none is known', () => {
    expect(problems({}, ['leaseNamespace'])).toEqual([
      '--lease-namespace: is missing, it must be given outside a cluster, unless --leader-election=false',
    ]);
  });
});
