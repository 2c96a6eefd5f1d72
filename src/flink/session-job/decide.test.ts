import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../core/fact.ts';
import type { Action } from '../../core/plan.ts';
import { findCondition } from '../../kube/conditions.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { JobFacts, JobManagerAnswer } from '../observed.ts';
import { encodeSpec, newJobId, startIdOf, stopTriggerId } from '../record.ts';
import { NO_CHECKPOINTS, type SnapshotFacts, type SnapshotProgress } from '../snapshot-facts.ts';
import { aSessionCluster, type DeepPartial, type FlinkDeploymentOverrides } from '../testing.ts';
import { decide, decideFailed, type SessionJobPlan } from './decide.ts';
import { type FlinkSessionJobSpec, type FlinkSessionJobStatus, SESSION_JOB_FINALIZER } from './schema.ts';
import { type SessionJobEffect, situationOf } from './situation.ts';
import { aSessionJob } from './testing.ts';

const NOW = new Date('2026-02-03T04:05:06Z');
const { uid: UID = '' } = aSessionJob().metadata;
const JOB = 'a'.repeat(32);
const NEXT = newJobId(UID, 3, NOW.getTime());
const DIRS = { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 's3://b/s' };

function session(overrides: FlinkDeploymentOverrides = {}, jobManagerDeploymentStatus = 'READY'): KubeObject {
  const deployment = aSessionCluster({ ...overrides, spec: { flinkConfiguration: DIRS, ...overrides.spec } });
  const reconciliationStatus = { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(deployment.spec, 'running', false) };
  return { ...deployment, status: { jobManagerDeploymentStatus, reconciliationStatus } };
}

interface Given {
  readonly spec?: DeepPartial<FlinkSessionJobSpec>;
  /** The spec last acted on; the present one unless given. False: nothing was ever recorded. */
  readonly recorded?: DeepPartial<FlinkSessionJobSpec> | false;
  readonly state?: 'DEPLOYED' | 'UPGRADING';
  readonly jobState?: 'running' | 'suspended';
  /** How long ago it was recorded, in milliseconds; long ago unless given. */
  readonly sinceMs?: number;
  readonly status?: FlinkSessionJobStatus;
  readonly session?: KubeObject | null;
  readonly rest?: JobManagerAnswer | 'unknown';
  readonly deleting?: boolean;
}

function resourceOf({
  spec = {},
  recorded,
  state = 'DEPLOYED',
  jobState = 'running',
  sinceMs,
  status,
  deleting,
}: Given) {
  const deletion = deleting === true ? { deletionTimestamp: '2026-02-03T04:05:00Z' } : {};
  const finalizers = recorded === false ? [] : [SESSION_JOB_FINALIZER];
  const resource = aSessionJob({ metadata: { generation: 3, finalizers, ...deletion }, spec });
  if (recorded === false) return resource;
  const reconciliationStatus = {
    state,
    lastReconciledSpec: encodeSpec(aSessionJob({ spec: recorded ?? spec }).spec, jobState, false, 'savepoint'),
    reconciliationTimestamp: sinceMs === undefined ? 1000 : NOW.getTime() - sinceMs,
  };
  const jobStatus = { jobId: JOB, state: 'RECONCILING', ...status?.jobStatus } as const;
  return { ...resource, status: { restore: { mode: 'stateless' }, ...status, jobStatus, reconciliationStatus } };
}

function situation(given: Given) {
  const rest = typeof given.rest === 'object' ? known(given.rest) : unknown('connection refused');
  const there = given.session === undefined ? session() : (given.session ?? undefined);
  return situationOf(resourceOf(given), { session: there, rest }, NOW, { flinkConfiguration: {} });
}

const plan = (given: Given): SessionJobPlan => decide(situation(given), { fast: 250, slow: 10_000 });

function answer(state?: JobFacts['state'], extra: Partial<JobManagerAnswer> = {}): JobManagerAnswer {
  const basic = { flinkVersion: '2.0.0', flinkRevision: 'abc' };
  if (state === undefined) return { ...basic, jobs: [], job: undefined };
  const job: JobFacts = {
    id: JOB,
    name: 'clicks',
    state,
    startTime: 1,
    lastModification: 1,
    tasks: { total: 2, active: 2 },
    vertices: [],
    exception: undefined,
  };
  return { ...basic, jobs: [{ id: JOB, state }], job, ...extra };
}

