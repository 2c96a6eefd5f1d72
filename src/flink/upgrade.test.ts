import { describe, expect, it } from 'vitest';
import { known, unasked, unknown } from '../core/fact.ts';
import type { FlinkPlan } from './decide.ts';
import type { JobManagerAnswer, Observed } from './observed.ts';
import type { CheckpointFacts } from './snapshot-facts.ts';
import { CHECKPOINT_7, checkpoints, edited, FOLDERS, HA, haData, seen, snapshot } from './testing/edited.ts';
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
} from './testing/pass.ts';

const effectOf = (decided: FlinkPlan): unknown => decided.actions.find((action) => action.kind === 'effect');

describe('an upgrade in mode last-state', () => {
  it('deletes the cluster, keeps the high-availability data and the job id, and records why first', () => {
    const decided = plan({
      ...edited('last-state'),
      observed: {
        ...seen('RUNNING', { checkpoints: checkpoints({ checkpoint: snapshot(7) }) }),
        haConfigMaps: CHECKPOINT_7,
      },
    });
    expect(actionsOf(decided)).toEqual(['delete Deployment orders uid-orders Foreground']);
    expect(decided.status).toMatchObject({
      jobStatus: { jobId: JOB, upgradeSavepointPath: 'KUBERNETES_OPERATOR_LAST_STATE', state: 'RECONCILING' },
      reconciliationStatus: { state: 'UPGRADING' },
      restore: {
        mode: 'last-state',
        path: `s3://b/checkpoints/${JOB}/chk-7`,
        why: 'the job is RUNNING and its high-availability data is kept',
      },
    });
    expect(JSON.parse(decided.status?.reconciliationStatus?.lastReconciledSpec ?? '{}')).toMatchObject({
      spec: { job: { state: 'suspended', upgradeMode: 'last-state', parallelism: 3 } },
    });
  });

  it.each([
    ['a job that restarts', seen('RESTARTING'), 'Upgrading'],
    ['a JobManager that does not answer', { jobManager, rest: unknown('no answer') }, 'Upgrading'],
    ['a JobManager Deployment that is gone', { rest: unknown('no answer') }, 'Deploying'],
  ])('goes on from the data also for %s', (_name, observed, because) => {
    const decided = plan({ ...edited('last-state'), observed: { ...observed, haConfigMaps: CHECKPOINT_7 } });
    expect(decided.because).toBe(because);
    expect(decided.status?.restore).toMatchObject({ mode: 'last-state' });
    expect(actionsOf(decided).filter((line) => line.includes('ConfigMap orders-'))).toEqual([]);
  });

  it.each<[string, Partial<Given>, boolean]>([
    ['a job that runs', {}, true],
    ['one that is stopped with a savepoint', edited('savepoint'), true],
    [
      'one that is to be suspended',
      { spec: { job: { upgradeMode: 'last-state', state: 'suspended' }, flinkConfiguration: HA } },
      true,
    ],
    ['one that restarts', { observed: { ...seen('RESTARTING'), haConfigMaps: CHECKPOINT_7 } }, false],
    ['a JobManager that is gone', { observed: { rest: unknown('no answer'), haConfigMaps: CHECKPOINT_7 } }, false],
    [
      'the spec that runs',
      { spec: { job: { upgradeMode: 'last-state', parallelism: 2 }, flinkConfiguration: HA } },
      false,
    ],
  ])('waits for its turn with %s: %o', (_name, given, interrupts) => {
    const observed = { ...seen('RUNNING'), haConfigMaps: CHECKPOINT_7 };
    const decided = plan({ ...edited('last-state'), observed, ...given });
    expect(decided.interrupts ?? false).toBe(interrupts);
  });

  it('waits for the first answer after a start of the operator', () => {
    const decided = plan({
      ...edited('last-state'),
      observed: { jobManager, rest: unasked, haConfigMaps: CHECKPOINT_7 },
    });
    expect([decided.because, decided.actions]).toEqual(['WaitingForJobManager', []]);
  });

  it('cancels the job when there is no high-availability data', () => {
    const decided = plan({ ...edited('last-state', FOLDERS), observed: seen('RUNNING') });
    expect(actionsOf(decided)).toEqual([`cancel-job ${JOB}`]);
    expect(decided.status).toMatchObject({
      lifecycleState: 'UPGRADING',
      reconciliationStatus: { state: 'DEPLOYED' },
      stopping: { by: 'cancel', jobId: JOB, why: 'there is no high-availability data' },
    });
  });

  it('takes a savepoint when the newest checkpoint is too old', () => {
    const old = snapshot(7, { completedAt: NOW.getTime() - 120_000 });
    const given = edited('last-state', {
      ...HA,
      'kubernetes.operator.job.upgrade.last-state.max.allowed.checkpoint.age': '1 min',
    });
    const decide = (facts: Partial<CheckpointFacts>) =>
      plan({
        ...given,
        observed: { ...seen('RUNNING', { checkpoints: checkpoints(facts) }), haConfigMaps: CHECKPOINT_7 },
      });
    const pending = [{ id: 8, kind: 'checkpoint', triggeredAt: NOW.getTime() - 1000 }] as const;
    expect(decide({ checkpoint: old }).because).toBe('TakingSavepoint');
    expect(decide({ checkpoint: old, inProgress: pending }).because).toBe('WaitingForCheckpoint');
    expect(decide({ checkpoint: snapshot(8) }).because).toBe('Upgrading');
  });

  it('takes a savepoint when the version of Flink changes', () => {
    const given = edited('last-state');
    const spec = { ...given.spec, flinkVersion: 'v2_1' as const };
    const observed = { ...seen('RUNNING'), haConfigMaps: CHECKPOINT_7 };
    expect(plan({ ...given, spec, observed }).because).toBe('TakingSavepoint');
    const restarting = { ...seen('RESTARTING'), haConfigMaps: CHECKPOINT_7 };
    expect(plan({ ...given, spec, observed: restarting }).because).toBe('CancellingJob');
  });

  it('does nothing when nothing safe is known', () => {
    const decided = plan({ ...edited('last-state'), observed: { rest: unknown('no answer') } });
    expect([decided.because, decided.actions]).toEqual(['ManualRestoreRequired', []]);
    expect(condition(decided, 'Stalled')?.message).toBe(
      'upgradeMode is last-state, the JobManager is missing and there is no high-availability data to go on from; nothing is ' +
        'started and nothing is deleted. Set spec.job.initialSavepointPath to the state to start from and change ' +
        'spec.job.savepointRedeployNonce, or set spec.job.upgradeMode to "stateless" to start without state',
    );
  });

  it('names the newest snapshot that the status has then, with its time', () => {
    const timeStamp = NOW.getTime();
    const told = (newest: object): string | undefined => {
      const status = { snapshots: [newest, { path: 's3://b/savepoints/1', kind: 'savepoint' as const }] };
      const decided = plan({ ...edited('last-state'), status, observed: { rest: unknown('no answer') } });
      return condition(decided, 'Stalled')?.message;
    };
    expect(told({ path: 's3://b/savepoints/2', kind: 'savepoint', timeStamp })).toContain(
      'nothing is started and nothing is deleted. The newest savepoint in status.snapshots of 2026-02-03T04:05:06.000Z is ' +
        's3://b/savepoints/2; the storage may hold later ones. Set spec.job.initialSavepointPath to',
    );
    for (const none of [undefined, 9e18]) {
      expect(told({ path: 's3://b/c/chk-7', kind: 'checkpoint', timeStamp: none })).toContain(
        'The newest checkpoint in status.snapshots is s3://b/c/chk-7; the storage may hold later ones.',
      );
    }
  });

  it('starts as the run before should have when its JobManager never came up', () => {
    const status = {
      conditions: [{ type: 'Available', status: 'False', lastTransitionTime: '2026-02-03T04:00:01Z' }],
    };
    const never = child('Deployment', 'orders', { creationTimestamp: '2026-02-03T04:00:00Z' }, { status });
    const decided = plan({
      ...edited('last-state'),
      status: { jobStatus: { upgradeSavepointPath: 's3://b/savepoints/1' } },
      observed: { jobManager: never, rest: unknown('no answer') },
    });
    expect(decided.status?.restore).toMatchObject({ mode: 'savepoint', path: 's3://b/savepoints/1' });
  });
});

