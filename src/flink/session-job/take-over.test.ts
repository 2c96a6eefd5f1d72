import { describe, expect, it } from 'vitest';
import { unasked, unknown } from '../../core/fact.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { JobFacts, JobManagerAnswer, Observed } from '../observed.ts';
import { LEFT_JOB, type Left, leftResource } from '../testing/incumbent.ts';
import { answer, INTERVALS, job, NOW } from '../testing/pass.ts';
import { CHK, LAST_STATE, SAVEPOINT, SP } from '../testing/take-over.ts';
import { decide, type SessionJobPlan } from './decide.ts';
import { situationOf } from './situation.ts';

const SESSION = leftResource({ kind: 'session cluster', spec: { flinkConfiguration: LAST_STATE.flinkConfiguration } });

function firstPass(left: Left, rest: Observed['rest'], session: KubeObject | undefined = SESSION): SessionJobPlan {
  const resource = leftResource({ kind: 'session job', ...left });
  return decide(situationOf(resource, { session, rest }, NOW, { flinkConfiguration: {} }), INTERVALS);
}

function seen({ because, actions }: SessionJobPlan): readonly string[] {
  return [because, ...actions.map((action) => (action.kind === 'effect' ? action.effect.kind : action.kind))];
}

function says(state: JobFacts['state'], more: Partial<JobManagerAnswer> = {}): Observed['rest'] {
  return answer(job({ id: LEFT_JOB, state, startTime: 1769940010000 }), more);
}

const checkpoints = {
  checkpoint: { id: 7, kind: 'checkpoint', path: CHK, completedAt: 1, discarded: false },
  savepoint: undefined,
  restored: undefined,
  inProgress: [],
} as unknown as NonNullable<JobManagerAnswer['checkpoints']>;

const NO_JOB = answer(undefined);

function restoreOf({ status }: SessionJobPlan) {
  const { mode, path } = status?.restore ?? {};
  return { mode, ...(path === undefined ? {} : { path }) };
}

