import { describe, expect, it } from 'vitest';
import { known, unasked, unknown } from '../core/fact.ts';
import { findCondition } from '../kube/conditions.ts';
import type { KubeObject } from '../kube/object.ts';
import { decide, type FlinkPlan } from './decide.ts';
import { observe } from './observe.ts';
import { type JobManagerAnswer, type Observed, UNSEEN } from './observed.ts';
import { encodeSpec, startIdOf } from './record.ts';
import type { FlinkDeploymentSpec, FlinkJobStatusState, LifecycleState } from './schema.ts';
import { aSessionJob } from './session-job/testing.ts';
import { FLINK_FINALIZER, situationOf } from './situation.ts';
import { aSessionCluster, type DeepPartial } from './testing.ts';

const NOW = new Date('2026-02-03T04:05:06Z');
const { uid: UID = '' } = aSessionCluster().metadata;

interface Given {
  readonly spec?: DeepPartial<FlinkDeploymentSpec>;
  /** The spec last acted on; the present one unless given. False: nothing was ever recorded. */
  readonly recorded?: DeepPartial<FlinkDeploymentSpec> | false;
  readonly state?: 'DEPLOYED' | 'UPGRADING';
  readonly observed?: Partial<Observed>;
  readonly deleting?: boolean;
  readonly conditions?: readonly { readonly message: string }[];
  readonly lifecycleState?: LifecycleState;
}

function plan({ spec = {}, recorded, state = 'DEPLOYED', observed, deleting, ...told }: Given): FlinkPlan {
  const deletion = deleting === true ? { deletionTimestamp: '2026-02-03T04:05:00Z' } : {};
  const finalizers = recorded === false ? [] : [FLINK_FINALIZER];
  const session = aSessionCluster({ metadata: { generation: 3, finalizers, ...deletion }, spec });
  const lastReconciledSpec = encodeSpec(aSessionCluster({ spec: recorded || spec }).spec, 'running', false);
  const reconciliationStatus = { state, lastReconciledSpec, reconciliationTimestamp: 1000 };
  const status = { reconciliationStatus, ...told };
  const resource: KubeObject = recorded === false ? session : { ...session, status };
  const situation = situationOf(resource, { ...UNSEEN, ...observed }, NOW, { flinkConfiguration: {} });
  return decide(situation, { fast: 250, slow: 10_000 });
}

function child(kind: string, name: string): KubeObject {
  const annotations = { 'weir.dev/start-id': startIdOf(UID, { jobId: undefined, timestamp: 1000 }) };
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'default', uid: `uid-${name}`, annotations } };
}

const jobManager = child('Deployment', 'orders');
const children = [
  child('Service', 'orders'),
  child('Service', 'orders-rest'),
  child('ConfigMap', 'flink-config-orders'),
];
const haConfigMap = child('ConfigMap', 'orders-cluster-config-map');

function answer(...states: FlinkJobStatusState[]): Observed['rest'] {
  const jobs = states.map((state, index) => ({ id: `job-${index}`, state }));
  const value: JobManagerAnswer = { flinkVersion: '2.0.0', flinkRevision: 'abc', jobs, job: undefined };
  return known(value);
}

function did({ actions }: FlinkPlan): string[] {
  return actions.map((action) => {
    if (action.kind === 'apply' || action.kind === 'create') {
      return `${action.kind} ${action.object.kind} ${action.object.metadata.name}`;
    }
    if (action.kind === 'delete') return `delete ${action.ref.kind} ${action.ref.name}`;
    if (action.kind === 'finalizer') return `${action.op} finalizer`;
    return action.kind === 'effect' ? `${action.effect.kind} ${action.effect.jobId}` : action.kind;
  });
}

function said({ status }: FlinkPlan): string {
  const ready = findCondition(status?.conditions, 'Ready');
  return `${ready?.status} ${ready?.reason}: ${ready?.message}`;
}

