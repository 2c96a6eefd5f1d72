import { bandOf, type Demand } from './capacity.ts';
import { inOrder, inputIds, outputCounts } from './graph.ts';
import type { EvaluatedVertex, JobVertex, Reading, RunningJob, Sample } from './model.ts';
import { averageOf, noiseless, rateOf, valuesOf } from './numbers.ts';
import type { AutoscalerSettings } from './settings.ts';

/** What an evaluation goes by. */
interface Measurements {
  readonly job: RunningJob;
  readonly reading: Reading;
  /** Two or more, each with all vertices of the job. */
  readonly samples: readonly Sample[];
  readonly settings: AutoscalerSettings;
  /** What a scaling keeps the job from working, in seconds. */
  readonly restart: number;
}

/**
 * What each vertex can do and has to do, by id, in the order of the graph (Flink Kubernetes Operator 1.15,
 * ScalingMetricEvaluator). Sources have to do what comes in, measured as what they read and how their backlog grows; the
 * others what their inputs will give them.
 */
export function evaluated(measurements: Measurements): ReadonlyMap<string, EvaluatedVertex> {
  const { job, settings, restart } = measurements;
  const backlog = hasBacklog(measurements);
  const demands = demandsOf(measurements);
  return new Map(
    inOrder(job.vertices).map((vertex): [string, EvaluatedVertex] => {
      const demand = demands.get(vertex.id) ?? NO_DEMAND;
      return [
        vertex.id,
        { ...measured(vertex, measurements), ...demand, ...bandOf(demand, settings, restart, backlog) },
      ];
    }),
  );
}

const NO_DEMAND: Demand = { targetRate: 0, catchUpRate: 0 };

/** Whether a source is so far behind that its present rate would take longer than the threshold for it. */
function hasBacklog({ job, samples, settings }: Measurements): boolean {
  return job.vertices.some(({ id, inputs, finished }) => {
    if (inputs.length > 0 || finished) return false;
    const rate = rateOf(samples, id, 'recordsIn') ?? Number.NaN;
    return lagOf(samples, id) / rate > settings.backlogLag;
  });
}

function lagOf(samples: readonly Sample[], id: string): number {
  return samples.at(-1)?.vertices.get(id)?.lag ?? 0;
}

function demandsOf(measurements: Measurements): ReadonlyMap<string, Demand> {
  const demands = new Map<string, Demand>();
  const outputs = outputCounts(measurements.job.vertices);
  for (const vertex of inOrder(measurements.job.vertices)) {
    const demand =
      vertex.inputs.length === 0
        ? sourceDemand(vertex, measurements)
        : passedOn(vertex, demands, outputs, measurements);
    demands.set(vertex.id, demand);
  }
  return demands;
}

function sourceDemand({ id, finished }: JobVertex, { samples, settings }: Measurements): Demand {
  if (finished) return NO_DEMAND;
  const growth = rateOf(samples, id, 'lag') ?? 0;
  const targetRate = Math.max(0, (rateOf(samples, id, 'recordsIn') ?? 0) + growth);
  return { targetRate, catchUpRate: settings.catchUp === 0 ? 0 : lagOf(samples, id) / settings.catchUp };
}

/** Each input gives on its own demand times what it gives out for each record that it takes in. */
function passedOn(
  vertex: JobVertex,
  demands: ReadonlyMap<string, Demand>,
  outputs: ReadonlyMap<string, number>,
  { samples }: Measurements,
): Demand {
  const parts = inputIds(vertex).map((input): Demand => {
    const { targetRate, catchUpRate } = demands.get(input) ?? NO_DEMAND;
    const ratio = outputRatio(input, vertex, outputs, samples);
    return { targetRate: targetRate * ratio, catchUpRate: catchUpRate * ratio };
  });
  return parts.reduce(
    (sum, part) => ({
      targetRate: sum.targetRate + part.targetRate,
      catchUpRate: sum.catchUpRate + part.catchUpRate,
    }),
    NO_DEMAND,
  );
}

