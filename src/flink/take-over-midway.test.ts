import { describe, expect, it } from 'vitest';
import { unknown } from '../core/fact.ts';
import type { KubeObject } from '../kube/object.ts';
import type { FlinkPlan } from './decide.ts';
import type { CheckpointFacts } from './snapshot-facts.ts';
import { snapshot } from './testing/edited.ts';
import { LEFT_AT, LEFT_JOB, type Left } from './testing/incumbent.ts';
import { highAvailability, leftCluster } from './testing/incumbent-cluster.ts';
import { actionsOf, answer, condition } from './testing/pass.ts';
import { CHK, DUMMY, type Found, firstPass, LAST_STATE, SAVEPOINT, SP, says } from './testing/take-over.ts';

const HA = leftCluster({ checkpoint: 7 });
const ONLY_HA = highAvailability(7);
const GONE = unknown('connection refused');

/** What a pass records of what runs next. */
function recorded({ status }: FlinkPlan) {
  const { state, lastReconciledSpec = '{}' } = status?.reconciliationStatus ?? {};
  const { mode, path } = status?.restore ?? {};
  return { state, job: JSON.parse(lastReconciledSpec).spec.job.state, mode, ...(path === undefined ? {} : { path }) };
}

function seen(plan: FlinkPlan): readonly string[] {
  return [plan.because, ...actionsOf(plan)];
}

const CREATED = [
  'create Deployment orders',
  'apply ConfigMap flink-config-orders',
  'apply Service orders-rest',
] as const;

/** A spec edited just before, of which the record tells what ran. */
const EDITED = { generation: 4, recordedJob: { parallelism: 1 } } as const;

const checkpointed: CheckpointFacts = {
  checkpoint: { id: 7, kind: 'checkpoint', path: CHK, completedAt: LEFT_AT, discarded: false },
  savepoint: undefined,
  restored: undefined,
  inProgress: [],
} as unknown as CheckpointFacts;