describe('a session cluster', () => {
  it('is created, without a job of its own', () => {
    const decided = plan({ recorded: false });
    expect(did(decided)).toEqual([
      'add finalizer',
      'create Deployment orders',
      'apply ConfigMap flink-config-orders',
      'apply Service orders',
      'apply Service orders-rest',
    ]);
    expect(decided.status).toMatchObject({ jobStatus: {}, reconciliationStatus: { state: 'UPGRADING' } });
    expect(decided.status?.jobStatus).toEqual({});
  });

  it('is stable when its JobManager answers', () => {
    const decided = plan({ observed: { jobManager, children, rest: answer('RUNNING', 'FINISHED') } });
    expect(said(decided)).toBe("True JobManagerReady: the session's JobManager answers, it has 1 job");
    expect(decided.status).toMatchObject({
      lifecycleState: 'STABLE',
      jobManagerDeploymentStatus: 'READY',
      jobStatus: {},
    });
    expect(findCondition(decided.status?.conditions, 'Running')).toMatchObject({
      status: 'True',
      reason: 'JobManagerReady',
    });
    expect(decided).toMatchObject({ actions: [], probeEveryMs: 10_000 });
  });

  it('is not ready before', () => {
    const decided = plan({ observed: { jobManager, children, rest: unknown('connection refused') } });
    expect(said(decided)).toMatch(/^False WaitingForJobManager: /);
    expect(findCondition(decided.status?.conditions, 'Running')).toMatchObject({ reason: 'JobManagerIsDeploying' });
  });

  it('is started anew for another spec, with its jobs recovered from its high-availability data', () => {
    const edit: Given = { recorded: {}, spec: { image: 'flink:2.0.1' } };
    const observed = { jobManager, children, haConfigMaps: [haConfigMap], rest: answer('RUNNING') };
    const decided = plan({ ...edit, observed });
    expect(decided.status?.reconciliationStatus?.state).toBe('UPGRADING');
    expect(did(decided)).toEqual([
      'delete ConfigMap flink-config-orders',
      'delete Deployment orders',
      'delete Service orders',
      'delete Service orders-rest',
    ]);
    expect(decided.events.map(({ message }) => message)).toContain(
      'spec changed (image), the session is started anew; its high-availability data is kept',
    );
    const next = plan({ spec: edit.spec ?? {}, state: 'UPGRADING', observed: { haConfigMaps: [haConfigMap] } });
    expect(did(next)).toContain('create Deployment orders');
  });

  it('whose JobManager Deployment is lost is started anew', () => {
    const decided = plan({ observed: { children: [] } });
    expect(did(decided)).toContain('create Deployment orders');
    expect(decided.events.map(({ reason }) => reason)).toEqual(['Missing', 'RecoverDeployment', 'Submit']);
  });
});

describe('a session cluster that cannot recover its jobs', () => {
  const FLINK_HA = { 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 's3://b/h' };
  const highlyAvailable = { flinkConfiguration: FLINK_HA };
  const statefulJobs = [
    { name: 'clicks', jobId: 'job-0' },
    { name: 'views', jobId: 'job-1' },
  ];
  const RUNS: Partial<Observed> = { jobManager, children, rest: answer('RUNNING', 'RUNNING'), statefulJobs };
  const edit = (observed: Partial<Observed> = RUNS, spec: Given['spec'] = { image: 'flink:2.0.1' }): FlinkPlan =>
    plan({ recorded: {}, spec, observed });

  it('waits until those that keep state are suspended, and says so', () => {
    const decided = edit();
    expect(said(decided)).toBe(
      'False WaitingForSessionJobs: the change of image waits until the session jobs that keep state are suspended ' +
        '(spec.job.state): clicks, views; without high availability, before and after, the session recovers none of its ' +
        'jobs. They may run again once it is started anew',
    );
    expect(decided).toMatchObject({ actions: [], probeEveryMs: 250, status: { jobManagerDeploymentStatus: 'READY' } });
    expect(decided.status?.reconciliationStatus).toMatchObject({ state: 'DEPLOYED' });
  });

  it.each<[string, Partial<Observed>, string]>([
    ['one has ended and its state is not recorded yet', { ...RUNS, rest: answer('FINISHED') }, 'WaitingForSessionJobs'],
    ['it knows none of them', { ...RUNS, rest: answer() }, 'Upgrading'],
    ['none is to be kept', { ...RUNS, statefulJobs: [] }, 'Upgrading'],
    ['nobody has asked which run', { ...RUNS, rest: unasked }, 'WaitingForJobManager'],
    ['its JobManager does not answer', { ...RUNS, rest: unknown('no answer') }, 'WaitingForJobManager'],
    ['its JobManager Deployment is gone', { ...RUNS, jobManager: undefined, rest: unknown('no answer') }, 'Upgrading'],
  ])('goes by what runs: %s', (_what, observed, because) => {
    expect(edit(observed).because).toBe(because);
  });

  it.each<[string, Given['spec'], Given['spec'], string]>([
    ['on, before and after', highlyAvailable, { ...highlyAvailable, image: 'x' }, 'Upgrading'],
    ['switched on', {}, highlyAvailable, 'WaitingForSessionJobs'],
    ['switched off', highlyAvailable, {}, 'WaitingForSessionJobs'],
    ['of another Flink', highlyAvailable, { ...highlyAvailable, flinkVersion: 'v2_1' }, 'WaitingForSessionJobs'],
  ])('goes by high availability: %s', (_what, recorded = {}, spec = {}, because) => {
    expect(plan({ recorded, spec, observed: RUNS }).because).toBe(because);
  });
});

