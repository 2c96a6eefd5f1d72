import { describe, expect, it } from 'vitest';
import { unasked, unknown } from '../core/fact.ts';
import { decideFailed } from './decide.ts';
import { type JobFacts, UNSEEN } from './observed.ts';
import { newJobId } from './record.ts';
import type { FlinkDeploymentSpec } from './schema.ts';
import { situationOf } from './situation.ts';
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
  OTHER_START,
  plan,
  resourceOf,
  UID,
  whole,
} from './testing/pass.ts';
import type { DeepPartial } from './testing.ts';

const CREATED = [
  'create Deployment orders',
  'apply ConfigMap flink-config-orders',
  'apply Service orders',
  'apply Service orders-rest',
];

describe('what a pass does', () => {
  it('asks a JobManager while it makes it, once it is recorded where that will answer', () => {
    expect(plan({ recorded: false }).probeEveryMs).toBeUndefined();
    expect(plan({ state: 'UPGRADING', jobState: 'suspended' }).probeEveryMs).toBe(250);
  });

  it.each<[string, Given, string, readonly string[]]>([
    ['creates everything for a new resource', { recorded: false }, 'Deploying', ['add finalizer', ...CREATED]],
    [
      'leaves a resource alone that was created suspended',
      { recorded: false, spec: { job: { state: 'suspended' } } },
      'Suspended',
      [],
    ],
    [
      'creates what is missing of a start under way',
      { state: 'UPGRADING', jobState: 'suspended' },
      'Deploying',
      CREATED,
    ],
    [
      'counts a start as deployed once its Deployment is seen, and completes it',
      { state: 'UPGRADING', jobState: 'suspended', observed: { jobManager, children: whole.slice(1) } },
      'WaitingForJobManager',
      ['apply Service orders'],
    ],
    [
      'cancels the job before anything is deleted when the spec changes',
      {
        recorded: {},
        spec: { job: { parallelism: 3 } },
        observed: { jobManager, children: whole, rest: answer(job()) },
      },
      'Upgrading',
      [`cancel-job ${JOB}`],
    ],
    [
      'deletes the old cluster once its job is over',
      {
        recorded: {},
        spec: { job: { parallelism: 3 } },
        observed: { jobManager, rest: answer(job({ state: 'CANCELED' })) },
      },
      'Upgrading',
      ['delete Deployment orders uid-orders Foreground'],
    ],
    [
      'waits for pods of the old cluster before it starts a new one',
      {
        state: 'UPGRADING',
        jobState: 'suspended',
        observed: { pods: [child('Pod', 'orders-1', { deletionTimestamp: 'x' })] },
      },
      'Upgrading',
      [],
    ],
    [
      'takes down a cluster of another start',
      {
        state: 'UPGRADING',
        jobState: 'suspended',
        observed: { jobManager: child('Deployment', 'orders', OTHER_START) },
      },
      'Upgrading',
      ['delete Deployment orders uid-orders Foreground'],
    ],
    [
      'takes a suspended job down',
      { recorded: {}, spec: { job: { state: 'suspended' } }, observed: { jobManager, children: whole.slice(0, 1) } },
      'Suspending',
      ['delete Deployment orders uid-orders Foreground', 'delete Service orders uid-orders Background'],
    ],
    [
      'rests when suspended and gone',
      { spec: { job: { state: 'suspended' } }, jobState: 'suspended' },
      'Suspended',
      [],
    ],
    ['resumes', { recorded: {}, jobState: 'suspended' }, 'Deploying', CREATED],
    ['starts a lost cluster anew', {}, 'Deploying', CREATED],
    [
      'leaves a lost cluster of a finished job alone',
      { status: { jobStatus: { jobId: JOB, state: 'FINISHED' } } },
      'JobFinished',
      [],
    ],
    [
      'leaves a lost cluster with state alone',
      { spec: { job: { upgradeMode: 'savepoint' } } },
      'ManualRestoreRequired',
      [],
    ],
    ['does nothing at rest', { observed: { jobManager, children: whole, rest: answer(job()) } }, 'JobRunning', []],
    [
      'makes a Service again that was deleted',
      { observed: { jobManager, children: whole.slice(1), rest: answer(job()) } },
      'JobRunning',
      ['apply Service orders'],
    ],
    [
      'takes everything down for a deletion',
      {
        deleting: true,
        observed: { jobManager, haConfigMaps: [child('ConfigMap', 'orders-cluster-config-map', OTHER_START)] },
      },
      'Deleting',
      ['delete Deployment orders uid-orders Foreground'],
    ],
    [
      'takes high-availability data away when no JobManager is left that would make it again',
      {
        deleting: true,
        observed: { haConfigMaps: [child('ConfigMap', 'orders-cluster-config-map', OTHER_START)] },
      },
      'Deleting',
      ['delete ConfigMap orders-cluster-config-map uid-orders-cluster-config-map Background'],
    ],
    [
      'leaves high-availability data while a pod is still there',
      {
        deleting: true,
        observed: {
          haConfigMaps: [child('ConfigMap', 'orders-cluster-config-map', OTHER_START)],
          pods: [child('Pod', 'orders-1')],
        },
      },
      'Deleting',
      [],
    ],
    ['lets go of a deleted resource once nothing is left', { deleting: true }, 'Cleanup', ['remove finalizer']],
  ])('%s', (_name, given, because, actions) => {
    const decided = plan(given);
    expect([decided.because, actionsOf(decided)]).toEqual([because, actions]);
  });

  it('starts a lost cluster without state once its user says so', () => {
    const decided = plan({
      recorded: { job: { upgradeMode: 'savepoint' } },
      spec: { job: { upgradeMode: 'stateless' } },
    });
    expect([decided.because, actionsOf(decided)]).toEqual(['Deploying', CREATED]);
  });

  it.each([
    ['the first start', { recorded: false }, true],
    [
      'an edit before the first start was done',
      { recorded: {}, state: 'UPGRADING', jobState: 'suspended', first: true },
      true,
    ],
    ['any later start', { recorded: {}, jobState: 'suspended' }, false],
  ] as const)('begins from the initial savepoint: %s', (_name, given, expected) => {
    const spec = { image: 'other', job: { initialSavepointPath: 's3://a/savepoint-1' } };
    const file = plan({ ...given, spec }).actions.flatMap((action) =>
      action.kind === 'apply' && action.object.kind === 'ConfigMap' ? [JSON.stringify(action.object.data)] : [],
    );
    expect(file).toHaveLength(1);
    expect(file[0]?.includes('s3://a/savepoint-1')).toBe(expected);
  });

  it('adopts a cluster the incumbent deployed without touching it', () => {
    const theirs = child('Deployment', 'orders', {
      annotations: { 'flinkdeployment.flink.apache.org/generation': '2' },
    });
    const services = whole.map((object) => child(object.kind, object.metadata.name, { annotations: {} }));
    const decided = plan({ observed: { jobManager: theirs, children: services, rest: answer(job()) } });
    expect([decided.because, decided.actions]).toEqual(['JobRunning', []]);
  });

  it('gives up on a job that does not cancel within 20 s', () => {
    const observed = { jobManager, rest: answer(job({ state: 'CANCELLING' })) };
    const decided = plan({ spec: { job: { state: 'suspended' } }, jobState: 'suspended', observed });
    expect(actionsOf(decided)).toEqual(['delete Deployment orders uid-orders Foreground']);
  });

  it('deletes a ReplicaSet that an orphaning delete left behind', () => {
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'orders-5f', uid: 'rs' };
    const labels = { app: 'orders', 'pod-template-hash': '5f' };
    const pods = [
      child('Pod', 'orders-5f-x', { labels, ownerReferences: [owner] }),
      child('Pod', 'orders-taskmanager-1-1'),
    ];
    const status = { restore: { mode: 'stateless' } } as const;
    const decided = plan({ state: 'UPGRADING', jobState: 'suspended', status, observed: { pods } });
    expect(actionsOf(decided)).toEqual([
      'delete ReplicaSet orders-5f rs Foreground',
      'delete Pod orders-taskmanager-1-1 uid-orders-taskmanager-1-1 Background',
    ]);
  });
});

