import { describe, expect, it } from 'vitest';
import { known } from '../../core/fact.ts';
import type { JobFacts, JobManagerAnswer } from '../observed.ts';
import { encodeSpec } from '../record.ts';
import { NO_CHECKPOINTS, type SnapshotFacts } from '../snapshot-facts.ts';
import { aSessionCluster } from '../testing.ts';
import { decide, type SessionJobPlan } from './decide.ts';
import type { FlinkSessionJobSpec, FlinkSessionJobStatus } from './schema.ts';
import { situationOf } from './situation.ts';
import { aSessionJob } from './testing.ts';

const JOB = 'a'.repeat(32);
const FOLDER = `s3://b/c/${JOB}`;
const NOW = new Date('2026-02-03T04:05:06Z');

const { spec: clusterSpec, ...cluster } = aSessionCluster({
  spec: {
    flinkConfiguration: {
      'state.checkpoints.dir': 's3://b/c',
      'high-availability.type': 'kubernetes',
      'high-availability.storageDir': 's3://b/ha',
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

const specOf = (version: string, interval = '30 s'): FlinkSessionJobSpec =>
  aSessionJob({
    spec: {
      flinkConfiguration: { 'execution.checkpointing.interval': interval },
      job: { upgradeMode: 'last-state', args: [version] },
    },
  }).spec;

const checkpoint = (id: number, triggeredAt = id * 30_000): SnapshotFacts => ({
  id,
  kind: 'checkpoint',
  path: `${FOLDER}/chk-${id}`,
  triggeredAt,
  completedAt: triggeredAt + 100,
  sizeBytes: 3,
  discarded: false,
});

function answer(
  state: 'INITIALIZING' | 'RUNNING' | 'FAILED' | undefined,
  more: Partial<JobManagerAnswer> = {},
): JobManagerAnswer {
  const basic = { flinkVersion: '2.0.0', flinkRevision: 'abc', jobs: [], job: undefined };
  if (state === undefined) return basic;
  const tasks = { total: 2, active: state === 'RUNNING' ? 2 : 0 };
  const times = { startTime: 1, lastModification: 1 };
  const job = { id: JOB, name: 'clicks', state, ...times, tasks, vertices: [], exception: undefined };
  return { ...basic, job, ...more };
}

interface Given {
  readonly status?: FlinkSessionJobStatus;
  readonly interval?: string;
  /** Of the recorded spec; the wanted one has other arguments. */
  readonly recorded?: string;
}

/** A pass over a job whose arguments were edited. */
function pass(rest: JobManagerAnswer, { status = {}, interval, recorded = '1' }: Given = {}): SessionJobPlan {
  const finalizers = ['flinksessionjobs.flink.apache.org/finalizer'];
  const reconciliationStatus = {
    state: 'DEPLOYED',
    lastReconciledSpec: encodeSpec(specOf(recorded, interval), 'running', false),
    reconciliationTimestamp: 1000,
  } as const;
  const resource = {
    ...aSessionJob({ metadata: { generation: 3, finalizers } }),
    spec: specOf('2', interval),
    status: {
      restore: { mode: 'stateless' },
      jobStatus: { jobId: JOB, state: 'RUNNING' },
      reconciliationStatus,
      ...status,
    },
  };
  return decide(situationOf(resource, { session, rest: known(rest) }, NOW, { flinkConfiguration: {} }), {
    fast: 250,
    slow: 10_000,
  });
}

const taken = (...ids: number[]): Partial<JobManagerAnswer> => {
  const history = ids.map((id) => checkpoint(id));
  return { checkpoints: { ...NO_CHECKPOINTS, checkpoint: history[0], history } };
};

/** What is recorded by the pass in which Flink is asked to cancel the job. */
function cancelling(more = taken(7, 6, 5), given: Given = {}): FlinkSessionJobStatus {
  const { restore, stopping, jobStatus } = pass(answer('RUNNING', more), given).status ?? {};
  return { restore: restore ?? {}, stopping: stopping ?? {}, jobStatus: jobStatus ?? {} };
}

const pathOf = ({ actions }: SessionJobPlan): unknown =>
  actions.flatMap((action) =>
    action.kind === 'effect' && action.effect.kind === 'submit' ? [action.effect.submission.run.savepointPath] : [],
  )[0];

describe('a job that is cancelled for another spec, on a session with high availability', () => {
  it('is asked for its newest checkpoint first, which is recorded with that', () => {
    const first = pass(answer('RUNNING'));
    expect([first.because, first.actions]).toEqual(['WaitingForJob', []]);
    expect(cancelling()).toMatchObject({
      stopping: { by: 'cancel' },
      restore: { mode: 'savepoint', path: `${FOLDER}/chk-7`, checkpointId: 7 },
    });
  });

  it('is submitted from the newest checkpoint it may have left when its session has lost it', () => {
    const decided = pass(answer(undefined), { status: cancelling() });
    expect(pathOf(decided)).toBe(`${FOLDER}/chk-11`);
    expect(decided.status?.restore).toMatchObject({ checkpointId: 7, leftBy: JOB });
  });

  it('is submitted from the one before where Flink finds none, down to the one that was known', () => {
    const stackTrace = (path: string): string =>
      `java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory '${path}' on file system 's3'.`;
    const none = { taskName: undefined, endpoint: undefined, taskManagerId: undefined };
    const failing = (id: number, at = `${FOLDER}/chk-${id}`): SessionJobPlan => {
      const { job, ...rest } = answer('FAILED');
      const exception = { name: 'x', stackTrace: stackTrace(at), timestamp: 1, ...none };
      const path = `${FOLDER}/chk-${id}`;
      const restore = {
        mode: 'savepoint',
        path,
        checkpointId: 7,
        leftBy: 'b'.repeat(32),
        declaredMode: 'last-state',
      } as const;
      const status = { restore, jobStatus: { jobId: JOB, state: 'FAILED', upgradeSavepointPath: path } } as const;
      return pass({ ...rest, job: { ...(job as JobFacts), exception } }, { status, recorded: '2' });
    };
    const next = failing(9);
    expect([pathOf(next), next.events[0]?.reason]).toEqual([`${FOLDER}/chk-8`, 'JobLost']);
    expect(pathOf(failing(8))).toBe(`${FOLDER}/chk-7`);
    expect(failing(7).because).toBe('RestoreFailed');
    expect(failing(9, `${FOLDER}/shared/x`).because).toBe('RestoreFailed');
  });

  it('is not cancelled while its session, which has just recovered it, has not looked for its state', () => {
    const lastReconciledSpec = encodeSpec(specOf('1'), 'running', false);
    const reconciliationStatus = { state: 'DEPLOYED', lastReconciledSpec, reconciliationTimestamp: 1000 } as const;
    const proven = { reconciliationStatus: { ...reconciliationStatus, lastStableSpec: lastReconciledSpec } };
    const recovered = answer('INITIALIZING');
    expect(pass(recovered, { status: proven }).actions).toEqual([]);
    expect(pass(recovered, { status: { ...cancelling(), ...proven } }).actions).toEqual([]);
    expect(pass(recovered, { status: { reconciliationStatus } }).because).toBe('CancellingJob');
  });

  it.each<readonly [string, FlinkSessionJobStatus, Given]>([
    ['had completed none', cancelling({ checkpoints: NO_CHECKPOINTS }), {}],
    [
      'took them more often than configured',
      cancelling({
        checkpoints: {
          ...NO_CHECKPOINTS,
          checkpoint: checkpoint(7),
          history: [checkpoint(7, 2000), checkpoint(6, 1000)],
        },
      }),
      {},
    ],
    ['may have completed too many', cancelling(taken(7, 6), { interval: '1 s' }), { interval: '1 s' }],
  ])('is not looked for where it %s', (_name, status, given) => {
    expect(pass(answer(undefined), { status, ...given }).because).toBe('ManualRestoreRequired');
  });
});
