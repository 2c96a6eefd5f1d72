import { describe, expect, it } from 'vitest';
import { unasked, unknown } from '../core/fact.ts';
import type { FlinkPlan } from './decide.ts';
import type { RequirementsFacts } from './observed.ts';
import type { FlinkDeploymentSpec } from './schema.ts';
import {
  actionsOf,
  answer,
  child,
  condition,
  type Given,
  JOB,
  job,
  jobManager,
  NOW,
  plan,
  whole,
} from './testing/pass.ts';
import type { DeepPartial } from './testing.ts';

const REACTIVE = { 'scheduler-mode': 'reactive', 'taskmanager.numberOfTaskSlots': '2' };

function taskManagers(replicas: number, readyReplicas = replicas) {
  return child('Deployment', 'orders-taskmanager', {}, { spec: { replicas }, status: { readyReplicas } });
}

/** A standalone job in reactive mode, deployed with a parallelism of 2, and what its user made of that. */
function reactive(change: DeepPartial<FlinkDeploymentSpec>, given: Given = {}, options: object = REACTIVE): Given {
  const recorded = { mode: 'standalone', job: { parallelism: 2 }, flinkConfiguration: options } as const;
  const observed = {
    jobManager,
    taskManager: taskManagers(1),
    children: whole,
    rest: answer(job()),
    ...given.observed,
  };
  return { ...given, recorded, spec: { ...recorded, ...change }, observed };
}

const FOUR: DeepPartial<FlinkDeploymentSpec> = { job: { parallelism: 4 } };

describe('a job in reactive mode', () => {
  it.each<[string, DeepPartial<FlinkDeploymentSpec>, number]>([
    ['its parallelism', FOUR, 2],
    ['kubectl scale', { taskManager: { replicas: 3 } }, 3],
  ])('is scaled by %s without being started anew, which is recorded first', (_name, change, replicas) => {
    const decided = plan(reactive(change));
    expect(decided.actions).toMatchObject([
      { kind: 'patch', object: { metadata: { name: 'orders-taskmanager' } }, patch: { spec: { replicas } } },
    ]);
    expect(decided.status).toMatchObject({
      scaling: { jobId: JOB, taskManagers: replicas, attempts: 1 },
      taskManager: { replicas, totalSlots: 2 * replicas, labelSelector: 'component=taskmanager,app=orders' },
      reconciliationStatus: { state: 'DEPLOYED' },
      jobStatus: { jobId: JOB, state: 'RUNNING' },
      lifecycleState: 'DEPLOYED',
    });
    expect(JSON.parse(decided.status?.reconciliationStatus?.lastReconciledSpec ?? '{}').spec).toMatchObject(change);
    expect(condition(decided, 'Reconciling')?.reason).toBe('Scaling');
    expect(decided.events.map(({ reason }) => reason)).toContain('Scaling');
  });

  const asked = { jobId: JOB, taskManagers: 2, askedAt: NOW.getTime(), attempts: 1 };
  /** The pass after that, with the Deployment as it is by then. */
  const next = (replicas: number, scaling: object = asked): Given => ({
    ...reactive(FOUR, { status: { scaling }, observed: { taskManager: taskManagers(replicas) } }),
    recorded: { mode: 'standalone', flinkConfiguration: REACTIVE, ...FOUR },
  });

  it('is scaled once its TaskManagers are ready', () => {
    const waiting = plan({ ...next(2), observed: { ...next(2).observed, taskManager: taskManagers(2, 1) } });
    expect(waiting.actions).toEqual([]);
    expect(condition(waiting, 'Reconciling')).toMatchObject({
      reason: 'Scaling',
      message: 'waiting for 2 TaskManagers, 1 ready',
    });
    expect(waiting.status?.scaling).toEqual(asked);
    const decided = plan(next(2));
    expect(decided).toMatchObject({ because: 'JobRunning', actions: [] });
    expect(decided.status?.scaling).toBeUndefined();
    expect(decided.status?.lifecycleState).toBe('STABLE');
    expect(condition(decided, 'ParallelismOverridden')).toBeUndefined();
  });

  it('is asked for again after a while, and not at once', () => {
    expect(plan(next(1)).actions).toEqual([]);
    const again = plan(next(1, { ...asked, askedAt: NOW.getTime() - 5000 }));
    expect(actionsOf(again)).toEqual(['patch Deployment orders-taskmanager']);
    expect(again.status?.scaling?.attempts).toBe(2);
    expect(again.events.map(({ reason }) => reason)).not.toContain('Scaling');
  });

  it('is scaled back when its user thinks better of it before it was done', () => {
    const back = plan({ ...next(2), spec: { mode: 'standalone', flinkConfiguration: REACTIVE } });
    expect(back.actions).toMatchObject([{ kind: 'patch', patch: { spec: { replicas: 1 } } }]);
    expect(back.status?.scaling).toMatchObject({ taskManagers: 1, attempts: 1 });
  });

  it('gets a lost TaskManager Deployment again in the size that is wanted by then', () => {
    const given = next(2);
    const decided = plan({ ...given, observed: { ...given.observed, taskManager: undefined } });
    expect(decided.actions).toMatchObject([{ kind: 'create', object: { spec: { replicas: 2 } } }]);
    expect(decided.status?.scaling).toBeUndefined();
  });

  it('leaves a Deployment alone that somebody else has scaled', () => {
    const given = next(5);
    expect(plan({ ...given, status: {} })).toMatchObject({ because: 'JobRunning', actions: [] });
  });

  it.each<[string, Given]>([
    ['another image too', reactive({ ...FOUR, image: 'other' })],
    ['no reactive mode', reactive(FOUR, {}, {})],
    [
      'a session',
      {
        ...reactive({ job: undefined, taskManager: { replicas: 2 } }),
        recorded: { mode: 'standalone', job: undefined },
      },
    ],
  ])('is started anew with %s', (_name, given) => {
    expect(plan(given).because).toBe('Upgrading');
  });
});

