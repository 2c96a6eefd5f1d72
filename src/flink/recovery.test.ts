import { describe, expect, it } from 'vitest';
import { type Fact, unknown } from '../core/fact.ts';
import type { Condition } from '../kube/conditions.ts';
import type { KubeObject } from '../kube/object.ts';
import type { JobFacts, JobManagerAnswer, Observed } from './observed.ts';
import type { FlinkDeploymentStatus } from './schema.ts';
import { NO_CHECKPOINTS } from './snapshot-facts.ts';
import {
  actionsOf,
  answer,
  child,
  condition,
  type Given,
  JOB,
  job,
  jobManager,
  plan,
  UID,
  whole,
} from './testing/pass.ts';

const FOLDERS = { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 's3://b/s' };
const HA = { ...FOLDERS, 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 's3://b/ha' };
const lastState = { job: { upgradeMode: 'last-state' as const }, flinkConfiguration: HA };

const RUNS = { containerStatuses: [{ name: 'flink-main-container', state: { running: {} } }] };
const EVICTED = {
  ...RUNS,
  conditions: [
    {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    },
  ],
};

function pod(component: string, name: string, status: object, gone = false): KubeObject {
  const deletion = gone ? { deletionTimestamp: '2026-02-03T04:05:00Z' } : {};
  return child('Pod', name, { labels: { app: 'orders', component }, ...deletion }, { status });
}

/** The status of a job of two TaskManagers, by the reason it stood for before. */
function stoodAs(reason: string): FlinkDeploymentStatus {
  const ready: Condition = {
    type: 'Ready',
    status: reason === 'JobRunning' ? 'True' : 'False',
    reason,
    message: 'x',
    lastTransitionTime: '2026-02-03T04:00:00Z',
    observedGeneration: 3,
  };
  return { conditions: [ready], taskManager: { labelSelector: 'x', replicas: 2 } };
}

describe('TaskManagers that are lost', () => {
  const pass = (facts: Partial<JobFacts>, pods: readonly KubeObject[], reason = 'JobRunning') =>
    plan({ status: stoodAs(reason), observed: { jobManager, children: whole, rest: answer(job(facts)), pods } });
  const FEWER: Partial<JobFacts> = { tasks: { total: 4, active: 2 } };
  const left = pod('taskmanager', 'orders-taskmanager-1-1', RUNS);

  it('are said, with what became of them', () => {
    const decided = pass({ state: 'RESTARTING' }, [left, pod('taskmanager', 'orders-taskmanager-1-2', EVICTED, true)]);
    expect([decided.because, decided.actions, decided.probeEveryMs]).toEqual(['TaskManagersLost', [], 250]);
    const message =
      '1 of 2 TaskManagers run (pod orders-taskmanager-1-2 is taken away: DeletionByTaintManager: Taint manager: deleting due ' +
      'to NoExecute taint); the job is RESTARTING';
    expect(condition(decided, 'Reconciling')).toMatchObject({ reason: 'TaskManagersLost', message });
    expect(condition(decided, 'Ready')?.status).toBe('False');
  });

  it('are said when their pods have failed', () => {
    const failed = pod('taskmanager', 'orders-taskmanager-1-2', {
      phase: 'Failed',
      reason: 'Evicted',
      message: 'The node was low on resource: memory.',
    });
    expect(condition(pass(FEWER, [left, failed]), 'Ready')?.message).toBe(
      '1 of 2 TaskManagers run (pod orders-taskmanager-1-2 has failed: Evicted: The node was low on resource: memory.); ' +
        'the job is RUNNING but only 2 of its 4 tasks are',
    );
  });

  it.each([
    ['JobRunning', FEWER, 'TaskManagersLost'],
    ['JobRestarting', FEWER, 'TaskManagersLost'],
    ['TaskManagersLost', FEWER, 'TaskManagersLost'],
    ['WaitingForTasks', FEWER, 'WaitingForTasks'],
    ['WaitingForJobManager', FEWER, 'WaitingForTasks'],
    ['JobRunning', { state: 'CREATED' }, 'JobStarting'],
    ['JobRunning', {}, 'JobRunning'],
  ] as const)('are told from those that are not there yet: after %s, %j is %s', (reason, facts, because) => {
    expect(pass(facts, [left], reason).because).toBe(because);
  });

  it('are not to blame when all of them run', () => {
    const both = [left, pod('taskmanager', 'orders-taskmanager-1-2', RUNS)];
    expect(pass({ state: 'RESTARTING' }, both).because).toBe('JobRestarting');
  });

  it('have their Deployment made again in standalone mode', () => {
    const observed = { jobManager, children: whole, rest: answer(job({ state: 'RESTARTING' })) };
    const decided = plan({ spec: { mode: 'standalone' }, status: stoodAs('JobRunning'), observed });
    expect([decided.because, actionsOf(decided)]).toEqual([
      'TaskManagersLost',
      ['create Deployment orders-taskmanager'],
    ]);
  });
});

