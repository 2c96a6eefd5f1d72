import type { KubeObject } from '../kube/object.ts';
import { SPARK_LABELS } from './conf/submission.ts';
import { type ExecutorState, executorState } from './pods.ts';
import type { SparkRecord } from './record.ts';
import type { ExecutorCounts, SparkApplicationStatus } from './schema.ts';

/** Most executors a status names one by one, however many there are. */
const MAX_NAMED = 100;

const ORDER: readonly ExecutorState[] = ['RUNNING', 'PENDING', 'FAILED', 'UNKNOWN', 'COMPLETED'];

/** The executors of the recorded submission. */
export function ownExecutors(executors: readonly KubeObject[], { submission }: SparkRecord): readonly KubeObject[] {
  return executors.filter(({ metadata }) => metadata.labels?.[SPARK_LABELS.submissionId] === submission?.submissionId);
}

/** What a status says of the executors of the recorded submission. */
export function executorStatus(
  executors: readonly KubeObject[],
  record: SparkRecord,
  before: SparkApplicationStatus['executorState'],
): { readonly executorState: Readonly<Record<string, string>>; readonly executors: ExecutorCounts } {
  const states = new Map(
    ownExecutors(executors, record).flatMap((pod) => {
      const state = executorState(pod);
      return state === undefined ? [] : [[pod.metadata.name, state] as const];
    }),
  );
  const count = (state: ExecutorState): number => [...states.values()].filter((item) => item === state).length;
  const gone = Object.entries(before ?? {}).filter(([name]) => !states.has(name));
  const named = [...states, ...gone.map(([name, state]) => [name, afterwards(state, record)] as const)];
  return {
    executorState: Object.fromEntries(named.toSorted(byInterest).slice(0, MAX_NAMED)),
    executors: {
      pending: count('PENDING'),
      running: count('RUNNING'),
      completed: count('COMPLETED'),
      failed: count('FAILED'),
    },
  };
}

/** What is said of an executor whose pod is gone (Kubeflow Spark Operator 2.5). */
function afterwards(state: string, { state: application }: SparkRecord): ExecutorState {
  if (state === 'COMPLETED' || state === 'FAILED') return state;
  if (application === 'COMPLETED') return 'COMPLETED';
  return application === 'RUNNING' ? 'UNKNOWN' : 'FAILED';
}

/** Those that run first, then the newest: executor numbers grow. */
function byInterest(
  [a, stateA]: readonly [string, ExecutorState],
  [b, stateB]: readonly [string, ExecutorState],
): number {
  return ORDER.indexOf(stateA) - ORDER.indexOf(stateB) || numberOf(b) - numberOf(a) || (a < b ? -1 : 1);
}

function numberOf(name: string): number {
  return Number(/-exec-(\d+)$/.exec(name)?.[1] ?? 0);
}
