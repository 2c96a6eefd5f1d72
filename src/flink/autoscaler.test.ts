import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type { JobVertex, Reading } from './autoscaler/model.ts';
import { readStoredState, storedData } from './autoscaler/stored-state.ts';
import type { FlinkPlan } from './decide.ts';
import type { AutoscaledFacts } from './observed.ts';
import type { FlinkDeploymentStatus } from './schema.ts';
import { actionsOf, answer, type Given, JOB, job, jobManager, NOW, plan, UID, whole } from './testing/pass.ts';

const [SOURCE, SLOW] = ['a'.repeat(32), 'b'.repeat(32)] as const;
const VERTICES = 'pipeline.jobvertex-parallelism-overrides';

const OPTIONS = {
  'job.autoscaler.enabled': 'true',
  'job.autoscaler.metrics.window': '1 min',
  'job.autoscaler.stabilization.interval': '10 s',
  'job.autoscaler.utilization.max': '0.9',
  'jobmanager.scheduler': 'adaptive',
  'high-availability.type': 'kubernetes',
  'high-availability.storageDir': 's3://bucket/ha',
  'state.checkpoints.dir': 's3://bucket/checkpoints',
} as const;

const START = NOW.getTime() - 600_000;

function vertex(id: string, parallelism: number, inputs: JobVertex['inputs'] = []): JobVertex {
  return {
    id,
    name: id === SOURCE ? 'Source: numbers' : 'count',
    parallelism,
    maxParallelism: 128,
    inputs,
    finished: false,
  };
}

/** A source that gives out 20 records a second to a vertex that is always busy. */
function reading(at: number): Reading {
  const recordsIn = ((at - START) / 1000) * 20;
  const quiet = { min: 100, max: 100, avg: 100 };
  const busy = { min: 1000, max: 1000, avg: 1000 };
  const source = { recordsIn, recordsInPerSecond: 20, recordsOut: recordsIn };
  return {
    at,
    vertices: new Map([
      [SOURCE, { busyMsPerSecond: quiet, backPressuredMsPerSecond: 500, recordsIn: 0, recordsOut: recordsIn, source }],
      [SLOW, { busyMsPerSecond: busy, recordsIn, recordsInPerSecond: 20, recordsOut: 0 }],
    ]),
  };
}

function facts(parallelism = 1, readings = 13): AutoscaledFacts {
  const times = Array.from({ length: readings }, (_, index) => NOW.getTime() - (readings - 1 - index) * 10_000);
  const vertices = [vertex(SOURCE, 1), vertex(SLOW, parallelism, [{ id: SOURCE, shipStrategy: 'HASH' }])];
  return { jobId: JOB, runningSince: START, vertices, readings: times.map(reading), askedAt: NOW.getTime() };
}

