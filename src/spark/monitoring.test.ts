import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { describeIssue } from '../core/issue.ts';
import { submissionOf } from './conf/submission.ts';
import { desiredSubmission } from './desired/index.ts';
import type { Monitoring } from './schema.ts';
import { effectiveConf } from './spark-conf.ts';
import { aSparkApplication } from './testing.ts';
import { validateSpec } from './validate.ts';

const PROMETHEUS = { jmxExporterJar: '/opt/jmx.jar' };
const BOTH: Monitoring = { exposeDriverMetrics: true, exposeExecutorMetrics: true, prometheus: PROMETHEUS };

function build(monitoring: Monitoring) {
  const application = aSparkApplication({ spec: { monitoring } });
  const submission = submissionOf('uid', 1, 0);
  const conf = effectiveConf(application, submission);
  const objects = desiredSubmission(application, conf, submission);
  const map = objects.around.find(({ metadata }) => metadata.name === 'pi-prom-conf');
  return { conf, files: map?.data as Record<string, string> | undefined, ...objects };
}

/** Name and labels the first rule that fits gives a bean, as the exporter matches: anywhere, then `$n` filled in. */
function seriesOf(bean: string): unknown {
  const { rules } = load(build(BOTH).files?.['prometheus.yaml'] ?? '') as {
    rules: { pattern: string; name: string; type: string; labels: Record<string, string> }[];
  };
  const rule = rules.find(({ pattern }) => new RegExp(pattern).test(bean));
  const match = new RegExp(rule?.pattern ?? 'none').exec(bean) ?? [];
  const filled = (text: string): string => text.replace(/\$(\d)/g, (_all, n: string) => match[Number(n)] ?? '');
  return {
    name: filled(rule?.name ?? ''),
    type: rule?.type,
    labels: Object.fromEntries(Object.entries(rule?.labels ?? {}).map(([key, value]) => [key, filled(value)])),
  };
}

describe('the JMX exporter', () => {
  it('is only where it is asked for, in each role by itself', () => {
    const none = build({ exposeDriverMetrics: true, exposeExecutorMetrics: true, metricsProperties: 'a=b' });
    expect(none.files).toBeUndefined();
    expect(none.conf.has('spark.metrics.conf')).toBe(false);
    const { conf, supports } = build({ ...BOTH, exposeExecutorMetrics: false });
    expect(conf.get('spark.driver.extraJavaOptions')?.value).toBe(
      '-javaagent:/opt/jmx.jar=8090:/etc/metrics/conf/prometheus.yaml',
    );
    expect(conf.has('spark.executor.extraJavaOptions')).toBe(false);
    expect(supports.map(({ kind }) => kind)).toEqual(['Service']);
    const executors = build({ ...BOTH, exposeDriverMetrics: false });
    expect(JSON.stringify(executors.driver)).not.toContain('prom-conf');
    expect(executors.conf.get('spark.kubernetes.executor.annotation.prometheus.io/port')?.value).toBe('8090');
  });

  it('has its own files only as far as the image has none', () => {
    const configFile = '/opt/jmx.yaml';
    const metricsPropertiesFile = '/opt/metrics.properties';
    expect(Object.keys(build(BOTH).files ?? {})).toEqual(['metrics.properties', 'prometheus.yaml']);
    const prometheus = { ...PROMETHEUS, configFile };
    expect(Object.keys(build({ ...BOTH, prometheus }).files ?? {})).toEqual(['metrics.properties']);
    expect(Object.keys(build({ ...BOTH, metricsPropertiesFile }).files ?? {})).toEqual(['prometheus.yaml']);
    const image = build({ ...BOTH, prometheus, metricsPropertiesFile });
    expect(image.files).toBeUndefined();
    expect(image.conf.get('spark.metrics.conf')?.value).toBe(metricsPropertiesFile);
    expect(JSON.stringify(image.driver)).not.toContain('prom-conf');
  });

  it('names the series as the incumbent does', () => {
    const app = { app_namespace: 'default', app_id: 'pi' };
    expect(seriesOf('metrics<name=default.pi.driver.jvm.heap.used><>Value')).toEqual({
      name: 'spark_driver_jvm_heap.used',
      type: 'GAUGE',
      labels: app,
    });
    expect(seriesOf('metrics<name=default.pi.3.executor.bytesRead><>Count')).toEqual({
      name: 'spark_executor_bytesRead_count',
      type: 'COUNTER',
      labels: { ...app, executor_id: '3' },
    });
    expect(seriesOf('metrics<name=default.pi.driver.spark.streaming.q1.latency><>Value')).toEqual({
      name: 'spark_structured_streaming_driver_latency',
      type: 'GAUGE',
      labels: { ...app, query_name: 'q1' },
    });
    expect(seriesOf('metrics<name=default.pi.driver.LiveListenerBus.numEventsPosted><>Count')).toEqual({
      name: 'spark_driver_LiveListenerBus_numEventsPosted_count',
      type: 'COUNTER',
      labels: app,
    });
  });

  it.each<[string, Monitoring, string]>([
    [
      'no jar',
      { ...BOTH, prometheus: {} },
      'spec.monitoring.prometheus.jmxExporterJar: is missing, it must be a path in the image, without white space',
    ],
    [
      'a jar that would be more than one option',
      { ...BOTH, prometheus: { jmxExporterJar: '/opt/a.jar -Dx=y' } },
      'spec.monitoring.prometheus.jmxExporterJar: "/opt/a.jar -Dx=y" is not valid, it must be a path in the image, without white space',
    ],
    [
      'a configuration with a line break in its path',
      { ...BOTH, prometheus: { ...PROMETHEUS, configFile: '/a\nb' } },
      'spec.monitoring.prometheus.configFile: "/a\\nb" is not valid, it must be a path in the image, without white space',
    ],
    [
      'a port the incumbent refuses too',
      { ...BOTH, prometheus: { ...PROMETHEUS, port: 80 } },
      'spec.monitoring.prometheus.port: 80 is not valid, it must be a port from 1024 to 49151',
    ],
    [
      'a name of a port that is none',
      { ...BOTH, prometheus: { ...PROMETHEUS, portName: 'prometheus-exporter' } },
      'spec.monitoring.prometheus.portName: "prometheus-exporter" is not valid, it must be at most 15 lower-case letters, digits and \'-\'',
    ],
  ])('refuses %s', (_name, monitoring, message) => {
    const { metadata, spec } = aSparkApplication();
    expect(validateSpec(metadata, { ...spec, monitoring }).map(describeIssue)).toEqual([message]);
  });
});
