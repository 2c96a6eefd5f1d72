import { FailureError } from '../../core/failure.ts';
import type { AutoscaledFacts, JobManagerAnswer } from '../observed.ts';
import type { Door } from '../rest-request-client.ts';
import { isWhole } from '../stability.ts';
import { type JobReading, readJob } from './reading-client.ts';
import { type AutoscalerSettings, sampleIntervalMs } from './settings.ts';

/** How a job is read for its autoscaler. */
export interface AutoscalerQuestion {
  readonly everyMs: number;
  /** Time in which it must be read. */
  readonly timeoutMs: number;
}

/** Most readings that are held: what is older is stored, or was lost with the process. */
const MAX_READINGS = 60;

/** The rest of a round of questions must not wait for it longer than this. */
const MAX_TIMEOUT_MS = 5000;

/** How a job is read that has these settings; undefined where its autoscaler is off. */
export function autoscalerQuestion(settings: AutoscalerSettings): AutoscalerQuestion | undefined {
  if (!settings.enabled) return undefined;
  return { everyMs: sampleIntervalMs(settings), timeoutMs: Math.min(settings.restTimeoutMs, MAX_TIMEOUT_MS) };
}

/**
 * What an autoscaler has read of a job: read anew after a while, of a job with all its tasks. A reading that fails must not
 * make everything else unknown: what was read before stays, and it says why.
 */
export async function askAutoscaled(
  door: Door,
  question: AutoscalerQuestion | undefined,
  {
    answer: { job, askedAt },
    previous,
  }: { readonly answer: JobManagerAnswer; readonly previous: JobManagerAnswer | undefined },
): Promise<Pick<JobManagerAnswer, 'autoscaled'>> {
  if (question === undefined || job === undefined || askedAt === undefined) return {};
  const before = previous?.autoscaled?.jobId === job.id ? previous.autoscaled : undefined;
  const isRecent = before !== undefined && Math.abs(askedAt - before.askedAt) < question.everyMs;
  if (isRecent || !isWhole(job)) return before === undefined ? {} : { autoscaled: before };
  const signal = AbortSignal.any([door.signal, AbortSignal.timeout(question.timeoutMs)]);
  const read = await readIfPossible({ ...door, signal });
  return {
    autoscaled: {
      jobId: job.id,
      askedAt,
      ...(typeof read === 'string' ? withFailure(before, read) : withReading(before, read)),
    },
  };
}

type Read = Omit<AutoscaledFacts, 'jobId' | 'askedAt'>;

function withFailure(before: AutoscaledFacts | undefined, failed: string): Read {
  const { runningSince = 0, vertices = [], readings = [] } = before ?? {};
  return { runningSince, vertices, readings, failed };
}

/** What was read of a job that has been restarted since tells nothing of how it runs now. */
function withReading(before: AutoscaledFacts | undefined, { runningSince, vertices, reading }: JobReading): Read {
  const readings = before?.runningSince === runningSince ? before.readings.filter(({ at }) => at < reading.at) : [];
  return { runningSince, vertices, readings: [...readings, reading].slice(-MAX_READINGS) };
}

async function readIfPossible(door: Door): Promise<JobReading | string> {
  try {
    return await readJob(door);
  } catch (error) {
    if (error instanceof FailureError) return error.failure.message;
    throw error;
  }
}
