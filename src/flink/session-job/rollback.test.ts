import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../core/fact.ts';
import type { Failure } from '../../core/failure.ts';
import { findCondition } from '../../kube/conditions.ts';
import type { JobFacts, JobManagerAnswer } from '../observed.ts';
import { encodeSpec } from '../record.ts';
import type { UpgradeMode } from '../schema.ts';
import { NO_CHECKPOINTS } from '../snapshot-facts.ts';
import { aSessionCluster } from '../testing.ts';
import { decide, decideFailed, type SessionJobPlan } from './decide.ts';
import type { FlinkSessionJobSpec, FlinkSessionJobStatus } from './schema.ts';
import { type SessionJobEffect, type Situation, situationOf } from './situation.ts';
import { aSessionJob } from './testing.ts';

const JOB = 'a'.repeat(32);
const BEGUN = 's3://b/s/savepoint-1';
const NOW_MS = Date.parse('2026-02-03T04:05:06Z');

const { spec: clusterSpec, ...cluster } = aSessionCluster({
  spec: {
    flinkConfiguration: {
      'state.checkpoints.dir': 's3://b/c',
      'state.savepoints.dir': 's3://b/s',
      'execution.checkpointing.interval': '10 s',
      'execution.checkpointing.timeout': '1 min',
    },
  },
});
const session = {
  ...cluster,
  spec: clusterSpec,
  status: {
    jobManagerDeploymentStatus: 'READY',
    reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(clusterSpec, 'running', false) },
  },
};

/** A spec whose arguments stand for its version. */
function specOf(version: string, mode: UpgradeMode = 'savepoint', rollback = 'true'): FlinkSessionJobSpec {
  return aSessionJob({
    spec: {
      flinkConfiguration: { 'kubernetes.operator.deployment.rollback.enabled': rollback },
      job: { upgradeMode: mode, args: [version], allowNonRestoredState: true },
    },
  }).spec;
}

function answer(facts: Partial<JobFacts> | undefined, more: Partial<JobManagerAnswer> = {}): JobManagerAnswer {
  const basic = { flinkVersion: '2.0.0', flinkRevision: 'abc', jobs: [], job: undefined };
  if (facts === undefined) return basic;
  const job: JobFacts = {
    id: JOB,
    name: 'clicks',
    state: 'RUNNING',
    startTime: 1,
    lastModification: 1,
    tasks: { total: 2, active: facts.state === 'RUNNING' ? 2 : 0 },
    vertices: [],
    exception: undefined,
    ...facts,
  };
  return { ...basic, job, ...more };
}

interface Given {
  readonly spec?: FlinkSessionJobSpec;
  readonly recorded?: FlinkSessionJobSpec;
  readonly stable?: FlinkSessionJobSpec;
  readonly state?: 'DEPLOYED' | 'UPGRADING' | 'ROLLING_BACK' | 'ROLLED_BACK';
  readonly jobState?: 'running' | 'suspended';
  /** How long ago the spec was acted on. */
  readonly ageMs?: number;
  readonly rest?: JobManagerAnswer | undefined;
  readonly status?: FlinkSessionJobStatus;
}

/** What is seen of a job with a spec that ran well before, submitted from a savepoint with another. */
function situation({ spec = specOf('bad'), recorded = spec, stable = specOf('good'), ...given }: Given): Situation {
  const { state = 'DEPLOYED', jobState = 'running', ageMs = 400_000, rest } = given;
  const status: FlinkSessionJobStatus = {
    restore: { mode: 'savepoint', path: BEGUN, declaredMode: 'savepoint', why: 'x' },
    ...given.status,
    jobStatus: { jobId: JOB, state: 'RECONCILING', upgradeSavepointPath: BEGUN, ...given.status?.jobStatus },
    reconciliationStatus: {
      state,
      lastReconciledSpec: encodeSpec(recorded, jobState, false, 'savepoint'),
      lastStableSpec: encodeSpec(stable, 'running', false),
      reconciliationTimestamp: NOW_MS - ageMs,
    },
  };
  const finalizers = ['flinksessionjobs.flink.apache.org/finalizer'];
  const resource = { ...aSessionJob({ metadata: { generation: 3, finalizers } }), spec, status };
  const observed = { session, rest: rest === undefined ? unknown('connection refused') : known(rest) };
  return situationOf(resource, observed, new Date(NOW_MS), { flinkConfiguration: {} });
}

