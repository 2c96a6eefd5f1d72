import type { Engine, OperatorConfig } from './config.ts';
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

/** Counts what happens to resources, as the watches that are there anyway tell it. Before the caches start. */
export function watchResourceMetrics(config: ResourceMetricsConfig, parts: ResourceMetricsParts): void {
  const { metrics, time, leads } = parts;
  const common = { registry: metrics.registry, leads, now: () => time.now() };
  const resources = createResourceMetrics({
    ...common,
    maxResources: config.metrics.maxResources,
    jobStates: JOB_STATES,
  });
  const watching = { ...parts, common, resources };
  const watchOf: Readonly<Record<Engine, () => void>> = {
    flink: () => watchFlink(config, watching),
    spark: () => watchSpark(config, watching),
  };
  for (const engine of config.engines) watchOf[engine]();
}

interface Watching extends ResourceMetricsParts {
  readonly common: Parameters<typeof createFlinkChanges>[0];
  readonly resources: ReturnType<typeof createResourceMetrics>;
}

function watchFlink(config: ResourceMetricsConfig, { caches, common, resources }: Watching): void {
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

function incumbentFlink(
  { metrics, identity, leaderElection }: ResourceMetricsConfig,
  common: Watching['common'],
): IncumbentFlinkMetrics | undefined {
  if (!metrics.incumbents) return undefined;
  const { leaseNamespace: namespace = 'default', leaseName: name = 'weir' } = leaderElection ?? {};
  return createIncumbentFlinkMetrics({ ...common, operator: { host: identity, namespace, name } });
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
