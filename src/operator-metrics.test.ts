import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createAuthority, issue } from '../e2e/cluster/pki/certificates.ts';
import { aFlinkDeployment } from './flink/testing.ts';
import type { KubeObject } from './kube/object.ts';
import { readRegistry } from './metrics/testing.ts';
import { operatorMetricsServer, type ResourceMetricsConfig, watchResourceMetrics } from './operator-metrics.ts';
import { silentLogger } from './runtime/logger.ts';
import type { Listener, WatchSpec } from './runtime/source.ts';
import type { StoreEvent } from './runtime/store.ts';
import { podOf, resourceOf } from './spark/testing/pass.ts';
import { aSparkApplication } from './spark/testing.ts';

const CONFIG: ResourceMetricsConfig = {
  engines: ['flink', 'spark'],
  identity: 'weir-0',
  leaderElection: undefined,
  metrics: { incumbents: true, maxResources: 10, tls: undefined },
  spark: {
    defaults: {},
    folder: undefined,
    uiService: true,
    ingress: { urlFormat: undefined, className: undefined, tls: [], annotations: {} },
    runNamePrecision: 'nanos',
    defaultTimeToLiveSeconds: 0,
    partialRestart: false,
    metrics: { prefix: '', labels: ['namespace'], submitBuckets: [1], startBuckets: [1] },
    batch: { enabled: false, kubeSchedulers: [], fallback: undefined },
  },
};

function watching(config: Partial<ResourceMetricsConfig> = {}) {
  const asked: { spec: WatchSpec; listener: Listener }[] = [];
  const read = readRegistry();
  const caches = { watch: (spec: WatchSpec, listener: Listener) => void asked.push({ spec, listener }) };
  watchResourceMetrics({ ...CONFIG, ...config }, { caches, metrics: read, time: { now: () => 0 }, leads: () => true });
  const tell = (event: StoreEvent): void => {
    for (const { spec, listener } of asked) if (spec.kind.kind === event.object.kind) listener(event);
  };
  return { ...read, tell };
}

const executor = (phase: string): KubeObject => podOf('executor', 'pi-exec-1', { phase });

describe('metrics over TLS', () => {
  /** What a path answers to somebody who trusts this authority. */
  const get = (port: number, path: string, ca: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const asked = request({ host: 'localhost', port, path, ca, agent: false }, async (response) => {
        resolve({ status: response.statusCode ?? 0, text: (await response.toArray()).map(String).join('') });
      });
      asked.on('error', reject).end();
    });

  it('are served with the certificate of the folder, and nothing else is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'weir-metrics-'));
    const authority = await createAuthority('test');
    const { certificate, key } = await issue(authority, { commonName: 'x', dnsNames: ['localhost'] });
    await Promise.all([writeFile(join(folder, 'tls.crt'), certificate), writeFile(join(folder, 'tls.key'), key)]);
    const metrics = { contentType: 'text/plain', metrics: () => Promise.resolve('up 1\n') };
    const [server, ...more] = operatorMetricsServer({ port: 0, folder }, metrics, silentLogger);
    const port = (await server?.start()) ?? 0;
    try {
      expect(more).toEqual([]);
      expect(await get(port, '/metrics', authority.certificate)).toEqual({ status: 200, text: 'up 1\n' });
      expect((await get(port, '/healthz', authority.certificate)).status).toBe(404);
      const other = await createAuthority('other');
      await expect(get(port, '/metrics', other.certificate)).rejects.toThrow();
    } finally {
      await server?.stop();
      await rm(folder, { recursive: true });
    }
  });

  it('are not, where no folder is named', () => {
    const metrics = { contentType: 'text/plain', metrics: () => Promise.resolve('') };
    expect(operatorMetricsServer(undefined, metrics, silentLogger)).toEqual([]);
  });
});

describe('metrics of resources', () => {
  it('follow the watches the controllers of Spark have', async () => {
    const { tell, value, lines } = watching();
    const [fresh, running] = [aSparkApplication(), resourceOf({ state: 'RUNNING' })];
    tell({ type: 'added', object: fresh });
    tell({ type: 'updated', previous: fresh, object: running });
    tell({ type: 'added', object: executor('Running') });
    expect(await value('spark_application_count{namespace="default"}')).toBe(1);
    expect(await value('spark_application_running_count{namespace="default"}')).toBe(1);
    expect(await value('spark_executor_running_count{namespace="default"}')).toBe(1);
    expect(await value('weir_resources{kind="SparkApplication",namespace="default",state="RUNNING"}')).toBe(1);
    tell({ type: 'updated', previous: executor('Running'), object: executor('Failed') });
    tell({ type: 'deleted', object: executor('Failed') });
    tell({ type: 'deleted', object: running });
    expect(await value('spark_executor_failure_count{namespace="default"}')).toBe(1);
    expect((await lines('')).filter((line) => /running_count\{|weir_resource.*default/.test(line))).toEqual([]);
  });

  it('follow those of Flink, under both names', async () => {
    const { tell, value, lines } = watching();
    const fresh = aFlinkDeployment();
    const stable = aFlinkDeployment({ status: { lifecycleState: 'STABLE', jobStatus: { state: 'RUNNING' } } });
    tell({ type: 'added', object: fresh });
    tell({ type: 'updated', previous: fresh, object: stable });
    const labels = 'host="weir-0",namespace="default",name="weir",resourcens="default",resourcetype="FlinkDeployment"';
    expect(await value(`flink_k8soperator_namespace_Lifecycle_State_STABLE_Count{${labels}}`)).toBe(1);
    expect(await value('weir_resources{kind="FlinkDeployment",namespace="default",state="STABLE"}')).toBe(1);
    expect(
      await value('weir_flink_change_duration_seconds_count{kind="FlinkDeployment",change="start",mode="none"}'),
    ).toBe(1);
    tell({ type: 'deleted', object: stable });
    expect((await lines('')).filter((line) => /(_Count|weir_resource.*)\{.*default/.test(line))).toEqual([]);
  });

  it('are not under the names of the incumbents where that is switched off', async () => {
    const { tell, lines } = watching({ metrics: { incumbents: false, maxResources: 10, tls: undefined } });
    tell({ type: 'added', object: aFlinkDeployment() });
    tell({ type: 'added', object: executor('Running') });
    expect((await lines('')).filter((line) => /^(# TYPE )?(flink|spark)_/.test(line))).toEqual([]);
    expect(await lines('weir_resources{')).toHaveLength(1);
  });

  it('are of the engines that are looked after', async () => {
    const { tell, lines } = watching({ engines: ['spark'] });
    tell({ type: 'added', object: aFlinkDeployment() });
    expect(await lines('weir_resources{')).toEqual([]);
    expect(await lines('# TYPE flink_')).toEqual([]);
  });
});
