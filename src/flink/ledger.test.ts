import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../kube/object.ts';
import { startIdOf } from './record.ts';
import type { FlinkDeploymentStatus, KnownSnapshot } from './schema.ts';
import type { FlinkStateSnapshotStatus } from './snapshot/schema.ts';
import { aSnapshot } from './snapshot/testing.ts';
import { actionsOf, answer, type Given, JOB, job, jobManager, NOW, plan, UID, whole } from './testing/pass.ts';

const FOLDERS = { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 's3://b/s' };
const MILLIS = NOW.getTime();
const RUN = { jobId: JOB, startId: startIdOf(UID, { jobId: JOB, timestamp: 1000 }) };

/** A FlinkStateSnapshot of the job that is complete, asked for so many minutes ago. */
function taken(name: string, minutesAgo: number, status: FlinkStateSnapshotStatus = {}): KubeObject {
  const at = new Date(MILLIS - minutesAgo * 60_000).toISOString();
  return aSnapshot({
    metadata: { name, uid: name, creationTimestamp: at, labels: { 'snapshot.trigger-type': 'PERIODIC' } },
    status: { state: 'COMPLETED', path: `s3://b/s/${name}`, triggerTimestamp: at, jobId: JOB, ...status },
  });
}

function running(given: Given = {}): ReturnType<typeof plan> {
  const observed = { jobManager, children: whole, rest: answer(job()), ...given.observed };
  return plan({ ...given, spec: { flinkConfiguration: FOLDERS, ...given.spec }, observed });
}

const ledger = ({ status }: ReturnType<typeof plan>): readonly KnownSnapshot[] => status?.snapshots ?? [];
const paths = (decided: ReturnType<typeof plan>) => ledger(decided).map(({ path }) => path);

describe('the snapshots in the status', () => {
  it('say what there is, from when, of which run, and how large', () => {
    const snapshots = [taken('a', 20, { sizeBytes: 7 }), taken('b', 10), taken('c', 5, { state: 'FAILED' })];
    expect(ledger(running({ observed: { snapshots } }))).toEqual([
      {
        path: 's3://b/s/b',
        kind: 'savepoint',
        triggerType: 'PERIODIC',
        timeStamp: MILLIS - 600_000,
        resource: 'b',
        takenBy: RUN,
      },
      {
        path: 's3://b/s/a',
        kind: 'savepoint',
        triggerType: 'PERIODIC',
        timeStamp: MILLIS - 1_200_000,
        resource: 'a',
        takenBy: RUN,
        sizeBytes: 7,
      },
    ]);
  });

  it('remember the run that took one, whatever runs by now', () => {
    const takenBy = { jobId: 'b'.repeat(32), startId: 'before' };
    const status = { snapshots: [{ path: 's3://b/s/a', takenBy }] };
    const snapshots = [taken('a', 20, { jobId: takenBy.jobId })];
    expect(ledger(running({ status, observed: { snapshots } }))).toMatchObject([{ takenBy }]);
    expect(ledger(running({ observed: { snapshots } }))).toMatchObject([{ takenBy: { jobId: takenBy.jobId } }]);
  });

  it('lose what is gone with its FlinkStateSnapshot', () => {
    const first = running({ observed: { snapshots: [taken('a', 20), taken('b', 10)] } });
    const status = { snapshots: ledger(first) };
    expect(paths(running({ status, observed: { snapshots: [taken('b', 10)] } }))).toEqual(['s3://b/s/b']);
  });

  it('are the newest ten, and the one that the run started from however old', () => {
    const snapshots = Array.from({ length: 12 }, (_, index) => taken(`n${index}`, index));
    expect(paths(running({ observed: { snapshots } }))).toEqual(snapshots.slice(0, 10).map(pathOf));
    const status = startedFrom('s3://b/s/n11');
    const decided = running({ status, observed: { snapshots } });
    expect(paths(decided)).toEqual([...snapshots.slice(0, 9).map(pathOf), 's3://b/s/n11']);
    expect(ledger(decided).at(-1)?.startedRun).toEqual(RUN);
  });

  it('tell which run was stopped with one, and which started from it', () => {
    const spec = { job: { upgradeMode: 'savepoint', parallelism: 3 }, flinkConfiguration: FOLDERS } as const;
    const recorded = { job: { upgradeMode: 'savepoint' }, flinkConfiguration: FOLDERS } as const;
    const stopping = { by: 'savepoint', jobId: JOB, triggerId: 't', since: MILLIS - 9000 } as const;
    const stop = { triggerId: 't', progress: { kind: 'completed', location: 's3://b/s/up' } } as const;
    const rest = answer(job({ state: 'FINISHED' }), { stop });
    const stopped = running({ spec, recorded, status: { stopping }, observed: { rest } });
    const { jobStatus, reconciliationStatus } = stopped.status ?? {};
    const timestamp = reconciliationStatus?.reconciliationTimestamp ?? 0;
    expect(ledger(stopped)).toEqual([
      {
        path: 's3://b/s/up',
        kind: 'savepoint',
        triggerType: 'UPGRADE',
        timeStamp: MILLIS - 9000,
        takenBy: RUN,
        startedRun: { jobId: jobStatus?.jobId, startId: startIdOf(UID, { jobId: jobStatus?.jobId, timestamp }) },
      },
    ]);
  });

  it('have those that are kept in the status itself', () => {
    const flinkConfiguration = { ...FOLDERS, 'kubernetes.operator.snapshot.resource.enabled': 'false' };
    const entry = { location: 's3://b/s/1', timeStamp: MILLIS - 60_000, triggerType: 'MANUAL' } as const;
    const savepointInfo = { lastSavepoint: entry, savepointHistory: [entry] };
    expect(ledger(running({ spec: { flinkConfiguration }, status: { jobStatus: { savepointInfo } } }))).toEqual([
      { path: 's3://b/s/1', kind: 'savepoint', triggerType: 'MANUAL', timeStamp: MILLIS - 60_000, takenBy: RUN },
    ]);
  });

  it('have the checkpoint that a run started from', () => {
    const decided = running({ status: startedFrom('s3://b/c/chk-7/') });
    expect(ledger(decided)).toEqual([
      { path: 's3://b/c/chk-7/', kind: 'checkpoint', triggerType: 'UNKNOWN', startedRun: RUN },
    ]);
  });
});

it('no snapshot is let go of that the run started from', () => {
  const old = taken('old', 3000);
  const snapshots = [old, taken('new', 10)];
  expect(actionsOf(running({ observed: { snapshots } }))).toEqual(['delete FlinkStateSnapshot old old Background']);
  expect(actionsOf(running({ status: startedFrom('s3://b/s/old'), observed: { snapshots } }))).toEqual([]);
});

function startedFrom(path: string): FlinkDeploymentStatus {
  return { restore: { mode: 'savepoint', path }, jobStatus: { upgradeSavepointPath: path } };
}

function pathOf({ status }: KubeObject): string | undefined {
  return (status as FlinkStateSnapshotStatus).path;
}
