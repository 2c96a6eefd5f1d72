import { describe, expect, it } from 'vitest';
import type { FlinkDeploymentStatus } from '../flink/schema.ts';
import {
  answer,
  type Given as Flink,
  resourceOf as flinkResource,
  job,
  jobManager,
  plan as planFlink,
  whole,
} from '../flink/testing/pass.ts';
import type { Condition } from '../kube/conditions.ts';
import {
  driver,
  endedDriver,
  plan as planSpark,
  podOf,
  type Given as Spark,
  resourceOf as sparkResource,
} from '../spark/testing/pass.ts';

interface Standing {
  readonly conditions?: readonly Condition[];
  readonly observedGeneration?: number;
}

/** The generation of every resource of these tests. */
const GENERATION = 3;

/** What kstatus says (cli-utils 0.37, pkg/kstatus/status): the generation, then the first of Reconciling and Stalled, then Ready. */
function kstatus({ conditions = [], observedGeneration }: Standing): 'InProgress' | 'Failed' | 'Current' {
  if (observedGeneration !== undefined && observedGeneration !== GENERATION) return 'InProgress';
  for (const { type, status } of conditions) {
    if (type === 'Reconciling' && status === 'True') return 'InProgress';
    if (type === 'Stalled' && status === 'True') return 'Failed';
  }
  const ready = conditions.find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress';
}

/** What holds of the three conditions whatever the state. */
function expectSound({ conditions = [], observedGeneration }: Standing): void {
  const own = conditions.filter(({ type }) => ['Ready', 'Reconciling', 'Stalled'].includes(type));
  expect(own.filter(({ type }) => type === 'Ready')).toHaveLength(1);
  expect(own.filter(({ type, status }) => type !== 'Ready' && status !== 'True')).toEqual([]);
  const ready = own.some(({ type, status }) => type === 'Ready' && status === 'True');
  expect(ready).toBe(own.length === 1 && ready);
  expect(observedGeneration).toBe(GENERATION);
  expect(own.map((condition) => condition.observedGeneration)).toEqual(own.map(() => GENERATION));
}

/** What the script for FlinkDeployments that Argo CD brings (3.1) makes of a status. */
function argoFlink(status: FlinkDeploymentStatus): string {
  const { reconciliationStatus, jobManagerDeploymentStatus } = status;
  if (reconciliationStatus?.state === 'DEPLOYED') return 'Healthy';
  return reconciliationStatus !== undefined && jobManagerDeploymentStatus === 'ERROR' ? 'Degraded' : 'Progressing';
}

const ARGO_SPARK: Readonly<Record<string, string>> = {
  COMPLETED: 'Healthy',
  FAILED: 'Degraded',
  SUBMISSION_FAILED: 'Degraded',
  FAILING: 'Degraded',
};

/** The same for SparkApplications with `executor.instances`: it counts those that run. */
function argoSpark(
  status: { applicationState?: { state?: string | undefined }; executorState?: Readonly<Record<string, string>> },
  instances: number,
): string {
  const state = status.applicationState?.state;
  if (state === undefined) return 'Unknown';
  const running = Object.values(status.executorState ?? {}).filter((word) => word === 'RUNNING').length;
  if (state === 'RUNNING') return running === instances ? 'Healthy' : 'Progressing';
  return ARGO_SPARK[state] ?? 'Progressing';
}

const running = { jobManager, children: whole, rest: answer(job()) };
const ended = (state: 'FINISHED' | 'FAILED' | 'CANCELED'): NonNullable<Flink['observed']> => ({
  ...running,
  rest: answer(job({ state, tasks: { total: 2, active: 0 } })),
});

