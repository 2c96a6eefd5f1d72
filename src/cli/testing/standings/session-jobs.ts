import { unknown } from '../../../core/fact.ts';
import { encodeSpec } from '../../../flink/record.ts';
import { type FlinkJobStatusState, LifecycleState } from '../../../flink/schema.ts';
import { decide } from '../../../flink/session-job/decide.ts';
import {
  type FlinkSessionJobSpec,
  type FlinkSessionJobStatus,
  SESSION_JOB_FINALIZER,
} from '../../../flink/session-job/schema.ts';
import { situationOf } from '../../../flink/session-job/situation.ts';
import { aSessionJob } from '../../../flink/session-job/testing.ts';
import { answer, INTERVALS, job, NOW } from '../../../flink/testing/pass.ts';
import { aSessionCluster, type DeepPartial } from '../../../flink/testing.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { GENERATION, type Health, type Line, rowsOf, type Table, written } from './standing.ts';

const JOB = 'a'.repeat(32);

interface Pass {
  readonly spec?: DeepPartial<FlinkSessionJobSpec>;
  /** The spec last acted on; the present one unless given. False: nothing was ever recorded. */
  readonly recorded?: DeepPartial<FlinkSessionJobSpec> | false;
  readonly jobState?: 'running' | 'suspended';
  readonly reconciled?: FlinkSessionJobStatus['reconciliationStatus'];
  /** The job as the session has it; absent: the session does not answer. */
  readonly job?: FlinkJobStatusState | 'none';
  readonly tasks?: number;
  readonly session?: false;
  readonly deleting?: true;
}

const FOLDERS = { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 's3://b/s' };
const cluster = aSessionCluster({ spec: { flinkConfiguration: FOLDERS } });
const session: KubeObject = {
  ...cluster,
  status: {
    jobManagerDeploymentStatus: 'READY',
    reconciliationStatus: { state: 'DEPLOYED', lastReconciledSpec: encodeSpec(cluster.spec, 'running', false) },
  },
};

function pass(given: Pass): KubeObject {
  const resource = resourceOf(given);
  const { job: state, tasks = state === 'RUNNING' ? 2 : 0 } = given;
  const facts =
    state === 'none' ? undefined : job({ id: JOB, state: state ?? 'RUNNING', tasks: { total: 2, active: tasks } });
  const rest = state === undefined ? unknown('connection refused') : answer(facts);
  const observed = { session: given.session === false ? undefined : session, rest };
  return written(resource, decide(situationOf(resource, observed, NOW, { flinkConfiguration: {} }), INTERVALS).status);
}

function resourceOf({ spec = {}, recorded = spec, jobState = 'running', reconciled, deleting }: Pass): KubeObject {
  const deletion = deleting === true ? { deletionTimestamp: '2026-02-03T04:05:00Z' } : {};
  const finalizers = recorded === false ? [] : [SESSION_JOB_FINALIZER];
  const resource = aSessionJob({ metadata: { generation: GENERATION, finalizers, ...deletion }, spec });
  if (recorded === false) return resource;
  const lastReconciledSpec = encodeSpec(aSessionJob({ spec: recorded }).spec, jobState, false, 'savepoint');
  const reconciliationStatus = { state: 'DEPLOYED', lastReconciledSpec, reconciliationTimestamp: 1000, ...reconciled };
  const jobStatus = { jobId: JOB, state: 'RECONCILING', upgradeSavepointPath: 's3://b/s/1' };
  return { ...resource, status: { restore: { mode: 'stateless' }, jobStatus, reconciliationStatus } };
}

const good = encodeSpec(aSessionJob({ spec: { job: { args: ['good'] } } }).spec, 'running', false);
const suspended = { job: { state: 'suspended' } } as const;
const refused = { job: { parallelism: 0 } };

