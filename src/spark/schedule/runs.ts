import type { Action } from '../../core/plan.ts';
import { isBeingDeleted, type KubeObject, ownerReference, refOf } from '../../kube/object.ts';
import { SPARK_APPLICATION_KIND, type SparkApplicationStatus } from '../schema.ts';
import { SCHEDULE_LABEL, type ScheduledSparkApplicationSpec } from './schema.ts';

/** Runs that are kept without being asked for (Kubeflow Spark Operator 2.5). */
const KEPT = 1;

/** The SparkApplication of a run. It goes with its schedule; annotations of the schedule are not its own. */
export function runOf(
  schedule: KubeObject,
  { template = {} }: ScheduledSparkApplicationSpec,
  name: string,
): KubeObject {
  const { namespace = '', labels, name: scheduleName } = schedule.metadata;
  return {
    ...SPARK_APPLICATION_KIND,
    metadata: {
      name,
      namespace,
      labels: { ...labels, [SCHEDULE_LABEL]: scheduleName },
      ownerReferences: [ownerReference(schedule, { controller: true })],
    },
    spec: template,
  };
}

function stateOf({ status }: KubeObject): string | undefined {
  return (status as SparkApplicationStatus | undefined)?.applicationState?.state;
}

/** Whether a run has ended, well or not. */
export function isOver(run: KubeObject): boolean {
  const state = stateOf(run);
  return state === 'COMPLETED' || state === 'FAILED';
}

/** Runs that are over: those that are kept, the newest first, and those beyond the limits. */
export interface History {
  readonly successful: readonly string[];
  readonly failed: readonly string[];
  readonly surplus: readonly KubeObject[];
}

/** Sorts out the runs that are over. */
export function historyOf(runs: readonly KubeObject[], spec: ScheduledSparkApplicationSpec): History {
  const ended = (state: string): readonly KubeObject[] =>
    runs.filter((run) => stateOf(run) === state && !isBeingDeleted(run)).toSorted(newestFirst);
  const [successful, failed] = [ended('COMPLETED'), ended('FAILED')];
  const { successfulRunHistoryLimit: successes = KEPT, failedRunHistoryLimit: failures = KEPT } = spec;
  const names = (kept: readonly KubeObject[]): readonly string[] => kept.map(({ metadata }) => metadata.name);
  return {
    successful: names(successful.slice(0, successes)),
    failed: names(failed.slice(0, failures)),
    surplus: [...successful.slice(successes), ...failed.slice(failures)],
  };
}

/** One that was made just now and not read back has no time yet: it is the newest. */
function newestFirst(a: KubeObject, b: KubeObject): number {
  const time = ({ metadata }: KubeObject): string => metadata.creationTimestamp ?? '~';
  return compare(time(b), time(a)) || compare(b.metadata.name, a.metadata.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Deletes a run, unless it is on its way out; it is there until its driver is gone. */
export function deletion(run: KubeObject, because: string): readonly Action<never>[] {
  if (isBeingDeleted(run)) return [];
  const { uid = '' } = run.metadata;
  return [{ kind: 'delete', ref: refOf(run), uid, propagation: 'Foreground', because }];
}
