import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import type { FlinkPlan } from './decide.ts';
import type { JobManagerAnswer } from './observed.ts';
import { readRecord } from './record.ts';
import type { FlinkDeploymentSpec, FlinkDeploymentStatus, SavepointRecord } from './schema.ts';
import { NO_CHECKPOINTS, type SnapshotProgress } from './snapshot-facts.ts';
import type { TakingEffect } from './taking/subject.ts';
import { answer, JOB, job, jobManager, NOW, plan, whole } from './testing/pass.ts';
import { aFlinkDeployment, type DeepPartial } from './testing.ts';

const KEPT = {
  'state.checkpoints.dir': 's3://b/c',
  'state.savepoints.dir': 's3://b/s',
  'kubernetes.operator.snapshot.resource.enabled': 'false',
};
const MILLIS = NOW.getTime();
const MINUTE = 60_000;

interface Given {
  readonly spec?: DeepPartial<FlinkDeploymentSpec>;
  readonly recorded?: DeepPartial<FlinkDeploymentSpec>;
  readonly status?: FlinkDeploymentStatus | undefined;
  readonly facts?: Partial<JobManagerAnswer>;
  readonly state?: 'RUNNING' | 'RESTARTING' | 'FAILED';
  readonly dependants?: readonly KubeObject[];
}

/** One pass over a deployment that runs and keeps its snapshots in the status. */
function pass({
  spec = {},
  recorded = spec,
  status,
  facts = {},
  state = 'RUNNING',
  dependants = [],
}: Given): FlinkPlan {
  const keeping = (given: DeepPartial<FlinkDeploymentSpec>) => ({
    ...given,
    flinkConfiguration: { ...KEPT, ...given.flinkConfiguration },
  });
  const rest = answer(job({ state }), facts);
  return plan({
    spec: keeping(spec),
    recorded: keeping(recorded),
    ...(status === undefined ? {} : { status }),
    observed: { jobManager, children: whole, rest, dependants },
  });
}

const effects = ({ actions }: FlinkPlan): TakingEffect[] =>
  actions.flatMap((action) => (action.kind === 'effect' ? [action.effect as TakingEffect] : []));

const savepoints = ({ status }: FlinkPlan) => status?.jobStatus?.savepointInfo;
const recordedNonce = ({ status }: FlinkPlan) => readRecord(status)?.spec.job?.savepointTriggerNonce;
const nonce = (savepointTriggerNonce: number) => ({ job: { savepointTriggerNonce } });
const asked = { spec: nonce(2), recorded: nonce(1) };

const ID = 'f'.repeat(32);

/** A status in which a savepoint is under way, asked for so long ago. */
function underWay(ageMs: number, more: object = {}): FlinkDeploymentStatus {
  const basic = { triggerId: ID, triggerTimestamp: MILLIS - ageMs, triggerType: 'MANUAL', formatType: 'CANONICAL' };
  return { jobStatus: { savepointInfo: { ...basic, triggerNonce: 2, ...more } } } as FlinkDeploymentStatus;
}

const told = (progress: SnapshotProgress, triggerId = ID): Partial<JobManagerAnswer> => ({
  taking: [{ kind: 'savepoint', triggerId, progress }],
});