describe('an upgrade in mode savepoint', () => {
  const RUNNING = edited('savepoint', FOLDERS);
  const asked = plan({ ...RUNNING, observed: seen('RUNNING') });
  const stopping = asked.status?.stopping;
  const progress = (value: NonNullable<JobManagerAnswer['stop']>['progress']) => ({
    stop: { triggerId: stopping?.triggerId ?? '', progress: value },
  });
  const during = (observed: Partial<Observed>, given: Given = RUNNING): FlinkPlan =>
    plan({ ...given, status: stopping === undefined ? {} : { stopping }, observed });

  it('records the trigger id and the reason before the savepoint is asked for, and the spec that runs', () => {
    expect(effectOf(asked)).toMatchObject({
      effect: {
        kind: 'stop-with-savepoint',
        jobId: JOB,
        triggerId: stopping?.triggerId,
        targetDirectory: 's3://b/savepoints',
        formatType: 'CANONICAL',
        drain: false,
      },
    });
    expect(stopping).toMatchObject({ by: 'savepoint', jobId: JOB, since: NOW.getTime(), failures: 0 });
    expect(asked.status?.reconciliationStatus).toMatchObject({ state: 'DEPLOYED' });
    expect(asked.status?.reconciliationStatus?.lastReconciledSpec).toContain('"parallelism":2');
  });

  it.each([
    ['waits while it is taken', seen('RUNNING', progress({ kind: 'in-progress' })), []],
    ['waits while the JobManager was not asked about it', seen('RUNNING'), []],
    ['waits while the JobManager does not answer', { jobManager, rest: unknown('no answer') }, []],
    [
      'asks again under the same id when it is not known',
      seen('RUNNING', progress({ kind: 'unknown-trigger' })),
      [`stop-with-savepoint ${JOB}`],
    ],
  ])('%s', (_name, observed, actions) => {
    const decided = during(observed);
    expect(actionsOf(decided)).toEqual(actions);
    expect(decided.status?.stopping?.triggerId).toBe(stopping?.triggerId);
  });

  it('leaves a suspended job FINISHED, also where its state was asked for before the savepoint was complete', () => {
    const done = progress({ kind: 'completed', location: 's3://b/savepoints/1' });
    const suspended = {
      ...RUNNING,
      spec: { ...RUNNING.spec, job: { upgradeMode: 'savepoint', state: 'suspended' } },
    } as const;
    for (const state of ['RUNNING', 'FINISHED'] as const) {
      const { status } = during(seen(state, done), suspended);
      expect(status?.jobStatus).toMatchObject({ state: 'FINISHED', upgradeSavepointPath: 's3://b/savepoints/1' });
    }
  });

  it('starts the next run from it, with a job id of its own, after recording where it is', () => {
    const decided = during(seen('FINISHED', progress({ kind: 'completed', location: 's3://b/savepoints/1' })));
    expect(decided.status).toMatchObject({
      jobStatus: { upgradeSavepointPath: 's3://b/savepoints/1' },
      restore: { mode: 'savepoint', path: 's3://b/savepoints/1', leftBy: JOB },
      reconciliationStatus: { state: 'UPGRADING' },
    });
    expect(decided.status?.jobStatus?.jobId).not.toBe(JOB);
    expect(decided.status?.stopping).toBeUndefined();
    expect(actionsOf(decided)).toEqual([
      'delete Deployment orders uid-orders Foreground',
      `apply FlinkStateSnapshot orders-savepoint-upgrade-${NOW.getTime()}`,
    ]);
  });

  it('goes on from a savepoint that is whole although the job failed to stop', () => {
    const decided = during(
      seen('RESTARTING', progress({ kind: 'failed', cause: 'x', location: 's3://b/savepoints/1' })),
    );
    expect(decided.status?.restore?.path).toBe('s3://b/savepoints/1');
  });

  it('finds it among the snapshots of the job that has ended when the trigger id is forgotten', () => {
    const savepoint = snapshot(9, { kind: 'savepoint', path: 's3://b/savepoints/9' });
    const facts = {
      checkpoints: checkpoints({ savepoint, checkpoint: snapshot(8) }),
      ...progress({ kind: 'unknown-trigger' }),
    };
    expect(during(seen('FINISHED', facts)).status?.restore).toMatchObject({ path: 's3://b/savepoints/9', leftBy: JOB });
  });

  it('lets the job go on after a failure and tries again later under another id', () => {
    const decided = during(seen('RUNNING', progress({ kind: 'failed', cause: 'disk full' })));
    expect([decided.because, decided.actions, decided.requeueAfterMs]).toEqual(['SavepointError', [], 10_000]);
    const later = NOW.getTime() + 10_000;
    expect(decided.status?.stopping).toMatchObject({ failures: 1, retryAt: later });
    expect(decided.events[0]?.message).toBe(
      'the savepoint that was to stop the job failed: disk full; the job goes on, the next is tried in 10 s',
    );
    const due = { ...decided.status?.stopping, retryAt: NOW.getTime() };
    const again = plan({ ...RUNNING, status: { stopping: due }, observed: seen('RUNNING') });
    expect(actionsOf(again)).toEqual([`stop-with-savepoint ${JOB}`]);
    expect(again.status?.stopping?.triggerId).not.toBe(stopping?.triggerId);
  });

  it('drops it after a failure when the spec is as before', () => {
    const same: Given = { spec: RUNNING.recorded || {}, recorded: RUNNING.recorded || {} };
    const decided = during(seen('RUNNING', progress({ kind: 'failed', cause: 'x' })), same);
    expect(decided.status?.stopping).toBeUndefined();
    expect(decided.requeueAfterMs).toBeDefined();
  });

  it('starts the job again when the spec went back while it was being stopped', () => {
    const same: Given = { spec: RUNNING.recorded || {}, recorded: RUNNING.recorded || {} };
    const decided = during(seen('FINISHED', progress({ kind: 'completed', location: 's3://b/savepoints/1' })), same);
    expect(decided.status).toMatchObject({
      reconciliationStatus: { state: 'UPGRADING' },
      restore: { path: 's3://b/savepoints/1' },
    });
  });

  it('falls back to the newest checkpoint of a job that cannot take one, unless that is switched off', () => {
    const observed = { ...seen('RESTARTING'), haConfigMaps: CHECKPOINT_7 };
    expect(plan({ ...edited('savepoint'), observed }).status?.restore?.mode).toBe('last-state');
    const off = { ...HA, 'kubernetes.operator.job.upgrade.last-state-fallback.enabled': 'false' };
    expect(plan({ ...edited('savepoint', off), observed }).because).toBe('WaitingForJob');
  });
});

