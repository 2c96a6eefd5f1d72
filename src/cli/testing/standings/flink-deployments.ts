import { decide } from '../../../flink/decide.ts';
import { type Observed, UNSEEN } from '../../../flink/observed.ts';
import { encodeSpec } from '../../../flink/record.ts';
import { type FlinkDeploymentStatus, type FlinkJobStatusState, LifecycleState } from '../../../flink/schema.ts';
import { situationOf } from '../../../flink/situation.ts';
import { answer, type Given, INTERVALS, job, jobManager, NOW, resourceOf, whole } from '../../../flink/testing/pass.ts';
import { aFlinkDeployment } from '../../../flink/testing.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { type Health, type Line, rowsOf, type Table, written } from './standing.ts';

const DEFAULTS = { flinkConfiguration: {} };
const running: Partial<Observed> = { jobManager, children: whole, rest: answer(job()) };
const says = (state: FlinkJobStatusState): Partial<Observed> => ({
  ...running,
  rest: answer(job({ state, tasks: { total: 2, active: 0 } })),
});

interface Pass extends Given {
  /** Fields of status.reconciliationStatus over those that were recorded. */
  readonly reconciled?: FlinkDeploymentStatus['reconciliationStatus'];
}

function pass({ reconciled = {}, ...given }: Pass): KubeObject {
  const { status, ...rest } = resourceOf(given);
  const { reconciliationStatus, ...other } = (status ?? {}) as FlinkDeploymentStatus;
  const before = { ...other, reconciliationStatus: { ...reconciliationStatus, ...reconciled } };
  const resource = status === undefined ? rest : { ...rest, status: before };
  const observed = { ...UNSEEN, ...given.observed };
  return written(resource, decide(situationOf(resource, observed, NOW, DEFAULTS), INTERVALS).status);
}

const good = encodeSpec(aFlinkDeployment({ spec: { image: 'jobs:good' } }).spec, 'running', false);
const rollingBack: Pass = {
  state: 'UPGRADING',
  jobState: 'suspended',
  reconciled: { state: 'ROLLING_BACK', lastStableSpec: good },
};
const rolledBack: Pass = { reconciled: { state: 'ROLLED_BACK', lastStableSpec: good }, observed: running };
const suspended = { job: { state: 'suspended' } } as const;
const refused = { job: { parallelism: 0 } };
const FOLDERS = { 'state.checkpoints.dir': 's3://b/c', 'state.savepoints.dir': 's3://b/s' };
const savepoint = { job: { upgradeMode: 'savepoint' }, flinkConfiguration: FOLDERS } as const;

const LINES: readonly Line<Pass>[] = [
  ['new', { recorded: false }, 'InProgress', 'Progressing', 'Progressing'],
  ['a start under way', { state: 'UPGRADING', jobState: 'suspended' }, 'InProgress', 'Progressing', 'Progressing'],
  ['JobManager not there yet', { observed: { jobManager, children: whole } }, 'InProgress', 'Progressing', 'Healthy'],
  ['running', { observed: running }, 'Current', 'Healthy', 'Healthy'],
  [
    'tasks that do not run yet',
    { observed: { ...running, rest: answer(job({ tasks: { total: 2, active: 1 } })) } },
    'InProgress',
    'Progressing',
    'Healthy',
  ],
  ['restarting', { observed: says('RESTARTING') }, 'InProgress', 'Progressing', 'Healthy'],
  [
    'upgrading',
    { recorded: {}, spec: { job: { parallelism: 3 } }, observed: running },
    'InProgress',
    'Progressing',
    'Progressing',
  ],
  ['created suspended', { recorded: false, spec: suspended }, 'Current', 'Suspended', 'Progressing'],
  ['being suspended', { recorded: {}, spec: suspended, observed: running }, 'InProgress', 'Progressing', 'Healthy'],
  ['suspended', { spec: suspended, jobState: 'suspended' }, 'Current', 'Suspended', 'Healthy'],
  ['rolling back', rollingBack, 'InProgress', 'Progressing', 'Progressing'],
  ['rolled back', rolledBack, 'Failed', 'Degraded', 'Progressing'],
  ['stopped from outside', { observed: says('CANCELED') }, 'Failed', 'Degraded', 'Healthy'],
  ['finished', { observed: says('FINISHED') }, 'Current', 'Healthy', 'Healthy'],
  ['failed', { observed: says('FAILED') }, 'Failed', 'Degraded', 'Healthy'],
  ['refused before a start', { recorded: false, spec: refused }, 'Failed', 'Degraded', 'Progressing'],
  [
    'refused while the job of before runs on',
    { recorded: {}, spec: refused, observed: running },
    'Failed',
    'Degraded',
    'Healthy',
  ],
  ['lost, its state unknown', { spec: savepoint }, 'Failed', 'Degraded', 'Healthy'],
  ['being deleted', { deleting: true, observed: running }, 'Terminating', 'Progressing', 'Progressing'],
];

/** The script for FlinkDeployments that Argo CD brings (3.1), and what Argo CD says of any resource that is being deleted. */
function brought({ metadata, status = {} }: KubeObject): Health {
  const { reconciliationStatus, jobManagerDeploymentStatus } = status as FlinkDeploymentStatus;
  if (metadata.deletionTimestamp !== undefined) return 'Progressing';
  if (reconciliationStatus?.state === 'DEPLOYED') return 'Healthy';
  return reconciliationStatus !== undefined && jobManagerDeploymentStatus === 'ERROR' ? 'Degraded' : 'Progressing';
}

/** FlinkDeployments. */
export const FLINK_DEPLOYMENTS: Table = {
  kind: 'FlinkDeployment',
  stateOf: ({ status }) => (status as FlinkDeploymentStatus).lifecycleState,
  states: LifecycleState.options,
  never: { DELETED: 'the resource is gone by then' },
  brought,
  rows: rowsOf(LINES, pass),
};