function shown({ actions }: SessionJobPlan): unknown[] {
  return actions.map((action: Action<SessionJobEffect>) => {
    if (action.kind === 'finalizer') return `${action.op} finalizer`;
    if (action.kind !== 'effect') return action.kind;
    const { effect } = action;
    return effect.kind === 'submit' ? `submit ${effect.submission.run.jobId}` : `${effect.kind} ${effect.jobId}`;
  });
}

function effect({ actions }: SessionJobPlan): SessionJobEffect | undefined {
  return actions.flatMap((action) => (action.kind === 'effect' ? [action.effect] : []))[0];
}

function said(given: Given): string {
  const ready = findCondition(plan(given).status?.conditions, 'Ready');
  return `${ready?.reason}: ${ready?.message}`;
}

const checkpoint: SnapshotFacts = {
  id: 7,
  kind: 'checkpoint',
  path: 's3://b/c/chk-7',
  triggeredAt: 1,
  completedAt: 2,
  sizeBytes: 3,
  discarded: false,
};

describe('the first submission', () => {
  it('records job id and spec, then asks the session for that very job', () => {
    const decided = plan({ recorded: false, spec: { job: { entryClass: 'A', args: ['--x'] } } });
    expect(shown(decided)).toEqual(['add finalizer', `submit ${NEXT}`]);
    expect(decided.status).toMatchObject({
      lifecycleState: 'UPGRADING',
      jobStatus: { jobId: NEXT, state: 'RECONCILING' },
      reconciliationStatus: { state: 'UPGRADING' },
      restore: { mode: 'stateless' },
    });
    expect(effect(decided)).toEqual({
      kind: 'submit',
      submission: {
        jar: {
          prefix: expect.stringMatching(/^weir-[0-9a-f]{16}-$/),
          name: expect.stringMatching(/^weir-[0-9a-f]{16}-[0-9a-f]{16}\.jar$/),
          artifact: {
            url: 'https://jars.example.com/clicks.jar',
            headers: new Map(),
            allowedSchemes: ['https', 's3', 's3a', 's3p'],
            restrictedHosts: 'refused',
            s3Prefixes: undefined,
          },
        },
        run: {
          jobId: NEXT,
          entryClass: 'A',
          programArgsList: ['--x'],
          parallelism: 2,
          flinkConfiguration: {
            'pipeline.name': 'clicks',
            'execution.checkpointing.externalized-checkpoint-retention': 'RETAIN_ON_CANCELLATION',
          },
        },
      },
    });
  });

  it('begins from the path its user names', () => {
    const run = effect(plan({ recorded: false, spec: { job: { initialSavepointPath: 's3://b/s/1' } } }));
    expect(run).toMatchObject({ submission: { run: { savepointPath: 's3://b/s/1' } } });
  });

  it('puts a jar of the image on the class path instead of uploading it', () => {
    const job = { jarURI: 'local:///opt/a.jar', entryClass: 'A', parallelism: undefined };
    const submit = effect(plan({ recorded: false, spec: { job, flinkConfiguration: { a: { b: 1 } } } }));
    expect(submit).toMatchObject({
      submission: { run: { flinkConfiguration: { 'a.b': '1', 'pipeline.classpaths': 'file:///opt/a.jar' } } },
    });
    expect(submit).not.toHaveProperty('submission.jar.artifact');
    expect(submit).not.toHaveProperty('submission.run.parallelism');
  });

  it('goes without options where Flink takes none', () => {
    const old = session({ spec: { flinkVersion: 'v1_16' } });
    expect(effect(plan({ recorded: false, session: old }))).not.toHaveProperty('submission.run.flinkConfiguration');
  });

  it.each<[string, Given, string]>([
    [
      'a session that is not there',
      { session: null },
      'SessionNotFound: FlinkDeployment default/orders is not there; the job is submitted when it is',
    ],
    [
      'a session that is starting',
      { session: session({}, 'DEPLOYING') },
      'SessionNotReady: session default/orders is not ready, its JobManager is DEPLOYING; the job is submitted when it is',
    ],
    [
      'a session that goes',
      { session: session({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }) },
      'SessionNotReady: session default/orders is being deleted; the job is submitted when it is',
    ],
    [
      'an application cluster',
      { session: { ...session(), spec: { job: {} } } },
      'ValidationError: spec.deploymentName: "orders" is not valid, it must name a session cluster; FlinkDeployment orders has spec.job, so it is an application cluster',
    ],
    [
      'a private address',
      { spec: { job: { jarURI: 'https://169.254.169.254/latest' } } },
      'ValidationError: spec.job.jarURI: "https://169.254.169.254/latest" is not valid, it must name a host on the public internet: 169.254.169.254 is link-local (169.254.0.0/16), and kubernetes.operator.user.artifacts.disallow-restricted-hosts is true',
    ],
    [
      'a job that is not to run',
      { spec: { job: { state: 'suspended' } } },
      'Suspended: spec.job.state is "suspended", nothing was submitted',
    ],
  ])('waits for %s', (_name, given, message) => {
    expect(said({ recorded: false, ...given })).toBe(message);
    expect(shown(plan({ recorded: false, ...given }))).toEqual([]);
  });
});