const pass = (given: Given): SessionJobPlan => decide(situation(given), { fast: 250, slow: 10_000 });

function effectOf({ actions }: SessionJobPlan): SessionJobEffect | undefined {
  return actions.flatMap((action) => (action.kind === 'effect' ? [action.effect] : []))[0];
}

const restarting = answer({ state: 'RESTARTING' });

describe('a session job whose spec does not become stable in time', () => {
  it('is cancelled for the last stable one, which is recorded first, and its own spec stays recorded', () => {
    const decided = pass({ rest: restarting });
    expect(decided.because).toBe('CancellingJob');
    expect(effectOf(decided)).toMatchObject({ kind: 'cancel-job', jobId: JOB });
    expect(decided.status).toMatchObject({
      lifecycleState: 'ROLLING_BACK',
      stopping: { by: 'cancel', why: 'its spec did not become stable in time' },
      reconciliationStatus: { state: 'ROLLING_BACK', lastStableSpec: encodeSpec(specOf('good'), 'running', false) },
    });
    expect(decided.status?.reconciliationStatus?.lastReconciledSpec).toContain('"args":["bad"]');
  });

  it('is not given up before its time, which begins when its session runs it, but looked at then', () => {
    const early = pass({ rest: restarting, ageMs: 100_000 });
    expect([early.because, early.requeueAfterMs]).toEqual(['JobRestarting', 200_000]);
    const late = pass({ rest: answer({ state: 'RESTARTING', startTime: NOW_MS - 50_000 }) });
    expect([late.because, late.requeueAfterMs]).toEqual(['JobRestarting', 250_000]);
  });

  it('is not given up while it runs well and waits for its first checkpoint', () => {
    const rest = answer({ state: 'RUNNING' }, { checkpoints: NO_CHECKPOINTS });
    expect(pass({ rest, ageMs: 300_000 + 60_000 }).because).toBe('JobRunning');
    expect(pass({ rest, ageMs: 300_000 + 80_000 }).because).toBe('CancellingJob');
  });

  it.each<readonly [string, Given]>([
    ['where rollback is off', { spec: specOf('bad', 'savepoint', 'false') }],
    ['to itself', { stable: specOf('bad') }],
  ])('is not given up %s', (_name, given) => {
    expect(pass({ rest: restarting, ...given }).because).toBe('JobRestarting');
  });

  it('is not held responsible for a session that does not answer or lost it', () => {
    expect(pass({}).because).toBe('WaitingForJobManager');
    expect(pass({ rest: answer(undefined) }).because).toBe('ManualRestoreRequired');
  });

  it('is given up at once after a restore that failed', () => {
    const none = { taskName: undefined, endpoint: undefined, taskManagerId: undefined };
    const stackTrace = `x\nCaused by: java.lang.IllegalStateException: There is no operator for the state ${'a'.repeat(32)}`;
    const rest = answer({ state: 'FAILED', exception: { name: 'x', stackTrace, timestamp: 1, ...none } });
    const failed = pass({ rest, ageMs: 20_000 });
    expect(failed.because).toBe('RestoreFailed');
    const next = pass({ rest, state: 'UPGRADING', jobState: 'suspended', ageMs: 0, status: failed.status ?? {} });
    expect(effectOf(next)).toMatchObject({
      kind: 'submit',
      submission: { run: { programArgsList: ['good'], savepointPath: BEGUN } },
    });
    expect(next.status?.reconciliationStatus?.state).toBe('ROLLING_BACK');
  });
});

describe('a session job whose submission is refused', () => {
  const refused: Given = { state: 'UPGRADING', jobState: 'suspended', rest: answer(undefined) };
  const failure: Failure = { kind: 'stalled', reason: 'SubmitFailed', message: 'its main method throws' };

  it('is looked at when its time is over, and then goes back to the last stable spec', () => {
    const told = decideFailed(situation({ ...refused, ageMs: 100_000 }), failure);
    expect(told?.requeueAfterMs).toBe(200_000);
    const { status = {} } = told ?? {};
    expect(effectOf(pass({ ...refused, status, ageMs: 100_000 }))).toMatchObject({
      submission: { run: { programArgsList: ['bad'] } },
    });
    const back = pass({ ...refused, status });
    expect(effectOf(back)).toMatchObject({
      submission: { run: { jobId: JOB, programArgsList: ['good'], savepointPath: BEGUN } },
    });
    expect(back.events.map(({ reason }) => reason)).toContain('Rollback');
  });

  it('is looked at now and then where its time is over and nobody knows whether it took effect', () => {
    expect(decideFailed(situation({ ...refused, rest: undefined }), failure)?.requeueAfterMs).toBe(10_000);
  });
});

