import type { Registry } from 'prom-client';
import { OPTIONS } from '../../src/cli/run-options.ts';
import { createAutoscalerMetrics } from '../../src/metrics/autoscaler.ts';
import { createFlinkChanges } from '../../src/metrics/flink-changes.ts';
import { type CountedFlink, createIncumbentFlinkMetrics } from '../../src/metrics/incumbent-flink.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { createResourceMetrics } from '../../src/metrics/resources.ts';
import { createSparkMetrics } from '../../src/metrics/spark.ts';
import { createWebhookMetrics } from '../../src/metrics/webhook.ts';

/** One metric as its definition has it. */
export interface MetricDefinition {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** Every metric that Weir may export, by name. */
export async function everyMetric(): Promise<readonly MetricDefinition[]> {
  const { registry } = createMetrics({ version: '0' });
  createWebhookMetrics(registry);
  const common = { registry, leads: () => true, now: () => 0 };
  createResourceMetrics({ ...common, maxResources: 0, jobStates: [] });
  createFlinkChanges(common);
  createAutoscalerMetrics({ registry, maxResources: 0, operator: { host: '', namespace: '', name: '' } });
  createSparkMetrics({ ...common, prefix: '', labels: [], submitBuckets: [1], startBuckets: [1] });
  liveThroughLifecycle(
    createIncumbentFlinkMetrics({ ...common, operator: { host: '', namespace: '', name: '' } }).resource,
  );
  const metrics = await registry.getMetricsAsJSON();
  return metrics
    .map(({ name, type, help }) => ({ name, type: String(type), help, labels: labelsOf(registry, name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function labelsOf(registry: Registry, name: string): readonly string[] {
  return (registry.getSingleMetric(name) as unknown as { labelNames: readonly string[] }).labelNames;
}

/** Times of lifecycle states and transitions have no metric before the first one has passed. */
function liveThroughLifecycle(tell: (key: string, resource: CountedFlink) => void): void {
  const lives = [
    'CREATED UPGRADING DEPLOYED STABLE UPGRADING DEPLOYED ROLLING_BACK ROLLED_BACK FAILED DELETING DELETED CREATED',
    'STABLE SUSPENDED UPGRADING DEPLOYED STABLE FAILED STABLE DELETED STABLE',
  ];
  for (const kind of ['FlinkDeployment', 'FlinkSessionJob']) {
    for (const [index, life] of lives.entries()) {
      for (const state of life.split(' ')) {
        const resource = { kind, namespace: '', state, generation: 1, createdAt: 0, jobManager: '', flinkVersion: '' };
        tell(`${kind}/${index}`, { ...resource, cpu: 0, memoryBytes: 0, stateBytes: 0 });
      }
    }
  }
}

/** What the flags of `weir run` about metrics are called, for the page. */
export const METRIC_FLAGS = {
  incumbents: OPTIONS.metricsIncumbents.flag,
  maxResources: OPTIONS.metricsMaxResources.flag,
  prefix: OPTIONS.metricsPrefix.flag,
  labels: OPTIONS.metricsLabels.flag,
} as const;