describe('a submission under way', () => {
  it('is asked for again under the same id until the job is seen', () => {
    expect(shown(plan({ state: 'UPGRADING', rest: answer() }))).toEqual([`submit ${JOB}`]);
    const seen = plan({ state: 'UPGRADING', rest: answer('INITIALIZING') });
    expect(shown(seen)).toEqual([]);
    expect(seen.status?.reconciliationStatus?.state).toBe('DEPLOYED');
  });

  it('keeps its id when its spec changes, so that an earlier request cannot start a second job', () => {
    const given: Given = { state: 'UPGRADING', recorded: {}, spec: { job: { parallelism: 3 } } };
    expect(shown(plan({ ...given, rest: answer() }))).toEqual([`submit ${JOB}`]);
    expect(shown(plan({ ...given, rest: 'unknown' }))).toEqual([]);
  });

  it('is waited for when its spec changes, since the next one would pass for it, unless it was refused', () => {
    const given: Given = { state: 'UPGRADING', recorded: {}, spec: { job: { args: ['2'] } }, sinceMs: 900 };
    const waiting = plan({ ...given, rest: answer() });
    expect([waiting.because, shown(waiting), waiting.requeueAfterMs]).toEqual(['Submitting', [], 29_100]);
    const seen = plan({ ...given, rest: answer('INITIALIZING') });
    expect(seen.status?.reconciliationStatus?.lastReconciledSpec).not.toContain('"args":["2"]');
    const failure = { kind: 'stalled', reason: 'SubmitFailed', message: 'no such class' } as const;
    const { status = {} } = decideFailed(situation({ ...given, rest: answer() }), failure) ?? {};
    expect(shown(plan({ ...given, status, rest: answer() }))).toEqual([`submit ${JOB}`]);
  });

  it('is given up when the job is not to run', () => {
    const given: Given = { state: 'UPGRADING', recorded: {}, spec: { job: { state: 'suspended' } }, rest: answer() };
    expect(plan(given).status).toMatchObject({ lifecycleState: 'SUSPENDED' });
  });

  it('never starts without the state it is to start from', () => {
    const status = { jobStatus: {}, restore: { mode: 'savepoint' } } as const;
    const given: Given = { state: 'UPGRADING', jobState: 'suspended', status, rest: answer() };
    expect(said(given)).toMatch(/^ManualRestoreRequired: job a+ is to start from state whose path is not recorded;/);
    expect(shown(plan(given))).toEqual([]);
  });

  it('that failed says why until it succeeds', () => {
    const given: Given = { state: 'UPGRADING', rest: answer() };
    const failure = { kind: 'stalled', reason: 'ArtifactRefused', message: 'host x is private' } as const;
    const told = decideFailed(situation(given), failure);
    expect(told).toMatchObject({ events: [{ reason: 'ArtifactRefused', message: 'host x is private' }] });
    const status = told?.status ?? {};
    const again = plan({ ...given, status });
    expect(shown(again)).toEqual([`submit ${JOB}`]);
    expect(again.status).toBeUndefined();
    expect(decideFailed(situation({ ...given, status }), failure)?.events).toEqual([]);
  });
});

