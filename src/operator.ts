import type { Engine, OperatorConfig } from './config.ts';
import type { CapacitySurvey } from './core/capacity/survey.ts';
import type { ServiceHttp } from './core/ports.ts';
import { canaryTimeoutMs } from './flink/canary.ts';
import { createFlinkReconciler } from './flink/controller.ts';
import type { OperatorDefaults } from './flink/flink-conf.ts';
import { s3SettingsOf } from './flink/s3-settings.ts';
import { FLINK_API_VERSION } from './flink/schema.ts';
import { createSessionJobReconciler } from './flink/session-job/controller.ts';
import { createSnapshotReconciler } from './flink/snapshot/controller.ts';
import { SNAPSHOT_LABELS } from './flink/snapshot/schema.ts';
import { VERSION } from './lib/version.ts';
import { createMetrics, type Metrics } from './metrics/metrics.ts';
import { OPERATOR_KINDS } from './operator-access.ts';
import { configurationOf, sparkDefaultsOf } from './operator-configuration.ts';
import { operatorMetricsServer, watchResourceMetrics } from './operator-metrics.ts';
import { operatorWebhook } from './operator-webhook.ts';
import { createArtifactSource } from './runtime/artifact-source.ts';
import { type Caches, createCaches } from './runtime/caches.ts';
import { type Canaries, createCanaries } from './runtime/canaries.ts';
import { createCapacitySurvey } from './runtime/capacity-survey.ts';
import { type Controller, createController } from './runtime/controller.ts';
import type { ControllerOptions } from './runtime/controller-run.ts';
import { createEventRecorder } from './runtime/event-recorder.ts';
import { createHttpServer } from './runtime/http-server.ts';
import { createKinds } from './runtime/kinds.ts';
import { createKubeClient, type KubeClient } from './runtime/kube-client.ts';
import { type KubeConfig, loadKubeConfig } from './runtime/kube-config.ts';
import { createLeaderElection, type LeaderElection } from './runtime/leader-election.ts';
import type { Configuration } from './runtime/live-configuration.ts';
import { createLogger, type Logger } from './runtime/logger.ts';
import { createManager, type Manager, type Server } from './runtime/manager.ts';
import { createProfiler } from './runtime/profiler.ts';
import { readinessOf } from './runtime/readiness.ts';
import { createDnsServiceHttp, createProxyServiceHttp, readServiceTls } from './runtime/service-http.ts';
import { createSpanExporter } from './runtime/span-exporter.ts';
import { collectAll, eventLoopShare, tidyWhenQuiet } from './runtime/tidy.ts';
import { systemTime } from './runtime/time.ts';
import { tracedClient, tracedServiceHttp } from './runtime/traced.ts';
import { createTracer, type Tracer } from './runtime/tracer.ts';
import { createWriter } from './runtime/writer.ts';
import { SPARK_LABELS } from './spark/conf/submission.ts';
import { createConnectReconciler } from './spark/connect/controller.ts';
import { SPARK_CONNECT_KIND } from './spark/connect/schema.ts';
import { createSparkReconciler } from './spark/controller.ts';
import { createScheduleReconciler } from './spark/schedule/controller.ts';
import { SCHEDULE_LABEL } from './spark/schedule/schema.ts';
import { SPARK_API_VERSION } from './spark/schema.ts';

/** An operator that was put together but does nothing yet. */
export interface Operator {
  readonly manager: Manager;
  readonly log: Logger;
  /** Resolves, with the reason, when the process must end because another replica may lead by now. */
  readonly lost: Promise<string>;
}

