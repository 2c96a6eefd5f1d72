import { describe, expect, it } from 'vitest';
import { unasked, unknown } from '../core/fact.ts';
import type { FlinkPlan } from './decide.ts';
import type { Observed } from './observed.ts';
import type { FlinkDeploymentSpec } from './schema.ts';
import type { FlinkStateSnapshotSpec, FlinkStateSnapshotStatus } from './snapshot/schema.ts';
import { aSnapshot } from './snapshot/testing.ts';
import { actionsOf, answer, child, condition, JOB, job, jobManager, plan, whole } from './testing/pass.ts';
import type { DeepPartial } from './testing.ts';

const OPTION = 'kubernetes.operator.job.upgrade.ignore-pending-savepoint';
const CONF = { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 's3://b/s' };
const RUNS: Partial<Observed> = { jobManager, children: whole, rest: answer(job()) };

function nightly(status: FlinkStateSnapshotStatus, more: { spec?: FlinkStateSnapshotSpec; deleted?: boolean } = {}) {
  const metadata = more.deleted === true ? { deletionTimestamp: '2026-02-03T04:05:00Z' } : {};
  return aSnapshot({ metadata, status, ...(more.spec === undefined ? {} : { spec: more.spec }) });
}

const TAKEN = nightly({ state: 'IN_PROGRESS', jobId: JOB });

/** The pass after an edit of a job that runs in mode savepoint, unless `recorded` says otherwise. */
function edit(
  change: DeepPartial<FlinkDeploymentSpec>,
  observed: Partial<Observed>,
  more: { deleting?: boolean; recorded?: DeepPartial<FlinkDeploymentSpec> } = {},
): FlinkPlan {
  const recorded = { flinkConfiguration: CONF, ...more.recorded };
  const spec = {
    ...recorded,
    ...change,
    job: { upgradeMode: 'savepoint' as const, ...recorded.job, ...change.job },
    flinkConfiguration: { ...CONF, ...change.flinkConfiguration },
  };
  const before = { ...recorded, job: { upgradeMode: 'savepoint' as const, ...recorded.job } };
  return plan({ recorded: before, spec, observed, deleting: more.deleting === true });
}

describe('while a savepoint that somebody asked for is being taken', () => {
  it.each([
    ['an upgrade', { image: 'jobs:2' }, 'image'],
    ['a suspension', { job: { state: 'suspended' } }, 'job.state'],
    [
      'a redeployment',
      { job: { savepointRedeployNonce: 1, initialSavepointPath: 's3://b/x' } },
      'job.initialSavepointPath, job.savepointRedeployNonce',
    ],
  ] as const)('%s waits for it, and says so', (_name, change, paths) => {
    const decided = edit(change, { ...RUNS, snapshots: [TAKEN] });
    expect([decided.because, decided.actions]).toEqual(['WaitingForSavepoint', []]);
    const message = `the change of ${paths} waits for the savepoint of FlinkStateSnapshot nightly; set ${OPTION} to true to go on without it`;
    expect(condition(decided, 'Reconciling')).toMatchObject({ status: 'True', message });
    expect(decided.status).toMatchObject({ reconciliationStatus: { state: 'DEPLOYED' }, jobStatus: { jobId: JOB } });
    expect(decided.probeEveryMs).toBe(250);
  });

  it('a job without state waits as well, since its user asked for a savepoint', () => {
    const recorded = { job: { upgradeMode: 'stateless' as const } };
    expect(edit({ image: 'jobs:2' }, { ...RUNS, snapshots: [TAKEN] }, { recorded }).because).toBe(
      'WaitingForSavepoint',
    );
  });

  it('the upgrade goes on where its user wants that, by that very edit too', () => {
    const decided = edit(
      { image: 'jobs:2', flinkConfiguration: { [OPTION]: 'true' } },
      { ...RUNS, snapshots: [TAKEN] },
    );
    expect([decided.because, actionsOf(decided)]).toEqual(['TakingSavepoint', [`stop-with-savepoint ${JOB}`]]);
  });

  it('what needs no restart is recorded at once', () => {
    const flinkConfiguration = { 'kubernetes.operator.job.restart.failed': 'true' };
    expect(edit({ flinkConfiguration }, { ...RUNS, snapshots: [TAKEN] }).because).toBe('JobRunning');
  });

  it('a deletion does not wait: the job is cancelled, and the snapshot is given up by its own rules', () => {
    const decided = edit({ image: 'jobs:2' }, { ...RUNS, snapshots: [TAKEN] }, { deleting: true });
    expect([decided.because, actionsOf(decided)]).toEqual(['Deleting', [`cancel-job ${JOB}`]]);
  });
});

describe('an upgrade waits only for a savepoint that may still complete', () => {
  const waits = (observed: Partial<Observed>): boolean => {
    return edit({ image: 'jobs:2' }, { ...RUNS, ...observed }).because === 'WaitingForSavepoint';
  };

  it.each([
    ['was not looked at yet', nightly({}), true],
    ['is asked for next', nightly({ state: 'TRIGGER_PENDING', failures: 0 }), true],
    ['failed and waits for its next attempt', nightly({ state: 'TRIGGER_PENDING', failures: 1 }), false],
    ['is in its second attempt', nightly({ state: 'IN_PROGRESS', failures: 1 }), true],
    ['is of a run that is over', nightly({ state: 'IN_PROGRESS', jobId: 'b'.repeat(32) }), false],
    ['is complete', nightly({ state: 'COMPLETED', path: 's3://b/s/1' }), false],
    ['has failed for good', nightly({ state: 'FAILED', failures: 3 }), false],
    ['was given up', nightly({ state: 'ABANDONED' }), false],
    ['is being deleted', nightly({ state: 'IN_PROGRESS', jobId: JOB }, { deleted: true }), false],
    ['is there already', nightly({}, { spec: { savepoint: { path: 's3://b/s/1', alreadyExists: true } } }), false],
    ['is a checkpoint', nightly({ state: 'IN_PROGRESS', jobId: JOB }, { spec: { checkpoint: {} } }), false],
    [
      'waits for its user',
      nightly({
        state: 'TRIGGER_PENDING',
        conditions: [
          {
            type: 'Stalled',
            status: 'True',
            reason: 'SavepointDirectoryMissing',
            message: 'x',
            lastTransitionTime: '2026-01-01T00:00:00Z',
            observedGeneration: 1,
          },
        ],
      }),
      false,
    ],
  ])('one that %s', (_name, snapshot, expected) => {
    expect(waits({ snapshots: [snapshot] })).toBe(expected);
  });

  it.each([
    ['its job restarts', { rest: answer(job({ state: 'RESTARTING' })) }, false],
    ['its job is not there', { rest: answer(undefined) }, false],
    ['nobody has asked the JobManager yet', { rest: unasked }, true],
    ['the JobManager did not answer', { rest: unknown('no answer') }, true],
    [
      'the JobManager cannot come up',
      {
        rest: unknown('no answer'),
        pods: [
          child(
            'Pod',
            'orders-1',
            { labels: { component: 'jobmanager' } },
            {
              status: {
                containerStatuses: [{ name: 'main', state: { waiting: { reason: 'CrashLoopBackOff', message: '' } } }],
              },
            },
          ),
        ],
      },
      false,
    ],
    ['the JobManager Deployment is gone', { jobManager: undefined, rest: unknown('no answer') }, false],
  ])('%s', (_name, observed, expected) => {
    expect(waits({ ...observed, snapshots: [TAKEN] })).toBe(expected);
  });
});