describe('a running job', () => {
  it('is stable', () => {
    const decided = plan({ rest: answer('RUNNING') });
    expect(decided.status).toMatchObject({ lifecycleState: 'STABLE', jobStatus: { state: 'RUNNING' } });
    expect(decided).toMatchObject({ actions: [], probeEveryMs: 10_000 });
  });

  it.each<[Given, string]>([
    [
      { rest: 'unknown' },
      "WaitingForJobManager: waiting for the session's JobManager to answer (connection refused); it says how the job stands",
    ],
    [
      { rest: 'unknown', session: null },
      'SessionNotFound: FlinkDeployment default/orders is not there; it says how the job stands',
    ],
    [{ rest: answer('FINISHED') }, 'JobFinished: the job has finished'],
    [{ rest: answer('FAILED') }, 'JobFailed: the job has failed; a changed spec or spec.restartNonce starts it again'],
    [{ rest: answer('RESTARTING') }, 'JobRestarting: the job is RESTARTING'],
  ])('%j', (given, message) => {
    expect(said(given)).toBe(message);
  });

  it('tells of exceptions as events, and of options that do nothing', () => {
    const { job, ...others } = answer('RESTARTING');
    const exception = { name: 'x', stackTrace: 'x.Boom: no', timestamp: 7, taskName: 'Map (1/2)' };
    const where = { endpoint: undefined, taskManagerId: undefined };
    const rest = { ...others, job: job === undefined ? job : { ...job, exception: { ...exception, ...where } } };
    const flinkConfiguration = { 'kubernetes.operator.job.restart.faild': 'true' };
    const events = plan({ rest, spec: { flinkConfiguration } }).events.map(({ reason, message }) => [reason, message]);
    expect(events).toContainEqual(['JobException', 'x.Boom: no\nin task Map (1/2)']);
    expect(events.map(([reason]) => reason)).toContain('UnknownOption');
  });

  it('goes on as it was when its spec becomes invalid', () => {
    const decided = plan({ rest: answer('RUNNING'), recorded: {}, spec: { deploymentName: 'other' } });
    expect(decided.actions).toEqual([]);
    expect(findCondition(decided.status?.conditions, 'Stalled')?.message).toContain('it must stay orders');
    expect(decided.status?.jobStatus?.state).toBe('RUNNING');
  });

  it('that the session has lost is submitted anew only if it has no state', () => {
    expect(shown(plan({ rest: answer() }))).toEqual([`submit ${NEXT}`]);
    const spec = { job: { upgradeMode: 'last-state' } } as const;
    expect(shown(plan({ rest: answer(), spec }))).toEqual([]);
    expect(said({ rest: answer(), spec })).toMatch(/^ManualRestoreRequired: the session does not know job a+ any more/);
  });

  it('that has ended has what it left recorded, and goes on from that once its session was started anew', () => {
    const spec = { job: { upgradeMode: 'last-state' } } as const;
    const rest = answer('FAILED', { checkpoints: { ...NO_CHECKPOINTS, checkpoint } });
    const decided = plan({ spec, rest });
    expect([decided.because, decided.status?.restore]).toMatchObject([
      'JobFailed',
      { mode: 'savepoint', path: 's3://b/c/chk-7', leftBy: JOB },
    ]);
    const edited = { job: { upgradeMode: 'last-state', parallelism: 4 } } as const;
    const next = plan({ recorded: spec, spec: edited, status: decided.status ?? {}, rest: answer() });
    expect(effect(next)).toMatchObject({ submission: { run: { savepointPath: 's3://b/c/chk-7' } } });
  });

  it('that FINISHED runs again from the beginning only when its user asks for that', () => {
    const spec = { job: { upgradeMode: 'last-state' } } as const;
    const rest = answer('FINISHED', { checkpoints: { ...NO_CHECKPOINTS, checkpoint } });
    const given: Given = { recorded: spec, rest, spec: { job: { ...spec.job, parallelism: 4 } } };
    expect(said(given)).toContain(
      'a new number in spec.restartNonce runs it again from the beginning; nothing is started',
    );
    expect(shown(plan(given))).toEqual([]);
    const again = plan({ ...given, spec: { ...given.spec, restartNonce: 1 } });
    expect(shown(again)).toEqual([`submit ${NEXT}`]);
    expect(again.status?.restore).toMatchObject({ mode: 'stateless', leftBy: JOB });
  });

  it('that FINISHED is run again likewise once its session has forgotten it', () => {
    const spec = { job: { upgradeMode: 'last-state' } } as const;
    const rest = answer('FINISHED', { checkpoints: { ...NO_CHECKPOINTS, checkpoint } });
    const { status = {} } = plan({ spec, rest });
    expect([status.restore?.mode, status.restore?.path, status.restore?.leftBy]).toEqual(['savepoint', undefined, JOB]);
    const given: Given = { recorded: spec, status, rest: answer(), spec: { job: { ...spec.job, parallelism: 4 } } };
    expect(shown(plan(given))).toEqual([]);
    expect(said(given)).toContain('a new number in spec.restartNonce runs it again from the beginning');
    expect(shown(plan({ ...given, spec: { ...given.spec, restartNonce: 1 } }))).toEqual([`submit ${NEXT}`]);
  });

  it('that FINISHED goes on from the savepoint that it took before the JobManager of its session was lost', () => {
    const spec = { job: { upgradeMode: 'last-state' } } as const;
    const rest = answer('FINISHED', { checkpoints: { ...NO_CHECKPOINTS, checkpoint } });
    const takenBy = { jobId: JOB, startId: startIdOf(UID, { jobId: JOB, timestamp: 1000 }) };
    const known = { path: 's3://b/s/1', kind: 'savepoint', timeStamp: 2000, takenBy } as const;
    const edited = { recorded: spec, rest, spec: { job: { ...spec.job, parallelism: 4 } } };
    const next = plan({ ...edited, status: { snapshots: [known] } });
    expect(effect(next)).toMatchObject({ submission: { run: { savepointPath: 's3://b/s/1' } } });
    const { status = {} } = plan({ spec, rest, status: { snapshots: [known] } });
    expect(status.restore).toMatchObject({ mode: 'savepoint', path: 's3://b/s/1', leftBy: JOB });
    const other = { ...known, takenBy: { ...takenBy, jobId: 'b'.repeat(32) } };
    expect(shown(plan({ ...edited, status: { snapshots: [other] } }))).toEqual([]);
  });

  it('that FINISHED can be suspended, and is resumed only when its user asks for another run', () => {
    const spec = { job: { upgradeMode: 'last-state' } } as const;
    const suspended = { job: { ...spec.job, state: 'suspended' } } as const;
    const rest = answer('FINISHED', { checkpoints: { ...NO_CHECKPOINTS, checkpoint } });
    const { because, status = {} } = plan({ recorded: spec, spec: suspended, rest });
    expect([because, status.restore?.mode, status.restore?.path]).toEqual(['Suspended', 'savepoint', undefined]);
    const given: Given = { recorded: suspended, jobState: 'suspended', status, rest: answer() };
    expect(shown(plan({ ...given, spec }))).toEqual([]);
    expect(said({ ...given, spec })).toContain('a new number in spec.restartNonce runs it again from the beginning');
    expect(shown(plan({ ...given, spec: { ...spec, restartNonce: 1 } }))).toEqual([`submit ${NEXT}`]);
  });

  it('that failed is submitted again where its user asks for that', () => {
    const flinkConfiguration = { 'kubernetes.operator.job.restart.failed': 'true' };
    const rest = answer('FAILED', { checkpoints: { ...NO_CHECKPOINTS, checkpoint } });
    const spec = { flinkConfiguration, job: { upgradeMode: 'last-state' } } as const;
    expect(effect(plan({ rest, spec }))).toMatchObject({ submission: { run: { savepointPath: 's3://b/c/chk-7' } } });
    expect(shown(plan({ rest, spec: { job: { upgradeMode: 'last-state' } } }))).toEqual([]);
  });
});