describe('a job that has ended', () => {
  const ended = (state: 'FAILED' | 'FINISHED' | 'CANCELED', facts: Partial<CheckpointFacts>, status = {}): FlinkPlan =>
    plan({ ...edited('last-state', FOLDERS), status, observed: seen(state, { checkpoints: checkpoints(facts) }) });

  it.each([
    ['CANCELED', { checkpoint: snapshot(7) }, snapshot(7).path],
    ['FAILED', { checkpoint: snapshot(7), savepoint: snapshot(6, { path: 's3://b/savepoints/6' }) }, snapshot(7).path],
    [
      'FINISHED',
      { checkpoint: snapshot(7), savepoint: snapshot(6, { kind: 'savepoint', path: 's3://b/sp' }) },
      's3://b/sp',
    ],
    ['FAILED', { restored: { id: 3, kind: 'checkpoint', path: 's3://b/r', restoredAt: 1 } }, 's3://b/r'],
  ] as const)('is %s and goes on from the newest state it left', (state, facts, path) => {
    expect(ended(state, facts).status?.restore).toMatchObject({ mode: 'savepoint', path, leftBy: JOB });
  });

  it('goes on from what it started from when it completed nothing', () => {
    const started = { jobStatus: { upgradeSavepointPath: 's3://b/savepoints/0' } };
    expect(ended('FAILED', {}, started).status?.restore?.path).toBe('s3://b/savepoints/0');
    expect(ended('FAILED', {}, { restore: { mode: 'stateless' } }).status?.restore?.mode).toBe('stateless');
  });

  it('is left to its user when its snapshots went with it', () => {
    expect(ended('FINISHED', { checkpoint: snapshot(7) }).because).toBe('ManualRestoreRequired');
  });

  it('is not decided on while what is known may be of before its end', () => {
    const facts = { checkpoints: checkpoints({ checkpoint: snapshot(7) }) };
    const rest = answer(job({ state: 'CANCELED', details: 'recent' }), facts);
    expect(plan({ ...edited('last-state', FOLDERS), observed: { jobManager, rest } }).because).toBe(
      'WaitingForJobManager',
    );
  });

  it('has its state recorded at once, since its JobManager may go', () => {
    const { recorded } = edited('last-state', FOLDERS);
    const given = { spec: recorded || {}, recorded: recorded || {} };
    const rest = answer(job({ state: 'FAILED' }), { checkpoints: checkpoints({ checkpoint: snapshot(7) }) });
    const decided = plan({ ...given, observed: { jobManager, rest } });
    expect([decided.because, decided.actions.length]).toEqual(['JobFailed', 3]);
    expect(decided.status?.jobStatus?.upgradeSavepointPath).toBe(snapshot(7).path);
    const later = plan({
      ...edited('last-state', FOLDERS),
      ...(decided.status === undefined ? {} : { status: decided.status }),
      observed: { rest: unknown('gone') },
    });
    expect(later.status?.restore).toMatchObject({ path: snapshot(7).path, leftBy: JOB });
  });

  it('is started again where its user asked for that', () => {
    const options = { ...FOLDERS, 'kubernetes.operator.job.restart.failed': 'true' };
    const { recorded } = edited('last-state', options);
    const rest = answer(job({ state: 'FAILED' }), { checkpoints: checkpoints({ checkpoint: snapshot(7) }) });
    const decided = plan({ spec: recorded || {}, recorded: recorded || {}, observed: { jobManager, rest } });
    expect(decided.status?.restore?.path).toBe(snapshot(7).path);
    expect(decided.events.map(({ reason }) => reason)).toContain('RecoverDeployment');
  });
});