describe('a start the incumbent was about to make', () => {
  const stopped: Left = {
    spec: LAST_STATE,
    state: 'UPGRADING',
    first: false,
    recordedJob: { state: 'suspended' },
    status: { jobManagerDeploymentStatus: 'MISSING', jobStatus: { state: 'FINISHED' } },
  };

  it('is made from the high-availability data, under the same job id', () => {
    const plan = firstPass({ left: stopped, objects: ONLY_HA });
    expect(seen(plan)).toEqual(['Deploying', ...CREATED]);
    expect(recorded(plan)).toEqual({ state: 'UPGRADING', job: 'suspended', mode: 'last-state', path: CHK });
    expect(plan.status?.jobStatus?.jobId).toBe(LEFT_JOB);
  });

  it('is not made when that data is gone', () => {
    const plan = firstPass({ left: stopped });
    expect(seen(plan)).toEqual(['RestoreFailed']);
    expect(condition(plan, 'Stalled')?.message).toContain('is gone or holds no checkpoint');
  });

  it('is made from the savepoint, under a job id that nothing ran with, once the JobManager kept for it is gone', () => {
    const left: Left = {
      ...stopped,
      spec: SAVEPOINT,
      status: { jobStatus: { state: 'FINISHED', upgradeSavepointPath: SP } },
    };
    const kept = { left, objects: leftCluster({ checkpoint: 7, generation: 2 }), rest: says('FINISHED') };
    expect(seen(firstPass(kept))).toContain('delete Deployment orders uid-orders Foreground');
    expect(recorded(firstPass(kept))).toEqual({ state: 'UPGRADING', job: 'suspended', mode: 'savepoint', path: SP });
    const plan = firstPass({ left });
    expect(seen(plan)).toEqual(['Deploying', ...CREATED]);
    expect(plan.status?.jobStatus?.jobId).not.toBe(LEFT_JOB);
  });

  it('is not made from a savepoint nobody knows', () => {
    const left: Left = { ...stopped, spec: SAVEPOINT, status: { jobStatus: { upgradeSavepointPath: DUMMY } } };
    expect(seen(firstPass({ left }))).toEqual(['RestoreFailed']);
    const asked: Left = {
      ...left,
      spec: { flinkConfiguration: SAVEPOINT.flinkConfiguration },
      recordedJob: { state: 'suspended', upgradeMode: 'savepoint' },
    };
    expect(recorded(firstPass({ left: asked })).mode).toBe('stateless');
  });

  it('is the very first, and begins where its user says', () => {
    const first: Left = {
      ...stopped,
      stable: false,
      first: true,
      spec: { ...LAST_STATE, job: { ...LAST_STATE.job, initialSavepointPath: SP } },
      recordedJob: { state: 'suspended', upgradeMode: 'savepoint' },
      status: { jobManagerDeploymentStatus: 'MISSING', jobStatus: { state: undefined, upgradeSavepointPath: SP } },
    };
    const plan = firstPass({ left: first });
    expect(seen(plan)).toEqual(['Deploying', ...CREATED]);
    expect(recorded(plan)).toEqual({ state: 'UPGRADING', job: 'suspended', mode: 'savepoint', path: SP });
  });

  it.each([
    ['', {}],
    [', and whose spec was edited since', EDITED],
  ])('counts as made when its JobManager is there%s', (_name, edited) => {
    const left: Left = {
      ...stopped,
      ...edited,
      recordedJob: { state: 'suspended', ...('recordedJob' in edited ? edited.recordedJob : {}) },
    };
    const plan = firstPass({ left, objects: leftCluster({ checkpoint: 7, pods: 'none' }), rest: GONE });
    expect(seen(plan)).toEqual(['WaitingForJobManager']);
    expect(recorded(plan)).toMatchObject({ state: 'DEPLOYED', job: 'running', mode: 'last-state' });
    expect(plan.status?.jobStatus?.jobId).toBe(LEFT_JOB);
  });

  it('waits until what was there before is gone', () => {
    const [jobManager, ...others] = leftCluster({ checkpoint: 7 });
    const going = { ...jobManager, metadata: { ...jobManager?.metadata, deletionTimestamp: '2026-02-03T04:05:00Z' } };
    const plan = firstPass({ left: stopped, objects: [going as KubeObject, ...others], rest: GONE });
    expect(plan.because).toBe('Upgrading');
    expect(actionsOf(plan).some((action) => action.startsWith('apply'))).toBe(false);
    expect(actionsOf(plan).join()).not.toContain(`orders-${LEFT_JOB}-config-map`);
  });
});