describe('a savepoint kept in the status', () => {
  it('is recorded under an id before it is asked for, and its nonce once it is complete', () => {
    const first = pass(asked);
    const { triggerId = '' } = savepoints(first) ?? {};
    expect(triggerId).toMatch(/^[0-9a-f]{32}$/);
    expect(savepoints(first)).toEqual({
      triggerId,
      triggerTimestamp: MILLIS,
      triggerType: 'MANUAL',
      formatType: 'CANONICAL',
      triggerNonce: 2,
    });
    const request = { triggerId, targetDirectory: 's3://b/s', formatType: 'CANONICAL' };
    expect(effects(first)).toEqual([{ kind: 'trigger-savepoint', jobId: JOB, request }]);
    expect([recordedNonce(first), first.probeEveryMs]).toEqual([1, 250]);

    const status = first.status;
    const waiting = pass({ ...asked, status, facts: told({ kind: 'in-progress' }, triggerId) });
    expect([effects(waiting), recordedNonce(waiting), waiting.probeEveryMs]).toEqual([[], 1, 250]);

    const done = pass({ ...asked, status, facts: told({ kind: 'completed', location: 's3://b/s/1' }, triggerId) });
    const taken: SavepointRecord = {
      timeStamp: MILLIS,
      location: 's3://b/s/1',
      triggerType: 'MANUAL',
      formatType: 'CANONICAL',
      triggerNonce: 2,
    };
    expect(savepoints(done)).toEqual({ lastSavepoint: taken, savepointHistory: [taken] });
    expect([effects(done), recordedNonce(done), done.probeEveryMs]).toEqual([[], 2, 10_000]);
  });

  it('is asked for again under the same id when the JobManager does not know it', () => {
    const again = pass({ ...asked, status: underWay(1000), facts: told({ kind: 'unknown-trigger' }) });
    expect(effects(again)).toMatchObject([{ kind: 'trigger-savepoint', request: { triggerId: ID } }]);
    expect(savepoints(again)).toMatchObject({ triggerId: ID, triggerTimestamp: MILLIS - 1000 });
  });

  it('is found in what Flink completed when the JobManager has forgotten its id', () => {
    const kind = 'savepoint';
    const found = { id: 3, kind, path: 's3://b/s/3', triggeredAt: MILLIS - 900, completedAt: MILLIS } as const;
    const savepoint = { ...found, sizeBytes: 1, discarded: false };
    const facts = { ...told({ kind: 'unknown-trigger' }), checkpoints: { ...NO_CHECKPOINTS, savepoint } };
    const done = pass({ ...asked, status: underWay(1000), facts });
    expect(savepoints(done)?.lastSavepoint?.location).toBe('s3://b/s/3');
    expect([effects(done), recordedNonce(done)]).toEqual([[], 2]);
  });

  it('that failed is tried again after 10 s under another id, within the grace period', () => {
    const status = underWay(50_000);
    const failed = pass({ ...asked, status, facts: told({ kind: 'failed', cause: 'disk full' }) });
    expect(savepoints(failed)).toMatchObject({ triggerId: ID, retryAt: MILLIS + 10_000 });
    expect([effects(failed), recordedNonce(failed), failed.requeueAfterMs]).toEqual([[], 1, 10_000]);
    expect(failed.events).toContainEqual(
      expect.objectContaining({
        reason: 'SavepointError',
        message: 'the savepoint asked for by savepointTriggerNonce 2 failed: disk full; it is tried again in 10 s',
      }),
    );
    const early = pass({ ...asked, status: underWay(50_000, { retryAt: MILLIS + 4000 }) });
    expect([effects(early), early.requeueAfterMs]).toEqual([[], 4000]);
    const due = pass({ ...asked, status: underWay(59_000, { retryAt: MILLIS }) });
    const next = savepoints(due);
    expect(next).toMatchObject({ triggerTimestamp: MILLIS - 59_000, triggerNonce: 2 });
    expect(next?.triggerId).not.toBe(ID);
    expect(next?.retryAt).toBeUndefined();
    expect(effects(due)).toMatchObject([{ kind: 'trigger-savepoint', request: { triggerId: next?.triggerId } }]);
    const restarting = pass({ ...asked, status: underWay(59_000, { retryAt: MILLIS }), state: 'RESTARTING' });
    expect(effects(restarting)).toEqual([]);
  });

  it.each([
    ['failed after the grace period', { facts: told({ kind: 'failed', cause: 'disk full' }) }, 'disk full'],
    ['was of a job that has ended', { state: 'FAILED' } as const, 'the job is FAILED'],
  ])('that %s is given up, and its nonce recorded', (_what, change, why) => {
    const over = pass({ ...asked, status: underWay(MINUTE), ...change });
    expect(savepoints(over)).toEqual({});
    expect([effects(over), recordedNonce(over)]).toEqual([[], 2]);
    const message = `the savepoint asked for by savepointTriggerNonce 2 is given up: ${why}`;
    expect(over.events).toContainEqual(expect.objectContaining({ type: 'Warning', reason: 'SavepointError', message }));
  });

  it('that is under way holds an upgrade back, and is given up with the run where one goes on without it', () => {
    const spec = { job: { parallelism: 3, upgradeMode: 'stateless', savepointTriggerNonce: 2 } } as const;
    const upgrading = pass({ spec, recorded: nonce(1), status: underWay(1000) });
    expect(savepoints(upgrading)).toMatchObject({ triggerId: ID });
    expect([upgrading.because, effects(upgrading)]).toEqual(['WaitingForSavepoint', []]);
    const started = plan({
      spec: { ...spec, flinkConfiguration: KEPT },
      recorded: { ...spec, ...nonce(1), flinkConfiguration: KEPT },
      state: 'UPGRADING',
      jobState: 'suspended',
      status: underWay(1000),
    });
    expect([savepoints(started), recordedNonce(started)]).toEqual([{}, 2]);
  });

  it('that another operator has begun is followed to its end', () => {
    const status = underWay(1000, { triggerNonce: undefined });
    const done = pass({ ...asked, status, facts: told({ kind: 'completed', location: 's3://b/s/1' }) });
    expect(savepoints(done)?.lastSavepoint).toMatchObject({ location: 's3://b/s/1', triggerNonce: 2 });
    expect(recordedNonce(done)).toBe(2);
  });

  it('of another nonce than the present one is followed by the next', () => {
    const status = underWay(1000);
    const facts = told({ kind: 'completed', location: 's3://b/s/1' });
    const done = pass({ spec: nonce(3), recorded: nonce(1), status, facts });
    expect(savepoints(done)).toMatchObject({ lastSavepoint: { triggerNonce: 2 }, triggerNonce: 3 });
    expect([effects(done).length, recordedNonce(done)]).toEqual([1, 2]);
  });
});

