import { describe, expect, it } from 'vitest';
import { unasked } from '../../core/fact.ts';
import type { Reader, ServiceRequest } from '../../core/ports.ts';
import type { KubeObject } from '../../kube/object.ts';
import { encodeSpec } from '../record.ts';
import { aFlinkDeployment, aSessionCluster } from '../testing.ts';
import { createSessionJobReconciler } from './controller.ts';
import { SESSION_KIND } from './schema.ts';
import { aSessionJob } from './testing.ts';

const signal = new AbortController().signal;

function session(): KubeObject {
  const deployment = aSessionCluster({ spec: { flinkConfiguration: { 'rest.port': '9999' } } });
  const reconciliationStatus = { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(deployment.spec, 'running', false) };
  return { ...deployment, status: { reconciliationStatus } };
}

const JOB = 'a'.repeat(32);

/** What Flink 2.0 answers, by path; of a running job that has completed no checkpoint. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/config': { 'flink-version': '2.0.0', 'flink-revision': 'x' },
  [`/jobs/${JOB}`]: { vertices: [] },
  [`/jobs/${JOB}/exceptions?maxExceptions=1`]: {},
  [`/jobs/${JOB}/checkpoints`]: {
    counts: { restored: 0, total: 0, in_progress: 0, completed: 0, failed: 0 },
    latest: { completed: null, savepoint: null, failed: null, restored: null },
    history: [],
  },
};

function reconciler(objects: readonly KubeObject[], jobs: readonly object[] = []) {
  const requests: ServiceRequest[] = [];
  const read: Reader = {
    get: ({ kind, name }) => objects.find((object) => object.kind === kind && object.metadata.name === name),
    list: ({ kind }) => objects.filter((object) => object.kind === kind),
  };
  const created = createSessionJobReconciler({
    http: {
      async request(request) {
        requests.push(request);
        return { status: 200, body: ANSWERS[request.path] ?? { jobs } };
      },
    },
    artifacts: { open: async () => Promise.reject(new Error('nothing is to be fetched')) },
    read,
    defaults: () => ({ flinkConfiguration: {} }),
    probe: { fast: 1, slow: 2 },
  });
  return { created, requests, read };
}

describe('the session job controller', () => {
  it('asks the session of a job where it answers', async () => {
    const { created, requests } = reconciler([session()]);
    expect(await created.ask(aSessionJob(), signal, undefined)).toMatchObject({ jobs: [], job: undefined });
    expect(requests.map(({ service, port, path }) => `${service}:${port}${path}`)).toEqual([
      'orders-rest:9999/jobs/overview',
      'orders-rest:9999/config',
    ]);
  });

  it('tells how recent checkpoints are of a job that takes some, by its own options over those of the session', async () => {
    const flinkConfiguration = { 'execution.checkpointing.interval': '20 min' };
    const { spec, ...resource } = aSessionJob({ spec: { flinkConfiguration } });
    const reconciliationStatus = { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(spec, 'running', false) };
    const times = { 'start-time': 5, duration: 100, 'last-modification': 9 };
    const { created } = reconciler([session()], [{ jid: JOB, name: 'x', state: 'RUNNING', tasks: {}, ...times }]);
    const status = { jobStatus: { jobId: JOB }, reconciliationStatus };
    const answer = await created.ask({ ...resource, spec, status } as KubeObject, signal, undefined);
    expect(created.checkpointed?.(answer)).toMatchObject({ newestAt: 5, windowMs: 2_400_000 });
  });

  it('asks nobody while there is no session', async () => {
    const { created, requests } = reconciler([]);
    await expect(created.ask(aSessionJob(), signal, undefined)).rejects.toThrow(
      'default/clicks: its session is not there to be asked',
    );
    expect(requests).toEqual([]);
  });

  it('looks at all jobs of a session that changed, and at none for an application', () => {
    const other = aSessionJob({ metadata: { name: 'other' }, spec: { deploymentName: 'another' } });
    const { created, read } = reconciler([aSessionJob(), other]);
    const watch = created.watches.find(({ kind }) => kind === SESSION_KIND);
    expect(watch?.toKey(session(), read)).toEqual(['default/clicks']);
    expect(watch?.toKey(aFlinkDeployment(), read)).toEqual([]);
  });

  it('tells of a failed submission in the words of whoever refused it', () => {
    const { created, read } = reconciler([session()]);
    const failure = { kind: 'stalled', reason: 'ArtifactRefused', message: 'host x is private' } as const;
    expect(created.failed?.(aSessionJob(), failure, new Date(0))?.status).toMatchObject({
      error: JSON.stringify({ type: 'ArtifactRefused', message: 'host x is private' }),
    });
    const probe = { latest: () => unasked, every: () => undefined };
    expect(created.observe(aSessionJob(), read, probe).session?.metadata.name).toBe('orders');
  });
});
