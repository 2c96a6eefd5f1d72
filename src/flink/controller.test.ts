import { describe, expect, it } from 'vitest';
import type { ServiceRequest } from '../core/ports.ts';
import type { KubeObject } from '../kube/object.ts';
import { createFlinkReconciler } from './controller.ts';
import type { OperatorDefaults } from './flink-conf.ts';
import { encodeSpec } from './record.ts';
import { aFlinkDeployment } from './testing.ts';

const signal = new AbortController().signal;

/** A deployed application whose JobManager's REST port is set by its own configuration, if a port is given. */
function deployed(port?: string): KubeObject {
  const own = port === undefined ? {} : { flinkConfiguration: { 'rest.port': port } };
  const { spec, ...resource } = aFlinkDeployment({ spec: own });
  const lastReconciledSpec = encodeSpec(spec, 'running', true);
  const status = { reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec } };
  return { ...resource, spec, status } as KubeObject;
}

const JOB = 'a'.repeat(32);

/** A job in GET /jobs/overview, with tasks that are not looked into. */
const RUNNING = {
  jid: JOB,
  name: 'orders',
  state: 'RUNNING',
  'start-time': 5,
  duration: 100,
  'last-modification': 9,
  tasks: { total: 0 },
};

/** What Flink 2.0 answers of such a job, by the end of the path. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/config': { 'flink-version': '2.0.0', 'flink-revision': 'r' },
  [`/jobs/${JOB}`]: { vertices: [] },
  [`/jobs/${JOB}/exceptions?maxExceptions=1`]: {},
  [`/jobs/${JOB}/checkpoints`]: {
    counts: { restored: 0, total: 0, in_progress: 0, completed: 0, failed: 0 },
    latest: { completed: null, savepoint: null, failed: null, restored: null },
    history: [],
  },
};

function asked(jobs: readonly object[] = []) {
  const requests: ServiceRequest[] = [];
  let configuration: OperatorDefaults['flinkConfiguration'] = {};
  const reconciler = createFlinkReconciler({
    defaults: () => ({ flinkConfiguration: configuration }),
    http: {
      request: async (request) => {
        requests.push(request);
        return { status: 200, body: ANSWERS[request.path] ?? { jobs } };
      },
    },
    probe: { fast: 250, slow: 10_000 },
  });
  return {
    reconciler,
    async portOf(resource: KubeObject) {
      await reconciler.ask(resource, signal, undefined);
      return requests.at(-1)?.port;
    },
    configure(next: OperatorDefaults['flinkConfiguration']) {
      configuration = next;
    },
  };
}

function trimOf(kind: string): (object: KubeObject) => KubeObject {
  const { watches } = asked().reconciler;
  const trim = watches.find((watch) => watch.kind.kind === kind)?.trim;
  if (trim === undefined) throw new Error(`${kind}s are kept as they are`);
  return trim;
}

describe('high-availability ConfigMaps', () => {
  it('are kept without the lease, which says nothing and changes every few seconds', () => {
    const trim = trimOf('ConfigMap');
    const labels = { app: 'basic', type: 'flink-native-kubernetes' };
    const annotations = { 'control-plane.alpha.kubernetes.io/leader': '{"renewTime":"now"}' };
    const map = (name: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default', labels, annotations },
      data: { 'jobGraph-0': 'handle', counter: '3' },
    });
    const kept = trim(map('basic-cluster-config-map'));
    expect(kept.metadata).toEqual({ name: 'basic-cluster-config-map', namespace: 'default', labels });
    expect(kept.data).toEqual({ 'jobGraph-0': '' });
    expect(trim(map('flink-config-basic')).metadata.annotations).toEqual(annotations);
  });
});

describe('Deployments', () => {
  it('are kept without what their controller counts on the way, which no decision reads', () => {
    const kept = (status: object): unknown => trimOf('Deployment')({ ...bare, spec: { replicas: 1 }, status });
    const bare = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'basic' } };
    const available = { type: 'Available', status: 'False', lastTransitionTime: '2026-01-01T00:00:00Z' };
    const seen = { observedGeneration: 1, unavailableReplicas: 1, conditions: [available] };
    const progressing = { type: 'Progressing', status: 'True', lastUpdateTime: '2026-01-01T00:00:01Z' };
    expect(kept({ ...seen, replicas: 1, updatedReplicas: 1, conditions: [progressing, available] })).toEqual(
      kept(seen),
    );
    const failure = { type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' };
    for (const news of [{ conditions: [available, failure] }, { availableReplicas: 1 }, { readyReplicas: 1 }]) {
      expect(kept({ ...seen, ...news })).not.toEqual(kept(seen));
    }
  });
});

describe('where a JobManager is asked', () => {
  it('follows the deployed spec of each version of a resource', async () => {
    const { portOf } = asked();
    const [first, second] = [deployed('9001'), deployed('9002')];
    expect([await portOf(first), await portOf(second), await portOf(first)]).toEqual([9001, 9002, 9001]);
  });

  it('follows a change of the operator configuration', async () => {
    const { portOf, configure } = asked();
    const resource = deployed();
    expect(await portOf(resource)).toBe(8081);
    configure({ 'rest.port': '9003' });
    expect(await portOf(resource)).toBe(9003);
  });

  it('is unknown while nothing was deployed', async () => {
    const { portOf } = asked();
    await expect(portOf(aFlinkDeployment() as KubeObject)).rejects.toThrow('nothing is deployed');
  });
});

describe('checkpoints', () => {
  const job = (options: Readonly<Record<string, string>>): KubeObject => {
    const { spec, ...resource } = aFlinkDeployment({ spec: { flinkConfiguration: options } });
    const reconciliationStatus = { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(spec, 'running', true) };
    return { ...resource, spec, status: { jobStatus: { jobId: JOB }, reconciliationStatus } } as KubeObject;
  };

  it.each([
    [{ 'execution.checkpointing.interval': '1 min' }, 1_200_000],
    [
      { 'execution.checkpointing.interval': '1 h', 'execution.checkpointing.tolerable-failed-checkpoints': '1' },
      10_800_000,
    ],
    [{}, undefined],
  ])('of a job with %j are late after %s ms, and no news for a decision', async (options, windowMs) => {
    const { reconciler } = asked([RUNNING]);
    const answer = await reconciler.ask(job(options), signal, undefined);
    expect(reconciler.checkpointed?.(answer)?.windowMs).toBe(windowMs);
    const { checkpointed: _checkpointed, ...others } = answer;
    expect(reconciler.answersEqual(answer, others)).toBe(true);
    expect(reconciler.answersEqual(answer, { ...answer, flinkVersion: 'other' })).toBe(false);
  });
});