describe('an upgrade', () => {
  const edit = (upgradeMode: 'stateless' | 'savepoint' | 'last-state', more: Given = {}): Given => ({
    recorded: { job: { upgradeMode } },
    spec: { job: { upgradeMode, parallelism: 3 } },
    ...more,
  });
  const record = { jobId: JOB, timestamp: 1000 } as Parameters<typeof stopTriggerId>[1];
  const since = NOW.getTime() - 1000;
  const triggerId = stopTriggerId(UID, record, { by: 'savepoint', since, failures: 0 });
  const stopping = { by: 'savepoint', jobId: JOB, triggerId, since, failures: 0, why: 'w' } as const;
  const stop = (progress: SnapshotProgress) => ({ stop: { triggerId, progress } });
  const saving = (state: JobFacts['state'], progress: SnapshotProgress, status: FlinkSessionJobStatus = {}): Given =>
    edit('savepoint', { status: { stopping, ...status }, rest: answer(state, stop(progress)) });

  it('without state cancels the job with the new jar at hand, waits for its end, and submits a new one', () => {
    const first = plan(edit('stateless', { rest: answer('RUNNING') }));
    expect(effect(first)).toMatchObject({ kind: 'cancel-job', jobId: JOB, jar: { artifact: {} } });
    expect(first.status).toMatchObject({ stopping: { by: 'cancel' }, lifecycleState: 'UPGRADING' });
    const status = first.status ?? {};
    expect(shown(plan(edit('stateless', { status, rest: answer('CANCELLING') })))).toEqual([]);
    expect(shown(plan(edit('stateless', { status, rest: answer('RUNNING') })))).toEqual([`cancel-job ${JOB}`]);
    const last = plan(edit('stateless', { status, rest: answer('CANCELED') }));
    expect(shown(last)).toEqual([`submit ${NEXT}`]);
    expect(last.status).not.toHaveProperty('stopping');
  });

  it('by savepoint records the trigger id before it asks, and the path before the job is submitted', () => {
    const first = plan(edit('savepoint', { rest: answer('RUNNING') }));
    const asked = stopTriggerId(UID, record, { by: 'savepoint', since: NOW.getTime(), failures: 0 });
    expect(first.status?.stopping).toMatchObject({ by: 'savepoint', jobId: JOB, triggerId: asked });
    expect(effect(first)).toMatchObject({
      kind: 'stop-with-savepoint',
      request: { triggerId: asked, targetDirectory: 's3://b/s', formatType: 'CANONICAL', drain: false },
    });
    expect(shown(plan(saving('RUNNING', { kind: 'in-progress' })))).toEqual([]);
    const saved = plan(saving('RUNNING', { kind: 'completed', location: 's3://b/s/9' }));
    expect(saved).toMatchObject({
      actions: [{ kind: 'apply' }],
      status: { jobStatus: { upgradeSavepointPath: 's3://b/s/9' } },
    });
    const last = plan(saving('FINISHED', { kind: 'completed', location: 's3://b/s/9' }));
    expect(effect(last)).toMatchObject({ submission: { run: { jobId: NEXT, savepointPath: 's3://b/s/9' } } });
    expect(last.status?.jobStatus).toMatchObject({ jobId: NEXT, upgradeSavepointPath: 's3://b/s/9' });
  });

  it('by savepoint asks again under the same id when the session has forgotten it', () => {
    expect(effect(plan(saving('RUNNING', { kind: 'unknown-trigger' })))).toMatchObject({ request: { triggerId } });
  });

  it('by savepoint tries again later when it failed, while the job goes on', () => {
    const decided = plan(saving('RUNNING', { kind: 'failed', cause: 'disk full' }));
    expect(decided).toMatchObject({ actions: [], requeueAfterMs: 10_000, status: { stopping: { failures: 1 } } });
    expect(said(saving('RUNNING', { kind: 'failed', cause: 'disk full' }))).toBe(
      'SavepointError: the savepoint that was to stop the job failed: disk full; the job goes on, the next is tried in 10 s',
    );
    const again = { ...stopping, failures: 1, retryAt: NOW.getTime() - 1 };
    const retried = plan(saving('RUNNING', { kind: 'failed', cause: 'x' }, { stopping: again }));
    expect(retried.status?.stopping).toMatchObject({ failures: 1 });
    expect(retried.status?.stopping?.triggerId).not.toBe(triggerId);
  });

  it('by savepoint cancels a job that goes on although its savepoint is complete', () => {
    const status = {
      restore: { mode: 'savepoint', path: 's3://b/s/9', leftBy: JOB },
      jobStatus: { upgradeSavepointPath: 's3://b/s/9' },
    } as const;
    const progress = { kind: 'failed', cause: 'x', location: 's3://b/s/9' } as const;
    expect(shown(plan(saving('RUNNING', progress, status)))).toEqual([`cancel-job ${JOB}`]);
  });

  it('by savepoint goes on from it after the session was lost', () => {
    const status = {
      stopping,
      restore: { mode: 'savepoint', path: 's3://b/s/9', leftBy: JOB },
      jobStatus: { upgradeSavepointPath: 's3://b/s/9' },
    } as const;
    expect(effect(plan(edit('savepoint', { status, rest: answer() })))).toMatchObject({
      submission: { run: { savepointPath: 's3://b/s/9' } },
    });
    expect(said(edit('savepoint', { status: { stopping }, rest: answer() }))).toMatch(/^ManualRestoreRequired: /);
  });

  it('by last state cancels, then goes on from the newest checkpoint', () => {
    expect(shown(plan(edit('last-state', { rest: answer('RUNNING') })))).toEqual([`cancel-job ${JOB}`]);
    const asking = edit('last-state', { rest: answer('CANCELED') });
    expect(shown(plan(asking))).toEqual([]);
    const rest = answer('CANCELED', { checkpoints: { ...NO_CHECKPOINTS, checkpoint } });
    const last = plan(edit('last-state', { rest }));
    expect(effect(last)).toMatchObject({ submission: { run: { jobId: NEXT, savepointPath: 's3://b/c/chk-7' } } });
  });

  it('does not begin while the session does not answer', () => {
    expect(shown(plan(edit('last-state', { rest: 'unknown' })))).toEqual([]);
  });

  it('by nonce begins from the path its user names', () => {
    const job = { upgradeMode: 'savepoint', savepointRedeployNonce: 1, initialSavepointPath: 's3://b/s/1' } as const;
    const given: Given = { recorded: {}, spec: { job } };
    expect(shown(plan({ ...given, rest: answer('RUNNING') }))).toEqual([`cancel-job ${JOB}`]);
    const rest = answer('CANCELED', { checkpoints: { ...NO_CHECKPOINTS, checkpoint } });
    const last = plan({ ...given, rest });
    expect(effect(last)).toMatchObject({ submission: { run: { savepointPath: 's3://b/s/1' } } });
    expect(last.status?.restore?.why).toBe('spec.job.savepointRedeployNonce is 1; the run before left s3://b/c/chk-7');
  });

  it('suspends, and resumes from what was kept', () => {
    const rest = answer('CANCELED', { checkpoints: { ...NO_CHECKPOINTS, checkpoint } });
    const job = { upgradeMode: 'last-state', state: 'suspended' } as const;
    const suspended = plan({ recorded: { job: { upgradeMode: 'last-state' } }, spec: { job }, rest });
    expect(suspended).toMatchObject({ actions: [], status: { lifecycleState: 'SUSPENDED' } });
    expect(findCondition(suspended.status?.conditions, 'Ready')).toMatchObject({
      status: 'True',
      message: 'the job is suspended; it will go on from s3://b/c/chk-7',
    });
    const resumed = plan({
      recorded: { job },
      jobState: 'suspended',
      spec: { job: { upgradeMode: 'last-state' } },
      status: suspended.status ?? {},
    });
    expect(effect(resumed)).toMatchObject({ submission: { run: { jobId: NEXT, savepointPath: 's3://b/c/chk-7' } } });
  });
});