describe('a FlinkDeployment to Flux, Helm and Argo CD', () => {
  it.each<[string, Flink, ReturnType<typeof kstatus>, string]>([
    ['new', { recorded: false }, 'InProgress', 'Progressing'],
    ['a start under way', { state: 'UPGRADING', jobState: 'suspended' }, 'InProgress', 'Progressing'],
    ['JobManager not there yet', { observed: { jobManager, children: whole } }, 'InProgress', 'Healthy'],
    ['running', { observed: running }, 'Current', 'Healthy'],
    [
      'tasks that do not run yet',
      { observed: { ...running, rest: answer(job({ tasks: { total: 2, active: 1 } })) } },
      'InProgress',
      'Healthy',
    ],
    [
      'restarting',
      { observed: { ...running, rest: answer(job({ state: 'RESTARTING', tasks: { total: 2, active: 0 } })) } },
      'InProgress',
      'Healthy',
    ],
    ['upgrading', { recorded: {}, spec: { job: { parallelism: 3 } }, observed: running }, 'InProgress', 'Progressing'],
    ['created suspended', { recorded: false, spec: { job: { state: 'suspended' } } }, 'Current', 'Progressing'],
    ['stopped from outside', { observed: ended('CANCELED') }, 'Failed', 'Healthy'],
    ['finished', { observed: ended('FINISHED') }, 'Current', 'Healthy'],
    ['failed', { observed: ended('FAILED') }, 'Failed', 'Healthy'],
    ['refused before a start', { recorded: false, spec: { job: { parallelism: 0 } } }, 'Failed', 'Progressing'],
    [
      'refused while the job of before runs on',
      { recorded: {}, spec: { job: { parallelism: 0 } }, observed: running },
      'Failed',
      'Healthy',
    ],
  ])('%s', (_, given, expected, argo) => {
    const before = (flinkResource(given).status ?? {}) as object;
    const status = { ...before, ...planFlink(given).status };
    expectSound(status as Standing);
    expect([kstatus(status as Standing), argoFlink(status)]).toEqual([expected, argo]);
  });
});

const executors = [
  podOf(
    'executor',
    'pi-exec-1',
    { phase: 'Running' },
    { labels: { ...podOf('executor', 'e', {}).metadata.labels, 'spark-exec-id': '1' } },
  ),
];
const onFailure = { restartPolicy: { type: 'OnFailure', onFailureRetries: 1 } } as const;
const crashed = { drivers: [endedDriver({ exitCode: 1 })] };

describe('a SparkApplication to Flux, Helm and Argo CD', () => {
  it.each<[string, Spark, ReturnType<typeof kstatus>, string]>([
    ['new', { state: '' }, 'InProgress', 'Progressing'],
    ['submitted', { state: 'SUBMITTED', observed: { drivers: [driver('Pending')] } }, 'InProgress', 'Progressing'],
    ['running with its executor', { observed: { drivers: [driver('Running')], executors } }, 'Current', 'Healthy'],
    ['running without it', { observed: { drivers: [driver('Running')] } }, 'Current', 'Progressing'],
    ['completed', { observed: { drivers: [endedDriver({ exitCode: 0 }, 'Succeeded')] } }, 'Current', 'Healthy'],
    ['failed', { observed: crashed }, 'Failed', 'Degraded'],
    ['to be tried again', { spec: onFailure, observed: crashed }, 'InProgress', 'Progressing'],
    ['refused', { state: '', spec: { mode: 'client' } }, 'Failed', 'Degraded'],
    [
      'being suspended',
      { spec: { suspend: true }, observed: { drivers: [driver('Running')] } },
      'InProgress',
      'Progressing',
    ],
    ['suspended', { state: 'SUSPENDED', spec: { suspend: true } }, 'Current', 'Progressing'],
  ])('%s', (_, given, expected, argo) => {
    const before = (sparkResource(given).status ?? {}) as object;
    const status = { ...before, ...planSpark(given).status } as Standing & Parameters<typeof argoSpark>[0];
    expectSound(status);
    expect([kstatus(status), argoSpark(status, 1)]).toEqual([expected, argo]);
  });
});
