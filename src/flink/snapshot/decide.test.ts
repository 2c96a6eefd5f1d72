import { describe, expect, it } from 'vitest';
import { known, unasked, unknown } from '../../core/fact.ts';
import type { Reader } from '../../core/ports.ts';
import type { KubeObject } from '../../kube/object.ts';
import { encodeSpec } from '../record.ts';
import type { FlinkJobStatusState } from '../schema.ts';
import { aSessionJob } from '../session-job/testing.ts';
import { NO_CHECKPOINTS, type SnapshotFacts, type SnapshotProgress } from '../snapshot-facts.ts';
import { decideSnapshot, decideSnapshotFailed, type SnapshotPlan } from './decide.ts';
import { observeSnapshot } from './observe.ts';
import type { SnapshotAnswer } from './observed.ts';
import { triggerIdOf } from './policies/pending.ts';
import type { FlinkStateSnapshot, FlinkStateSnapshotSpec, FlinkStateSnapshotStatus } from './schema.ts';
import { SNAPSHOT_FINALIZER, snapshotSituation } from './situation.ts';
import { aRunningJob, aSnapshot, JOB_ID } from './testing.ts';

const NOW = new Date('2026-01-01T12:00:00.000Z');
const PROBE_MS = 250;
const ORDERS = { kind: 'FlinkDeployment', name: 'orders' } as const;
const TARGET = { namespace: 'default', name: 'orders', port: 8081, jobId: JOB_ID };
const TRIGGER = triggerIdOf('snapshot-uid', 0);
const SAVEPOINT_REQUEST = { triggerId: TRIGGER, targetDirectory: 's3://state/savepoints', formatType: undefined };

interface Scene {
  readonly snapshot?: FlinkStateSnapshot;
  /** Everything else that is there; the running job unless given. */
  readonly others?: readonly KubeObject[];
  readonly answer?: Partial<SnapshotAnswer> | 'none' | 'not asked';
  readonly now?: Date;
}

function situation({ snapshot = aSnapshot(), others = [aRunningJob()], answer = 'not asked', now = NOW }: Scene) {
  const all = [snapshot, ...others];
  const read: Reader = {
    get: ({ kind, name }) => all.find((object) => object.kind === kind && object.metadata.name === name),
    list: ({ kind }) => all.filter((object) => object.kind === kind),
  };
  const nothing = { progress: undefined, checkpoint: undefined, checkpoints: undefined, disposal: undefined };
  const rest =
    answer === 'not asked'
      ? unasked
      : answer === 'none'
        ? unknown('connection refused')
        : known({ triggerId: snapshot.status?.triggerId, ...nothing, ...answer });
  const probe = { latest: () => rest, every: () => undefined };
  const observed = observeSnapshot(snapshot, { read, probe, defaults: { flinkConfiguration: {} } });
  return snapshotSituation(snapshot, observed, now, { flinkConfiguration: {} });
}

function decided(scene: Scene): SnapshotPlan {
  return decideSnapshot(situation(scene), PROBE_MS);
}

/** The status without conditions, what Ready, Reconciling and Stalled say, and what is done. */
function told(plan: SnapshotPlan) {
  const { conditions = [], observedGeneration: _generation, ...status } = plan.status ?? {};
  return {
    status,
    says: conditions.map(({ type, status: value, reason, message }) => `${type}=${value} ${reason}: ${message}`),
    effects: plan.actions.flatMap((action) => (action.kind === 'effect' ? [action.effect] : [])),
    events: plan.events.map(({ type, reason, message }) => `${type} ${reason}: ${message}`),
  };
}

/** The snapshot as it is stored after a plan. */
function storedAfter(snapshot: FlinkStateSnapshot, plan: SnapshotPlan): FlinkStateSnapshot {
  return plan.status === undefined ? snapshot : { ...snapshot, status: plan.status };
}

const UNDER_WAY: FlinkStateSnapshotStatus = {
  state: 'IN_PROGRESS',
  triggerId: TRIGGER,
  triggerTimestamp: '2026-01-01T11:59:00.000Z',
  failures: 0,
  jobId: JOB_ID,
};