describe('a start from high-availability data', () => {
  const { spec = {} } = edited('last-state');
  const starting = (observed: Partial<Observed>, given: Partial<Given> = {}): FlinkPlan =>
    plan({ spec, recorded: spec, state: 'UPGRADING', jobState: 'suspended', mode: 'last-state', ...given, observed });

  it('first takes the job graph of the run before out of the data', () => {
    const graph = child('ConfigMap', 'orders-cluster-config-map', OTHER_START, { data: { [`jobGraph-${JOB}`]: '' } });
    const decided = starting({ haConfigMaps: [graph, ...CHECKPOINT_7] });
    expect(decided.actions).toMatchObject([{ kind: 'patch', patch: { data: { [`jobGraph-${JOB}`]: null } } }]);
  });

  it('records the checkpoint the data really points to, and starts under the same job id', () => {
    const decided = starting({ haConfigMaps: CHECKPOINT_7 });
    expect(decided.status?.restore).toMatchObject({ path: `s3://b/checkpoints/${JOB}/chk-7`, checkpointId: 7 });
    const config = decided.actions.find((action) => action.kind === 'apply' && action.object.kind === 'ConfigMap');
    expect(JSON.stringify(config)).toContain('KUBERNETES_OPERATOR_LAST_STATE');
    expect(JSON.stringify(config)).toContain(JOB);
  });

  it('starts nothing when the data is gone', () => {
    const decided = starting({});
    expect([decided.because, decided.actions]).toEqual(['RestoreFailed', []]);
    expect(condition(decided, 'Stalled')?.message).toContain(`the high-availability data of job ${JOB} is gone`);
  });

  it('starts empty then if its user asks for that by now', () => {
    const decided = starting({}, { spec: { ...spec, job: { ...spec.job, upgradeMode: 'stateless' } } });
    expect(decided.because).toBe('Deploying');
    expect(decided.status?.restore?.mode).toBe('stateless');
  });

  it('starts empty when the run before did so and completed no checkpoint', () => {
    const restore = { mode: 'last-state', startedEmpty: true, why: 'x', declaredMode: 'last-state' } as const;
    const status = { restore, jobStatus: { upgradeSavepointPath: 'KUBERNETES_OPERATOR_LAST_STATE' } };
    const decided = starting({ haConfigMaps: haData('counter') }, { status });
    expect(decided.because).toBe('Deploying');
    expect(decided.status?.restore).toMatchObject({ mode: 'stateless' });
    expect(starting({ haConfigMaps: haData('counter') }).because).toBe('RestoreFailed');
  });
});