it('says how a JobManager container ended before, while it is started again', () => {
  const message = 'java.io.IOException: no such jar\n\tat a.B.c(B.java:1)\nWrapped by: x.Y: cannot start\n';
  const lastState = { terminated: { exitCode: 1, reason: 'Error', message } };
  const said = (ready: boolean, gone = false): string | undefined => {
    const status = { containerStatuses: [{ name: 'main', ready, state: { running: {} }, lastState }] };
    const pods = [pod('jobmanager', 'orders-1', status, gone)];
    const observed = { jobManager, children: whole, rest: unknown('no answer'), pods };
    return condition(plan({ observed }), 'Reconciling')?.message;
  };
  const waiting = 'the JobManager Deployment was created, waiting for the JobManager to answer';
  expect(said(false)).toBe(
    `${waiting}; its container ended with exit code 1 (Error): java.io.IOException: no such jar`,
  );
  expect([said(true), said(false, true)]).toEqual([waiting, waiting]);
});

describe('a JobManager pod that is lost', () => {
  const stable = plan({ observed: { jobManager, children: whole, rest: answer(job()) } }).status;
  const pass = (pods: readonly KubeObject[], status = stable) =>
    plan({
      ...(status === undefined ? {} : { status }),
      observed: { jobManager, children: whole, rest: unknown('no answer'), pods },
    });

  it('is waited for, with what became of it, and nothing is started beside it', () => {
    const decided = pass([pod('jobmanager', 'orders-1', EVICTED, true)]);
    expect([decided.because, decided.actions]).toEqual(['WaitingForJobManager', []]);
    expect(condition(decided, 'Reconciling')?.message).toBe(
      'the JobManager is lost (pod orders-1 is taken away: DeletionByTaintManager: Taint manager: deleting due to NoExecute ' +
        'taint), waiting for the next one',
    );
    expect(decided.status?.jobStatus?.state).toBe('RECONCILING');
  });

  it('holds up a start until it is really gone', () => {
    const given: Given = { spec: lastState, state: 'UPGRADING', jobState: 'suspended', mode: 'last-state' };
    const decided = plan({ ...given, observed: { pods: [pod('jobmanager', 'orders-1', EVICTED, true)] } });
    expect([decided.because, decided.actions]).toEqual(['Upgrading', []]);
    expect(condition(decided, 'Reconciling')?.message).toBe('still waiting until Pod default/orders-1 is gone');
  });
});

describe('a lost JobManager Deployment without high-availability data', () => {
  it.each(['last-state', 'savepoint'] as const)('asks its user in mode %s what to start from', (upgradeMode) => {
    const decided = plan({
      spec: { job: { upgradeMode }, flinkConfiguration: HA },
      observed: { rest: unknown('gone') },
    });
    expect([decided.because, decided.actions]).toEqual(['ManualRestoreRequired', []]);
    expect(decided.status?.lifecycleState).toBe('FAILED');
    expect(condition(decided, 'Stalled')?.message).toBe(
      `the JobManager Deployment is missing, upgradeMode is ${upgradeMode} and there is no high-availability data; nothing is ` +
        'started and nothing is deleted. Set spec.job.initialSavepointPath to the state to start from and change ' +
        'spec.job.savepointRedeployNonce, or set spec.job.upgradeMode to "stateless" to start without state',
    );
  });

  it('is made again in mode stateless', () => {
    expect(plan({ observed: { rest: unknown('gone') } }).because).toBe('Deploying');
  });
});

