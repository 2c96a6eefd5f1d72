import type {
  JobVertex,
  Reading,
  Restart,
  RunningJob,
  Sample,
  SourceReading,
  VertexReading,
  VertexSample,
} from './model.ts';
import { averageOf, valuesOf } from './numbers.ts';
import type { AutoscalerSettings } from './settings.ts';

/**
 * What is remembered of a reading, after the samples before it; undefined with the names of the vertices of which too
 * little was read to say anything.
 */
export function sampleOf(
  reading: Reading,
  job: RunningJob,
  before: readonly Sample[],
  settings: AutoscalerSettings,
): { readonly sample: Sample } | { readonly missing: readonly string[] } {
  const found = job.vertices.map((vertex) => {
    const read = reading.vertices.get(vertex.id);
    return {
      vertex,
      sample: read && vertexSample(vertex, read, valuesOf(before, vertex.id, 'observedRate'), settings),
    };
  });
  const missing = found.filter(({ sample }) => sample === undefined).map(({ vertex }) => vertex.name);
  if (missing.length > 0) return { missing };
  const vertices = new Map(found.flatMap(({ vertex, sample }) => (sample ? [[vertex.id, sample] as const] : [])));
  return { sample: { at: reading.at, vertices, heapUsage: reading.heapUsage, gcPressure: reading.gcPressure } };
}

function vertexSample(
  { inputs, finished }: JobVertex,
  read: VertexReading,
  observedBefore: readonly (number | undefined)[],
  settings: AutoscalerSettings,
): VertexSample | undefined {
  const { recordsOut, accumulatedBusyMs } = read;
  if (finished) return { load: 0, accumulatedBusyMs, recordsIn: read.recordsIn, recordsOut, lag: 0 };
  const load = loadOf(read, settings);
  if (inputs.length > 0) {
    const { recordsIn, recordsInPerSecond } = read;
    return { load, accumulatedBusyMs, recordsIn, recordsInPerSecond, recordsOut };
  }
  const recordsIn = sourceRecordsIn(read.recordsIn, read.source);
  if (recordsIn === undefined) return undefined;
  const lag = read.source?.pendingRecords ?? 0;
  const seen = observedRate(read, lag, settings);
  const observed = seen === 'not known' ? averageOf(observedBefore, settings.observed.least) : seen;
  return { load, accumulatedBusyMs, recordsIn, recordsOut, observedRate: observed, lag };
}

function loadOf({ busyMsPerSecond: busy }: VertexReading, { busyAggregator }: AutoscalerSettings): number | undefined {
  if (busy === undefined) return undefined;
  const value = { MAX: busy.max, MIN: busy.min, AVG: busy.avg }[busyAggregator];
  return Number.isFinite(value) ? Math.max(0, value) / 1000 : undefined;
}

/**
 * What a source took in: Flink counts it for the task in newer versions, else for the operator; of a source that does not
 * count it, what it gave out. Undefined where none of these is told.
 */
function sourceRecordsIn(ofTask: number, source: SourceReading | undefined): number | undefined {
  const counted = [ofTask, source?.recordsIn, source?.recordsOut].find((value) => value !== undefined && value > 0);
  return counted ?? source?.recordsIn ?? source?.recordsOut;
}

/**
 * The rate of a source that has enough to read, as if nothing held it back; infinite where nothing comes in. Not known
 * where it has read nearly everything, so that its rate says what there was, not what it can do.
 */
function observedRate(
  { source, backPressuredMsPerSecond }: VertexReading,
  lag: number,
  { observed }: AutoscalerSettings,
): number | 'not known' | undefined {
  const rate = source?.recordsInPerSecond;
  if (rate === undefined) return undefined;
  if (rate === 0) return Number.POSITIVE_INFINITY;
  const free = 1 - (backPressuredMsPerSecond ?? 1000) / 1000;
  return lag < observed.lag * rate || free <= 0 ? 'not known' : rate / free;
}

/** When the job began to run as it does now: when it became RUNNING, or was scaled last, which may take it a while. */
export function begunAt({ runningSince }: RunningJob, restarts: readonly Restart[]): number {
  return Math.max(runningSince, restarts.at(-1)?.at ?? runningSince);
}

/** The samples that were taken between two times: what was measured before a scaling says nothing of the job behind it. */
export function samplesBetween(samples: readonly Sample[], begun: number, at: number): readonly Sample[] {
  return samples.filter((sample) => sample.at > begun && sample.at < at);
}

/**
 * The samples that still tell something, the newest of them last: those that count every vertex, without a hole of more than a window
 * or a counter that fell between them, and of those older than the window only the last, so that they span it.
 */
export function usefulSamples(
  samples: readonly Sample[],
  job: RunningJob,
  begun: number,
  settings: AutoscalerSettings,
): readonly Sample[] {
  const counted = samples.filter(({ vertices }) =>
    job.vertices.every(({ id }) => vertices.get(id)?.recordsIn !== undefined),
  );
  const all = withoutBreaks(counted, job, settings);
  const windowStart = (samples.at(-1)?.at ?? 0) - settings.windowMs;
  const stable = stableAt(begun, settings);
  const first = all.findLastIndex(({ at }) => at <= windowStart && at >= stable);
  return all.filter(({ at }, index) => at > windowStart || index === first);
}

/** When a job that began to run at a time has run long enough to be judged. */
export function stableAt(begun: number, { stabilizationMs }: AutoscalerSettings): number {
  return begun + stabilizationMs;
}

/** Whether the samples, as usefulSamples left them, span a whole window of a stable job. */
export function isWindowFull(samples: readonly Sample[], { windowMs }: AutoscalerSettings): boolean {
  const [oldest, newest] = [samples[0], samples.at(-1)];
  return oldest !== undefined && newest !== undefined && oldest.at <= newest.at - windowMs;
}

function withoutBreaks(samples: readonly Sample[], job: RunningJob, settings: AutoscalerSettings): readonly Sample[] {
  const start = samples.findLastIndex((sample, index) => {
    const previous = samples[index - 1];
    return (
      previous !== undefined && (sample.at - previous.at > settings.windowMs || countedAnew(previous, sample, job))
    );
  });
  return start < 0 ? samples : samples.slice(start);
}

/** Tasks that were started again count from 0, whatever Flink says of the job. */
function countedAnew(before: Sample, after: Sample, { vertices }: RunningJob): boolean {
  return vertices.some(({ id, finished }) => {
    const [was, is] = [before.vertices.get(id)?.recordsIn, after.vertices.get(id)?.recordsIn];
    return !finished && was !== undefined && is !== undefined && is < was;
  });
}