describe('a job the incumbent was cancelling to start it again', () => {
  const cancelling: Left = {
    ...EDITED,
    spec: LAST_STATE,
    state: 'UPGRADING',
    first: false,
    recordedJob: { parallelism: 1, upgradeMode: 'savepoint' },
    status: { jobStatus: { state: 'CANCELLING' } },
  };
  const objects = leftCluster();

  it('is waited for, and nothing is done to it', () => {
    const plan = firstPass({ left: cancelling, objects, rest: says('CANCELLING') });
    expect(seen(plan)).toEqual(['CancellingJob']);
    expect(plan.status?.reconciliationStatus?.state).toBe('DEPLOYED');
    expect(plan.status?.stopping).toMatchObject({ by: 'cancel', jobId: LEFT_JOB });
  });

  it.each([
    ['the new spec', cancelling],
    ['the same spec, as it was put back meanwhile', { ...cancelling, recordedJob: { upgradeMode: 'savepoint' } }],
  ] satisfies [string, Left][])('goes on from its newest checkpoint when that is done, by %s', (_name, left) => {
    const plan = firstPass({ left, objects, rest: says('CANCELED', { checkpoints: checkpointed }) });
    expect(plan.because).toBe('Upgrading');
    expect(recorded(plan)).toEqual({ state: 'UPGRADING', job: 'suspended', mode: 'savepoint', path: CHK });
  });

  it.each([
    ['answers', says('CANCELED', { checkpoints: checkpointed })],
    ['is silent', GONE],
  ])('goes on from the path recorded of its end when the JobManager %s', (_name, rest) => {
    const status = { jobStatus: { state: 'CANCELED', upgradeSavepointPath: CHK } } as const;
    const left: Left = { ...cancelling, recordedJob: { state: 'suspended', upgradeMode: 'savepoint' }, status };
    const plan = firstPass({ left, objects, rest });
    expect(plan.because).toBe('Upgrading');
    expect(recorded(plan)).toEqual({ state: 'UPGRADING', job: 'suspended', mode: 'savepoint', path: CHK });
  });

  it('is suspended when its user wanted that', () => {
    const spec = { ...LAST_STATE, job: { ...LAST_STATE.job, state: 'suspended' } } as const;
    const status = { jobStatus: { state: 'CANCELED', upgradeSavepointPath: CHK } } as const;
    const left: Left = { ...cancelling, spec, recordedJob: { state: 'suspended', upgradeMode: 'savepoint' }, status };
    const plan = firstPass({ left, objects, rest: says('CANCELED', { checkpoints: checkpointed }) });
    expect(plan.because).toBe('Suspending');
    expect(recorded(plan)).toEqual({ state: 'DEPLOYED', job: 'suspended', mode: 'savepoint', path: CHK });
  });

  it('is started again from where it stood when somebody else cancelled it', () => {
    const status = { jobStatus: { state: 'CANCELED', upgradeSavepointPath: CHK } } as const;
    const left: Left = {
      spec: LAST_STATE,
      first: false,
      recordedJob: { state: 'suspended', upgradeMode: 'stateless' },
      status,
    };
    const plan = firstPass({ left, objects, rest: says('CANCELED', { checkpoints: checkpointed }) });
    expect(recorded(plan)).toEqual({ state: 'UPGRADING', job: 'suspended', mode: 'savepoint', path: CHK });
  });
});

describe('a suspended job of the incumbent', () => {
  const suspended = (mode: 'stateless' | 'savepoint' | 'last-state', more: Partial<Left> = {}): Left => ({
    spec: { ...LAST_STATE, job: { upgradeMode: mode, state: 'suspended' } },
    first: false,
    status: {
      lifecycleState: 'SUSPENDED',
      jobManagerDeploymentStatus: 'MISSING',
      jobStatus: { state: 'FINISHED', ...(mode === 'savepoint' ? { upgradeSavepointPath: SP } : {}) },
    },
    ...more,
  });

  it.each([
    ['stateless', []],
    ['savepoint', []],
    ['last-state', ONLY_HA],
  ] as const)('stays so: %s', (mode, objects) => {
    const plan = firstPass({ left: suspended(mode), objects });
    expect(seen(plan)).toEqual(['Suspended']);
    expect(plan.status).toMatchObject({ lifecycleState: 'SUSPENDED', restore: { mode } });
  });

  it('loses the JobManager that was kept to be looked at, and keeps its savepoint', () => {
    const plan = firstPass({ left: suspended('savepoint'), objects: leftCluster(), rest: says('FINISHED') });
    expect(seen(plan)).toContain('delete Deployment orders uid-orders Foreground');
    expect(plan.status?.restore).toMatchObject({ mode: 'savepoint', path: SP });
  });

  it.each([
    ['stateless', [], { mode: 'stateless' }],
    ['savepoint', [], { mode: 'savepoint', path: SP }],
    ['last-state', ONLY_HA, { mode: 'last-state', path: CHK }],
  ] as const)('is resumed: %s', (mode, objects, from) => {
    const recordedJob = { state: 'suspended', upgradeMode: mode } as const;
    const spec = { ...LAST_STATE, job: { upgradeMode: mode } };
    const plan = firstPass({ left: suspended(mode, { spec, recordedJob, generation: 4 }), objects });
    expect(seen(plan)).toEqual(['Deploying', ...CREATED]);
    expect(recorded(plan)).toEqual({ state: 'UPGRADING', job: 'suspended', ...from });
  });

  it('is resumed from the newest savepoint of its history by releases that note no path', () => {
    const location = 's3://flink/savepoints/savepoint-old';
    const jobStatus = { state: 'FINISHED', savepointInfo: { lastSavepoint: { location } } } as const;
    const recordedJob = { state: 'suspended', upgradeMode: 'savepoint' } as const;
    const left = suspended('savepoint', { spec: SAVEPOINT, recordedJob, generation: 4, status: { jobStatus } });
    expect(recorded(firstPass({ left }))).toMatchObject({ mode: 'savepoint', path: location });
  });
});

