import { Counter, Gauge, type Registry } from 'prom-client';

/** What the autoscaler found of a vertex; what is not known is absent. Rates are records per second. */
export interface AutoscaledVertex {
  readonly id: string;
  readonly name: string;
  readonly parallelism?: number | undefined;
  readonly recommended?: number | undefined;
  readonly maxParallelism?: number | undefined;
  readonly sourcePartitions?: number | undefined;
  /** Share of time in which it is busy. */
  readonly load?: number | undefined;
  readonly lag?: number | undefined;
  readonly trueRate?: number | undefined;
  readonly targetRate?: number | undefined;
  readonly catchUpRate?: number | undefined;
  readonly scaleUpBelow?: number | undefined;
  readonly scaleDownAbove?: number | undefined;
  readonly expectedRate?: number | undefined;
}

/** One look at the job of a resource. */
export interface AutoscaledJob {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Names the look: one that is told again counts once. */
  readonly at: number;
  readonly result: 'scaled' | 'unchanged' | 'failed' | 'waiting';
  /** As they were found last where a look could not tell. */
  readonly vertices: readonly AutoscaledVertex[] | undefined;
}

/** Told of each look; undefined when the autoscaler is off, or the resource gone. */
export type AutoscalerMetrics = (key: string, job: AutoscaledJob | undefined) => void;

/** What createAutoscalerMetrics needs. */
export interface AutoscalerMetricsOptions {
  readonly registry: Registry;
  /** Most jobs that have series of their own. */
  readonly maxResources: number;
  /** The labels host, namespace and name of the incumbent's metrics; undefined where those are not wanted. */
  readonly operator: Readonly<Record<'host' | 'namespace' | 'name', string>> | undefined;
}

type Field = Exclude<keyof AutoscaledVertex, 'id' | 'name'>;

/** Our names, and those that the incumbent's Prometheus reporter gives its gauges (Flink Kubernetes Operator 1.15). */
const GAUGES: readonly { readonly of: Field; readonly own: string; readonly theirs: string; readonly help: string }[] =
  [
    { of: 'parallelism', own: 'parallelism', theirs: 'PARALLELISM_Current', help: 'Parallelism of a vertex.' },
    {
      of: 'recommended',
      own: 'recommended_parallelism',
      theirs: 'RECOMMENDED_PARALLELISM_Current',
      help: 'Parallelism that the autoscaler would give a vertex.',
    },
    {
      of: 'maxParallelism',
      own: 'max_parallelism',
      theirs: 'MAX_PARALLELISM_Current',
      help: 'Most tasks a vertex can have.',
    },
    {
      of: 'sourcePartitions',
      own: 'source_partitions',
      theirs: 'NUM_SOURCE_PARTITIONS_Current',
      help: 'Partitions that a source reads, 0 where not known.',
    },
    { of: 'load', own: 'load_ratio', theirs: 'LOAD_Average', help: 'Share of time in which a vertex is busy.' },
    { of: 'lag', own: 'lag_records', theirs: 'LAG_Current', help: 'Records that wait to be read by a source.' },
    {
      of: 'trueRate',
      own: 'true_rate',
      theirs: 'TRUE_PROCESSING_RATE_Average',
      help: 'Records a second that a vertex could process.',
    },
    {
      of: 'targetRate',
      own: 'target_rate',
      theirs: 'TARGET_DATA_RATE_Average',
      help: 'Records a second that come in for a vertex.',
    },
    {
      of: 'catchUpRate',
      own: 'catch_up_rate',
      theirs: 'CATCH_UP_DATA_RATE_Current',
      help: 'Records a second that a vertex must process besides, to be rid of its backlog in time.',
    },
    {
      of: 'scaleUpBelow',
      own: 'scale_up_threshold_rate',
      theirs: 'SCALE_UP_RATE_THRESHOLD_Current',
      help: 'A vertex that could process fewer records a second is too small.',
    },
    {
      of: 'scaleDownAbove',
      own: 'scale_down_threshold_rate',
      theirs: 'SCALE_DOWN_RATE_THRESHOLD_Current',
      help: 'A vertex that could process more records a second is too large.',
    },
    {
      of: 'expectedRate',
      own: 'expected_rate',
      theirs: 'EXPECTED_PROCESSING_RATE_Current',
      help: 'Records a second that a vertex could process with the recommended parallelism.',
    },
  ];

