import type { Engine, OperatorConfig } from './config.ts';
import type { AutoscalerLook } from './flink/autoscaler/autoscale.ts';
import {
  JOB_STATES,
  LIFECYCLE_STATES,
  measuredFlink,
  measuredSnapshot,
  SNAPSHOT_ENDED,
  SNAPSHOT_STATES,
} from './flink/measured.ts';
import { SESSION_JOB_KIND, SESSION_KIND } from './flink/session-job/schema.ts';
import { SNAPSHOT_KIND } from './flink/snapshot/schema.ts';
import { type KubeObject, keyOf } from './kube/object.ts';
import { type AutoscaledJob, type AutoscalerMetrics, createAutoscalerMetrics } from './metrics/autoscaler.ts';
import { createFlinkChanges } from './metrics/flink-changes.ts';
import { createIncumbentFlinkMetrics, type IncumbentFlinkMetrics } from './metrics/incumbent-flink.ts';
import type { Metrics } from './metrics/metrics.ts';
import { createResourceMetrics } from './metrics/resources.ts';
import { createSparkMetrics } from './metrics/spark.ts';
import type { Caches } from './runtime/caches.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './runtime/http-server.ts';
import type { Logger } from './runtime/logger.ts';
import { createMountedSource } from './runtime/mounted-certificate.ts';
import type { StoreEvent } from './runtime/store.ts';
import { systemTime, type Time } from './runtime/time.ts';
import { SPARK_CONNECT_KIND } from './spark/connect/schema.ts';
import { RUN_WATCHES } from './spark/controller.ts';
import { measuredApplication, measuredExecutor, measuredSpark, SPARK_ENDED, SPARK_STATES } from './spark/measured.ts';
import { KINDS } from './spark/observe.ts';
import { SCHEDULE_KIND } from './spark/schedule/schema.ts';
import { SPARK_APPLICATION_KIND } from './spark/schema.ts';

/** The server of metrics over TLS, where the configuration says where its certificates are. */
export function operatorMetricsServer(
  tls: OperatorConfig['metrics']['tls'],
  metrics: NonNullable<HttpServerOptions['metrics']>,
  log: Logger,
): readonly HttpServer[] {
  if (tls === undefined) return [];
  const { folder, port } = tls;
  const server = 'the server of metrics';
  const certificates = createMountedSource({ server, folder, checkMs: 10_000, time: systemTime, log });
  return [createHttpServer({ port, log, metrics, certificates })];
}

/** What metrics of resources are made with. */
export interface ResourceMetricsParts {
  readonly caches: Pick<Caches, 'watch'>;
  readonly metrics: Pick<Metrics, 'registry'>;
  readonly time: Pick<Time, 'now'>;
  /** Whether this replica acts. */
  readonly leads: () => boolean;
}

/** What of the configuration metrics of resources go by. */
export type ResourceMetricsConfig = Pick<
  OperatorConfig,
  'engines' | 'identity' | 'leaderElection' | 'metrics' | 'spark'
>;

/** What metrics are told of that no watch tells. */
export interface ToldMetrics {
  /** A look of the autoscaler at the job of a resource; undefined where it is off. */
  autoscaled(resource: KubeObject, look: AutoscalerLook | undefined): void;
}

/** Counts what happens to resources, as the watches that are there anyway tell it. Before the caches start. */
export function watchResourceMetrics(config: ResourceMetricsConfig, parts: ResourceMetricsParts): ToldMetrics {
  const { metrics, time, leads } = parts;
  const common = { registry: metrics.registry, leads, now: () => time.now() };
  const resources = createResourceMetrics({
    ...common,
    maxResources: config.metrics.maxResources,
    jobStates: JOB_STATES,
  });
  const operator = config.metrics.incumbents ? operatorLabels(config) : undefined;
  const { maxResources } = config.metrics;
  const autoscaler = config.engines.includes('flink')
    ? createAutoscalerMetrics({ registry: metrics.registry, maxResources, operator })
    : undefined;
  const watching = { ...parts, common, resources, autoscaler };
  const watchOf: Readonly<Record<Engine, () => void>> = {
    flink: () => watchFlink(config, watching),
    spark: () => watchSpark(config, watching),
  };
  for (const engine of config.engines) watchOf[engine]();
  return {
    autoscaled: (resource, look) =>
      autoscaler?.(`${resource.kind}/${keyOf(resource.metadata)}`, look && autoscaledJob(resource, look)),
  };
}