describe('a new snapshot', () => {
  it('is recorded with its trigger id before Flink is asked for it', () => {
    const plan = decided({ snapshot: aSnapshot({ metadata: { finalizers: [] } }) });
    expect(told(plan)).toEqual({
      status: {
        state: 'IN_PROGRESS',
        triggerId: TRIGGER,
        triggerTimestamp: NOW.toISOString(),
        failures: 0,
        jobId: JOB_ID,
      },
      says: [
        'Ready=False SnapshotInProgress: Flink takes the savepoint of FlinkDeployment orders',
        'Reconciling=True SnapshotInProgress: Flink takes the savepoint of FlinkDeployment orders',
      ],
      effects: [{ kind: 'trigger-savepoint', target: TARGET, request: SAVEPOINT_REQUEST }],
      events: [],
    });
    expect(plan.actions[0]).toMatchObject({ kind: 'finalizer', op: 'add', finalizer: SNAPSHOT_FINALIZER });
    expect(plan.probeEveryMs).toBe(PROBE_MS);
  });

  it('goes where and in what format its spec says', () => {
    const spec = { jobReference: ORDERS, savepoint: { path: 's3://mine', formatType: 'NATIVE' } } as const;
    expect(told(decided({ snapshot: aSnapshot({ spec }) })).effects).toEqual([
      {
        kind: 'trigger-savepoint',
        target: TARGET,
        request: { triggerId: TRIGGER, targetDirectory: 's3://mine', formatType: 'NATIVE' },
      },
    ]);
  });

  it('may be a checkpoint', () => {
    const plan = decided({ snapshot: aSnapshot({ spec: { jobReference: ORDERS, checkpoint: {} } }) });
    expect(told(plan).effects).toEqual([
      { kind: 'trigger-checkpoint', target: TARGET, request: { triggerId: TRIGGER, checkpointType: 'FULL' } },
    ]);
  });

  it('is only recorded when its savepoint is there already, job or no job', () => {
    const spec = { savepoint: { alreadyExists: true, path: 's3://old/savepoint-1' } };
    expect(told(decided({ snapshot: aSnapshot({ spec }), others: [] }))).toEqual({
      status: {
        state: 'COMPLETED',
        path: 's3://old/savepoint-1',
        triggerTimestamp: NOW.toISOString(),
        resultTimestamp: NOW.toISOString(),
        failures: 0,
      },
      says: ['Ready=True SnapshotCompleted: the savepoint is at s3://old/savepoint-1'],
      effects: [],
      events: [],
    });
  });
});

