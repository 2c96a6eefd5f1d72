import { describe, expect, it } from 'vitest';
import { known } from '../../core/fact.ts';
import type { Action } from '../../core/plan.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { JobFacts } from '../observed.ts';
import { encodeSpec, readRecord } from '../record.ts';
import { NONCE_ANNOTATION } from '../snapshot/due.ts';
import { aSnapshot } from '../snapshot/testing.ts';
import { aSessionCluster, type DeepPartial } from '../testing.ts';
import { decide, type SessionJobPlan } from './decide.ts';
import { type FlinkSessionJobSpec, SESSION_JOB_FINALIZER } from './schema.ts';
import { type SessionJobEffect, situationOf } from './situation.ts';
import { aSessionJob } from './testing.ts';

const NOW = new Date('2026-02-03T04:05:06Z');
const JOB = 'a'.repeat(32);
const FOLDERS = { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 's3://b/s' };

function session(): KubeObject {
  const deployment = aSessionCluster();
  const reconciliationStatus = { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(deployment.spec, 'running', false) };
  return { ...deployment, status: { jobManagerDeploymentStatus: 'READY', reconciliationStatus } };
}

function runningJob(state: JobFacts['state']): JobFacts {
  const tasks = { total: 2, active: 2 };
  const basic = { id: JOB, name: 'clicks', state, startTime: 1, lastModification: 1, tasks };
  return { ...basic, vertices: [], exception: undefined };
}

interface Given {
  readonly spec: DeepPartial<FlinkSessionJobSpec>;
  readonly recorded?: DeepPartial<FlinkSessionJobSpec>;
  readonly snapshots?: readonly KubeObject[];
  readonly state?: JobFacts['state'];
}

/** One pass over a session job that was submitted and is in a state. */
function pass({ spec, recorded = spec, snapshots = [], state = 'RUNNING' }: Given): SessionJobPlan {
  const withFolders = (given: DeepPartial<FlinkSessionJobSpec>): DeepPartial<FlinkSessionJobSpec> => ({
    ...given,
    flinkConfiguration: { ...FOLDERS, ...given.flinkConfiguration },
  });
  const before = aSessionJob({ spec: withFolders(recorded) }).spec;
  const resource = {
    ...aSessionJob({
      metadata: { generation: 3, finalizers: [SESSION_JOB_FINALIZER], labels: { team: 'a' } },
      spec: withFolders(spec),
    }),
    status: {
      jobStatus: { jobId: JOB, state: 'RUNNING' },
      restore: { mode: 'stateless' },
      reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(before, 'running', false) },
    },
  };
  const job = runningJob(state);
  const rest = known({ flinkVersion: '2.0.0', flinkRevision: 'abc', jobs: [{ id: JOB, state }], job });
  const situation = situationOf(resource, { session: session(), rest, snapshots }, NOW, { flinkConfiguration: {} });
  return decide(situation, { fast: 250, slow: 10_000 });
}

function applied({ actions }: SessionJobPlan): KubeObject[] {
  return actions.flatMap((action: Action<SessionJobEffect>) => (action.kind === 'apply' ? [action.object] : []));
}

function taken(name: string, by: string, created: string, annotations: Record<string, string> = {}): KubeObject {
  const labels = { 'snapshot.trigger-type': by };
  return aSnapshot({
    metadata: { name, uid: name, creationTimestamp: created, labels, annotations },
    status: { state: 'COMPLETED' },
  });
}

const recordedNonce = ({ status }: SessionJobPlan) => readRecord(status)?.spec.job?.savepointTriggerNonce;

