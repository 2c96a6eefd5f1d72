import { known, unasked } from '../../../core/fact.ts';
import { decideSnapshot } from '../../../flink/snapshot/decide.ts';
import { observeSnapshot } from '../../../flink/snapshot/observe.ts';
import type { SnapshotAnswer } from '../../../flink/snapshot/observed.ts';
import { triggerIdOf } from '../../../flink/snapshot/policies/pending.ts';
import {
  type FlinkStateSnapshotSpec,
  type FlinkStateSnapshotStatus,
  SnapshotState,
} from '../../../flink/snapshot/schema.ts';
import { snapshotSituation } from '../../../flink/snapshot/situation.ts';
import { aRunningJob, aSnapshot, JOB_ID } from '../../../flink/snapshot/testing.ts';
import { readerOf } from '../../../flink/testing/incumbent-cluster.ts';
import { NOW } from '../../../flink/testing/pass.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { GENERATION, type Line, rowsOf, type Table, written } from './standing.ts';

interface Pass {
  readonly spec?: FlinkStateSnapshotSpec;
  readonly status?: FlinkStateSnapshotStatus;
  /** The job it is taken of; running unless given. */
  readonly job?: KubeObject | 'none';
  /** What Flink says of the attempt. */
  readonly progress?: SnapshotAnswer['progress'];
  readonly deleting?: true;
}

function pass({ spec, status, job = aRunningJob(), progress, deleting }: Pass): KubeObject {
  const deletion = deleting === true ? { deletionTimestamp: '2026-02-03T04:05:00Z' } : {};
  const metadata = { generation: GENERATION, ...deletion };
  const snapshot = aSnapshot({
    metadata,
    ...(spec === undefined ? {} : { spec }),
    ...(status === undefined ? {} : { status }),
  });
  const nothing = { checkpoint: undefined, checkpoints: undefined, disposal: undefined };
  const rest = progress === undefined ? unasked : known({ triggerId: status?.triggerId, progress, ...nothing });
  const read = readerOf(job === 'none' ? [] : [job]);
  const probe = { latest: () => rest, every: () => undefined };
  const observed = observeSnapshot(snapshot, { read, probe, defaults: { flinkConfiguration: {} } });
  return written(
    snapshot,
    decideSnapshot(snapshotSituation(snapshot, observed, NOW, { flinkConfiguration: {} }), 250).status,
  );
}

const jobReference = { kind: 'FlinkDeployment', name: 'orders' } as const;
const asked: FlinkStateSnapshotStatus = {
  state: 'IN_PROGRESS',
  triggerId: triggerIdOf('snapshot-uid', 0),
  triggerTimestamp: '2026-02-03T04:05:00Z',
  failures: 0,
  jobId: JOB_ID,
};
const failed = { kind: 'failed', cause: 'no space left' } as const;
const path = 's3://state/savepoints/1';
const once = { jobReference, savepoint: {}, backoffLimit: 0 };
const finished = aRunningJob({ status: { jobStatus: { jobId: JOB_ID, state: 'FINISHED' } } });
const starting = aRunningJob({ status: { jobStatus: { jobId: JOB_ID, state: 'RECONCILING' } } });
const withoutFolder = aRunningJob({ spec: { flinkConfiguration: {} } });

const LINES: readonly Line<Pass>[] = [
  ['new', {}, 'InProgress', 'Progressing'],
  ['before its job', { job: 'none' }, 'InProgress', 'Progressing'],
  ['before its job runs', { job: starting }, 'InProgress', 'Progressing'],
  ['refused', { spec: { jobReference } }, 'Failed', 'Degraded'],
  ['without a folder to go to', { job: withoutFolder }, 'Failed', 'Degraded'],
  ['under way', { status: asked, progress: { kind: 'in-progress' } }, 'InProgress', 'Progressing'],
  ['to be tried again', { status: asked, progress: failed }, 'InProgress', 'Progressing'],
  ['failed for good', { spec: once, status: asked, progress: failed }, 'Failed', 'Degraded'],
  ['failed before', { status: { ...asked, state: 'FAILED', error: 'no space left' } }, 'Failed', 'Degraded'],
  ['completed', { status: asked, progress: { kind: 'completed', location: path } }, 'Current', 'Healthy'],
  [
    'completed before, its job gone',
    { status: { ...asked, state: 'COMPLETED', path }, job: 'none' },
    'Current',
    'Healthy',
  ],
  ['there already', { spec: { savepoint: { alreadyExists: true, path } }, job: 'none' }, 'Current', 'Healthy'],
  ['of a job that has ended', { job: finished }, 'Failed', 'Degraded'],
  ['abandoned before', { status: { ...asked, state: 'ABANDONED', error: 'the job ended' } }, 'Failed', 'Degraded'],
  ['being deleted', { deleting: true, status: { ...asked, state: 'COMPLETED', path } }, 'Terminating', 'Progressing'],
];

/** FlinkStateSnapshots. */
export const SNAPSHOTS: Table = {
  kind: 'FlinkStateSnapshot',
  stateOf: ({ status }) => (status as FlinkStateSnapshotStatus).state,
  states: SnapshotState.options,
  never: {},
  rows: rowsOf(LINES, pass),
};