describe('bad input', () => {
  const both: FlinkStateSnapshotSpec = { jobReference: ORDERS, savepoint: {}, checkpoint: {} };
  it.each<[string, unknown, string]>([
    [
      'neither savepoint nor checkpoint',
      { jobReference: ORDERS },
      'spec: {"jobReference":{"kind":"FlinkDeployment","name":"orders"}} is not valid, it must have exactly one of savepoint and checkpoint',
    ],
    [
      'both',
      { savepoint: {}, checkpoint: {} },
      'spec: {"savepoint":{},"checkpoint":{}} is not valid, it must have exactly one of savepoint and checkpoint',
    ],
    [
      'no job',
      { savepoint: {} },
      'spec.jobReference.kind: is missing, it must be one of FlinkDeployment, FlinkSessionJob; spec.jobReference.name: is missing, it must name the job to take a snapshot of',
    ],
    [
      'a job without a name',
      { jobReference: { kind: 'FlinkDeployment', name: ' ' }, checkpoint: {} },
      'spec.jobReference.name: " " is not valid, it must name the job to take a snapshot of',
    ],
    [
      'a savepoint that exists nowhere',
      { savepoint: { alreadyExists: true } },
      'spec.savepoint.path: is missing, it must name the savepoint, since alreadyExists is true',
    ],
    [
      'words where none fit',
      { jobReference: ORDERS, savepoint: { formatType: 'ZIP' }, backoffLimit: 1.5 },
      'spec.savepoint.formatType: "ZIP" is not valid, it must be one of CANONICAL, NATIVE, UNKNOWN; spec.backoffLimit: 1.5 is not valid, it must be a whole number',
    ],
    ['no spec', undefined, 'spec: {} is not valid, it must have exactly one of savepoint and checkpoint'],
  ])('%s', (_what, spec, message) => {
    const snapshot = { ...aSnapshot(), spec } as FlinkStateSnapshot;
    const plan = decided({ snapshot });
    expect(told(plan)).toEqual({
      status: {
        state: 'TRIGGER_PENDING',
        failures: 0,
        error: JSON.stringify({ type: 'ValidationError', message }),
      },
      says: [`Ready=False ValidationError: ${message}`, `Stalled=True ValidationError: ${message}`],
      effects: [],
      events: [`Warning ValidationError: ${message}`],
    });
    expect(decided({ snapshot: storedAfter(snapshot, plan) }).events).toEqual([]);
  });

  it('does not touch what was taken before the edit', () => {
    const snapshot = aSnapshot({ spec: both, status: { ...UNDER_WAY, state: 'COMPLETED', path: 's3://x' } });
    expect(told(decided({ snapshot })).says).toEqual(['Ready=True SnapshotCompleted: it is at s3://x']);
  });

  it.each<[string, readonly KubeObject[], string, string]>([
    [
      'a job that does not exist',
      [],
      'Reconciling=True JobNotFound',
      'FlinkDeployment orders, which spec.jobReference names, does not exist in this namespace; the snapshot waits for it',
    ],
    [
      'no folder to write to',
      [aRunningJob({ spec: { flinkConfiguration: {} } })],
      'Stalled=True SavepointDirectoryMissing',
      'spec.savepoint.path: is missing, it must name a folder, since the configuration of FlinkDeployment orders has no execution.checkpointing.savepoint-dir',
    ],
  ])('%s', (_what, others, said, message) => {
    const plan = decided({ others });
    expect(told(plan)).toEqual({
      status: { state: 'TRIGGER_PENDING', failures: 0 },
      says: [`Ready=False ${said.split(' ')[1]}: ${message}`, `${said}: ${message}`],
      effects: [],
      events: [],
    });
    expect(plan.requeueAfterMs).toBe(10_000);
  });

  it("a session job's savepoint goes to the folder of the job, where it has one of its own", () => {
    const session = aRunningJob({ spec: { job: undefined } });
    const { spec: job } = aSessionJob({ spec: { flinkConfiguration: { 'state.savepoints.dir': 's3://own' } } });
    const status = {
      jobStatus: { jobId: JOB_ID, state: 'RUNNING' },
      reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(job, 'running', false) },
    } as const;
    const spec = { jobReference: { kind: 'FlinkSessionJob', name: 'clicks' }, savepoint: {} } as const;
    const others = [session, aSessionJob({ status })];
    expect(told(decided({ snapshot: aSnapshot({ spec }), others })).effects).toEqual([
      { kind: 'trigger-savepoint', target: TARGET, request: { ...SAVEPOINT_REQUEST, targetDirectory: 's3://own' } },
    ]);
  });

  it('a checkpoint of a job that runs Flink 1.16', () => {
    const spec = { jobReference: ORDERS, checkpoint: {} };
    const plan = decided({
      snapshot: aSnapshot({ spec }),
      others: [aRunningJob({ spec: { flinkVersion: 'v1_16' } })],
    });
    expect(told(plan).says[1]).toBe(
      'Stalled=True CheckpointsNotSupported: checkpoints can be asked for from Flink 1.17 on, and FlinkDeployment orders runs v1_16',
    );
  });
});

describe('a snapshot of a job that does not run', () => {
  it.each<FlinkJobStatusState>(['CREATED', 'INITIALIZING', 'RECONCILING', 'RESTARTING', 'FAILING', 'CANCELLING'])(
    'waits while it is %s',
    (state) => {
      const plan = decided({ others: [aRunningJob({ status: { jobStatus: { jobId: JOB_ID, state } } })] });
      expect(told(plan)).toMatchObject({
        status: { state: 'TRIGGER_PENDING' },
        effects: [],
        says: [
          `Ready=False WaitingForJob: waiting until the job of FlinkDeployment orders runs; it is ${state}`,
          `Reconciling=True WaitingForJob: waiting until the job of FlinkDeployment orders runs; it is ${state}`,
        ],
      });
    },
  );

  it.each<FlinkJobStatusState>(['FINISHED', 'FAILED', 'CANCELED', 'SUSPENDED'])(
    'is given up when it is %s',
    (state) => {
      const message = `FlinkDeployment orders does not run: its job is ${state}`;
      const plan = decided({ others: [aRunningJob({ status: { jobStatus: { jobId: JOB_ID, state } } })] });
      expect(told(plan)).toEqual({
        status: { state: 'ABANDONED', error: message, resultTimestamp: NOW.toISOString(), failures: 0 },
        says: [`Ready=False SnapshotAbandoned: ${message}`, `Stalled=True SnapshotAbandoned: ${message}`],
        effects: [],
        events: [`Warning SnapshotAbandoned: ${message}`],
      });
    },
  );

  it('waits for a cluster that was never started', () => {
    expect(decided({ others: [{ ...aRunningJob(), status: {} }] }).because).toBe('WaitingForJob');
  });
});

