import { flinkRest } from './flink.ts';
import type { Kube } from './kube.ts';

/** How many lanes the counting job has: what one lane counted may be this much behind the whole. */
export const lanes = 8;

/** The counting job: it fails when its count goes back, jumps or is lost. Options as in images/jobs/flink/dev/weir/jobs/Count.java. */
export function countingJob(...args: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    jarURI: 'local:///opt/flink/examples/weir/weir-jobs.jar',
    entryClass: 'dev.weir.jobs.Count',
    args,
    parallelism: 2,
  };
}

/** What the counting job says of itself, a heartbeat ago. */
export interface Count {
  /** The greatest number counted since its tasks last started. */
  readonly count: number;
  /** The least number that a lane found in its state then; 0 where one found none. */
  readonly restored: number;
}

interface AccumulatorsAnswer {
  readonly 'user-task-accumulators': readonly { readonly name: string; readonly value: string }[];
}

/** Asks the JobManager for the count of a job; undefined before every task has reported for the first time. */
export async function readCount(
  kube: Kube,
  namespace: string,
  name: string,
  jobId: string,
): Promise<Count | undefined> {
  const path = `/jobs/${jobId}/accumulators`;
  const answer = (await flinkRest(kube, namespace, name, path)) as AccumulatorsAnswer;
  const value = (wanted: string): number | undefined => {
    const found = answer['user-task-accumulators'].find((accumulator) => accumulator.name === wanted);
    return found === undefined ? undefined : Number(found.value);
  };
  const [count, restored] = [value('count'), value('restored')];
  // A minimum of nothing is the greatest number Java knows.
  if (count === undefined || restored === undefined || restored > count) return undefined;
  return { count, restored };
}