function autoscaledJob({ kind, metadata }: KubeObject, { at, decision, vertices }: AutoscalerLook): AutoscaledJob {
  const { name, namespace = '' } = metadata;
  const evaluated = decision?.evaluated;
  const found = vertices.map((vertex) => ({ id: vertex.id, name: vertex.name, ...evaluated?.get(vertex.id) }));
  const vertexes = evaluated === undefined || evaluated.size === 0 ? undefined : found;
  return { kind, namespace, name, at, result: resultOf(decision), vertices: vertexes };
}

function resultOf(decision: AutoscalerLook['decision']): AutoscaledJob['result'] {
  if (decision === undefined) return 'failed';
  if (decision.wanted !== undefined) return 'scaled';
  const waits = ['TooFewSamples', 'Stabilizing', 'WindowNotFull', 'MetricsMissing'];
  return waits.includes(decision.why.reason) ? 'waiting' : 'unchanged';
}

interface Watching extends ResourceMetricsParts {
  readonly common: Parameters<typeof createFlinkChanges>[0];
  readonly resources: ReturnType<typeof createResourceMetrics>;
  readonly autoscaler: AutoscalerMetrics | undefined;
}

function watchFlink(config: ResourceMetricsConfig, { caches, common, resources, autoscaler }: Watching): void {
  const changes = createFlinkChanges(common);
  const incumbent = incumbentFlink(config, common);
  for (const kind of [SESSION_KIND, SESSION_JOB_KIND]) {
    const resource = resources({ kind: kind.kind, states: LIFECYCLE_STATES });
    caches.watch({ kind }, (event) => {
      const { key, after } = sidesOf(event);
      const is = after && measuredFlink(after);
      resource(key, is);
      changes(`${kind.kind}/${key}`, is?.job === undefined && is?.phase !== 'new' ? undefined : is);
      incumbent?.resource(`${kind.kind}/${key}`, is);
      if (is === undefined) autoscaler?.(`${kind.kind}/${key}`, undefined);
    });
  }
  const snapshot = resources({ kind: SNAPSHOT_KIND.kind, states: SNAPSHOT_STATES, ended: SNAPSHOT_ENDED });
  caches.watch({ kind: SNAPSHOT_KIND }, (event) => {
    const { key, after } = sidesOf(event);
    const is = after && measuredSnapshot(after);
    snapshot(key, is);
    incumbent?.snapshot(key, is);
  });
}

function incumbentFlink(config: ResourceMetricsConfig, common: Watching['common']): IncumbentFlinkMetrics | undefined {
  return config.metrics.incumbents
    ? createIncumbentFlinkMetrics({ ...common, operator: operatorLabels(config) })
    : undefined;
}

function operatorLabels({ identity, leaderElection }: ResourceMetricsConfig) {
  const { leaseNamespace: namespace = 'default', leaseName: name = 'weir' } = leaderElection ?? {};
  return { host: identity, namespace, name };
}

function watchSpark({ spark, metrics }: ResourceMetricsConfig, { caches, common, resources }: Watching): void {
  for (const kind of [SPARK_APPLICATION_KIND, SCHEDULE_KIND, SPARK_CONNECT_KIND]) {
    const resource = resources({ kind: kind.kind, states: SPARK_STATES[kind.kind], ended: SPARK_ENDED });
    caches.watch({ kind }, (event) => {
      const { key, after } = sidesOf(event);
      resource(key, after && measuredSpark(after));
    });
  }
  if (!metrics.incumbents) return;
  const counts = createSparkMetrics({ ...common, ...spark.metrics });
  caches.watch({ kind: SPARK_APPLICATION_KIND }, (event) => {
    const { key, before, after } = sidesOf(event);
    counts.application(key, before && measuredApplication(before), after && measuredApplication(after));
  });
  const pods = RUN_WATCHES.find(({ kind }) => kind === KINDS.pod) ?? { kind: KINDS.pod };
  caches.watch(pods, (event) => {
    const { key, before, after } = sidesOf(event);
    counts.executor(key, before && measuredExecutor(before), after && measuredExecutor(after));
  });
}

interface Sides {
  readonly key: string;
  readonly before: KubeObject | undefined;
  readonly after: KubeObject | undefined;
}

function sidesOf(event: StoreEvent): Sides {
  const key = keyOf(event.object.metadata);
  switch (event.type) {
    case 'added':
      return { key, before: undefined, after: event.object };
    case 'updated':
      return { key, before: event.previous, after: event.object };
    case 'deleted':
      return { key, before: event.object, after: undefined };
  }
}