describe('a snapshot under way', () => {
  const snapshot = aSnapshot({ status: UNDER_WAY });
  const progress = (value: SnapshotProgress) => ({ progress: value });

  it('is followed', () => {
    const plan = decided({ snapshot, answer: progress({ kind: 'in-progress' }) });
    expect(told(plan)).toMatchObject({ status: UNDER_WAY, effects: [], events: [] });
    expect(plan.probeEveryMs).toBe(PROBE_MS);
  });

  it('is complete when Flink says so', () => {
    const plan = decided({ snapshot, answer: progress({ kind: 'completed', location: 's3://state/savepoints/sp-1' }) });
    expect(told(plan)).toMatchObject({
      status: {
        ...UNDER_WAY,
        state: 'COMPLETED',
        path: 's3://state/savepoints/sp-1',
        resultTimestamp: NOW.toISOString(),
      },
      says: ['Ready=True SnapshotCompleted: the savepoint is at s3://state/savepoints/sp-1'],
      effects: [],
    });
    expect(plan.probeEveryMs).toBeUndefined();
  });

  it.each<[string, SnapshotFacts | undefined, object, number]>([
    [
      'its path and size',
      {
        id: 7,
        kind: 'checkpoint',
        path: 's3://c/chk-7',
        triggeredAt: 1,
        completedAt: 2,
        sizeBytes: 99,
        discarded: false,
      },
      { state: 'COMPLETED', path: 's3://c/chk-7', sizeBytes: 99 },
      0,
    ],
    ['no path when its JobManager forgot it', undefined, { state: 'COMPLETED', path: '' }, 1],
  ])('as a checkpoint has %s', (_what, checkpoint, status, events) => {
    const taken = aSnapshot({ spec: { jobReference: ORDERS, checkpoint: {} }, status: UNDER_WAY });
    const plan = decided({ snapshot: taken, answer: { progress: { kind: 'completed', checkpointId: 7 }, checkpoint } });
    expect(plan.status).toMatchObject(status);
    expect(plan.events.map(({ reason }) => reason)).toEqual(Array.from({ length: events }, () => 'CheckpointError'));
  });

  it('ignores an answer about another attempt', () => {
    const answer = { triggerId: 'f'.repeat(32), progress: { kind: 'completed', location: 's3://other' } } as const;
    expect(decided({ snapshot, answer }).status).toMatchObject(UNDER_WAY);
  });

  it.each([
    [0, 10],
    [1, 20],
    [4, 160],
    [6, 600],
    [5000, 600],
  ])('after %i failures is asked for anew when another one failed, after %i s', (failures, seconds) => {
    const failed = aSnapshot({ status: { ...UNDER_WAY, failures } });
    const plan = decided({ snapshot: failed, answer: progress({ kind: 'failed', cause: 'disk full' }) });
    const times = failures === 0 ? 'once' : `${failures + 1} times`;
    expect(told(plan)).toMatchObject({
      status: {
        state: 'TRIGGER_PENDING',
        failures: failures + 1,
        error: '{"type":"SavepointError","message":"disk full"}',
      },
      events: [`Warning SavepointError: failed ${times}, tried again ${seconds} s after that: disk full`],
    });
    const pending = storedAfter(failed, plan);
    const early = decided({ snapshot: pending, now: new Date(NOW.getTime() + 1000 * seconds - 1) });
    expect([early.requeueAfterMs, early.status]).toEqual([1, pending.status]);
    const due = decided({ snapshot: pending, now: new Date(NOW.getTime() + 1000 * seconds) });
    expect(due.status).toMatchObject({ state: 'IN_PROGRESS', triggerId: triggerIdOf('snapshot-uid', failures + 1) });
  });

  it.each<[number, number, string]>([
    [0, 0, 'FAILED'],
    [2, 1, 'TRIGGER_PENDING'],
    [2, 2, 'FAILED'],
    [-1, 99, 'TRIGGER_PENDING'],
  ])('with backoffLimit %i and %i failures before is then %s', (backoffLimit, failures, state) => {
    const limited = aSnapshot({
      spec: { jobReference: ORDERS, savepoint: {}, backoffLimit },
      status: { ...UNDER_WAY, failures },
    });
    const plan = decided({ snapshot: limited, answer: progress({ kind: 'failed', cause: 'disk full' }) });
    expect(plan.status?.state).toBe(state);
    const over = state === 'FAILED';
    expect(plan.events.some(({ reason }) => reason === 'SnapshotError')).toBe(over);
    if (!over) return;
    const again = decided({ snapshot: storedAfter(limited, plan), now: new Date('2027-01-01T00:00:00Z') });
    expect(again.status).toEqual(plan.status);
    expect(again.requeueAfterMs).toBeUndefined();
  });

  it('to a folder that is not there has failed for good after its last attempt, in the words of Flink', () => {
    const cause = 'java.io.FileNotFoundException: s3://nowhere/savepoints';
    const savepoint = { path: 's3://nowhere/savepoints' };
    const nowhere = aSnapshot({ spec: { jobReference: ORDERS, savepoint, backoffLimit: 0 }, status: UNDER_WAY });
    const message = `failed once, and spec.backoffLimit is 0: ${cause}`;
    expect(told(decided({ snapshot: nowhere, answer: progress({ kind: 'failed', cause }) }))).toEqual({
      status: {
        ...UNDER_WAY,
        state: 'FAILED',
        failures: 1,
        resultTimestamp: NOW.toISOString(),
        error: JSON.stringify({ type: 'SavepointError', message: cause }),
      },
      says: [`Ready=False SnapshotError: ${message}`, `Stalled=True SnapshotError: ${message}`],
      effects: [],
      events: [`Warning SavepointError: ${message}`, `Warning SnapshotError: ${message}`],
    });
  });

  it('is asked for again, as the same attempt, by a JobManager that does not know it', () => {
    const answer = { ...progress({ kind: 'unknown-trigger' }), checkpoints: NO_CHECKPOINTS };
    const plan = decided({ snapshot, answer });
    expect(told(plan)).toMatchObject({
      status: UNDER_WAY,
      effects: [{ kind: 'trigger-savepoint', request: SAVEPOINT_REQUEST }],
    });
    expect(plan.requeueAfterMs).toBe(5000);
  });

  it('is not asked for again while the job restarts', () => {
    const others = [aRunningJob({ status: { jobStatus: { jobId: JOB_ID, state: 'RESTARTING' } } })];
    const answer = { ...progress({ kind: 'unknown-trigger' }), checkpoints: NO_CHECKPOINTS };
    expect(told(decided({ snapshot, others, answer })).effects).toEqual([]);
  });

  describe('that its JobManager forgot', () => {
    const since = Date.parse('2026-01-01T11:59:00.000Z');
    const savepoint = (change: Partial<SnapshotFacts>): SnapshotFacts => ({
      id: 5,
      kind: 'savepoint',
      path: 's3://state/savepoints/sp-5',
      triggeredAt: since + 10,
      completedAt: since + 500,
      sizeBytes: 77,
      discarded: false,
      ...change,
    });
    const forgotten = (facts: SnapshotFacts) => ({
      ...progress({ kind: 'unknown-trigger' }),
      checkpoints: { ...NO_CHECKPOINTS, savepoint: facts, history: [facts] },
    });

    it('is found in the history of the job', () => {
      const plan = decided({ snapshot, answer: forgotten(savepoint({})) });
      expect(told(plan)).toMatchObject({
        status: { state: 'COMPLETED', path: 's3://state/savepoints/sp-5', sizeBytes: 77 },
        effects: [],
      });
    });

    it.each([
      ['is older', { triggeredAt: since - 1 }],
      ['was deleted', { discarded: true }],
      ['is nowhere', { path: undefined }],
    ])('is not mistaken for one that %s', (_what, change) => {
      expect(told(decided({ snapshot, answer: forgotten(savepoint(change)) })).effects).toHaveLength(1);
    });

    it('is not mistaken for one that another snapshot has', () => {
      const other = aSnapshot({
        metadata: { name: 'other', uid: 'other' },
        status: { state: 'COMPLETED', path: 's3://state/savepoints/sp-5' },
      });
      const plan = decided({ snapshot, others: [aRunningJob(), other], answer: forgotten(savepoint({})) });
      expect(told(plan).effects).toHaveLength(1);
    });
  });

  it.each<[string, readonly KubeObject[], string]>([
    ['its resource is gone', [], 'FlinkDeployment orders is gone'],
    [
      'its job was started anew',
      [aRunningJob({ status: { jobStatus: { jobId: 'b'.repeat(32), state: 'RUNNING' } } })],
      `FlinkDeployment orders was started anew: job ${JOB_ID} is over`,
    ],
    [
      'its job was suspended',
      [aRunningJob({ status: { jobStatus: { jobId: JOB_ID, state: 'SUSPENDED' } } })],
      'FlinkDeployment orders does not run: its job is SUSPENDED',
    ],
  ])('is given up when %s', (_what, others, message) => {
    expect(told(decided({ snapshot, others, answer: 'none' })).events).toEqual([
      `Warning SnapshotAbandoned: ${message}`,
    ]);
  });

  it('is not given up before Flink was asked, since it may be complete', () => {
    const others = [aRunningJob({ status: { jobStatus: { jobId: JOB_ID, state: 'FINISHED' } } })];
    expect(decided({ snapshot, others, answer: 'not asked' }).status?.state).toBe('IN_PROGRESS');
    const answer = progress({ kind: 'completed', location: 's3://x' });
    expect(decided({ snapshot, others, answer }).status?.state).toBe('COMPLETED');
  });

  it('waits for a JobManager that does not answer', () => {
    expect(told(decided({ snapshot, answer: 'none' })).says[1]).toBe(
      'Reconciling=True WaitingForJobManager: waiting for the JobManager to say how far the snapshot is',
    );
  });
});

