import { knownValue, unasked } from '../../core/fact.ts';
import type { Policy } from '../../core/reconciler.ts';
import { findCondition } from '../../kube/conditions.ts';
import { isBeingDeleted, type KubeObject } from '../../kube/object.ts';
import { effectiveConf } from '../flink-conf.ts';
import { jobOptions } from '../options.ts';
import { findTrouble } from '../pods.ts';
import { type FlinkRecord, runs } from '../record.ts';
import type { FlinkDeployment, FlinkJobStatus } from '../schema.ts';
import type { Intent, Situation } from '../situation.ts';
import type { FlinkStateSnapshotSpec, FlinkStateSnapshotStatus } from '../snapshot/schema.ts';
import { asksForRestart, type SpecDiff } from '../spec-diff.ts';

const OPTION = 'kubernetes.operator.job.upgrade.ignore-pending-savepoint';

/**
 * A job is not stopped for another spec while a savepoint of it is being taken that somebody asked for, unless its user
 * set the option for that. A job that cannot complete it any more is not waited for.
 */
export const awaitSavepoint: Policy<Situation, Intent> = (situation) => {
  const { record, target, resource, defaults } = situation;
  if (record === undefined || !runs(record) || record.stopping !== undefined) return undefined;
  if (target === undefined || !asksForRestart(target.diff)) return undefined;
  const pending = pendingOf(situation, record);
  if (pending === undefined || !mayComplete(situation)) return undefined;
  const conf = effectiveConf({ ...resource, spec: target.spec } as FlinkDeployment, defaults);
  if (jobOptions(conf).ignorePendingSavepoint) return undefined;
  return waitingFor(pending, target.diff);
};

/** What is said while a change waits; `pending` is what for. */
export function waitingFor(pending: string, { paths }: SpecDiff) {
  const message = `the change of ${paths.join(', ')} waits for ${pending}; set ${OPTION} to true to go on without it`;
  return { because: 'WaitingForSavepoint', message, phase: 'progressing', probe: 'fast' } as const;
}

/** A run of a job, by its record. */
type Run = Pick<FlinkRecord, 'jobId' | 'timestamp'>;

/** What is known of the savepoints of a job. */
interface Savepoints {
  readonly observed: { readonly snapshots?: readonly KubeObject[] };
  readonly status: { readonly jobStatus?: FlinkJobStatus | undefined } | undefined;
}

/** The savepoint of a run that is being taken, in words: a FlinkStateSnapshot's, or one that the status tells of. */
export function pendingOf({ observed, status }: Savepoints, run: Run): string | undefined {
  const snapshot = observed.snapshots?.find((one) => isPending(one, run));
  if (snapshot !== undefined) return `the savepoint of FlinkStateSnapshot ${snapshot.metadata.name}`;
  const { triggerId, triggerTimestamp = 0, retryAt } = status?.jobStatus?.savepointInfo ?? {};
  const ofThisRun = triggerId && retryAt === undefined && triggerTimestamp >= run.timestamp;
  return ofThisRun ? `the savepoint of status.jobStatus.savepointInfo.triggerId ${triggerId}` : undefined;
}

/** Wanted, and not waiting for a human, for its next attempt or for a run that is over. */
function isPending(snapshot: KubeObject, { jobId }: Run): boolean {
  const spec = snapshot.spec as FlinkStateSnapshotSpec | undefined;
  const status = (snapshot.status ?? {}) as FlinkStateSnapshotStatus;
  if (spec?.savepoint === undefined || spec.savepoint.alreadyExists === true || isBeingDeleted(snapshot)) return false;
  if (status.state === 'IN_PROGRESS') return status.jobId === undefined || status.jobId === jobId;
  if (status.state !== undefined && status.state !== 'TRIGGER_PENDING') return false;
  return (status.failures ?? 0) === 0 && findCondition(status.conditions ?? [], 'Stalled')?.status !== 'True';
}

/** The job runs, or its JobManager may still say so. */
function mayComplete({ observed }: Situation): boolean {
  const { jobManager, rest } = observed;
  if (jobManager === undefined || isBeingDeleted(jobManager)) return false;
  const answer = knownValue(rest);
  if (answer !== undefined) return answer.job?.state === 'RUNNING';
  return rest === unasked || findTrouble(observed)?.who.startsWith('JobManager') !== true;
}