/** Puts the operator together from its configuration. Throws an Error in words when no cluster configuration is found. */
export function createOperator(config: OperatorConfig): Operator {
  const log = createLogger({ level: config.logLevel });
  const metrics = createMetrics({ version: VERSION, maxResources: config.metrics.maxResources });
  const kube = loadKubeConfig({ path: config.kube.kubeconfig, context: config.kube.context });
  const userAgent = `weir/${VERSION}`;
  const kinds = createKinds(OPERATOR_KINDS);
  const { tracer, exporters } = tracingOf(config, { log, metrics });
  const client = tracedClient(createKubeClient({ config: kube, kinds, userAgent, metrics: metrics.rest }), tracer);
  const caches = cachesOf(config, { client, log, metrics });
  const { election, lost } = electionOf(config, { client, log, metrics });
  const budget = election === undefined ? {} : { budgetMs: election.writeBudgetMs };
  const parts = { client, log, time: systemTime, metrics };
  const events = createEventRecorder({ ...parts, instance: config.identity, ...budget });
  const { reader, wrote, removed } = caches;
  const writers = createWriter({ client, known: reader.get, wrote, removed, ...budget });
  const survey = createCapacitySurvey({ client, time: systemTime });
  const controllers: Controller[] = [];
  const configuration = configurationOf(config, { log, metrics, controllers });
  const sparkDefaults = sparkDefaultsOf(config, { log, metrics });
  const defaults = () => ({ flinkConfiguration: configuration.current() });
  const canaries = canariesIn(caches, defaults);
  const told = watchResourceMetrics(config, { ...parts, caches, leads: () => election?.leads() ?? true });
  const flink = {
    autoscaled: told.autoscaled,
    http: tracedServiceHttp(serviceHttp(config, kube, { client, lost, ...budget }), tracer),
    defaults,
    probe: { fast: config.flink.probe.transitionMs, slow: config.flink.probe.restMs },
    canaryPassed: canaries.passed,
  };
  const passes = { concurrency: config.workers, probeTimeoutMs: config.flink.probe.timeoutMs };
  const shared = { ...parts, ...passes, caches, writers, events, tracer };
  const controllersOf: Readonly<Record<Engine, () => readonly Controller[]>> = {
    flink: () => flinkControllers(config, { ...flink, survey }, { ...shared, survey }),
    spark: () => sparkControllers(config, sparkDefaults.current, { ...shared, survey }),
  };
  controllers.push(...config.engines.flatMap((engine) => controllersOf[engine]()));
  const asked = askedServers(config, { ...parts, caches, canaries, defaults });
  const servers = [...asked, ...configuration.servers, ...sparkDefaults.servers, ...exporters, stopped(survey)];
  return { manager: createManager({ ...parts, caches, controllers, events, servers, election }), log, lost };
}

/**
 * Runs the operator until SIGTERM, SIGINT or the loss of leadership, then stops it in order. Rejects when it cannot
 * start or lost its lease, so that the process ends non-zero.
 */
export async function runOperator(config: OperatorConfig): Promise<void> {
  const { manager, log, lost } = createOperator(config);
  const signalled = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  const { engines, watchNamespaces: namespaces, watchNamespaceSelector: namespaceSelector, identity } = config;
  log.info({ version: VERSION, engines, namespaces, namespaceSelector, identity }, 'weir starts');
  const endTidying = tidying();
  const started = manager.start().then(() => new Promise<never>(() => undefined));
  const deposed = lost.then((why) => Promise.reject(new Error(`leadership lost: ${why}`)));
  try {
    await Promise.race([signalled, deposed, started]);
  } finally {
    endTidying();
    await manager.stop(config.drainMs);
  }
}

/** The image runs Node with --expose-gc; whoever does not leaves garbage to V8. */
function tidying(): () => void {
  const { gc } = globalThis;
  if (gc === undefined) return () => undefined;
  const collect = (): void => collectAll(gc, process.memoryUsage().heapUsed / 1024 ** 2);
  return tidyWhenQuiet({ time: systemTime, collect, share: eventLoopShare() });
}

/** Who is told of passes, and what sends it there; nothing at all unless the configuration says so. */
function tracingOf(
  { tracing, identity: instance }: OperatorConfig,
  { log, metrics }: Pick<ElectionParts, 'log' | 'metrics'>,
): { tracer: Tracer | undefined; exporters: readonly Server[] } {
  if (tracing === undefined) return { tracer: undefined, exporters: [] };
  const { endpoint, ratio } = tracing;
  const parts = { time: systemTime, log, version: VERSION, instance, dropped: metrics.spansDropped };
  const exporter = createSpanExporter({ ...parts, endpoint });
  return { tracer: createTracer({ time: systemTime, ratio, ended: exporter.add }), exporters: [exporter] };
}

/** What --label-selector chooses from. */
const OWN_GROUPS: ReadonlySet<string> = new Set([FLINK_API_VERSION, SPARK_API_VERSION, SPARK_CONNECT_KIND.apiVersion]);

function cachesOf(config: OperatorConfig, parts: ElectionParts): Caches {
  const { watchNamespaces: namespaces, watchNamespaceSelector: namespaceSelector, labelSelector } = config;
  return createCaches({
    ...parts,
    namespaces,
    namespaceSelector,
    indexedLabels: ['app', SNAPSHOT_LABELS.jobName, SPARK_LABELS.appName, SPARK_LABELS.connectName, SCHEDULE_LABEL],
    labelSelector: ({ apiVersion }) => (OWN_GROUPS.has(apiVersion) ? labelSelector : undefined),
    time: systemTime,
  });
}

function canariesIn(caches: Caches, defaults: () => OperatorDefaults): Canaries {
  return createCanaries({
    time: systemTime,
    exists: (ref) => caches.reader.get(ref) !== undefined,
    timeoutMs: () => canaryTimeoutMs(defaults()),
  });
}