describe('a status that was lost', () => {
  const data = child('ConfigMap', `orders-${JOB}-config-map`, {}, { data: { 'checkpointID-0000000000000000007': '' } });
  const owned = { ...jobManager, metadata: { ...jobManager.metadata, ownerReferences: [owner(UID)] } };
  const pass = (observed: Partial<Observed>, spec: Given['spec'] = lastState) =>
    plan({ recorded: false, spec, observed });

  it.each([
    ['a cluster of the resource', { jobManager: owned }, 'its JobManager Deployment orders is there'],
    [
      'checkpoints under its name',
      { haConfigMaps: [data] },
      `high-availability data of job ${JOB} points to checkpoint 7 (s3://b/c/${JOB}/chk-7)`,
    ],
  ])('does not take %s away: its user is asked', (_name, observed, found) => {
    const decided = pass(observed);
    expect([decided.because, decided.actions]).toEqual(['ManualRestoreRequired', []]);
    expect(condition(decided, 'Stalled')?.message).toContain(
      `the status does not say what was started, but ${found}; nothing is started and nothing is deleted.`,
    );
    expect(decided.status?.reconciliationStatus?.lastReconciledSpec).toBeUndefined();
  });

  it.each([
    ['its user wants no state', { haConfigMaps: [data] }, { ...lastState, job: { upgradeMode: 'stateless' } }],
    [
      'its user says what from',
      { haConfigMaps: [data] },
      { ...lastState, job: { upgradeMode: 'last-state', initialSavepointPath: 's3://b/x' } },
    ],
    [
      'nothing is there but an empty index',
      { haConfigMaps: [child('ConfigMap', 'orders-cluster-config-map')] },
      lastState,
    ],
    ['what is there is of an earlier resource', { jobManager }, lastState],
  ] as const)('is no hindrance when %s', (_name, observed, spec) => {
    expect(['Deploying', 'Upgrading']).toContain(pass(observed, spec).because);
  });

  it('is filled again with what the cluster says of itself', () => {
    const { status } = plan({ status: { clusterInfo: {} }, observed: { jobManager, rest: answer(job()) } });
    expect(status?.clusterInfo).toMatchObject({ 'flink-version': '2.0.0', 'flink-revision': 'abc' });
  });

  it('tells how large the state is, once its JobManager has said so', () => {
    const taken = {
      id: 7,
      kind: 'checkpoint',
      path: 's3://b/7',
      triggeredAt: 1,
      completedAt: 2,
      discarded: false,
    } as const;
    const facts = { ...NO_CHECKPOINTS, checkpoint: { ...taken, sizeBytes: 4096 } };
    const asked = plan({ observed: { jobManager, rest: answer(job(), { checkpoints: facts }) } });
    expect(asked.status?.clusterInfo).toMatchObject({ 'state-size': '4096' });
    const grown = { ...NO_CHECKPOINTS, checkpoint: { ...taken, id: 8, sizeBytes: 5000 } };
    const later = (rest: Fact<JobManagerAnswer>) =>
      plan({ recorded: false, status: asked.status ?? {}, observed: { jobManager, rest } });
    expect(later(answer(job())).status ?? asked.status).toEqual(asked.status);
    // Each checkpoint is of another size: that alone is no reason to write.
    expect(later(answer(job(), { checkpoints: grown })).status).toBeUndefined();
    const changed = later(answer(job({ state: 'RESTARTING' }), { checkpoints: grown })).status;
    expect(changed?.clusterInfo).toMatchObject({ 'state-size': '5000' });
  });
});

function owner(uid: string) {
  return { apiVersion: 'flink.apache.org/v1beta1', kind: 'FlinkDeployment', name: 'orders', uid };
}

describe('a job whose TaskManagers hold the classes of the JobManager before', () => {
  const none = { taskName: undefined, endpoint: undefined, taskManagerId: undefined };
  const stackTrace =
    'java.lang.IllegalStateException: The library registration references a different set of library BLOBs than previous registrations for this job';
  const exception = { name: 'x', stackTrace, timestamp: 1, ...none };
  const RESTARTING: Partial<JobFacts> = { state: 'RESTARTING', tasks: { total: 2, active: 0 }, exception };
  const haConfigMaps = [
    child('ConfigMap', `orders-${JOB}-config-map`, {}, { data: { 'checkpointID-0000000000000000007': '' } }),
  ];
  const pass = (facts: Partial<JobFacts>, more: Given = {}) =>
    plan({
      spec: lastState,
      status: stoodAs('JobRestarting'),
      ...more,
      observed: { jobManager, children: whole, rest: answer(job(facts)), haConfigMaps, ...more.observed },
    });

  it('is started anew from its high-availability data after a while, which is said', () => {
    const decided = pass(RESTARTING);
    expect(decided.status).toMatchObject({
      restore: { mode: 'last-state' },
      reconciliationStatus: { state: 'UPGRADING' },
    });
    expect(actionsOf(decided)).toContain('delete Deployment orders uid-orders Foreground');
    expect(decided.events[0]).toMatchObject({ type: 'Warning', reason: 'RecoverDeployment' });
  });

  it.each<readonly [string, Partial<JobFacts>, Given]>([
    ['it was well until now', RESTARTING, { status: stoodAs('JobRunning') }],
    ['its whole job runs by now', { exception }, {}],
    ['it fails for another cause', { ...RESTARTING, exception: { ...exception, stackTrace: 'y' } }, {}],
    ['its state would be lost', RESTARTING, { observed: { haConfigMaps: [] } }],
    [
      'that is switched off',
      RESTARTING,
      {
        spec: {
          ...lastState,
          flinkConfiguration: { ...HA, 'kubernetes.operator.jm-deployment-recovery.enabled': 'false' },
        },
      },
    ],
  ])('goes on as it is where %s', (_name, facts, given) => {
    expect(pass(facts, given).status?.reconciliationStatus?.state).toBe('DEPLOYED');
  });
});
