import { FailureError } from '../core/failure.ts';
import { type Checkpointed, isTerminal, type JobFacts } from './observed.ts';
import type { Door } from './rest-request-client.ts';
import { askCheckpoints } from './snapshot-client.ts';
import { type CheckpointFacts, NO_CHECKPOINTS } from './snapshot-facts.ts';

/** What one round of questions has told of a job so far. */
export interface RoundSoFar {
  readonly job: JobFacts;
  /** When that was, by the JobManager's clock. */
  readonly atMs: number;
  /** Absent where they were not asked for in this round. */
  readonly checkpoints: CheckpointFacts | undefined;
  /** What was known before this round, of whatever job. */
  readonly before: Checkpointed | undefined;
}

/** How often Flink is asked when nobody else wants to know. */
const EVERY_MS = 60_000;

/**
 * How recent the newest checkpoint of a job is that takes some: asked for once a minute, since every other question about a
 * job at rest is one request (GET /jobs/:id/checkpoints, Flink 1.15 to 2.3). A JobManager that starts anew knows of no
 * earlier checkpoint: what was known before holds until the next one, else it counts from the job's start there. Undefined
 * for a job that has ended, and for one that takes none whatever its configuration says, as in batch mode.
 */
export async function askCheckpointed(
  door: Door,
  windowMs: number,
  { job, atMs, checkpoints, before }: RoundSoFar,
): Promise<Checkpointed | undefined> {
  if (isTerminal(job.state)) return undefined;
  const known = before?.jobId === job.id ? { ...before, windowMs } : undefined;
  const isRecent = known !== undefined && Math.abs(atMs - known.askedAt) < EVERY_MS;
  if (checkpoints === undefined && (isRecent || job.state !== 'RUNNING')) return known;
  const told = checkpoints ?? (await askIfPossible(door));
  if (told === undefined) return known;
  if (told === NO_CHECKPOINTS) return undefined;
  const newestAt = told.checkpoint?.completedAt ?? known?.newestAt ?? job.startTime;
  return { jobId: job.id, newestAt, askedAt: atMs, windowMs };
}

/** What only metrics tell must not make everything else unknown: a failure is asked about again in the next round. */
async function askIfPossible(door: Door): Promise<CheckpointFacts | undefined> {
  try {
    return await askCheckpoints(door);
  } catch (error) {
    if (error instanceof FailureError) return undefined;
    throw error;
  }
}
