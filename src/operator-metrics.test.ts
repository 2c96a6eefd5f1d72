import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics/metrics.ts';
import { watchSparkMetrics } from './operator-metrics.ts';
import type { Listener, WatchSpec } from './runtime/source.ts';
import { podOf, resourceOf } from './spark/testing/pass.ts';
import { aSparkApplication } from './spark/testing.ts';

const CONFIG = {
  uiService: true,
  ingress: { urlFormat: undefined, className: undefined, tls: [], annotations: {} },
  runNamePrecision: 'nanos',
  defaultTimeToLiveSeconds: 0,
  partialRestart: false,
  metrics: { prefix: '', labels: ['namespace'] },
  batch: { enabled: false, kubeSchedulers: [], fallback: undefined },
} as const;

describe('metrics of Spark applications', () => {
  it('follow the watches the controllers have', async () => {
    const asked: { spec: WatchSpec; listener: Listener }[] = [];
    const metrics = createMetrics({ version: '1', processMetrics: false });
    const caches = { watch: (spec: WatchSpec, listener: Listener) => void asked.push({ spec, listener }) };
    watchSparkMetrics(CONFIG, { caches, metrics, time: { now: () => 0 }, leads: () => true });
    const listenerOf = (kind: string) =>
      asked.find(({ spec }) => spec.kind.kind === kind)?.listener ?? (() => undefined);
    const [applications, pods] = ['SparkApplication', 'Pod'].map(listenerOf);
    const [fresh, running] = [aSparkApplication(), resourceOf({ state: 'RUNNING' })];
    applications?.({ type: 'added', object: fresh });
    applications?.({ type: 'updated', previous: fresh, object: running });
    const executor = (phase: string) => podOf('executor', 'pi-exec-1', { phase });
    pods?.({ type: 'added', object: executor('Running') });
    const text = async (): Promise<string> => metrics.registry.metrics();
    expect(await text()).toContain('spark_application_count{namespace="default"} 1\n');
    expect(await text()).toContain('spark_application_running_count{namespace="default"} 1\n');
    expect(await text()).toContain('spark_executor_running_count{namespace="default"} 1\n');
    pods?.({ type: 'updated', previous: executor('Running'), object: executor('Failed') });
    pods?.({ type: 'deleted', object: executor('Failed') });
    applications?.({ type: 'deleted', object: running });
    expect(await text()).toContain('spark_executor_failure_count{namespace="default"} 1\n');
    expect(await text()).not.toContain('running_count{');
  });
});
