import { describe, expect, it } from 'vitest';
import { unasked, unknown } from '../core/fact.ts';
import type { FlinkPlan } from './decide.ts';
import type { Observed } from './observed.ts';
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
  NOW,
  plan,
  whole,
} from './testing/pass.ts';

const HOUR = 3_600_000;
const TTL = 'kubernetes.operator.jm-deployment.shutdown-ttl';
const HA = {
  'state.checkpoints.dir': 's3://b/c',
  'high-availability.type': 'kubernetes',
  'high-availability.storageDir': 's3://b/ha',
};
const spec = { job: { upgradeMode: 'last-state' as const }, flinkConfiguration: HA };
const left = { mode: 'savepoint', path: 's3://b/chk-7', leftBy: JOB, declaredMode: 'last-state', why: 'x' } as const;

type State = 'FINISHED' | 'FAILED' | 'CANCELED';

/** The status of a job that ended `hours` ago and whose state is recorded. */
function endedStatus(state: State, hours: number, more: FlinkDeploymentStatus = {}): FlinkDeploymentStatus {
  const updateTime = String(NOW.getTime() - hours * HOUR);
  return { restore: left, ...more, jobStatus: { state, updateTime, upgradeSavepointPath: 's3://b/chk-7' } };
}

function seen(state: State, more: Partial<Observed> = {}): Partial<Observed> {
  const rest = answer(job({ state }), { checkpoints: NO_CHECKPOINTS });
  return { jobManager, children: whole, rest, ...more };
}

/** The pass over a job that ended a day and an hour ago. */
function pass(given: Partial<Given> = {}, state: State = 'FINISHED'): FlinkPlan {
  return plan({ spec, status: endedStatus(state, 25), observed: seen(state), ...given });
}

const gone = (decided: FlinkPlan): boolean => actionsOf(decided).some((line) => line.startsWith('delete Deployment'));

describe('the cluster of a job that has ended', () => {
  it.each([
    ['FINISHED', 'True', 'JobFinished', 'STABLE'],
    ['FAILED', 'False', 'JobFailed', 'FAILED'],
    ['CANCELED', 'False', 'JobCanceled', 'STABLE'],
  ] as const)(
    'goes a day after it %s, and its high-availability data and status stay',
    (state, ready, reason, word) => {
      const data = child(
        'ConfigMap',
        `orders-${JOB}-config-map`,
        {},
        { data: { 'checkpointID-0000000000000000007': '' } },
      );
      const stable = plan({ spec, observed: seen('FINISHED') }).status ?? {};
      const status = { ...endedStatus(state, 25), reconciliationStatus: stable.reconciliationStatus };
      const decided = pass(
        { status: status as FlinkDeploymentStatus, observed: seen(state, { haConfigMaps: [data] }) },
        state,
      );
      expect(actionsOf(decided)).toEqual([
        'delete ConfigMap flink-config-orders uid-flink-config-orders Background',
        'delete Deployment orders uid-orders Foreground',
        'delete Service orders uid-orders Background',
        'delete Service orders-rest uid-orders-rest Background',
      ]);
      expect(decided.events[0]).toMatchObject({
        reason: 'Cleanup',
        message: `the job is ${state} and ${TTL} is over: removing its cluster`,
      });
      expect(condition(decided, 'Ready')).toMatchObject({ status: ready, reason });
      expect(decided.status).toMatchObject({
        jobStatus: { state, jobId: JOB, upgradeSavepointPath: 's3://b/chk-7' },
        restore: { path: 's3://b/chk-7', leftBy: JOB },
        reconciliationStatus: { state: 'DEPLOYED' },
      });
      expect(decided.status?.lifecycleState === 'DEPLOYED' ? 'STABLE' : decided.status?.lifecycleState).toBe(word);
    },
  );

  it('stays until then, and is looked at by then', () => {
    const status = endedStatus('FINISHED', 23.5);
    const decided = pass({ status });
    expect([gone(decided), decided.requeueAfterMs]).toEqual([false, HOUR / 2]);
    expect(pass({ status: endedStatus('FINISHED', 1) }).requeueAfterMs).toBe(HOUR);
  });

  it('stays as long as its user wants', () => {
    const flinkConfiguration = { ...HA, [TTL]: '2 d' };
    const longer = { spec: { ...spec, flinkConfiguration }, recorded: spec };
    expect(gone(pass(longer))).toBe(false);
    expect(gone(pass({ ...longer, status: endedStatus('FINISHED', 49) }))).toBe(true);
  });

  it.each([
    ['the job has not ended', { status: { jobStatus: { state: 'RUNNING', updateTime: '1' } } }],
    ['nobody recorded that it has', { status: { jobStatus: { state: 'RECONCILING', updateTime: '1' } } }],
  ] as const)('stays while %s', (_name, given) => {
    expect(gone(pass(given))).toBe(false);
  });

  it.each([
    ['was not asked', unasked, false],
    ['does not answer', unknown('no answer'), false],
    ['has not told all it knows', answer(job({ state: 'FINISHED', details: 'recent' })), false],
    ['does not know the job any more', answer(undefined), true],
  ])('where the job left its state is not recorded and the JobManager %s', (_name, rest, expected) => {
    const { restore: _left, ...status } = endedStatus('FINISHED', 25);
    const kept = { ...status, jobStatus: { ...status.jobStatus, upgradeSavepointPath: 's3://b/other' } };
    const restore = { ...left, path: 's3://b/other', leftBy: 'b'.repeat(32) };
    expect(gone(pass({ status: { ...kept, restore }, observed: seen('FINISHED', { rest }) }))).toBe(expected);
  });

  it('has no TaskManagers left either when its JobManager went before', () => {
    const taskManager = child('Deployment', 'orders-taskmanager');
    const decided = pass({ observed: { taskManager, rest: unknown('gone') } });
    expect(actionsOf(decided)).toEqual(['delete Deployment orders-taskmanager uid-orders-taskmanager Foreground']);
  });
});