describe('a job of the incumbent that has ended', () => {
  const ended = (state: 'FAILED' | 'FINISHED', path?: string): Left => ({
    spec: LAST_STATE,
    recordedJob: { upgradeMode: 'stateless' },
    status: {
      // An hour ago: its JobManager may still be looked at.
      jobStatus: { state, updateTime: '1770087906000', ...(path === undefined ? {} : { upgradeSavepointPath: path }) },
    },
  });

  it.each([
    ['FINISHED', SP, leftCluster(), says('FINISHED'), 'JobFinished'],
    ['FINISHED, its JobManager gone', SP, [], GONE, 'JobFinished'],
    ['FAILED', CHK, leftCluster(), says('FAILED'), 'JobFailed'],
  ] as const)('is left as it is: %s', (name, path, objects, rest, because) => {
    const state = name.startsWith('FAILED') ? 'FAILED' : 'FINISHED';
    const plan = firstPass({ left: ended(state, path), objects, rest });
    expect(seen(plan)).toEqual([because]);
    expect(plan.status?.jobStatus).toMatchObject({ state, upgradeSavepointPath: path });
    expect(plan.status?.restore).toMatchObject({ mode: 'savepoint', path, leftBy: LEFT_JOB });
  });

  it.each([
    ['', leftCluster(), says('FINISHED')],
    [', its JobManager gone', [], GONE],
  ] as const)('has nothing to go on from when it FINISHED and its checkpoints with it%s', (_name, objects, rest) => {
    const left = ended('FINISHED', CHK);
    const plan = firstPass({ left, objects, rest });
    expect(seen(plan)).toEqual(['JobFinished']);
    expect(plan.status?.restore).toMatchObject({ mode: 'savepoint', leftBy: LEFT_JOB });
    expect(plan.status?.restore?.path).toBeUndefined();
    expect(plan.status?.restore?.why).toContain(CHK);
    const edit = { ...EDITED, recordedJob: { parallelism: 1, upgradeMode: 'stateless' } } as const;
    expect(seen(firstPass({ left: { ...left, ...edit }, objects: [], rest: GONE }))).toEqual(['ManualRestoreRequired']);
  });

  it('keeps the savepoint that its JobManager tells of, though a checkpoint is noted', () => {
    const savepoint = { ...snapshot(8), kind: 'savepoint', path: SP } as const;
    const rest = says('FINISHED', { checkpoints: { ...checkpointed, savepoint } });
    const plan = firstPass({ left: ended('FINISHED', CHK), objects: leftCluster(), rest });
    expect(plan.status?.restore).toMatchObject({ mode: 'savepoint', path: SP, leftBy: LEFT_JOB });
  });

  it('is upgraded from the path noted of its end', () => {
    const left: Left = {
      ...ended('FAILED', CHK),
      ...EDITED,
      recordedJob: { parallelism: 1, upgradeMode: 'stateless' },
    };
    expect(recorded(firstPass({ left, objects: leftCluster(), rest: GONE }))).toMatchObject({
      mode: 'savepoint',
      path: CHK,
    });
  });

  it('stays with its user when the incumbent found no state to go on from', () => {
    const error = JSON.stringify({
      type: 'UpgradeFailureException',
      message: 'HA metadata is not available. Manual restore required.',
    });
    const status = {
      jobManagerDeploymentStatus: 'MISSING',
      jobStatus: { state: 'RECONCILING' },
      error,
      lifecycleState: 'FAILED',
    } as const;
    const plan = firstPass({ left: { spec: LAST_STATE, status }, rest: GONE });
    expect(seen(plan)).toEqual(['ManualRestoreRequired']);
    expect(plan.status?.lifecycleState).toBe('FAILED');
  });
});