describe('a suspension', () => {
  const suspend = (mode: 'savepoint' | 'last-state', observed: Partial<Observed>, status = {}): FlinkPlan => {
    const { recorded } = edited(mode);
    const spec = {
      ...(recorded || {}),
      job: { ...(recorded === false ? {} : recorded?.job), state: 'suspended' as const },
    };
    return plan({ recorded: recorded || {}, spec, observed, status });
  };

  it('keeps the high-availability data in mode last-state', () => {
    const decided = suspend('last-state', { ...seen('RUNNING'), haConfigMaps: CHECKPOINT_7 });
    expect(actionsOf(decided)).toEqual(['delete Deployment orders uid-orders Foreground']);
    expect(JSON.parse(decided.status?.reconciliationStatus?.lastReconciledSpec ?? '{}')).toMatchObject({
      spec: { job: { state: 'suspended', upgradeMode: 'last-state' } },
    });
  });

  it('takes a savepoint in mode savepoint, and resumes from it', () => {
    expect(suspend('savepoint', seen('RUNNING')).because).toBe('TakingSavepoint');
    const { spec = {} } = edited('savepoint');
    const recorded = { ...spec, job: { ...spec.job, state: 'suspended' as const } };
    const status = { jobStatus: { upgradeSavepointPath: 's3://b/savepoints/1' } };
    const decided = plan({ spec, recorded, jobState: 'suspended', mode: 'savepoint', status });
    expect(decided.status?.restore).toMatchObject({ mode: 'savepoint', path: 's3://b/savepoints/1' });
    expect(JSON.stringify(decided.actions)).toContain('s3://b/savepoints/1');
  });
});