function mapOf(data: Readonly<Record<string, string>>, uid = UID): KubeObject {
  const owner = { apiVersion: 'flink.apache.org/v1beta1', kind: 'FlinkDeployment', name: 'orders', uid };
  const labels = { component: 'autoscaler', app: 'orders' };
  const metadata = {
    name: 'autoscaler-orders',
    namespace: 'default',
    uid: 'uid-map',
    labels,
    ownerReferences: [owner],
  };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

interface Wish {
  readonly autoscaled?: AutoscaledFacts;
  readonly map?: KubeObject;
  readonly options?: Readonly<Record<string, string>>;
  readonly recorded?: Readonly<Record<string, string>>;
  readonly job?: object;
  readonly status?: FlinkDeploymentStatus;
}

function given({ autoscaled, map, options = {}, recorded = options, job: wanted = {}, status }: Wish): Given {
  const base = { upgradeMode: 'last-state' } as const;
  const rest = answer(job(), autoscaled === undefined ? {} : { autoscaled });
  return {
    spec: { job: { ...base, ...wanted }, flinkConfiguration: { ...OPTIONS, ...options } },
    recorded: { job: base, flinkConfiguration: { ...OPTIONS, ...recorded } },
    observed: { jobManager, children: whole, rest, ...(map === undefined ? {} : { autoscalerMap: map }) },
    ...(status === undefined ? {} : { status }),
  };
}

const recordedIn = ({ status }: FlinkPlan): Record<string, unknown> =>
  JSON.parse(status?.reconciliationStatus?.lastReconciledSpec ?? '{}').spec?.flinkConfiguration ?? {};

/** What the first decision stores. */
function decided(): { readonly data: Readonly<Record<string, string>>; readonly first: FlinkPlan } {
  const first = plan(given({ autoscaled: facts() }));
  const [action] = first.actions;
  if (action?.kind !== 'create') throw new Error(`nothing was stored: ${actionsOf(first).join()}`);
  return { data: action.object.data as Readonly<Record<string, string>>, first };
}

describe('a job with an autoscaler', () => {
  it('has what was decided stored first, and nothing done about it', () => {
    const { data, first } = decided();
    expect(actionsOf(first)).toEqual(['create ConfigMap autoscaler-orders']);
    expect(readStoredState(data)).toMatchObject({
      state: {
        overrides: new Map([
          [SOURCE, 1],
          [SLOW, 2],
        ]),
        restarts: [{ at: NOW.getTime() }],
      },
      scaledAt: NOW.getTime(),
    });
    expect(recordedIn(first)).not.toHaveProperty([VERTICES]);
    expect(first.status?.autoscaler).toMatchObject({ reason: 'Scaling', at: NOW.getTime() });
    const report = first.events.find(({ reason }) => reason === 'ScalingReport');
    expect(report?.message).toMatch(
      /^Scaling execution enabled, begin scaling vertices:\{ Vertex ID b{32} \| Parallelism 1 -> 2 \| Processing capacity 20\.00 -> 40\.00 \| Target data rate 20\.00\}$/,
    );
  });

  it('is given that by the next pass, recorded before Flink is asked', () => {
    const { data } = decided();
    const next = plan(given({ autoscaled: facts(), map: mapOf(data) }));
    expect(actionsOf(next)).toEqual([`rescale ${JOB}`]);
    expect(next.actions).toMatchObject([{ effect: { vertices: { [SOURCE]: 1, [SLOW]: 2 } } }]);
    expect(recordedIn(next)[VERTICES]).toBe(`${SOURCE}:1,${SLOW}:2`);
    expect(next.status).toMatchObject({
      scaling: { vertices: { [SLOW]: 2 } },
      autoscaler: { scaledAt: NOW.getTime() },
    });
  });

  it('is left alone while it is being scaled, and once it has its size', () => {
    const { data } = decided();
    const overrides = { [VERTICES]: `${SOURCE}:1,${SLOW}:2` };
    const scaling = { jobId: JOB, vertices: { [SOURCE]: 1, [SLOW]: 2 }, askedAt: NOW.getTime(), attempts: 1 };
    const asked = given({ autoscaled: facts(), map: mapOf(data), recorded: overrides, status: { scaling } });
    expect(actionsOf(plan(asked))).toEqual([]);
    const has = given({ map: mapOf(data), recorded: overrides });
    expect(plan(has)).toMatchObject({ because: 'JobRunning', actions: [] });
  });

  it('keeps its size through an edit, which is carried out with it', () => {
    const { data } = decided();
    const edited = given({ map: mapOf(data), recorded: { [VERTICES]: `${SOURCE}:1,${SLOW}:2` } });
    const next = plan({ ...edited, spec: { ...edited.spec, image: 'jobs:2' } });
    expect(next.because).toBe('CancellingJob');
    const without = given({ recorded: { [VERTICES]: `${SOURCE}:1,${SLOW}:2` } });
    expect(plan(without)).toMatchObject({ because: 'JobRunning', actions: [] });
  });

  it('is not scaled back by a ConfigMap that the caches are behind with', () => {
    const { data } = decided();
    const overrides = { [VERTICES]: `${SOURCE}:1,${SLOW}:4` };
    const status = { autoscaler: { scaledAt: NOW.getTime() + 1 } };
    expect(plan(given({ map: mapOf(data), recorded: overrides, status }))).toMatchObject({ because: 'JobRunning' });
    const older = { autoscaler: { scaledAt: NOW.getTime() } };
    expect(plan(given({ map: mapOf(data), recorded: overrides, status: older })).because).toBe('Scaling');
  });

  it('says what it waits for, and stores what it has learnt only now and then', () => {
    const few = plan(given({ autoscaled: facts(1, 3) }));
    expect(actionsOf(few)).toEqual(['create ConfigMap autoscaler-orders']);
    expect(few.status?.autoscaler).toMatchObject({ reason: 'WindowNotFull' });
    const [action] = few.actions;
    const data = (action?.kind === 'create' ? action.object.data : {}) as Readonly<Record<string, string>>;
    const later = facts(1, 3);
    const readings = [...later.readings, reading(NOW.getTime() + 10_000)];
    expect(actionsOf(plan(given({ autoscaled: { ...later, readings }, map: mapOf(data) })))).toEqual([]);
    const muchLater = [...later.readings, reading(NOW.getTime() + 300_000)];
    const stores = plan(given({ autoscaled: { ...later, readings: muchLater }, map: mapOf(data) }));
    expect(actionsOf(stores)).toEqual(['patch ConfigMap autoscaler-orders']);
  });

  it('only says what it would do where scaling is off', () => {
    const told = plan(given({ autoscaled: facts(), options: { 'job.autoscaler.scaling.enabled': 'false' } }));
    expect(told.status?.autoscaler?.reason).toBe('ScalingDisabled');
    expect(told.events.find(({ reason }) => reason === 'ScalingReport')).toMatchObject({
      message: expect.stringMatching(/^Scaling execution disabled by config job\.autoscaler\.scaling\.enabled:false, /),
      once: true,
    });
    const [action] = told.actions;
    expect(
      action?.kind === 'create' && readStoredState(action.object.data as Record<string, string>).state.overrides.size,
    ).toBe(0);
  });

  it('goes back to the size of its program when its user asks to forget, after what was learnt is removed', () => {
    const { data } = decided();
    const recorded = { [VERTICES]: `${SOURCE}:1,${SLOW}:2` };
    const wish = { recorded, job: { autoscalerResetNonce: 1 } };
    const first = plan(given({ ...wish, map: mapOf(data) }));
    expect(first).toMatchObject({ because: 'AutoscalerReset', status: undefined });
    expect(actionsOf(first)).toEqual(['delete ConfigMap autoscaler-orders uid-map Background']);
    const second = plan(given(wish));
    expect(second.because).toBe('CancellingJob');
  });

  it('has what was learnt removed when it is switched off', () => {
    const { data } = decided();
    const off = plan(
      given({
        map: mapOf(data),
        options: { 'job.autoscaler.enabled': 'false' },
        status: { autoscaler: { reason: 'Balanced' } },
      }),
    );
    expect(actionsOf(off)).toEqual(['delete ConfigMap autoscaler-orders uid-map Background']);
    expect(off.status?.autoscaler).toBeUndefined();
  });

  it('lets its user decide about vertices that are excluded from scaling, and about no others', () => {
    const { data } = decided();
    const own = { [VERTICES]: `${SOURCE}:1,${SLOW}:7`, 'job.autoscaler.vertex.exclude.ids': SLOW };
    expect(plan(given({ map: mapOf(data), options: own })).because).toBe('JobRunning');
    const { 'job.autoscaler.vertex.exclude.ids': _excluded, ...others } = own;
    expect(recordedIn(plan(given({ map: mapOf(data), options: others })))[VERTICES]).toBe(`${SOURCE}:1,${SLOW}:2`);
  });

  it('is told of what was stored and cannot be read, which is stored anew', () => {
    const map = mapOf({ ...storedData(readStoredState({}).state), scalingHistory: '- a' });
    const told = plan(given({ autoscaled: facts(1, 3), map }));
    expect(actionsOf(told)).toEqual(['patch ConfigMap autoscaler-orders']);
    expect(told.events.find(({ reason }) => reason === 'AutoscalerError')?.message).toBe(
      'ConfigMap autoscaler-orders: what scalingHistory held cannot be read; the autoscaler begins with that anew',
    );
  });

  it('says that Flink cannot be read, as an event only once the job has run for a while', () => {
    const failed = { ...facts(1, 0), failed: 'JobManager of default/orders: no' };
    const told = plan(given({ autoscaled: failed }));
    expect(told.status?.autoscaler).toMatchObject({ reason: 'NotRead', message: failed.failed });
    expect(told.events.map(({ reason }) => reason)).toContain('AutoscalerError');
    const young = plan(given({ autoscaled: { ...failed, runningSince: NOW.getTime() - 1000 } }));
    expect(young.events.map(({ reason }) => reason)).not.toContain('AutoscalerError');
  });

  it('is not scaled while it is upgraded, or its tasks are missing', () => {
    const upgraded = given({ autoscaled: facts() });
    expect(actionsOf(plan({ ...upgraded, spec: { ...upgraded.spec, image: 'jobs:2' } }))).not.toContain(
      'create ConfigMap autoscaler-orders',
    );
    const rest = answer(job({ tasks: { total: 2, active: 1 } }), { autoscaled: facts() });
    expect(actionsOf(plan({ ...upgraded, observed: { ...upgraded.observed, rest } }))).toEqual([]);
  });

  it('tells metrics of each look', () => {
    const { looked } = decided().first;
    expect(looked).toMatchObject({ at: NOW.getTime(), decision: { why: { reason: 'Scaling' } } });
    expect(looked?.decision?.evaluated.get(SLOW)).toMatchObject({ parallelism: 1, recommended: 2 });
  });
});