describe('a pod that claims to be of a ReplicaSet', () => {
  it.each([
    ['web-5f', 'apps/v1'],
    ['orders-77', 'apps/v1'],
    ['orders-5f', 'example.com/v1'],
  ])('%s (%s), which is none of this cluster, does not take that with it', (name, apiVersion) => {
    const labels = { app: 'orders', 'pod-template-hash': '5f' };
    const forged = child('Pod', 'p', { labels, ownerReferences: [{ apiVersion, kind: 'ReplicaSet', name, uid: 'u' }] });
    const status = { restore: { mode: 'stateless' } } as const;
    const decided = plan({ state: 'UPGRADING', jobState: 'suspended', status, observed: { pods: [forged] } });
    expect(actionsOf(decided)).toEqual(['delete Pod p uid-p Background']);
  });
});

describe('what the status says', () => {
  it('records the intent, with a job id, before anything is made', () => {
    const { status } = plan({ recorded: false });
    expect(status).toMatchObject({
      observedGeneration: 3,
      lifecycleState: 'UPGRADING',
      jobManagerDeploymentStatus: 'MISSING',
      jobStatus: { state: 'RECONCILING', jobId: newJobId(UID, 3, NOW.getTime()) },
      reconciliationStatus: { state: 'UPGRADING', reconciliationTimestamp: NOW.getTime() },
    });
  });

  it('is stable and ready when all tasks run', () => {
    const decided = plan({ observed: { jobManager, children: whole, rest: answer(job()) } });
    expect(decided.status).toMatchObject({
      lifecycleState: 'STABLE',
      jobManagerDeploymentStatus: 'READY',
      jobStatus: { state: 'RUNNING' },
      clusterInfo: { 'flink-version': '2.0.0' },
      taskManager: {
        replicas: 2,
        slotsPerTaskManager: 1,
        totalSlots: 2,
        labelSelector: 'component=taskmanager,app=orders',
      },
      tasks: { total: 2, running: 2, maxParallelism: 2 },
    });
    expect(decided.status?.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ['Ready', 'True', 'JobRunning'],
      ['Running', 'True', 'Running'],
    ]);
    expect(decided.probeEveryMs).toBe(10_000);
  });

  it('is the same when nothing changed, so that nothing is written', () => {
    const observed = { jobManager, children: whole, rest: answer(job()) };
    const first = plan({ observed }).status ?? {};
    expect(plan({ observed, status: first }).status).toEqual(first);
  });

  it.each([
    [
      'RUNNING without its tasks',
      job({ tasks: { total: 4, active: 1 } }),
      'Reconciling',
      'WaitingForTasks',
      'the job is RUNNING but only 1 of its 4 tasks are',
    ],
    [
      'RESTARTING',
      job({ state: 'RESTARTING', exception: exceptionOf('java.io.IOException: disk full\n\tat x') }),
      'Reconciling',
      'JobRestarting',
      'the job is RESTARTING: java.io.IOException: disk full',
    ],
    [
      'FAILED',
      job({ state: 'FAILED', exception: exceptionOf('Boom') }),
      'Stalled',
      'JobFailed',
      'the job has failed: Boom; a changed spec or spec.restartNonce starts it again',
    ],
    ['FINISHED', job({ state: 'FINISHED' }), 'Ready', 'JobFinished', 'the job has finished'],
    [
      'not submitted yet',
      undefined,
      'Reconciling',
      'WaitingForJob',
      'the JobManager answers, its program has not submitted the job yet',
    ],
  ])('a job that is %s', (_name, facts, type, reason, message) => {
    const decided = plan({ observed: { jobManager, children: whole, rest: answer(facts) } });
    expect(condition(decided, type)).toMatchObject({ status: 'True', reason, message });
  });

  it('stays as it is until the JobManager was asked, so that a restart of the operator writes nothing', () => {
    const observed = { jobManager, children: whole, rest: answer(job()) };
    const status = plan({ observed }).status ?? {};
    const restarted = plan({ observed: { ...observed, rest: unasked }, status });
    expect(restarted).toMatchObject({ status: undefined, actions: [], events: [], probeEveryMs: 250 });
    const edited = plan({ observed: { ...observed, rest: unasked }, status: { ...status, observedGeneration: 2 } });
    expect(edited.status?.observedGeneration).toBe(3);
  });

  it('asks closely until the cause of a failure is known', () => {
    const failed = (facts: Partial<JobFacts>) =>
      plan({ observed: { jobManager, children: whole, rest: answer(job({ state: 'FAILED', ...facts })) } });
    expect(failed({ details: 'behind' }).probeEveryMs).toBe(250);
    expect(failed({ exception: exceptionOf('Boom') }).probeEveryMs).toBe(10_000);
  });

  it('knows nothing of the job while the JobManager does not answer', () => {
    const decided = plan({
      observed: {
        jobManager: { ...jobManager, status: { availableReplicas: 1 } },
        rest: unknown('connection refused'),
      },
      status: { jobStatus: { jobId: JOB, state: 'RUNNING' } },
    });
    expect(decided.status?.jobStatus?.state).toBe('RECONCILING');
    expect(condition(decided, 'Reconciling')?.message).toBe(
      'waiting for the JobManager to answer (connection refused)',
    );
  });

  it('writes nothing for a JobManager that does not answer while its Deployment is not available', () => {
    const { status } = plan({ observed: { jobManager, children: whole, rest: unknown('not asked yet') } });
    const again = plan({
      observed: { jobManager, children: whole, rest: unknown('connection refused') },
      ...(status === undefined ? {} : { status }),
    });
    expect(again.status).toEqual(status);
  });

  it('does the arithmetic when code overrides the parallelism: 7 in the spec, 91 in the code, 13 slots', () => {
    const vertices = ['Source', 'Map', 'Sink'].map((name) => ({
      id: name,
      name,
      parallelism: 91,
      active: 91,
      slotSharingGroup: 'g',
    }));
    const spec = { job: { parallelism: 7 }, flinkConfiguration: { 'taskmanager.numberOfTaskSlots': '13' } };
    const facts = job({ vertices, tasks: { total: 273, active: 273 } });
    const decided = plan({ spec, observed: { jobManager, children: whole, rest: answer(facts) } });
    expect(condition(decided, 'ParallelismOverridden')?.message).toBe(
      "the job's code sets its own parallelism: it needs 91 slots where the spec asks for 7, so 7 TaskManagers of 13 slots instead of 1 " +
        '(273 tasks in all); remove setParallelism from the code or set the same number in spec.job.parallelism',
    );
    expect(decided.status?.tasks).toMatchObject({ total: 273, maxParallelism: 91 });
    expect(decided.events.map((event) => event.reason)).toContain('ParallelismOverridden');
  });

  it('counts 21 tasks for three unchained operators at parallelism 7', () => {
    const vertices = ['Source', 'Map', 'Sink'].map((name) => ({
      id: name,
      name,
      parallelism: 7,
      active: 7,
      slotSharingGroup: 'g',
    }));
    const facts = job({ vertices, tasks: { total: 21, active: 21 } });
    const decided = plan({
      spec: { job: { parallelism: 7 } },
      observed: { jobManager, children: whole, rest: answer(facts) },
    });
    expect(decided.status?.tasks?.total).toBe(21);
    expect(condition(decided, 'ParallelismOverridden')).toBeUndefined();
  });
});