describe('a changed savepointRedeployNonce', () => {
  it('starts the job from the path its user names, whatever state it has', () => {
    const { recorded } = edited('last-state');
    const job_ = {
      ...(recorded === false ? {} : recorded?.job),
      initialSavepointPath: 's3://b/x',
      savepointRedeployNonce: 1,
    };
    const decided = plan({
      recorded: recorded || {},
      spec: { ...(recorded || {}), job: job_ },
      observed: { ...seen('RUNNING'), haConfigMaps: CHECKPOINT_7 },
    });
    expect(actionsOf(decided)).toEqual([`cancel-job ${JOB}`]);
    expect(decided.status?.restore).toMatchObject({
      mode: 'savepoint',
      path: 's3://b/x',
      why: `spec.job.savepointRedeployNonce is 1; the newest checkpoint of the run before is s3://b/checkpoints/${JOB}/chk-7`,
    });
  });
});

describe('a lost JobManager Deployment', () => {
  it('is made again from the high-availability data, with the same job id', () => {
    const { recorded } = edited('last-state');
    const decided = plan({ recorded: recorded || {}, spec: recorded || {}, observed: { haConfigMaps: CHECKPOINT_7 } });
    expect(decided.because).toBe('Deploying');
    expect(decided.status).toMatchObject({ jobStatus: { jobId: JOB }, restore: { mode: 'last-state' } });
    expect(decided.events.map(({ reason }) => reason)).toContain('RecoverDeployment');
  });

  it('is not made again where recovery is switched off', () => {
    const { recorded } = edited('last-state', { ...HA, 'kubernetes.operator.jm-deployment-recovery.enabled': 'false' });
    const decided = plan({ recorded: recorded || {}, spec: recorded || {}, observed: { haConfigMaps: CHECKPOINT_7 } });
    expect([decided.because, decided.actions]).toEqual(['Missing', []]);
  });
});