describe('an upgrade of a job the incumbent started', () => {
  const upgrade = (spec: typeof LAST_STATE | typeof SAVEPOINT, path?: string): Found => ({
    left: {
      ...EDITED,
      spec,
      recordedJob: { parallelism: 1, upgradeMode: path === undefined ? 'stateless' : 'last-state' },
      status: { jobStatus: path === undefined ? {} : { upgradeSavepointPath: path } },
    },
    objects: HA,
    rest: says('RUNNING', { checkpoints: checkpointed }),
  });

  it.each([
    ['first run', undefined],
    ['later run', DUMMY],
  ])('keeps the high-availability data and the job id in mode last-state: %s', (_name, path) => {
    const plan = firstPass(upgrade(LAST_STATE, path));
    expect(plan.because).toBe('Upgrading');
    expect(actionsOf(plan).join()).not.toContain('config-map');
    expect(recorded(plan)).toEqual({ state: 'UPGRADING', job: 'suspended', mode: 'last-state', path: CHK });
    expect(plan.status?.jobStatus?.jobId).toBe(LEFT_JOB);
  });

  it('takes a savepoint in mode savepoint', () => {
    expect(seen(firstPass(upgrade(SAVEPOINT)))).toEqual(['TakingSavepoint', `stop-with-savepoint ${LEFT_JOB}`]);
  });

  it('never takes the high-availability data of a first run without a checkpoint for lost state', () => {
    const plan = firstPass({
      ...upgrade(LAST_STATE),
      objects: leftCluster({ checkpoint: 'empty' }),
      rest: says('RESTARTING'),
    });
    expect(plan.status?.restore).toMatchObject({ mode: 'last-state', startedEmpty: true });
  });
});

describe('a session of the incumbent', () => {
  it('is left as it is, jobs running on it', () => {
    const left: Left = { kind: 'session cluster', spec: { flinkConfiguration: LAST_STATE.flinkConfiguration } };
    const jobs = [{ id: LEFT_JOB, state: 'RUNNING' }] as const;
    const plan = firstPass({ left, objects: HA, rest: answer(undefined, { jobs }) });
    expect(seen(plan)).toEqual(['JobManagerReady']);
    expect(plan.status).toMatchObject({ lifecycleState: 'STABLE', jobManagerDeploymentStatus: 'READY' });
  });
});

describe('a deployment the incumbent had not started', () => {
  const jobStatus = {
    jobName: undefined,
    jobId: undefined,
    state: undefined,
    startTime: undefined,
    updateTime: undefined,
  };
  const untouched = (state: 'running' | 'suspended'): Left => ({
    spec: { job: { state } },
    unrecorded: true,
    state: 'UPGRADING',
    status: { lifecycleState: 'CREATED', jobManagerDeploymentStatus: 'MISSING', jobStatus },
  });

  it('stays so while it is suspended', () => {
    const plan = firstPass({ left: untouched('suspended') });
    expect([seen(plan), plan.status?.lifecycleState]).toEqual([['Suspended'], 'CREATED']);
  });

  it('is started', () => {
    expect(seen(firstPass({ left: untouched('running') }))).toEqual(expect.arrayContaining(['Deploying', ...CREATED]));
  });
});
