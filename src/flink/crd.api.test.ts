import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../e2e/cluster/api-server.ts';
import { programs } from '../../e2e/cluster/programs.ts';
import { type RunResult, run, tryRun } from '../../e2e/lib/run.ts';
import type { KubeObject } from '../kube/object.ts';
import { jsonSchemaOf } from '../kube/structural-schema.ts';
import { isRecord } from '../lib/json.ts';
import { FlinkDeploymentSpec, FlinkDeploymentStatus } from './schema.ts';
import { aFlinkDeployment } from './testing.ts';
import { validateSpec } from './validate.ts';

const crdFolder = join(import.meta.dirname, '../../crds');

let server: ApiServer;
let kubectlPath: string;

beforeAll(async () => {
  kubectlPath = (await programs(['kubectl'])).kubectl;
  server = await startApiServer();
  await kubectl(['apply', '-f', crdFolder]);
  await kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
});
afterAll(() => server.stop());

function kubectl(args: readonly string[], input?: unknown): Promise<string> {
  return run(kubectlPath, [`--kubeconfig=${server.kubeconfigPath}`, ...args], withInput(input));
}

function tryKubectl(args: readonly string[], input?: unknown): Promise<RunResult> {
  return tryRun(kubectlPath, [`--kubeconfig=${server.kubeconfigPath}`, ...args], withInput(input));
}

function withInput(input: unknown): { input?: string } {
  return input === undefined ? {} : { input: JSON.stringify(input) };
}

async function get(name: string): Promise<KubeObject> {
  return JSON.parse(await kubectl(['get', name, '-o', 'json'])) as KubeObject;
}

/** A value that uses every field a schema has. */
function exampleOf(schema: unknown): unknown {
  if (!isRecord(schema)) return 'text';
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return { spec: { brandNew: [{ field: 1 }] } };
  if (schema['x-kubernetes-int-or-string'] === true) return 7;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (isRecord(schema.properties)) {
    return Object.fromEntries(Object.entries(schema.properties).map(([name, item]) => [name, exampleOf(item)]));
  }
  if (isRecord(schema.additionalProperties)) return { key: exampleOf(schema.additionalProperties) };
  if (schema.type === 'array') return [exampleOf(schema.items)];
  if (schema.type === 'boolean') return true;
  if (schema.type === 'integer') return 2_147_483_647;
  return schema.type === 'number' ? 1.5 : 'text';
}

describe('the CRD on an API server', () => {
  it('has no condition against it', async () => {
    const { conditions } = (await get('crd/flinkdeployments.flink.apache.org')).status as {
      conditions: { type: string; status: string }[];
    };
    expect(conditions.map(({ type, status }) => `${type}=${status}`).sort()).toEqual([
      'Established=True',
      'NamesAccepted=True',
    ]);
  });

  it('stores every field of spec and status whole', async () => {
    const example = exampleOf(jsonSchemaOf(FlinkDeploymentSpec)) as FlinkDeploymentSpec;
    const spec = { ...example, restartNonce: Number.MAX_SAFE_INTEGER };
    const status = exampleOf(jsonSchemaOf(FlinkDeploymentStatus));
    const { apiVersion, kind } = aFlinkDeployment();
    const object = { apiVersion, kind, metadata: { name: 'full' }, spec };
    await kubectl(['create', '--validate=strict', '-f', '-'], object);
    await kubectl(['patch', 'flinkdep/full', '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
    const stored = await get('flinkdep/full');
    expect({ spec: stored.spec, status: stored.status }).toEqual({ spec, status });
  });

  it('shows the columns people know, and more with -o wide', async () => {
    const head = (text: string): string[] =>
      text
        .split('\n')[0]
        ?.trim()
        .split(/\s{2,}/) ?? [];
    const known = ['NAME', 'JOB STATUS', 'LIFECYCLE STATE', 'AGE'];
    const wide = ['READY', 'REASON', 'FLINK VERSION', 'UPGRADE MODE', 'TASKMANAGERS', 'TASKS'];
    expect(head(await kubectl(['get', 'flinkdep']))).toEqual(known);
    expect(head(await kubectl(['get', 'flinkdeployments', '-o', 'wide']))).toEqual([...known, ...wide]);
  });

  it('can be scaled, and the scale shows what status says', async () => {
    await kubectl(['create', '-f', '-'], { ...aFlinkDeployment(), metadata: { name: 'scaled' } });
    await kubectl(['scale', 'flinkdep/scaled', '--replicas=3']);
    expect((await get('flinkdep/scaled')).spec).toMatchObject({ taskManager: { replicas: 3 } });
    const status = { taskManager: { replicas: 2, labelSelector: 'component=taskmanager,app=scaled' } };
    await kubectl([
      'patch',
      'flinkdep/scaled',
      '--subresource=status',
      '--type=merge',
      '-p',
      JSON.stringify({ status }),
    ]);
    const path = '/apis/flink.apache.org/v1beta1/namespaces/default/flinkdeployments/scaled/scale';
    expect(JSON.parse(await kubectl(['get', '--raw', path]))).toMatchObject({
      spec: { replicas: 3 },
      status: { replicas: 2, selector: 'component=taskmanager,app=scaled' },
    });
  });

  it('stores the largest spec Weir takes, and its two records in the status', async () => {
    const base = aFlinkDeployment();
    const flinkConfiguration: Record<string, string> = {};
    let spec = base.spec;
    for (let i = 0; validateSpec('large', spec).length === 0; i += 100) {
      for (let j = i; j < i + 100; j++) flinkConfiguration[`some.option.of.a.job.${j}`] = `a "quoted" value, ${j}`;
      spec = { ...base.spec, flinkConfiguration };
    }
    for (const key of Object.keys(flinkConfiguration).slice(-100)) delete flinkConfiguration[key];
    expect(validateSpec('large', spec)).toEqual([]);
    await kubectl(['create', '-f', '-'], { ...base, metadata: { name: 'large' }, spec });
    const record = JSON.stringify({ spec });
    const status = { reconciliationStatus: { lastReconciledSpec: record, lastStableSpec: record } };
    const object = { ...(await get('flinkdep/large')), status };
    await kubectl(['replace', '--subresource=status', '-f', '-'], object);
    expect((await get('flinkdep/large')).status).toEqual(status);
  });

  it('refuses words the schema does not have', async () => {
    const object = { ...aFlinkDeployment(), metadata: { name: 'odd' } };
    const { code, stderr } = await tryKubectl(['create', '-f', '-'], { ...object, spec: { mode: 'both' } });
    expect(code).toBe(1);
    expect(stderr).toContain('spec.mode: Unsupported value: "both": supported values: "native", "standalone"');
  });

  it('explains its fields', async () => {
    const text = await kubectl(['explain', 'flinkdeployment.spec.job.upgradeMode']);
    expect(text.replace(/\s+/g, ' ')).toContain('a savepoint taken for it (savepoint)');
  });
});