describe('a deletion with a last savepoint', () => {
  const options = { ...FOLDERS, 'kubernetes.operator.job.savepoint-on-deletion': 'true' };
  const { recorded } = edited('savepoint', options);
  const given: Given = { recorded: recorded || {}, spec: recorded || {}, deleting: true };

  it('waits for a job that does not run, and says how to do without', () => {
    const decided = plan({ ...given, observed: seen('RESTARTING') });
    expect([decided.because, decided.actions]).toEqual(['Deleting', []]);
    expect(condition(decided, 'Reconciling')?.message).toBe(
      'kubernetes.operator.job.savepoint-on-deletion is on and the job is RESTARTING; waiting until it runs, set it to "false" to delete without a savepoint',
    );
    const without = { ...given.spec, flinkConfiguration: FOLDERS };
    expect(actionsOf(plan({ ...given, spec: without, observed: seen('RESTARTING') }))).toEqual([`cancel-job ${JOB}`]);
  });

  it('asks for it before anything is deleted, and deletes once it is recorded', () => {
    const asked = plan({ ...given, observed: seen('RUNNING') });
    expect([asked.because, actionsOf(asked)]).toEqual(['Deleting', [`stop-with-savepoint ${JOB}`]]);
    const stopping = asked.status?.stopping;
    const stop = {
      triggerId: stopping?.triggerId ?? '',
      progress: { kind: 'completed', location: 's3://b/sp/1' },
    } as const;
    const done = plan({
      ...given,
      ...(asked.status === undefined ? {} : { status: asked.status }),
      observed: seen('FINISHED', { stop }),
    });
    expect(done.events.slice(0, 1)).toMatchObject([
      { reason: 'SavepointCompleted', message: 'the last savepoint of the job is s3://b/sp/1' },
    ]);
    const gone = plan({
      ...given,
      ...(done.status === undefined ? {} : { status: done.status }),
      observed: seen('FINISHED'),
    });
    expect(actionsOf(gone)).toEqual([
      'delete Deployment orders uid-orders Foreground',
      `apply FlinkStateSnapshot orders-savepoint-upgrade-${NOW.getTime()}`,
    ]);
  });
});

it('knows a job by what a JobManager says, not by its silence', () => {
  const silent = plan({
    ...edited('savepoint', FOLDERS),
    observed: { jobManager, rest: known({ flinkVersion: '2.0.0', flinkRevision: 'x', jobs: [], job: undefined }) },
  });
  expect([silent.because, silent.actions]).toEqual(['WaitingForJob', []]);
});