const LABELS = ['kind', 'namespace', 'name', 'vertex', 'vertex_name'] as const;
const RESOURCE = ['kind', 'namespace', 'name'] as const;
const THEIRS = ['host', 'namespace', 'name', 'resourcens', 'resourcename', 'resourcetype'] as const;

/**
 * What the autoscaler finds, by vertex, and how its looks end, under our names and the incumbent's. Only the replica that acts
 * looks. Series go with the resource, or when its autoscaler is switched off.
 */
export function createAutoscalerMetrics(options: AutoscalerMetricsOptions): AutoscalerMetrics {
  const jobs = new Map<string, AutoscaledJob>();
  const shown = (): readonly AutoscaledJob[] => [...jobs.values()].slice(0, options.maxResources);
  for (const gauge of GAUGES) gauges(options, gauge, shown);
  const counts = counters(options);
  return (key, job) => {
    const before = jobs.get(key);
    if (job === undefined) {
      jobs.delete(key);
      if (before !== undefined) counts.gone(before);
      return;
    }
    jobs.set(key, { ...job, vertices: job.vertices ?? before?.vertices });
    if (before?.at !== job.at) counts.looked(job);
  };
}

function gauges(
  { registry, operator }: AutoscalerMetricsOptions,
  { of, own, theirs, help }: (typeof GAUGES)[number],
  shown: () => readonly AutoscaledJob[],
): void {
  const each = function* (): Iterable<readonly [AutoscaledJob, AutoscaledVertex, number]> {
    for (const job of shown())
      for (const vertex of job.vertices ?? []) {
        const value = vertex[of];
        if (value !== undefined) yield [job, vertex, value];
      }
  };
  new Gauge({
    name: `weir_flink_autoscaler_${own}`,
    help,
    labelNames: LABELS,
    registers: [registry],
    collect() {
      this.reset();
      for (const [job, vertex, value] of each()) {
        this.set({ ...placeOf(job), vertex: vertex.id, vertex_name: vertex.name }, value);
      }
    },
  });
  if (operator === undefined) return;
  new Gauge({
    name: `flink_k8soperator_namespace_resource_AutoScaler_jobVertexID_${theirs}`,
    help,
    labelNames: [...THEIRS, 'jobVertexID'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [job, vertex, value] of each()) {
        this.set({ ...operator, ...theirPlaceOf(job), jobVertexID: vertex.id }, value);
      }
    },
  });
}

function placeOf({ kind, namespace, name }: AutoscaledJob) {
  return { kind, namespace, name };
}

function theirPlaceOf({ kind, namespace, name }: AutoscaledJob) {
  return { resourcens: namespace, resourcename: name, resourcetype: kind };
}

/** Their counters, by what a look came to. */
const COUNTED = { scaled: 'scalings', unchanged: 'balanced', failed: 'errors' } as const;

interface Counts {
  looked(job: AutoscaledJob): void;
  gone(job: AutoscaledJob): void;
}

function counters({ registry, operator }: AutoscalerMetricsOptions): Counts {
  const registers = [registry];
  const looks = new Counter({
    name: 'weir_flink_autoscaler_looks_total',
    help: 'Looks of the autoscaler at a job, by what came of them: scaled, unchanged, waiting for enough to go by, or failed.',
    labelNames: [...RESOURCE, 'result'],
    registers,
  });
  const theirs = Object.entries(operator === undefined ? {} : COUNTED).map(([result, word]) => {
    const name = `flink_k8soperator_namespace_resource_AutoScaler_${word}`;
    const help = `Looks of the autoscaler at a job: ${word}.`;
    return { result, counter: new Counter({ name, help, labelNames: THEIRS, registers }) };
  });
  return {
    looked(job) {
      looks.inc({ ...placeOf(job), result: job.result });
      for (const { result, counter } of theirs) {
        counter.inc({ ...operator, ...theirPlaceOf(job) }, Number(result === job.result));
      }
    },
    gone(job) {
      for (const result of [...Object.keys(COUNTED), 'waiting']) looks.remove({ ...placeOf(job), result });
      for (const { counter } of theirs) counter.remove({ ...operator, ...theirPlaceOf(job) });
    },
  };
}
