import { describe, expect, it } from 'vitest';
import { actionsOf, driver, endedDriver, plan, SUBMISSION } from './testing/pass.ts';

const UID = { submissionID: SUBMISSION.submissionId };
const NOW_SUBMITTED = { ...UID, lastSubmissionAttemptTime: '2026-02-03T04:05:55Z' };

describe('a driver that was made', () => {
  it('is recorded as soon as it is there, whether it is seen or not', () => {
    const { status, confirmed } = plan({ state: '' });
    expect(status).not.toHaveProperty('driverMade');
    expect(confirmed).toMatchObject({
      applicationState: { state: 'SUBMITTED' },
      submissionID: status?.submissionID,
      driverMade: status?.submissionID,
    });
  });

  it('is looked for a while, then lost, and never made again', () => {
    const made = { driverMade: SUBMISSION.submissionId };
    const fresh = plan({ state: 'SUBMITTED', seen: false, status: { ...NOW_SUBMITTED, ...made } });
    expect([actionsOf(fresh), fresh.status?.applicationState?.state]).toEqual([[], 'SUBMITTED']);
    const old = plan({ state: 'SUBMITTED', seen: false, status: made });
    expect(old.status?.applicationState).toEqual({
      state: 'FAILED',
      errorMessage: 'driver pod not found: it was deleted',
    });
  });
});

describe('the result of a driver', () => {
  const done = { drivers: [endedDriver({ exitCode: 0 }, 'Succeeded')] };
  const failed = { drivers: [endedDriver({ exitCode: 3, reason: 'Error' })] };
  const stateOf = (given: Parameters<typeof plan>[0]) => plan(given).status?.applicationState?.state;

  it('counts although the application is to be suspended: it ended before it could be stopped', () => {
    const suspended = { spec: { suspend: true } };
    expect(stateOf({ ...suspended, observed: done })).toBe('COMPLETED');
    expect(stateOf({ ...suspended, observed: failed })).toBe('FAILED');
    expect(stateOf({ ...suspended, state: 'SUSPENDING', observed: done })).toBe('COMPLETED');
    expect(stateOf({ state: 'SUSPENDING', observed: done })).toBe('COMPLETED');
  });

  it('is no result where it was stopped', () => {
    expect(stateOf({ spec: { suspend: true }, state: 'SUSPENDING', observed: failed })).toBe('SUSPENDING');
  });

  it('is not deleted unseen: a driver goes as it was seen only', () => {
    const pod = driver('Running', {}, { resourceVersion: '41' });
    const { actions } = plan({ spec: { suspend: true }, observed: { drivers: [pod] } });
    expect(actions).toMatchObject([{ kind: 'delete', ref: { kind: 'Pod' }, resourceVersion: '41' }]);
  });

  it('says what took the driver away, though the pod is being deleted', () => {
    const condition = { type: 'DisruptionTarget', reason: 'PreemptionByScheduler', message: 'for another' };
    const pod = endedDriver({ exitCode: 143, reason: 'Error' }, 'Failed', { conditions: [condition] });
    const preempted = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-02-03T04:05:59Z' } };
    expect(plan({ observed: { drivers: [preempted] } }).status?.applicationState?.errorMessage).toBe(
      'driver container failed with ExitCode: 143, Reason: Error; PreemptionByScheduler: for another',
    );
  });
});

describe('a driver that is taken away', () => {
  const conditions = [{ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI', message: 'the node is drained' }];
  const going = driver('Running', { conditions }, { deletionTimestamp: '2026-02-03T04:05:59Z' });

  it('has why recorded, so that it is said although the pod is gone at the next look', () => {
    const { status } = plan({ observed: { drivers: [going] } });
    expect(status?.applicationState).toEqual({
      state: 'RUNNING',
      errorMessage: 'EvictionByEvictionAPI: the node is drained',
    });
    expect(status?.conditions?.map(({ message }) => message)).toContain(
      'the driver pod is being deleted: EvictionByEvictionAPI: the node is drained',
    );
    expect(plan({ status: status ?? {} }).status?.applicationState).toEqual({
      state: 'FAILED',
      errorMessage: 'driver pod not found: it was deleted; EvictionByEvictionAPI: the node is drained',
    });
  });

  it('is lost for no reason that is known where nothing says one', () => {
    const deleted = driver('Running', {}, { deletionTimestamp: '2026-02-03T04:05:59Z' });
    const { status } = plan({ observed: { drivers: [deleted] } });
    expect(status?.applicationState).toEqual({ state: 'RUNNING' });
  });
});

describe('a submission that is tried again', () => {
  it('goes on saying why it failed, so that no try is a write', () => {
    const refused = { type: 'Ready', status: 'False', reason: 'QuotaExceeded', message: 'used up' };
    const conditions = [
      { ...refused, observedGeneration: 3, lastTransitionTime: '2026-02-03T04:05:00Z' },
      {
        ...refused,
        type: 'Reconciling',
        status: 'True',
        observedGeneration: 3,
        lastTransitionTime: '2026-02-03T04:05:00Z',
      },
    ];
    const again = plan({ state: 'SUBMITTED', seen: false, status: { conditions } as never });
    expect(again.because).toBe('QuotaExceeded');
    expect(again.status?.conditions).toEqual(conditions);
    expect(actionsOf(again).at(-1)).toBe('create Pod pi-driver');
  });
});