describe('when it is gone', () => {
  const nothing: Partial<Observed> = { rest: unknown('gone') };

  it('the job stays FINISHED and ready, and nobody is asked', () => {
    const decided = pass({ observed: nothing });
    expect([decided.because, decided.actions, decided.probeEveryMs]).toEqual(['JobFinished', [], undefined]);
    expect(decided.status?.jobStatus?.state).toBe('FINISHED');
    expect(condition(decided, 'Ready')).toMatchObject({ status: 'True', message: 'the job is FINISHED' });
  });

  it('the words found while the JobManager could tell them stay', () => {
    const conditions = [
      {
        type: 'Ready',
        status: 'False' as const,
        reason: 'JobFailed',
        message: 'the job has failed: boom',
        lastTransitionTime: '2026-01-01T00:00:00Z',
        observedGeneration: 3,
      },
    ];
    const decided = pass({ observed: nothing, status: endedStatus('FAILED', 25, { conditions }) }, 'FAILED');
    expect(condition(decided, 'Stalled')?.message).toBe('the job has failed: boom');
  });

  it('an edit starts the job from what it left', () => {
    const edited = { spec: { ...spec, image: 'jobs:2' }, recorded: spec };
    const decided = pass({ ...edited, observed: nothing, status: endedStatus('FAILED', 25) }, 'FAILED');
    expect(decided.because).toBe('Deploying');
    expect(decided.status?.restore).toMatchObject({ mode: 'savepoint', path: 's3://b/chk-7' });
  });

  it('an edit starts a batch job without state from the beginning', () => {
    const batch = { job: { upgradeMode: 'stateless' as const } };
    const status = { jobStatus: { state: 'FINISHED', updateTime: '1' } } as const;
    const edited = plan({ spec: { ...batch, image: 'jobs:2' }, recorded: batch, status, observed: nothing });
    expect([edited.because, edited.status?.restore?.mode]).toEqual(['Deploying', 'stateless']);
  });
});