describe('a session job of the incumbent', () => {
  it.each([
    ['without state', {}, says('RUNNING'), 'JobRunning'],
    [
      'release 1.10',
      { encoding: '1.10', spec: LAST_STATE, recordedJob: { upgradeMode: 'stateless' } },
      says('RUNNING'),
      'JobRunning',
    ],
    [
      'from a savepoint',
      { spec: SAVEPOINT, status: { jobStatus: { upgradeSavepointPath: SP } } },
      says('RUNNING'),
      'JobRunning',
    ],
    ['FINISHED', { status: { jobStatus: { state: 'FINISHED' } } }, says('FINISHED'), 'JobFinished'],
    [
      'FAILED',
      { spec: LAST_STATE, status: { jobStatus: { state: 'FAILED', upgradeSavepointPath: CHK } } },
      says('FAILED', { checkpoints }),
      'JobFailed',
    ],
    [
      'suspended with a savepoint, its job id taken away',
      {
        spec: { ...SAVEPOINT, job: { ...SAVEPOINT.job, state: 'suspended' } },
        first: false,
        status: {
          lifecycleState: 'SUSPENDED',
          jobStatus: { state: 'FINISHED', jobId: undefined, upgradeSavepointPath: SP },
        },
      },
      NO_JOB,
      'Suspended',
    ],
  ] satisfies [string, Left, Observed['rest'], string][])('is left as it is: %s', (_name, left, rest, because) => {
    const plan = firstPass(left, rest);
    expect(seen(plan)).toEqual([because]);
    expect(plan.events.map(({ reason }) => reason)).toEqual(because === 'JobFailed' ? ['JobFailed'] : []);
    const before = leftResource({ kind: 'session job', ...left }).status as { jobStatus: object };
    expect(plan.status?.jobStatus).toEqual(before.jobStatus);
  });

  it('is not said to have changed before its session was asked', () => {
    expect(firstPass({}, unasked).status).toBeUndefined();
  });

  it('is resumed from its savepoint under a new job id', () => {
    const status = { jobStatus: { state: 'FINISHED', jobId: undefined, upgradeSavepointPath: SP } } as const;
    const left: Left = { spec: SAVEPOINT, recordedJob: { state: 'suspended' }, first: false, generation: 4, status };
    const plan = firstPass(left, NO_JOB);
    expect(seen(plan)).toEqual(['Submitting', 'submit']);
    expect(restoreOf(plan)).toEqual({ mode: 'savepoint', path: SP });
    expect(plan.status?.jobStatus?.jobId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('is upgraded with a savepoint', () => {
    const left: Left = { spec: SAVEPOINT, recordedJob: { parallelism: 1, upgradeMode: 'stateless' }, generation: 4 };
    expect(seen(firstPass(left, says('RUNNING')))).toEqual(['TakingSavepoint', 'stop-with-savepoint']);
  });

  const cancelling: Left = {
    spec: LAST_STATE,
    state: 'UPGRADING',
    first: false,
    generation: 4,
    recordedJob: { parallelism: 1, upgradeMode: 'savepoint' },
    status: { jobStatus: { state: 'CANCELLING' } },
  };

  it('that was being cancelled is waited for, then goes on from its newest checkpoint', () => {
    expect(seen(firstPass(cancelling, says('CANCELLING')))).toEqual(['WaitingForJob']);
    const plan = firstPass(cancelling, says('CANCELED', { checkpoints }));
    expect(seen(plan)).toEqual(['Submitting', 'submit']);
    expect(restoreOf(plan)).toEqual({ mode: 'savepoint', path: CHK });
    expect(plan.status?.jobStatus?.jobId).not.toBe(LEFT_JOB);
  });

  const cancelled: Left = {
    ...cancelling,
    recordedJob: { state: 'suspended', upgradeMode: 'savepoint' },
    status: { jobStatus: { state: 'CANCELED', upgradeSavepointPath: CHK } },
  };

  it('that was cancelled goes on from the path noted of its end, and never under the same id', () => {
    const plan = firstPass(cancelled, says('CANCELED', { checkpoints }));
    expect(seen(plan)).toEqual(['Submitting', 'submit']);
    expect(restoreOf(plan)).toEqual({ mode: 'savepoint', path: CHK });
    expect(plan.status?.jobStatus?.jobId).not.toBe(LEFT_JOB);
  });

  it('is not submitted before the session said whether it was already', () => {
    expect(seen(firstPass(cancelled, unknown('no answer')))).toEqual(['WaitingForJobManager']);
  });

  it('that was being submitted counts as submitted once the session knows its job', () => {
    const left: Left = { ...cancelled, status: { jobStatus: { state: 'RECONCILING', upgradeSavepointPath: CHK } } };
    const plan = firstPass(left, says('RUNNING'));
    expect(seen(plan)).toEqual(['JobStarting']);
    expect(plan.status).toMatchObject({ reconciliationStatus: { state: 'DEPLOYED' }, jobStatus: { jobId: LEFT_JOB } });
  });

  it('that was being submitted and is not there is submitted under the id that was recorded for it', () => {
    const left: Left = { ...cancelled, status: { jobStatus: { state: 'RECONCILING', upgradeSavepointPath: CHK } } };
    const plan = firstPass(left, NO_JOB);
    expect(seen(plan)).toEqual(['Submitting', 'submit']);
    expect(plan.status?.jobStatus?.jobId).toBe(LEFT_JOB);
  });

  it('that the session had lost is submitted again without state, as it was declared', () => {
    const status = { error: 'Job Not Found', jobStatus: { state: 'RECONCILING' } } as const;
    const plan = firstPass({ recordedJob: { state: 'suspended' }, first: false, status }, NO_JOB);
    expect(seen(plan)).toEqual(['Submitting', 'submit']);
    expect(restoreOf(plan)).toEqual({ mode: 'stateless' });
  });

  it('keeps the parallelism its autoscaler found', () => {
    const left: Left = {
      spec: { flinkConfiguration: { 'job.autoscaler.enabled': true } },
      recordedConfiguration: { 'pipeline.jobvertex-parallelism-overrides': 'bc764cd8ddf7a0cff126f51c16239658:4' },
    };
    expect(seen(firstPass(left, says('RUNNING')))).toEqual(['JobRunning']);
    const off: Left = { ...left, spec: { flinkConfiguration: { 'job.autoscaler.enabled': false } } };
    expect(seen(firstPass(off, says('RUNNING')))).not.toEqual(['JobRunning']);
  });
});