describe('a session job', () => {
  it('is asked for a savepoint by nonce, which is recorded only once the FlinkStateSnapshot is there', () => {
    const [spec, recorded] = [{ job: { savepointTriggerNonce: 2 } }, { job: { savepointTriggerNonce: 1 } }];
    const first = pass({ spec, recorded });
    expect(applied(first)).toEqual([
      {
        apiVersion: 'flink.apache.org/v1beta1',
        kind: 'FlinkStateSnapshot',
        metadata: {
          name: `clicks-savepoint-manual-${NOW.getTime()}`,
          namespace: 'default',
          finalizers: ['flinkstatesnapshots.flink.apache.org/finalizer'],
          labels: {
            'target.session': 'orders',
            team: 'a',
            'job-reference.kind': 'FlinkSessionJob',
            'job-reference.name': 'clicks',
            'snapshot.type': 'SAVEPOINT',
            'snapshot.trigger-type': 'MANUAL',
          },
          annotations: { [NONCE_ANNOTATION]: '2' },
        },
        spec: {
          jobReference: { kind: 'FlinkSessionJob', name: 'clicks' },
          savepoint: { formatType: 'CANONICAL', disposeOnDelete: false },
        },
      },
    ]);
    expect(recordedNonce(first)).toBe(1);
    const there = taken('s', 'MANUAL', '2026-02-03T04:00:00Z', { [NONCE_ANNOTATION]: '2' });
    const second = pass({ spec, recorded, snapshots: [there] });
    expect([applied(second), recordedNonce(second)]).toEqual([[], 2]);
  });

  it('waits with it until it runs', () => {
    const decided = pass({ spec: { job: { checkpointTriggerNonce: 2 } }, recorded: {}, state: 'RESTARTING' });
    expect(applied(decided)).toEqual([]);
    expect(readRecord(decided.status)?.spec.job?.checkpointTriggerNonce).toBeUndefined();
  });

  it('is asked for periodic savepoints, and looked at again when the next is due', () => {
    const interval = 'kubernetes.operator.periodic.savepoint.interval';
    const spec = { flinkConfiguration: { [interval]: '0 0 3 * * ?' } };
    const due = pass({ spec, snapshots: [taken('s', 'PERIODIC', '2026-02-02T23:00:00Z')] });
    expect(applied(due).map(({ metadata }) => metadata.name)).toEqual([`clicks-savepoint-periodic-${NOW.getTime()}`]);
    const hourly = { flinkConfiguration: { [interval]: '1 h' } };
    const early = pass({ spec: hourly, snapshots: [taken('s', 'PERIODIC', '2026-02-03T03:05:16Z')] });
    expect([applied(early), early.requeueAfterMs]).toEqual([[], 10_000]);
  });

  it('has its snapshots in the status where that is wanted', () => {
    const flinkConfiguration = { 'kubernetes.operator.snapshot.resource.enabled': 'false' };
    const decided = pass({
      spec: { flinkConfiguration, job: { savepointTriggerNonce: 2 } },
      recorded: { flinkConfiguration },
    });
    const { triggerId = '', ...info } = decided.status?.jobStatus?.savepointInfo ?? {};
    expect(info).toMatchObject({ triggerType: 'MANUAL', triggerTimestamp: NOW.getTime(), triggerNonce: 2 });
    const request = { triggerId, targetDirectory: 's3://b/s', formatType: 'CANONICAL' };
    expect(decided.actions).toMatchObject([{ effect: { kind: 'trigger-savepoint', jobId: JOB, request } }]);
    expect(recordedNonce(decided)).toBeUndefined();
  });

  it('loses those snapshots whose time is over', () => {
    const snapshots = [
      taken('old', 'PERIODIC', '2026-01-01T00:00:00Z'),
      taken('mine', 'MANUAL', '2026-01-01T00:00:00Z'),
      taken('new', 'PERIODIC', '2026-02-03T00:00:00Z'),
    ];
    expect(pass({ spec: {}, snapshots }).actions).toMatchObject([{ kind: 'delete', ref: { name: 'old' }, uid: 'old' }]);
  });
});

describe('while a savepoint that somebody asked for is being taken', () => {
  const nightly = aSnapshot({
    spec: { jobReference: { kind: 'FlinkSessionJob', name: 'clicks' }, savepoint: {} },
    status: { state: 'IN_PROGRESS', jobId: JOB },
  });
  const recorded = { job: { upgradeMode: 'savepoint', parallelism: 1 } } as const;
  const OPTION = 'kubernetes.operator.job.upgrade.ignore-pending-savepoint';
  const edited = (change: DeepPartial<FlinkSessionJobSpec>, more: Partial<Given> = {}) =>
    pass({ recorded, spec: { ...change, job: { ...recorded.job, ...change.job } }, snapshots: [nightly], ...more });

  it.each([
    ['an upgrade', { job: { parallelism: 2 } }, 'job.parallelism'],
    ['a suspension', { job: { state: 'suspended' } }, 'job.state'],
  ] as const)('%s of a session job waits for it', (_name, change, path) => {
    const decided = edited(change);
    expect([decided.because, decided.actions]).toEqual(['WaitingForSavepoint', []]);
    expect(decided.status?.conditions?.find(({ type }) => type === 'Reconciling')?.message).toBe(
      `the change of ${path} waits for the savepoint of FlinkStateSnapshot nightly; set ${OPTION} to true to go on without it`,
    );
  });

  it.each([
    ['its user wants that', { flinkConfiguration: { [OPTION]: 'true' } }, {}],
    ['the job cannot complete it', {}, { state: 'RESTARTING' }],
    ['it is not being taken', {}, { snapshots: [] }],
  ] as const)('an upgrade goes on when %s', (_name, change, more) => {
    expect(edited({ job: { parallelism: 2 }, ...change }, more).because).not.toBe('WaitingForSavepoint');
  });
});