describe('a schedule, with snapshots kept in the status', () => {
  const hourly = { flinkConfiguration: { 'kubernetes.operator.periodic.savepoint.interval': '1 h' } };
  const lastAsked = (agoMs: number): FlinkDeploymentStatus => ({
    jobStatus: { savepointInfo: { lastPeriodicSavepointTimestamp: MILLIS - agoMs } },
  });

  it('asks for a savepoint when its time has come, and looks again when it comes', () => {
    const due = pass({ spec: hourly, status: lastAsked(60 * MINUTE) });
    expect(effects(due)).toMatchObject([{ kind: 'trigger-savepoint' }]);
    expect(savepoints(due)).toMatchObject({ triggerType: 'PERIODIC', triggerTimestamp: MILLIS });
    const early = pass({ spec: hourly, status: lastAsked(59 * MINUTE) });
    expect([effects(early), early.requeueAfterMs]).toEqual([[], MINUTE]);
  });

  it('goes on from the time of the last one, whatever became of it', () => {
    const status = underWay(2 * MINUTE, { triggerType: 'PERIODIC', triggerNonce: undefined });
    const lastPeriodicSavepointTimestamp = MILLIS - 2 * MINUTE;
    const done = pass({ spec: hourly, status, facts: told({ kind: 'completed', location: 's3://b/s/1' }) });
    expect(savepoints(done)).toMatchObject({ lastPeriodicSavepointTimestamp, savepointHistory: [{}] });
    const failed = pass({ spec: hourly, status, facts: told({ kind: 'failed', cause: 'x' }) });
    expect(savepoints(failed)).toEqual({ lastPeriodicSavepointTimestamp });
    expect(effects(failed)).toEqual([]);
  });

  it('asks for checkpoints of the kind that is wanted', () => {
    const spec = {
      flinkConfiguration: {
        'kubernetes.operator.periodic.checkpoint.interval': '1 h',
        'kubernetes.operator.checkpoint.type': 'INCREMENTAL',
      },
    };
    const due = pass({ spec });
    const info = due.status?.jobStatus?.checkpointInfo;
    const triggerId = info?.triggerId ?? '';
    expect(effects(due)).toEqual([
      { kind: 'trigger-checkpoint', jobId: JOB, request: { triggerId, checkpointType: 'INCREMENTAL' } },
    ]);
    const progress = { kind: 'completed', checkpointId: 4 } as const;
    const done = pass({ spec, status: due.status, facts: { taking: [{ kind: 'checkpoint', triggerId, progress }] } });
    expect(done.status?.jobStatus?.checkpointInfo).toEqual({
      lastCheckpoint: { timeStamp: MILLIS, triggerType: 'PERIODIC', formatType: 'INCREMENTAL' },
      lastPeriodicCheckpointTimestamp: MILLIS,
    });
  });
});

