import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanReport, ResourcePlan } from '../src/cli/plan/report.ts';
import { encodeSpec } from '../src/flink/record.ts';
import type { FlinkDeployment } from '../src/flink/schema.ts';
import { SESSION_JOB_KIND } from '../src/flink/session-job/schema.ts';
import { aSessionJob } from '../src/flink/session-job/testing.ts';
import { SNAPSHOT_KIND } from '../src/flink/snapshot/schema.ts';
import { aFlinkDeployment, aSessionCluster } from '../src/flink/testing.ts';
import { type ApiServer, startApiServer } from './cluster/api-server.ts';
import { programs } from './cluster/programs.ts';
import { established } from './kit/established.ts';
import { run, tryRun } from './lib/run.ts';

const root = join(import.meta.dirname, '..');

describe('weir plan --server', () => {
  let server: ApiServer;
  let kubectl = '';
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'weir-plan-'));
    [server, { kubectl }] = await Promise.all([startApiServer(), programs(['kubectl'])]);
    const crds = await run(join(root, 'bin', 'weir.mjs'), ['crds']);
    await apply(crds);
    await established(() => kube('wait', '--for=condition=established', 'crd/flinkdeployments.flink.apache.org'));
  }, 900_000);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true });
  });

  const kube = (...args: string[]): Promise<string> => run(kubectl, ['--kubeconfig', server.kubeconfigPath, ...args]);

  async function apply(text: string): Promise<void> {
    const file = join(folder, 'apply.yaml');
    writeFileSync(file, text);
    await kube('apply', '--server-side', '-f', file);
  }

  async function plan(manifest: object): Promise<ResourcePlan> {
    const { stdout } = await tryRun(
      join(root, 'bin', 'weir.mjs'),
      ['plan', '-f', '-', '--server', '--kubeconfig', server.kubeconfigPath, '-o', 'json'],
      { input: dump(manifest) },
    );
    const [resource] = (JSON.parse(stdout) as PlanReport).resources;
    if (resource === undefined) throw new Error('nothing was planned');
    return resource;
  }

  function manifest(parallelism: number): FlinkDeployment {
    const { apiVersion, kind, spec } = aFlinkDeployment({ spec: { job: { parallelism } } });
    return { apiVersion, kind, metadata: { name: 'orders' }, spec };
  }

  it('compares with what is stored, in the namespace of the context', async () => {
    expect(await plan(manifest(2))).toMatchObject({ decision: 'create', namespace: 'default' });
    await apply(dump(manifest(2)));
    const lastReconciledSpec = encodeSpec(manifest(2).spec, 'running', false);
    const status = { reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec } };
    await kube('patch', 'flinkdep', 'orders', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));
    expect(await plan(manifest(2))).toMatchObject({ decision: 'no-op', changes: [] });
    expect(await plan(manifest(4))).toMatchObject({
      decision: 'restart',
      changes: ['spec.job.parallelism'],
      taskManagers: 4,
    });
  });

  it('looks for the session of a session job, and at what became of a snapshot', async () => {
    const job = { ...SESSION_JOB_KIND, metadata: { name: 'clicks' }, spec: aSessionJob().spec };
    const there = { ...manifest(2), metadata: { name: 'shared' }, spec: aSessionCluster().spec };
    const onto = (deploymentName: string): object => ({ ...job, spec: { ...job.spec, deploymentName } });
    expect(await plan(onto('shared'))).toMatchObject({ reason: 'SessionNotFound' });
    await apply(dump(there));
    expect(await plan(onto('shared'))).toMatchObject({ decision: 'create', reason: 'Submitting' });
    const spec = { jobReference: { kind: 'FlinkDeployment', name: 'orders' }, savepoint: {} };
    const snapshot = { ...SNAPSHOT_KIND, metadata: { name: 'before' }, spec };
    expect(await plan(snapshot)).toMatchObject({ decision: 'create' });
    await apply(dump(snapshot));
    const status = JSON.stringify({ status: { state: 'COMPLETED', path: 's3://b/s' } });
    await kube('patch', 'flinksnp', 'before', '--subresource=status', '--type=merge', '-p', status);
    expect(await plan(snapshot)).toMatchObject({ decision: 'no-op', reason: 'COMPLETED', changes: [] });
  });

  it('says whether what would be started fits the nodes and quotas there are', async () => {
    const fresh = { ...manifest(2), metadata: { name: 'payments' } };
    expect((await plan(fresh)).capacity).toEqual({
      status: 'False',
      reason: 'NoMatchingNode',
      message: 'the cluster has no node',
      held: false,
    });
    await apply(dump({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } }));
    const allocatable = { cpu: '8', memory: '23.4Gi', pods: '110' };
    const status = { allocatable, conditions: [{ type: 'Ready', status: 'True', reason: 'x', message: 'x' }] };
    await kube('patch', 'node', 'n1', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status }));
    await kube('patch', 'node', 'n1', '--type=merge', '-p', JSON.stringify({ spec: { taints: null } }));
    expect((await plan(fresh)).capacity).toMatchObject({ status: 'True', reason: 'Fits' });
    const { spec } = fresh;
    const large = { ...fresh, spec: { ...spec, taskManager: { resource: { cpu: 1, memory: '64g' } } } };
    expect((await plan(large)).capacity).toMatchObject({
      status: 'False',
      reason: 'NoNodeLargeEnough',
      message:
        'a TaskManager pod requests 1 core, 64 GiB memory; the largest of 1 node it may run on, "n1", gives 23.4 GiB memory when empty: 40.6 GiB memory missing',
    });
    await kube('create', 'quota', 'team', '--hard=pods=2');
    expect((await plan(fresh)).capacity).toMatchObject({ status: 'False', reason: 'QuotaExceeded' });
  });

  it('says in one line that the cluster cannot be read', async () => {
    const config = join(folder, 'kubeconfig');
    writeFileSync(
      config,
      readFileSync(server.kubeconfigPath, 'utf8').replace(/https:\/\/[^\s"]+/, 'https://127.0.0.1:1'),
    );
    const args = ['plan', '-f', '-', '--server', '--kubeconfig', config];
    const result = await tryRun(join(root, 'bin', 'weir.mjs'), args, { input: dump(manifest(2)) });
    expect(result.stderr).toMatch(
      /^error: reading FlinkDeployment default\/orders from https:\/\/127\.0\.0\.1:1: .*\n$/,
    );
    expect(result.code).toBe(1);
  });
});
