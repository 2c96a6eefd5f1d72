import type { KubeObject } from '../kube/object.ts';
import { isRecord } from '../lib/json.ts';
import { readRecord } from './record.ts';
import type { SparkApplicationStatus } from './schema.ts';

/** What metrics read of a SparkApplication; times in milliseconds since the epoch. */
export function measuredApplication({ metadata, status }: KubeObject) {
  const record = readRecord(isRecord(status) ? (status as SparkApplicationStatus) : undefined);
  const createdAt = Date.parse(metadata.creationTimestamp ?? '');
  return {
    namespace: metadata.namespace ?? '',
    labels: metadata.labels ?? {},
    state: record.state,
    submission: record.submission?.submissionId,
    runs: record.executionAttempts,
    submissions: record.submissionAttempts,
    createdAt: Number.isNaN(createdAt) ? undefined : createdAt,
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