interface ElectionParts {
  readonly client: KubeClient;
  readonly log: Logger;
  readonly metrics: Metrics;
}

function electionOf(
  { leaderElection, identity }: OperatorConfig,
  parts: ElectionParts,
): { election: LeaderElection | undefined; lost: Promise<string> } {
  if (leaderElection === undefined) return { election: undefined, lost: new Promise(() => undefined) };
  const { leaseNamespace, leaseName, leaseDurationMs, renewDeadlineMs, retryPeriodMs } = leaderElection;
  const { promise: lost, resolve: onLost } = Promise.withResolvers<string>();
  const election = createLeaderElection({
    ...parts,
    namespace: leaseNamespace,
    name: leaseName,
    identity: `${identity}_${crypto.randomUUID().slice(0, 8)}`,
    time: systemTime,
    timing: { durationMs: leaseDurationMs, renewDeadlineMs, retryMs: retryPeriodMs },
    onLost,
  });
  // What is under way is not to arrive when another leads.
  void lost.then(() => parts.client.close());
  return { election, lost };
}

type Shared = Omit<ControllerOptions<never, never, never, never>, 'reconciler'>;

type FlinkParts = Parameters<typeof createFlinkReconciler>[0];

function flinkControllers(config: OperatorConfig, flink: FlinkParts, shared: Shared): readonly Controller[] {
  const { survey, ...others } = shared;
  const s3 = () => s3SettingsOf(flink.defaults().flinkConfiguration);
  const artifacts = createArtifactSource({ s3, env: process.env });
  const sessionJobs = createSessionJobReconciler({ ...flink, artifacts, read: shared.caches.reader });
  return [
    createController({ ...shared, reconciler: createFlinkReconciler(flink) }),
    createController({ ...others, reconciler: sessionJobs, passTimeoutMs: config.flink.submissionTimeoutMs }),
    createController({ ...others, reconciler: createSnapshotReconciler({ ...flink, probeMs: flink.probe.fast }) }),
  ];
}

function sparkControllers(
  { spark }: OperatorConfig,
  defaults: () => Configuration,
  { survey, ...shared }: Shared & { readonly survey: CapacitySurvey },
): readonly Controller[] {
  // Local is the time zone of this process, as the environment (TZ) or the machine says.
  const localTimeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const schedules = createScheduleReconciler({ ...spark, precision: spark.runNamePrecision, localTimeZone });
  const settings = () => ({ ...spark, defaults: defaults() });
  return [
    createController({ ...shared, survey, reconciler: createSparkReconciler(settings, survey) }),
    createController({ ...shared, reconciler: schedules }),
    createController({ ...shared, survey, reconciler: createConnectReconciler(defaults, survey) }),
  ];
}

/** A part that does nothing by itself, and must be stopped so that its requests end. */
function stopped(part: { stop(): void }): Server {
  return { start: () => Promise.resolve(), stop: () => Promise.resolve(part.stop()) };
}

interface ServiceParts {
  readonly client: KubeClient;
  readonly lost: Promise<string>;
  readonly budgetMs?: () => number;
}

/** Inside a cluster JobManagers are reached by name, outside through the API server, unless the configuration says which. */
function serviceHttp(config: OperatorConfig, kube: KubeConfig, { client, lost, ...budget }: ServiceParts): ServiceHttp {
  const { restAccess, tlsFolder } = config.flink;
  const byName = restAccess === 'auto' ? kube.context === 'in-cluster' : restAccess === 'service-dns';
  const tls = tlsFolder === undefined ? {} : { tls: readServiceTls(tlsFolder) };
  if (!byName) return createProxyServiceHttp(client, budget.budgetMs);
  const http = createDnsServiceHttp({ ...tls, ...budget });
  void lost.then(() => http.close());
  return http;
}

interface AskedParts extends ElectionParts {
  readonly caches: Caches;
  readonly canaries: Canaries;
  readonly defaults: () => OperatorDefaults;
}

/** The servers that others ask: health and metrics, these over TLS by themselves, and the webhook, where there is one. */
function askedServers(config: OperatorConfig, parts: AskedParts): readonly Server[] {
  const { caches, canaries, log, metrics } = parts;
  const webhook = operatorWebhook(config, { ...parts, read: caches.reader, includes: caches.includes });
  const health = createHttpServer({
    port: config.httpPort,
    log,
    alive: () => [],
    ready: () => readinessOf(caches.health(), [...canaries.late(), ...(webhook?.problems() ?? [])]),
    ...(config.metrics.tls === undefined ? { metrics: metrics.registry } : {}),
    profiler: config.profiling ? createProfiler() : undefined,
  });
  return [health, ...operatorMetricsServer(config.metrics.tls, metrics.registry, log), ...(webhook ? [webhook] : [])];
}