describe('the deletion of a session cluster', () => {
  const observed = { jobManager, children, rest: answer() };
  const block = (key: string) => ({ flinkConfiguration: { [`kubernetes.operator.session.deletion.${key}`]: 'false' } });

  it('waits for the session jobs that use it, and names them', () => {
    const given: Given = { deleting: true, observed: { ...observed, sessionJobs: ['a', 'b'] } };
    const decided = plan(given);
    const message = 'the session jobs a, b use this session and must be deleted first';
    expect(said(decided)).toBe(`False CleanupFailed: ${message}`);
    expect(decided).toMatchObject({
      actions: [],
      status: { lifecycleState: 'DELETING' },
      events: [{ type: 'Warning', reason: 'CleanupFailed', message }],
    });
    expect(plan({ ...given, conditions: [{ message }] }).events).toEqual([]);
  });

  it('waits for jobs that nobody manages, and names them', () => {
    const decided = plan({ deleting: true, observed: { ...observed, rest: answer('FINISHED', 'RUNNING') } });
    expect(said(decided)).toBe('False CleanupFailed: the jobs job-1 run on this session and must be cancelled first');
    expect(decided.actions).toEqual([]);
  });

  it.each([unasked, unknown('connection refused')])('does not take silence for an idle session: %j', (rest) => {
    const decided = plan({ deleting: true, observed: { ...observed, rest } });
    expect(decided.actions).toEqual([]);
    expect(said(decided)).toMatch(
      /^False Deleting: waiting for the JobManager to tell whether jobs run on this session;/,
    );
  });

  it('takes everything down when nothing uses it, high-availability data last', () => {
    const decided = plan({ deleting: true, observed: { ...observed, haConfigMaps: [haConfigMap] } });
    expect(did(decided)).toContain('delete Deployment orders');
    const last = plan({ deleting: true, observed: { haConfigMaps: [haConfigMap] } });
    expect(did(last)).toEqual(['delete ConfigMap orders-cluster-config-map']);
    expect(did(plan({ deleting: true }))).toEqual(['remove finalizer']);
  });

  it.each([0, 1, 2, 3])('goes on going where an operator died after %i deletions', (done) => {
    const idle = plan({ deleting: true, observed: { ...observed, rest: answer() } });
    const gone = new Set(did(idle).slice(0, done));
    const left = children.filter(({ kind, metadata }) => !gone.has(`delete ${kind} ${metadata.name}`));
    const isGoing = gone.has('delete Deployment orders');
    const { metadata } = jobManager;
    const going = { ...jobManager, metadata: { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    const rest = gone.has('delete Service orders-rest') ? unknown('no such host') : answer();
    const taken = { jobManager: isGoing ? going : jobManager, children: left, rest };
    expect(did(plan({ deleting: true, observed: taken }))).toEqual(did(idle).slice(done));
  });

  it('tells while it goes that its JobManager is gone, since its jobs go by that', () => {
    const going = {
      deleting: true,
      lifecycleState: 'DELETING',
      observed: { pods: [child('Pod', 'orders-1')] },
    } as const;
    expect(plan(going).status?.jobManagerDeploymentStatus).toBe('MISSING');
  });

  it('can be told not to wait', () => {
    const jobs = { ...observed, rest: answer('RUNNING') };
    expect(did(plan({ deleting: true, spec: block('block-on-unmanaged-jobs'), observed: jobs }))).toEqual([
      'cancel-job job-0',
    ]);
    const used = { ...observed, sessionJobs: ['a'] };
    expect(did(plan({ deleting: true, spec: block('block-on-session-jobs'), observed: used }))).toContain(
      'delete Deployment orders',
    );
  });

  it('asks for no savepoint of a session', () => {
    const flinkConfiguration = { 'kubernetes.operator.job.savepoint-on-deletion': 'true' };
    expect(did(plan({ deleting: true, spec: { flinkConfiguration }, observed }))).toContain('delete Deployment orders');
  });
});

describe('what is looked at of a session', () => {
  const read = {
    get: () => undefined,
    list: ({ kind }: { readonly kind: string }) =>
      kind === 'FlinkSessionJob' ? [aSessionJob(), aSessionJob({ spec: { deploymentName: 'other' } })] : [],
  };
  const probe = { latest: () => unasked, every: () => undefined };

  it('are its jobs when it is to go', () => {
    const going = aSessionCluster({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } });
    expect(observe(going, read, probe).sessionJobs).toEqual(['clicks']);
    expect(observe(aSessionCluster(), read, probe)).not.toHaveProperty('sessionJobs');
  });

  it.each<[string, 'stateless' | 'savepoint', 'running' | 'suspended', readonly object[]]>([
    ['has state', 'savepoint', 'running', [{ name: 'clicks', jobId: 'j' }]],
    ['has none', 'stateless', 'running', []],
    ['is suspended', 'savepoint', 'suspended', []],
  ])('is else whether a job of it %s', (_what, upgradeMode, state, expected) => {
    const { spec, ...job } = aSessionJob({ spec: { job: { upgradeMode } } });
    const status = {
      jobStatus: { jobId: 'j' },
      reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(spec, state, false) },
      restore: { mode: 'stateless', declaredMode: upgradeMode },
    };
    const known = { ...read, list: () => [{ ...job, spec, status }] };
    expect(observe(aSessionCluster(), known, probe).statefulJobs).toEqual(expected);
  });
});
