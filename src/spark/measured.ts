import { createdAt, type Measured, measured } from '../core/measured.ts';
import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import { readRecord } from './record.ts';
import { APPLICATION_STATES, type SparkApplicationStatus } from './schema.ts';

/** What a state is called that the status has no word for yet. */
const NEW = 'New';

/** States by kind, as metrics name them; the first is that of a resource nobody has looked at. */
export const SPARK_STATES: Readonly<
  Record<'SparkApplication' | 'ScheduledSparkApplication' | 'SparkConnect', readonly string[]>
> = {
  SparkApplication: APPLICATION_STATES.map((state) => state || NEW),
  ScheduledSparkApplication: [NEW, 'Scheduled', 'FailedValidation'],
  SparkConnect: [NEW, 'Ready', 'NotReady', 'Failed', 'Completed'],
};

/** States in which an application or server stays. */
export const SPARK_ENDED: readonly string[] = ['COMPLETED', 'FAILED', 'Completed', 'Failed'];

/** What metrics show of a resource of any of these kinds. */
export function measuredSpark(object: KubeObject): Measured {
  const { applicationState, scheduleState, state }: Readonly<Record<string, unknown>> = isRecord(object.status)
    ? object.status
    : {};
  const word = isRecord(applicationState) ? applicationState.state : (scheduleState ?? state);
  return measured(object, typeof word === 'string' && word !== '' ? word : NEW);
}

/** What metrics read of a SparkApplication; times in milliseconds since the epoch. */
export function measuredApplication({ metadata, status }: KubeObject) {
  const record = readRecord(isRecord(status) ? (status as SparkApplicationStatus) : undefined);
  return {
    namespace: metadata.namespace ?? '',
    labels: metadata.labels ?? {},
    state: record.state,
    submission: record.submission?.submissionId,
    runs: record.executionAttempts,
    submissions: record.submissionAttempts,
    createdAt: createdAt(metadata),
    submittedAt: record.submission?.submittedAt,
    endedAt: record.terminatedAt,
  };
}

/** What metrics read of an executor pod; undefined for other pods. */
export function measuredExecutor({ metadata, status }: KubeObject) {
  const { labels = {}, namespace = '' } = metadata;
  if (labels['spark-role'] !== 'executor') return undefined;
  const { phase } = isRecord(status) ? status : {};
  return { namespace, labels, phase: typeof phase === 'string' ? phase : 'Pending' };
}
