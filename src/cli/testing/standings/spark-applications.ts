import type { KubeObject } from '../../../kube/object.ts';
import { decide } from '../../../spark/decide.ts';
import { UNSEEN } from '../../../spark/observed.ts';
import { APPLICATION_STATES, type SparkApplicationStatus } from '../../../spark/schema.ts';
import { DEFAULT_SETTINGS } from '../../../spark/settings.ts';
import { situationOf } from '../../../spark/situation.ts';
import { driver, endedDriver, type Given, NOW, podOf, resourceOf } from '../../../spark/testing/pass.ts';
import { type Health, type Line, rowsOf, type Table, written } from './standing.ts';

function pass(given: Given): KubeObject {
  const resource = resourceOf(given);
  const observed = { ...UNSEEN, ...given.observed };
  return written(resource, decide(situationOf(resource, observed, NOW, DEFAULT_SETTINGS)).status);
}

const labels = { ...podOf('executor', 'e', {}).metadata.labels, 'spark-exec-id': '1' };
const executors = [podOf('executor', 'pi-exec-1', { phase: 'Running' }, { labels })];
const onFailure = { restartPolicy: { type: 'OnFailure', onFailureRetries: 1 } } as const;
const later = { restartPolicy: { ...onFailure.restartPolicy, onFailureRetryInterval: 3600 } } as const;
const submission = {
  restartPolicy: { type: 'OnFailure', onSubmissionFailureRetries: 1, onSubmissionFailureRetryInterval: 3600 },
} as const;
const one = { executor: { instances: 1 } };
const suspend = { suspend: true };
const runs = { drivers: [driver('Running')] };
const crashed = { drivers: [endedDriver({ exitCode: 1 })] };
const ended = { drivers: [endedDriver({ exitCode: 0 }, 'Succeeded')] };

const LINES: readonly Line<Given>[] = [
  ['new', { state: '' }, 'InProgress', 'Progressing', 'Progressing'],
  [
    'submitted',
    { state: 'SUBMITTED', observed: { drivers: [driver('Pending')] } },
    'InProgress',
    'Progressing',
    'Progressing',
  ],
  ['submission refused', { state: 'SUBMISSION_FAILED', spec: submission }, 'InProgress', 'Progressing', 'Degraded'],
  ['running with its executor', { spec: one, observed: { ...runs, executors } }, 'Current', 'Healthy', 'Healthy'],
  ['running without it', { observed: runs }, 'Current', 'Healthy', 'Progressing'],
  ['its node silent', { observed: { drivers: [driver('Unknown')] } }, 'InProgress', 'Progressing', 'Progressing'],
  ['ended well', { state: 'RUNNING', observed: ended }, 'Current', 'Healthy', 'Healthy'],
  ['completed', { state: 'COMPLETED' }, 'Current', 'Healthy', 'Healthy'],
  ['failed', { observed: crashed }, 'Failed', 'Degraded', 'Degraded'],
  ['failed before', { state: 'FAILED' }, 'Failed', 'Degraded', 'Degraded'],
  ['to be tried again', { spec: onFailure, observed: crashed }, 'InProgress', 'Progressing', 'Progressing'],
  ['waiting to be tried again', { spec: later, observed: crashed }, 'InProgress', 'Progressing', 'Degraded'],
  ['tried again', { state: 'PENDING_RERUN', spec: onFailure }, 'InProgress', 'Progressing', 'Progressing'],
  [
    'run anew for another spec',
    { recorded: {}, spec: { mainClass: 'Other' }, observed: runs },
    'InProgress',
    'Progressing',
    'Progressing',
  ],
  ['refused', { state: '', spec: { mode: 'client' } }, 'Failed', 'Degraded', 'Degraded'],
  [
    'refused while it runs on',
    { recorded: one, spec: { ...one, mode: 'client' }, observed: { ...runs, executors } },
    'Failed',
    'Degraded',
    'Healthy',
  ],
  ['being suspended', { spec: suspend, observed: runs }, 'InProgress', 'Progressing', 'Progressing'],
  ['suspended', { state: 'SUSPENDED', spec: suspend }, 'Current', 'Suspended', 'Progressing'],
  ['resumed while its driver goes', { state: 'RESUMING', observed: runs }, 'InProgress', 'Progressing', 'Progressing'],
  ['resumed', { state: 'SUSPENDED' }, 'InProgress', 'Progressing', 'Progressing'],
  ['being deleted', { deleting: true, observed: runs }, 'Terminating', 'Progressing', 'Progressing'],
];

/** What each state is to the script that Argo CD brings; of RUNNING it counts executors, the rest is Progressing. */
const BY_STATE: Readonly<Record<string, Health>> = {
  COMPLETED: 'Healthy',
  FAILED: 'Degraded',
  SUBMISSION_FAILED: 'Degraded',
  FAILING: 'Degraded',
};

/** The script for SparkApplications with `executor.instances` that Argo CD brings (3.1). */
function brought({ metadata, spec, status }: KubeObject): Health {
  const { applicationState, executorState = {} } = (status ?? {}) as SparkApplicationStatus;
  if (metadata.deletionTimestamp !== undefined) return 'Progressing';
  const state = applicationState?.state;
  if (state === undefined) return 'Unknown';
  if (state !== 'RUNNING') return BY_STATE[state] ?? 'Progressing';
  const running = Object.values(executorState).filter((word) => word === 'RUNNING').length;
  const { executor } = spec as { executor: { instances: number } };
  return running === executor.instances ? 'Healthy' : 'Progressing';
}

/** SparkApplications. */
export const SPARK_APPLICATIONS: Table = {
  kind: 'SparkApplication',
  stateOf: ({ status }) => (status as SparkApplicationStatus | undefined)?.applicationState?.state,
  states: APPLICATION_STATES,
  never: { '': 'the first status says more', SUCCEEDING: 'only the run of a SparkConnect ends well and goes on' },
  brought,
  rows: rowsOf(LINES, pass),
};