describe('the history in the status', () => {
  const entry = (name: string, ageMs: number): SavepointRecord => ({
    location: `s3://b/s/${name}`,
    timeStamp: MILLIS - ageMs,
    triggerType: 'PERIODIC',
  });
  const [old, older] = [entry('old', 30 * 60 * MINUTE), entry('older', 40 * 60 * MINUTE)];
  const fresh = entry('fresh', MINUTE);
  const history = (...entries: SavepointRecord[]): FlinkDeploymentStatus => ({
    jobStatus: { savepointInfo: { savepointHistory: entries } },
  });
  const disposal = (path = '', progress: NonNullable<JobManagerAnswer['disposal']>['progress']) => ({
    disposal: { path, progress },
  });

  it('loses what is too old, but only when its files are gone', () => {
    const status = history(older, old, fresh);
    const first = pass({ status });
    expect(effects(first)).toEqual([{ kind: 'dispose-savepoint', jobId: JOB, path: older.location }]);
    expect(savepoints(first)?.savepointHistory).toEqual([older, old, fresh]);
    const waiting = pass({ status, facts: disposal(older.location, { kind: 'in-progress' }) });
    expect([effects(waiting), savepoints(waiting)?.savepointHistory]).toEqual([[], [older, old, fresh]]);
    const done = pass({ status, facts: disposal(older.location, { kind: 'completed' }) });
    expect(savepoints(done)?.savepointHistory).toEqual([old, fresh]);
  });

  it('loses what is gone already', () => {
    const gone = pass({ status: history(old, fresh), facts: disposal(old.location, { kind: 'nothing-there' }) });
    expect(savepoints(gone)?.savepointHistory).toEqual([fresh]);
    expect(gone.events.filter(({ type }) => type === 'Warning')).toEqual([]);
  });

  it('loses the oldest beyond the count, and never the newest', () => {
    const spec = { flinkConfiguration: { 'kubernetes.operator.savepoint.history.max.count': '1' } };
    expect(effects(pass({ spec, status: history(entry('1', 2000), entry('2', 1000)) }))).toMatchObject([
      { path: 's3://b/s/1' },
    ]);
    expect(effects(pass({ spec, status: history(old) }))).toEqual([]);
  });

  it('keeps what a run started from, or another resource needs', () => {
    const restore = { mode: 'savepoint', path: 's3://b/s/old/' } as const;
    expect(effects(pass({ status: { ...history(old, fresh), restore } }))).toEqual([]);
    const other = aFlinkDeployment({
      metadata: { name: 'b' },
      spec: { job: { initialSavepointPath: 's3://b/s/old' } },
    });
    expect(effects(pass({ status: history(old, fresh), dependants: [other] }))).toEqual([]);
  });

  it('loses entries only, where cleaning up is off', () => {
    const spec = { flinkConfiguration: { 'kubernetes.operator.savepoint.cleanup.enabled': 'false' } };
    const decided = pass({ spec, status: history(old, fresh) });
    expect([effects(decided), savepoints(decided)?.savepointHistory]).toEqual([[], [fresh]]);
  });
});

describe('the savepoint that stopped a job', () => {
  const stopped = { mode: 'savepoint', path: 's3://b/s/up', leftBy: 'a'.repeat(32), askedAt: MILLIS - 5000 } as const;
  const starting = { state: 'UPGRADING', jobState: 'suspended', mode: 'savepoint' } as const;
  const status = { restore: stopped, jobStatus: { upgradeSavepointPath: stopped.path } } as const;

  it('goes into the status, once', () => {
    const decided = plan({ ...starting, spec: { flinkConfiguration: KEPT }, status });
    const taken = {
      timeStamp: MILLIS - 5000,
      location: 's3://b/s/up',
      triggerType: 'UPGRADE',
      formatType: 'CANONICAL',
    };
    expect(savepoints(decided)).toEqual({ lastSavepoint: taken, savepointHistory: [taken] });
    expect(decided.status?.restore).toMatchObject({ path: 's3://b/s/up', leftBy: stopped.leftBy });
    expect(decided.status?.restore?.askedAt).toBeUndefined();
    const again = plan({
      ...starting,
      spec: { flinkConfiguration: KEPT },
      status: { restore: stopped, jobStatus: { ...status.jobStatus, savepointInfo: savepoints(decided) } },
    });
    expect(savepoints(again)?.savepointHistory).toEqual([taken]);
    expect(again.status?.restore?.askedAt).toBeUndefined();
  });

  it('becomes a FlinkStateSnapshot that is there already, until that is seen', () => {
    const name = `orders-savepoint-upgrade-${MILLIS - 5000}`;
    const decided = plan({ ...starting, spec: {}, status });
    const made = decided.actions.flatMap((action) =>
      action.kind === 'apply' && action.object.kind === 'FlinkStateSnapshot' ? [action.object] : [],
    );
    expect(made).toMatchObject([
      {
        metadata: {
          name,
          finalizers: ['flinkstatesnapshots.flink.apache.org/finalizer'],
          labels: { 'snapshot.trigger-type': 'UPGRADE', 'job-reference.name': 'orders' },
        },
        spec: {
          jobReference: { kind: 'FlinkDeployment', name: 'orders' },
          savepoint: { path: 's3://b/s/up', formatType: 'CANONICAL', disposeOnDelete: false, alreadyExists: true },
        },
      },
    ]);
    expect(decided.status?.restore?.askedAt).toBe(MILLIS - 5000);
    const seen = plan({ ...starting, spec: {}, status, observed: { snapshots: made } });
    expect(seen.status?.restore?.askedAt).toBeUndefined();
    expect(seen.actions.some((action) => action.kind === 'apply' && action.object.kind === 'FlinkStateSnapshot')).toBe(
      false,
    );
  });
});
