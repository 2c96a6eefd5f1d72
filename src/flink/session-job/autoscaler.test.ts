import { describe, expect, it } from 'vitest';
import { known } from '../../core/fact.ts';
import type { KubeObject } from '../../kube/object.ts';
import { NO_STATE } from '../autoscaler/model.ts';
import { storedData } from '../autoscaler/stored-state.ts';
import type { AutoscaledFacts, JobManagerAnswer } from '../observed.ts';
import { encodeSpec } from '../record.ts';
import { aSessionCluster } from '../testing.ts';
import { decide, type SessionJobPlan } from './decide.ts';
import { type FlinkSessionJobSpec, type FlinkSessionJobStatus, SESSION_JOB_FINALIZER } from './schema.ts';
import { situationOf } from './situation.ts';
import { aSessionJob } from './testing.ts';

const NOW = new Date('2026-02-03T04:05:06Z');
const JOB = 'a'.repeat(32);
const [SOURCE, SINK] = ['b'.repeat(32), 'c'.repeat(32)] as const;
const VERTICES = 'pipeline.jobvertex-parallelism-overrides';
const DECIDED = new Map([
  [SOURCE, 1],
  [SINK, 3],
]);

const SESSION = aSessionCluster({
  spec: {
    flinkConfiguration: {
      'jobmanager.scheduler': 'adaptive',
      'state.checkpoints.dir': 's3://b/c',
      'state.savepoints.dir': 's3://b/s',
    },
  },
});
const session: KubeObject = {
  ...SESSION,
  status: {
    jobManagerDeploymentStatus: 'READY',
    reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(SESSION.spec, 'running', false) },
  },
};

interface Given {
  readonly options?: Readonly<Record<string, string>>;
  readonly recorded?: Readonly<Record<string, string>>;
  readonly job?: FlinkSessionJobSpec['job'];
  readonly map?: KubeObject;
  readonly autoscaled?: AutoscaledFacts;
}

function plan({ options = {}, recorded = options, job: wanted = {}, map, autoscaled }: Given): SessionJobPlan {
  const on = { 'job.autoscaler.enabled': 'true' };
  const specWith = (flinkConfiguration: object, job: FlinkSessionJobSpec['job']) =>
    aSessionJob({
      spec: { job: { upgradeMode: 'savepoint', ...job }, flinkConfiguration: { ...on, ...flinkConfiguration } },
    }).spec;
  const status: FlinkSessionJobStatus = {
    jobStatus: { jobId: JOB, state: 'RUNNING' },
    reconciliationStatus: {
      state: 'DEPLOYED',
      lastReconciledSpec: encodeSpec(specWith(recorded, {}), 'running', false),
      reconciliationTimestamp: 1000,
    },
  };
  const metadata = { finalizers: [SESSION_JOB_FINALIZER] };
  const resource = { ...aSessionJob({ metadata }), spec: specWith(options, wanted), status };
  const facts = { id: JOB, name: 'clicks', state: 'RUNNING' as const, startTime: 1, lastModification: 1 };
  const answer: JobManagerAnswer = {
    flinkVersion: '2.0.0',
    flinkRevision: 'abc',
    jobs: [{ id: JOB, state: 'RUNNING' }],
    job: { ...facts, tasks: { total: 2, active: 2 }, vertices: [], exception: undefined },
    ...(autoscaled === undefined ? {} : { autoscaled }),
  };
  const observed = { session, rest: known(answer), autoscalerMap: map };
  return decide(situationOf(resource, observed, NOW, { flinkConfiguration: {} }), { fast: 250, slow: 10_000 });
}

const map: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'autoscaler-clicks', namespace: 'default', uid: 'uid-map' },
  data: storedData({ ...NO_STATE, overrides: DECIDED, restarts: [{ at: NOW.getTime() - 60_000 }] }),
};

describe('a job on a session with an autoscaler', () => {
  it('is given what was decided in place, recorded before its session is asked', () => {
    const next = plan({ map });
    expect(next.actions).toMatchObject([{ effect: { kind: 'rescale', vertices: { [SOURCE]: 1, [SINK]: 3 } } }]);
    const { reconciliationStatus, autoscaler } = next.status ?? {};
    expect(JSON.parse(reconciliationStatus?.lastReconciledSpec ?? '{}').spec.flinkConfiguration[VERTICES]).toBe(
      `${SOURCE}:1,${SINK}:3`,
    );
    expect(autoscaler).toEqual({ scaledAt: NOW.getTime() - 60_000 });
  });

  it('has what is measured of it stored under its own name', () => {
    const vertices = [SOURCE, SINK].map((id) => ({
      id,
      name: id,
      parallelism: 1,
      maxParallelism: 128,
      inputs: [],
      finished: true,
    }));
    const read = { recordsIn: 0, recordsOut: 0 };
    const reading = { at: NOW.getTime(), vertices: new Map(vertices.map(({ id }) => [id, read])) };
    const autoscaled = { jobId: JOB, runningSince: 1000, vertices, readings: [reading], askedAt: NOW.getTime() };
    const { actions, status } = plan({ autoscaled });
    expect(actions).toMatchObject([
      {
        kind: 'create',
        object: {
          metadata: {
            name: 'autoscaler-clicks',
            labels: { component: 'autoscaler', app: 'clicks' },
            ownerReferences: [{ kind: 'FlinkSessionJob', name: 'clicks', controller: false }],
          },
        },
      },
    ]);
    expect(status?.autoscaler?.reason).toBe('TooFewSamples');
  });

  it('has it removed where its user asks to forget, before that is recorded, and where it is switched off', () => {
    const recorded = { [VERTICES]: `${SOURCE}:1,${SINK}:3` };
    const removed = [{ kind: 'delete', ref: { name: 'autoscaler-clicks' }, uid: 'uid-map' }];
    expect(plan({ recorded, map, job: { autoscalerResetNonce: 1 } })).toMatchObject({
      because: 'AutoscalerReset',
      status: undefined,
      actions: removed,
    });
    expect(plan({ recorded, job: { autoscalerResetNonce: 1 } }).because).toBe('TakingSavepoint');
    expect(plan({ map, options: { 'job.autoscaler.enabled': 'false' } }).actions).toMatchObject(removed);
  });
});
