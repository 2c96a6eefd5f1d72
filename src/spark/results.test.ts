import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { confMapName, driverServiceName, SPARK_LABELS, type Submission, submissionOf } from './conf/submission.ts';
import { actionsOf, driver, endedDriver, plan, SUBMISSION } from './testing/pass.ts';

const UID = { submissionID: SUBMISSION.submissionId };
const NOW_SUBMITTED = { ...UID, lastSubmissionAttemptTime: '2026-02-03T04:05:55Z' };

/** The ConfigMap that a driver cannot start without. */
function confFolder(submission: Submission): KubeObject {
  const labels = { [SPARK_LABELS.submissionId]: submission.submissionId };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: confMapName(submission), namespace: 'default', labels },
  };
}

describe('a driver whose conf folder is there', () => {
  const supports = [confFolder(SUBMISSION)];

  it('was made: it is looked for a while, then lost, and never made again', () => {
    const given = { state: 'SUBMITTED', seen: false, observed: { supports } } as const;
    const fresh = plan({ ...given, status: NOW_SUBMITTED });
    expect([actionsOf(fresh), fresh.status?.applicationState?.state]).toEqual([[], 'SUBMITTED']);
    expect(plan(given).status?.applicationState).toEqual({
      state: 'FAILED',
      errorMessage: 'driver pod not found: it was deleted',
    });
  });

  it('is no other while that of an earlier submission is there', () => {
    const earlier = confFolder(submissionOf('uid', 7, 0));
    const decided = plan({ state: 'SUBMITTED', seen: false, observed: { supports: [earlier] } });
    expect(actionsOf(decided)).toContain('create Pod pi-driver');
  });

  it('is no write while it starts: what is said of it was said with the submission', () => {
    const { status = {} } = plan({ state: '' });
    const of = {
      ...SUBMISSION,
      submissionId: status.submissionID ?? '',
      applicationId: status.sparkApplicationId ?? '',
    };
    const pod = driver('Pending', {}, { labels: { [SPARK_LABELS.submissionId]: of.submissionId } });
    const starts = plan({
      state: 'SUBMITTED',
      status,
      seen: false,
      observed: { drivers: [pod], supports: [confFolder(of)] },
    });
    expect([actionsOf(starts), starts.events]).toEqual([[], []]);
    expect(starts.status).toEqual(status);
  });
});

describe('a driver without its conf folder', () => {
  const waiting = { drivers: [driver('Pending')] };
  const missing = [
    `apply Service ${driverServiceName({ metadata: { name: 'pi' } }, SUBMISSION)}`,
    'apply Service pi-ui-svc',
    `apply ConfigMap ${confMapName(SUBMISSION)}`,
  ];

  it('was not started, for the operator died in between: it gets its Services and that, and is recorded as seen', () => {
    const decided = plan({ state: 'SUBMITTED', seen: false, observed: waiting });
    expect(actionsOf(decided)).toEqual(missing);
    expect(decided.status?.driverSeen).toBe(SUBMISSION.submissionId);
    expect(actionsOf(plan({ state: 'SUBMITTED', seen: true, observed: waiting }))).toEqual(missing);
  });

  it.each([
    ['goes', { deletionTimestamp: '2026-02-03T04:05:59Z' }],
    [
      'was made by spark-submit, which draws an id of its own',
      {
        labels: {
          [SPARK_LABELS.submissionId]: SUBMISSION.submissionId,
          'spark-app-selector': `spark-${'7'.repeat(32)}`,
        },
      },
    ],
  ])('gets none where it %s', (_what, metadata) => {
    const drivers = [driver('Pending', {}, metadata)];
    expect(actionsOf(plan({ state: 'SUBMITTED', seen: false, observed: { drivers } }))).toEqual([]);
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
    expect(actionsOf(again)).toContain('create Pod pi-driver');
  });
});