describe('what cannot be asked for', () => {
  const snapshot = aSnapshot({ status: UNDER_WAY });
  it('counts as failed when Flink refuses it', () => {
    const plan = decideSnapshotFailed(situation({ snapshot }), {
      kind: 'stalled',
      reason: 'SnapshotRefused',
      message: 'JobManager of default/orders: POST answered 400: no such scheme',
    });
    expect(plan?.status).toMatchObject({ state: 'TRIGGER_PENDING', failures: 1 });
    expect(plan?.actions).toEqual([]);
  });

  it('stays under way when nobody could tell', () => {
    const failure = { kind: 'transient', message: 'connection refused' } as const;
    const plan = decideSnapshotFailed(situation({ snapshot }), failure);
    expect(plan?.status).toMatchObject(UNDER_WAY);
    expect(plan?.events).toHaveLength(1);
    const repeated = plan === undefined ? undefined : storedAfter(snapshot, plan);
    expect(repeated && decideSnapshotFailed(situation({ snapshot: repeated }), failure)?.events).toEqual([]);
  });

  it('says nothing of a conflict', () => {
    expect(decideSnapshotFailed(situation({ snapshot }), { kind: 'conflict', message: 'x' })).toBeUndefined();
  });
});

describe('labels', () => {
  it('are written when nothing else is', () => {
    const first = decided({});
    const snapshot = aSnapshot({ status: first.status ?? {} });
    expect(first.actions.map(({ kind }) => kind)).toEqual(['effect']);
    const plan = decided({ snapshot, answer: 'not asked' });
    expect(plan.actions).toEqual([
      {
        kind: 'patch',
        object: snapshot,
        patch: {
          metadata: {
            labels: {
              'job-reference.kind': 'FlinkDeployment',
              'job-reference.name': 'orders',
              'snapshot.type': 'SAVEPOINT',
              'snapshot.trigger-type': 'MANUAL',
              'snapshot.state': 'IN_PROGRESS',
            },
          },
        },
        because: 'labels to find it by',
      },
    ]);
  });

  it('leave alone who asked for it, and are written once', () => {
    const labels = {
      'job-reference.kind': 'FlinkDeployment',
      'job-reference.name': 'orders',
      'snapshot.type': 'SAVEPOINT',
      'snapshot.trigger-type': 'PERIODIC',
      'snapshot.state': 'IN_PROGRESS',
    };
    const first = decided({});
    expect(decided({ snapshot: aSnapshot({ metadata: { labels }, status: first.status ?? {} }) }).actions).toEqual([]);
  });
});
