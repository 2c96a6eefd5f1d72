import type { SparkConfig } from './config-spark.ts';
import { type KubeObject, keyOf } from './kube/object.ts';
import type { Metrics } from './metrics/metrics.ts';
import { createSparkMetrics } from './metrics/spark.ts';
import type { Caches } from './runtime/caches.ts';
import type { StoreEvent } from './runtime/store.ts';
import type { Time } from './runtime/time.ts';
import { RUN_WATCHES } from './spark/controller.ts';
import { measuredApplication, measuredExecutor } from './spark/measured.ts';
import { KINDS } from './spark/observe.ts';
import { SPARK_APPLICATION_KIND } from './spark/schema.ts';

/** What the metrics of applications are made with. */
export interface SparkMetricsParts {
  readonly caches: Pick<Caches, 'watch'>;
  readonly metrics: Pick<Metrics, 'registry'>;
  readonly time: Pick<Time, 'now'>;
  /** Whether this replica acts. */
  readonly leads: () => boolean;
}

/** Counts what happens to SparkApplications and executors, as the watches that are there anyway tell it. Before the caches start. */
export function watchSparkMetrics({ metrics: { prefix, labels } }: SparkConfig, parts: SparkMetricsParts): void {
  const { caches, metrics, time, leads } = parts;
  const counts = createSparkMetrics({ registry: metrics.registry, prefix, labels, leads, now: () => time.now() });
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