describe('a rollback of a session job', () => {
  const stopping = {
    by: 'cancel',
    why: 'x',
    triggerId: 'b'.repeat(32),
    since: NOW_MS,
    failures: 0,
    jobId: JOB,
  } as const;
  const over = answer({ state: 'CANCELED' }, { checkpoints: NO_CHECKPOINTS });

  it('submits the last stable spec from the state the rejected run left, and drops nothing of it', () => {
    const decided = pass({ state: 'ROLLING_BACK', rest: over, status: { stopping } });
    expect(effectOf(decided)).toMatchObject({
      kind: 'submit',
      submission: { run: { programArgsList: ['good'], savepointPath: BEGUN, allowNonRestoredState: false } },
    });
    expect(decided.status).toMatchObject({ lifecycleState: 'ROLLING_BACK', restore: { leftBy: JOB } });
    expect(decided.status?.reconciliationStatus?.lastReconciledSpec).toContain('"args":["bad"]');
  });

  it('starts empty where the last stable spec keeps no state', () => {
    const stable = specOf('good', 'stateless');
    const decided = pass({ state: 'ROLLING_BACK', stable, rest: over, status: { stopping } });
    expect(effectOf(decided)).not.toHaveProperty('submission.run.savepointPath');
    expect(decided.status?.restore?.mode).toBe('stateless');
  });

  it('goes on whatever dies meanwhile, and is over when the job is seen', () => {
    const started: Given = { state: 'ROLLING_BACK', jobState: 'suspended' };
    expect(effectOf(pass({ ...started, rest: answer(undefined) }))).toMatchObject({
      submission: { run: { jobId: JOB, programArgsList: ['good'] } },
    });
    const seen = pass({ ...started, rest: answer({ state: 'INITIALIZING' }) });
    expect(seen.status?.reconciliationStatus?.state).toBe('ROLLED_BACK');
  });

  it('is said for as long as its spec is not edited', () => {
    const rest = answer({ state: 'RUNNING' }, { snapshotSeen: true });
    const decided = pass({ state: 'ROLLED_BACK', rest });
    expect([decided.because, decided.status?.lifecycleState, decided.actions]).toEqual([
      'RolledBack',
      'ROLLED_BACK',
      [],
    ]);
    expect(findCondition(decided.status?.conditions, 'Ready')).toMatchObject({ status: 'False', reason: 'RolledBack' });
    expect(findCondition(decided.status?.conditions, 'Running')?.status).toBe('True');
    expect(decided.status?.reconciliationStatus?.lastStableSpec).toBe(encodeSpec(specOf('good'), 'running', false));
    const edited = pass({ state: 'ROLLED_BACK', recorded: specOf('bad'), spec: specOf('next'), rest });
    expect([edited.because, edited.status?.lifecycleState]).toEqual(['TakingSavepoint', 'UPGRADING']);
    const back = pass({ state: 'ROLLED_BACK', recorded: specOf('bad'), spec: specOf('good'), rest });
    expect([back.because, back.actions]).toEqual(['JobRunning', []]);
    expect(back.status?.reconciliationStatus?.state).toBe('DEPLOYED');
  });
});

describe('a stable spec of a session job', () => {
  it('has a job whose tasks all run and that completed a checkpoint, where it takes any', () => {
    const lifecycle = (rest: JobManagerAnswer): unknown => pass({ ageMs: 1000, rest }).status?.lifecycleState;
    expect(lifecycle(answer({ state: 'RUNNING' }))).toBe('DEPLOYED');
    expect(lifecycle(answer({ state: 'RUNNING', tasks: { total: 2, active: 1 } }, { snapshotSeen: true }))).toBe(
      'DEPLOYED',
    );
    expect(lifecycle(answer({ state: 'RUNNING' }, { snapshotSeen: true }))).toBe('STABLE');
  });
});