describe('deletion', () => {
  it.each<[string, Given]>([
    ['nothing was submitted', { recorded: false }],
    ['the job is suspended', { jobState: 'suspended' }],
    ['the session is gone', { session: null }],
    ['the job has ended', { rest: answer('CANCELED') }],
    ['the session does not know the job', { rest: answer() }],
    ['the JobManager is gone', { session: session({}, 'MISSING') }],
  ])('lets go when %s', (_name, given) => {
    const resource = { ...given, deleting: true };
    if (given.recorded === false) expect(shown(plan(resource))).toEqual([]);
    else expect(shown(plan(resource))).toEqual(['remove finalizer']);
  });

  it('cancels the job and waits for its end', () => {
    const first = plan({ deleting: true, rest: answer('RUNNING') });
    expect(shown(first)).toEqual([`cancel-job ${JOB}`]);
    expect(first.status?.lifecycleState).toBe('DELETING');
    expect(shown(plan({ deleting: true, rest: answer('CANCELLING') }))).toEqual([]);
  });

  it('takes a savepoint first where that is asked for', () => {
    const flinkConfiguration = { 'kubernetes.operator.job.savepoint-on-deletion': 'true' };
    const decided = plan({ deleting: true, spec: { flinkConfiguration }, rest: answer('RUNNING') });
    expect(shown(decided)).toEqual([`stop-with-savepoint ${JOB}`]);
  });

  it('waits for a session that may have the job', () => {
    expect(shown(plan({ deleting: true, rest: 'unknown' }))).toEqual([]);
    const ha = { 'high-availability.type': 'kubernetes', 'high-availability.storageDir': 's3://b/h' };
    const keeps = session({ spec: { flinkConfiguration: ha } }, 'MISSING');
    expect(shown(plan({ deleting: true, session: keeps }))).toEqual([]);
    const going = { ...keeps, metadata: { ...keeps.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(shown(plan({ deleting: true, session: going }))).toEqual(['remove finalizer']);
  });
});