const ADAPTIVE = {
  'jobmanager.scheduler': 'adaptive',
  'high-availability.type': 'kubernetes',
  'high-availability.storageDir': 's3://b/ha',
  'state.checkpoints.dir': 's3://b/checkpoints',
};

const VERTICES = 'pipeline.jobvertex-parallelism-overrides';

/** A native job with the adaptive scheduler, and its user's change of the parallelism of vertices. */
function adaptive(from: string | undefined, to: string | undefined, given: Given = {}, options: object = {}): Given {
  const of = (text: string | undefined): DeepPartial<FlinkDeploymentSpec> => ({
    job: { upgradeMode: 'last-state' },
    flinkConfiguration: { ...ADAPTIVE, ...options, ...(text === undefined ? {} : { [VERTICES]: text }) },
  });
  const observed = { jobManager, children: whole, rest: answer(job()), ...given.observed };
  return { ...given, recorded: of(from), spec: of(to), observed };
}

const RESTARTED = ['CancellingJob', 'Upgrading'];

describe('a native job with the adaptive scheduler', () => {
  it('is rescaled through Flink, which is recorded first', () => {
    const decided = plan(adaptive('v:2', 'v:4,w:3'));
    expect(decided.actions).toMatchObject([
      { kind: 'effect', effect: { kind: 'rescale', jobId: JOB, vertices: { v: 4, w: 3 } } },
    ]);
    expect(decided.status).toMatchObject({
      scaling: { jobId: JOB, vertices: { v: 4, w: 3 }, attempts: 1 },
      taskManager: { replicas: 4 },
      reconciliationStatus: { state: 'DEPLOYED' },
    });
    expect(decided.events.map(({ reason }) => reason)).toContain('Scaling');
  });

  const asked = { jobId: JOB, vertices: { v: 4 }, askedAt: NOW.getTime(), attempts: 1 };

  function asking(requirements: RequirementsFacts | undefined, scaling: object = asked): FlinkPlan {
    const more = requirements === undefined ? {} : { requirements };
    return plan(adaptive('v:4', 'v:4', { status: { scaling }, observed: { rest: answer(job(), more) } }));
  }

  it('is rescaled once Flink says so, whatever vertices the job does not have', () => {
    const bounds = { v: { lower: 1, upper: 4 } };
    const vertices = { v: 4, unknown: 9 };
    const known = { kind: 'known', bounds } as const;
    const options = { rest: answer(job(), { requirements: known, snapshotSeen: true }) };
    const given = adaptive('v:4,unknown:9', 'v:4,unknown:9', {
      status: { scaling: { ...asked, vertices } },
      observed: options,
    });
    const decided = plan(given);
    expect(decided).toMatchObject({ because: 'JobRunning', actions: [] });
    expect(decided.status?.scaling).toBeUndefined();
    expect(decided.status?.lifecycleState).toBe('STABLE');
  });

  it('is asked for again until Flink has it', () => {
    expect(asking(undefined).actions).toEqual([]);
    const old = { kind: 'known', bounds: { v: { lower: 1, upper: 2 } } } as const;
    const again = asking(old, { ...asked, askedAt: NOW.getTime() - 5000 });
    expect(actionsOf(again)).toEqual([`rescale ${JOB}`]);
    expect(again.status?.scaling?.attempts).toBe(2);
  });

  it.each<[string, RequirementsFacts | undefined, object, string]>([
    ['its scheduler cannot do it', { kind: 'refused', why: 'of this scheduler' }, asked, 'of this scheduler'],
    [
      'Flink does not do it',
      undefined,
      { ...asked, attempts: 4, askedAt: NOW.getTime() - 5000 },
      'Flink was asked 4 times and does not do it',
    ],
  ])('is started anew once it is recorded that %s', (_name, requirements, scaling, why) => {
    const decided = asking(requirements, scaling);
    expect(decided).toMatchObject({ because: 'ScalingFailed', actions: [], status: { scaling: { failed: why } } });
    const next = plan(adaptive('v:4', 'v:4', { status: { scaling: { ...asked, failed: why } } }));
    expect(RESTARTED).toContain(next.because);
  });

  it.each<[string, Given]>([
    ['a size that is not set any more', adaptive('v:2,w:2', 'v:2')],
    ['sizes that are all taken away', adaptive('v:2', undefined)],
    ['another scheduler', adaptive('v:2', 'v:4', {}, { 'jobmanager.scheduler': 'default' })],
    ['no high availability', adaptive('v:2', 'v:4', {}, { 'high-availability.type': 'none' })],
    [
      'scaling in place switched off',
      adaptive('v:2', 'v:4', {}, { 'kubernetes.operator.job.upgrade.inplace-scaling.enabled': 'false' }),
    ],
    [
      'a job that is being cancelled',
      adaptive('v:2', 'v:4', { observed: { rest: answer(job({ state: 'FAILING' })) } }),
    ],
    ['a job that is not there', adaptive('v:2', 'v:4', { observed: { rest: answer(undefined) } })],
  ])('is started anew for %s', (_name, given) => {
    const decided = plan(given);
    expect(actionsOf(decided).join()).not.toContain('rescale');
    expect(decided.status?.scaling).toBeUndefined();
    expect(['CancellingJob', 'Upgrading', 'WaitingForJob']).toContain(decided.because);
  });

  it.each([
    ['nobody has asked yet', unasked],
    ['does not answer just now', unknown('a time-out')],
  ])('is not started anew because its JobManager %s', (_name, rest) => {
    const given = adaptive('v:2', 'v:4', { observed: { rest } });
    const stateless = { ...given, spec: { ...given.spec, job: {} }, recorded: { ...given.recorded, job: {} } };
    expect(plan(stateless)).toMatchObject({ because: 'WaitingForJobManager', actions: [] });
  });

  it('is restarted when the parallelism of the whole job changes, which programs may set for a vertex', () => {
    const given = adaptive(undefined, undefined);
    const decided = plan({ ...given, spec: { ...given.spec, job: { upgradeMode: 'last-state', parallelism: 4 } } });
    expect(RESTARTED).toContain(decided.because);
  });
});