function exceptionOf(stackTrace: string): NonNullable<JobFacts['exception']> {
  return { name: 'x', stackTrace, timestamp: 7, taskName: 'Map (1/2)', endpoint: undefined, taskManagerId: undefined };
}

describe('what cannot be done', () => {
  const running = { jobManager, children: whole, rest: answer(job()) };

  it.each<[string, Given, string, string]>([
    [
      'a new resource',
      { recorded: false, spec: { job: { parallelism: -1 } } },
      'ValidationError',
      'spec.job.parallelism: -1 is not valid, it must be at least 1',
    ],
  ])('is said of %s, and nothing is done', (_name, given, reason, message) => {
    const decided = plan(given);
    expect(decided.actions).toEqual([]);
    expect(condition(decided, 'Stalled')).toMatchObject({ status: 'True', reason, message });
    expect(condition(decided, 'Ready')).toMatchObject({ status: 'False', reason });
    expect(decided.status).toMatchObject({
      lifecycleState: 'FAILED',
      error: JSON.stringify({ type: reason, message }),
      reconciliationStatus: { error: message },
    });
    expect(decided.events).toEqual([{ type: 'Warning', reason, message, component: 'Operator' }]);
  });

  it.each<[string, DeepPartial<FlinkDeploymentSpec>, string]>([
    ['an invalid value', { job: { parallelism: 0 } }, 'ValidationError'],
    ['a change of mode', { mode: 'standalone' }, 'ValidationError'],
  ])('does not touch a running job: %s', (_name, spec, reason) => {
    const decided = plan({ spec, recorded: {}, observed: running });
    expect(decided.actions).toEqual([]);
    expect(decided.status).toMatchObject({
      jobStatus: { state: 'RUNNING' },
      reconciliationStatus: { state: 'DEPLOYED' },
    });
    expect(condition(decided, 'Stalled')?.reason).toBe(reason);
    expect(condition(decided, 'Running')?.status).toBe('True');
  });

  it('lets a start that is under way go on with the spec it was recorded with', () => {
    const decided = plan({
      spec: { job: { parallelism: 0 } },
      recorded: {},
      state: 'UPGRADING',
      jobState: 'suspended',
    });
    expect(actionsOf(decided)).toEqual(CREATED);
    expect(condition(decided, 'Stalled')?.reason).toBe('ValidationError');
  });

  it.each(['AlreadyExists', 'QuotaExceeded'])('tells of a start that failed (%s) until it succeeds', (reason) => {
    const failure = { kind: 'waiting', reason, message: 'create Deployment', retryAfterMs: 1000 } as const;
    const begun: Given = { recorded: {}, state: 'UPGRADING', jobState: 'suspended' };
    const failed = decideFailed(situationOf(resourceOf(begun), UNSEEN, NOW, { flinkConfiguration: {} }), failure);
    const again = plan({ ...begun, status: failed?.status ?? {} });
    expect([actionsOf(again), again.status]).toEqual([CREATED, undefined]);
    const refused = plan({ ...begun, spec: { job: { parallelism: 0 } }, status: failed?.status ?? {} });
    expect(condition(refused, 'Stalled')?.reason).toBe('ValidationError');
    const seen = plan({ ...begun, status: failed?.status ?? {}, observed: { jobManager, children: whole } });
    expect(condition(seen, 'Ready')?.reason).toBe('WaitingForJobManager');
  });

  it('says a failed pass in conditions and event, once', () => {
    const failure = { kind: 'stalled', reason: 'Forbidden', message: 'apply Deployment default/orders: no' } as const;
    const first = decideFailed(situationOf(resourceOf({}), UNSEEN, NOW, { flinkConfiguration: {} }), failure);
    expect(first?.events).toEqual([
      { type: 'Warning', reason: 'Forbidden', message: failure.message, component: 'Operator' },
    ]);
    expect(first?.status?.conditions?.map(({ type, status }) => [type, status])).toEqual([
      ['Ready', 'False'],
      ['Stalled', 'True'],
    ]);
    const again = resourceOf({ status: first?.status ?? {} });
    expect(decideFailed(situationOf(again, UNSEEN, NOW, { flinkConfiguration: {} }), failure)?.events).toEqual([]);
  });
});