/** 0 where nothing came in or went out: a ratio of hardly anything says nothing. */
function outputRatio(
  input: string,
  to: JobVertex,
  outputs: ReadonlyMap<string, number>,
  samples: readonly Sample[],
): number {
  const into = rateOf(samples, input, 'recordsIn') ?? 0;
  const along = edgeRate(input, to, outputs, samples);
  return into > 0 && along > 0 ? along / into : 0;
}

/**
 * Flink counts records of vertices, not of edges: what a vertex takes in is what its only input gave it, or what is left
 * after inputs that give to nobody else. What is left after these comes from all others, in proportion to what each gives
 * out for each of its outputs.
 */
function edgeRate(
  input: string,
  to: JobVertex,
  outputs: ReadonlyMap<string, number>,
  samples: readonly Sample[],
): number {
  const givenBy = (id: string): number => rateOf(samples, id, 'recordsOut') ?? 0;
  const isOnlyFor = (id: string): boolean => outputs.get(id) === 1;
  const others = inputIds(to).filter((id) => id !== input);
  const shared = others.filter((id) => !isOnlyFor(id));
  if (shared.length > 0 && isOnlyFor(input)) return givenBy(input);
  const taken = rateOf(samples, to.id, 'recordsIn') ?? 0;
  const left = others.filter(isOnlyFor).reduce((rest, id) => rest - givenBy(id), taken);
  const [weight = 0, ...weights] = [input, ...shared].map((id) => givenBy(id) / (outputs.get(id) ?? 1));
  const sum = weights.reduce((total, other) => total + other, weight);
  return weights.length === 0 || sum === 0 ? left : (left * weight) / sum;
}

type Measured = Pick<
  EvaluatedVertex,
  'parallelism' | 'maxParallelism' | 'sourcePartitions' | 'load' | 'lag' | 'trueRate'
>;

function measured(vertex: JobVertex, { reading, samples, settings }: Measurements): Measured {
  const { id, parallelism, maxParallelism } = vertex;
  const load = averageLoad(vertex, samples, settings);
  const byBusyTime = rateAtFullLoad(inputRate(id, samples, settings), load);
  const observed = averageOf(valuesOf(samples, id, 'observedRate'), settings.observed.least);
  const trueRate = believed(byBusyTime, observed, settings);
  return {
    parallelism,
    maxParallelism,
    sourcePartitions: reading.vertices.get(id)?.source?.partitions ?? 0,
    load,
    lag: samples.at(-1)?.vertices.get(id)?.lag,
    trueRate: trueRate === undefined ? undefined : noiseless(trueRate),
  };
}

/** The average share of time that the vertex is busy, by the aggregator: AVG has a counter of its own, more exact than samples. */
function averageLoad(
  { id, parallelism }: JobVertex,
  samples: readonly Sample[],
  { busyAggregator }: AutoscalerSettings,
): number | undefined {
  if (busyAggregator !== 'AVG') return averageOf(valuesOf(samples, id, 'load'));
  const busyMs = rateOf(samples, id, 'accumulatedBusyMs');
  return busyMs === undefined ? undefined : busyMs / parallelism / 1000;
}

/** Measured in the same way as the load, so that one fits the other. */
function inputRate(id: string, samples: readonly Sample[], { busyAggregator }: AutoscalerSettings): number | undefined {
  const gauge = busyAggregator === 'AVG' ? undefined : averageOf(valuesOf(samples, id, 'recordsInPerSecond'));
  return gauge === undefined || !Number.isFinite(gauge) ? rateOf(samples, id, 'recordsIn') : gauge;
}

/** Infinite where nothing comes in: until something does, nobody knows what it takes. */
function rateAtFullLoad(rate: number | undefined, load: number | undefined): number | undefined {
  if (rate === 0) return Number.POSITIVE_INFINITY;
  return rate === undefined || load === undefined ? undefined : rate / load;
}

/** Busy time can be told too low, as of sources that wait for what they read; a rate that was seen cannot be beaten by far. */
function believed(
  byBusyTime: number | undefined,
  observed: number | undefined,
  settings: AutoscalerSettings,
): number | undefined {
  if (observed === undefined) return byBusyTime;
  if (byBusyTime === undefined || !Number.isFinite(byBusyTime)) return observed;
  return byBusyTime > observed * (1 + settings.observed.switchAt) ? observed : byBusyTime;
}