const LINES: readonly Line<Pass>[] = [
  ['new', { recorded: false, job: 'none' }, 'InProgress', 'Progressing', 'Progressing'],
  ['new, before its session', { recorded: false, session: false }, 'InProgress', 'Progressing', 'Progressing'],
  ['submitted', { reconciled: { state: 'UPGRADING' } }, 'InProgress', 'Progressing', 'Progressing'],
  ['running', { job: 'RUNNING' }, 'Current', 'Healthy', 'Healthy'],
  ['tasks that do not run yet', { job: 'RUNNING', tasks: 1 }, 'InProgress', 'Progressing', 'Healthy'],
  ['restarting', { job: 'RESTARTING' }, 'InProgress', 'Progressing', 'Degraded'],
  ['session that does not answer', {}, 'InProgress', 'Progressing', 'Progressing'],
  [
    'upgrading',
    { recorded: {}, spec: { job: { parallelism: 3 } }, job: 'RUNNING' },
    'InProgress',
    'Progressing',
    'Healthy',
  ],
  ['created suspended', { recorded: false, spec: suspended }, 'Current', 'Suspended', 'Progressing'],
  ['being suspended', { recorded: {}, spec: suspended, job: 'RUNNING' }, 'InProgress', 'Progressing', 'Healthy'],
  ['suspended', { spec: suspended, jobState: 'suspended' }, 'Current', 'Suspended', 'Suspended'],
  [
    'rolling back',
    { jobState: 'suspended', reconciled: { state: 'ROLLING_BACK', lastStableSpec: good } },
    'InProgress',
    'Progressing',
    'Progressing',
  ],
  [
    'rolled back',
    { reconciled: { state: 'ROLLED_BACK', lastStableSpec: good }, job: 'RUNNING' },
    'Failed',
    'Degraded',
    'Healthy',
  ],
  ['stopped from outside', { job: 'CANCELED' }, 'Failed', 'Degraded', 'Suspended'],
  ['finished', { job: 'FINISHED' }, 'Current', 'Healthy', 'Healthy'],
  ['failed', { job: 'FAILED' }, 'Failed', 'Degraded', 'Degraded'],
  [
    'lost by its session, its state unknown',
    { spec: { job: { upgradeMode: 'savepoint' } }, job: 'none' },
    'Failed',
    'Degraded',
    'Progressing',
  ],
  ['refused before a start', { recorded: false, spec: refused }, 'Failed', 'Degraded', 'Degraded'],
  [
    'refused while the job of before runs on',
    { recorded: {}, spec: refused, job: 'RUNNING' },
    'Failed',
    'Degraded',
    'Healthy',
  ],
  ['being deleted', { deleting: true, job: 'RUNNING' }, 'Terminating', 'Progressing', 'Progressing'],
];

/** What each job state is to the script for FlinkSessionJobs that newer releases of Argo CD bring (argo-cd#26626); it passes over the others. */
const JOB_HEALTH: Readonly<Partial<Record<FlinkJobStatusState, Health>>> = {
  RUNNING: 'Healthy',
  FINISHED: 'Healthy',
  RECONCILING: 'Progressing',
  CREATED: 'Progressing',
  SUSPENDED: 'Suspended',
  CANCELED: 'Suspended',
  FAILED: 'Degraded',
};

function brought({ metadata, status = {} }: KubeObject): Health {
  const { jobStatus, error } = status as FlinkSessionJobStatus;
  if (metadata.deletionTimestamp !== undefined) return 'Progressing';
  const byJob = jobStatus?.state === undefined ? undefined : JOB_HEALTH[jobStatus.state];
  return byJob ?? (error === undefined ? 'Progressing' : 'Degraded');
}

/** FlinkSessionJobs. */
export const SESSION_JOBS: Table = {
  kind: 'FlinkSessionJob',
  stateOf: ({ status }) => (status as FlinkSessionJobStatus).lifecycleState,
  states: LifecycleState.options,
  never: { DELETED: 'the resource is gone by then' },
  brought,
  rows: rowsOf(LINES, pass),
};
