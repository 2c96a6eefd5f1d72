import * as z from 'zod';
import type { HealthFacts, JobFacts } from './observed.ts';
import { type Door, getJson } from './rest-request-client.ts';
import type { CheckpointFacts } from './snapshot-facts.ts';

/** What is to be known of the health of a job. */
export interface HealthQuestion {
  /** Time in which it must complete a checkpoint, in milliseconds; absent where that is not checked. */
  readonly checkpointWindowMs?: number;
}

const Metrics = z.array(z.object({ id: z.string(), value: z.string().nullish() }));

/** Names of the metric with the restarts of a job; the second is the old one. */
const RESTARTS = ['numRestarts', 'fullRestarts'] as const;
const COMPLETED = 'numberOfCompletedCheckpoints';

/**
 * Asks for the numbers a job's health is judged by (GET /jobs/:id/metrics, Flink 1.15 to 2.3; up to 10 s old by
 * metrics.fetcher.update-interval). Undefined while Flink has none, as right after a start. Throws FailureError when the
 * JobManager does not answer.
 */
export async function askHealth(door: Door, { id: job }: JobFacts): Promise<HealthFacts | undefined> {
  const metrics = await getJson(door, `/jobs/${job}/metrics?get=${[...RESTARTS, COMPLETED].join(',')}`, Metrics);
  const count = (name: string): number | undefined => {
    const value = Number(metrics.find(({ id }) => id === name)?.value ?? Number.NaN);
    return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  };
  const restarts = count(RESTARTS[0]) ?? count(RESTARTS[1]);
  return restarts === undefined ? undefined : { restarts, completedCheckpoints: count(COMPLETED) ?? 0 };
}

/** How old checkpoint statistics may be (web.refresh-interval of Flink 1.15 to 2.3). */
const MAX_CACHED_MS = 3000;

/**
 * Since when a job has completed no snapshot, if that is longer than the window; else undefined. It counts from the newest
 * one or from its start in this JobManager process. All times are of the JobManager's clock, `atMs` too.
 */
export function stalledSince(
  { startTime }: JobFacts,
  { checkpoint, savepoint }: CheckpointFacts,
  { atMs, windowMs }: { readonly atMs: number; readonly windowMs: number },
): number | undefined {
  const since = Math.max(startTime, checkpoint?.completedAt ?? 0, savepoint?.completedAt ?? 0);
  return atMs - since > windowMs + MAX_CACHED_MS ? since : undefined;
}
