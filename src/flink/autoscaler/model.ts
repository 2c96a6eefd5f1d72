/**
 * What the autoscaler is told, remembers and answers. Rates are records per second, times are milliseconds (those of day
 * since the epoch), shares are 0 to 1. Numbers that are not known are absent, never NaN.
 */

/** An input of a vertex; the strategy as in Flink's job plan, in upper case (HASH, FORWARD, REBALANCE and so on). */
export interface VertexInput {
  readonly id: string;
  readonly shipStrategy: string;
}

/** A vertex of the job graph. One without inputs is a source. */
export interface JobVertex {
  readonly id: string;
  readonly name: string;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly inputs: readonly VertexInput[];
  /** It has ended by itself, as bounded sources do. */
  readonly finished: boolean;
  readonly slotSharingGroup?: string | undefined;
}

/** The TaskManagers of the job, as far as the spec tells. */
export interface TaskManagerSize {
  readonly slots: number;
  /** Cores. */
  readonly cpu?: number | undefined;
  readonly memoryBytes?: number | undefined;
}

/** The job as it runs now. */
export interface RunningJob {
  /** When it became RUNNING for the last time, by Flink's clock. */
  readonly runningSince: number;
  readonly vertices: readonly JobVertex[];
  readonly taskManager: TaskManagerSize;
}

/** A metric over the subtasks of a vertex. */
export interface OverSubtasks {
  readonly min: number;
  readonly max: number;
  readonly avg: number;
}

/** What only sources have: sums over all subtasks, of the metrics of the operators named `Source: …`. */
export interface SourceReading {
  readonly recordsIn?: number | undefined;
  readonly recordsInPerSecond?: number | undefined;
  readonly recordsOut?: number | undefined;
  /** Of all metrics `*.pendingRecords`; absent where there is none. */
  readonly pendingRecords?: number | undefined;
  /** Different partitions that have an offset (Kafka) or were read (Pulsar); absent where there are none. */
  readonly partitions?: number | undefined;
}

/** What Flink says of one vertex at one time. Legacy sources have a busy time of NaN, which is told as absent. */
export interface VertexReading {
  readonly busyMsPerSecond?: OverSubtasks | undefined;
  /** Over the subtasks on average. */
  readonly backPressuredMsPerSecond?: number | undefined;
  /** `read-records` and `write-records` of the job's details: since the vertex started, over all subtasks. */
  readonly recordsIn: number;
  readonly recordsOut: number;
  /** `accumulated-busy-time` of the job's details. */
  readonly accumulatedBusyMs?: number | undefined;
  /** `numRecordsInPerSecond`, the sum. */
  readonly recordsInPerSecond?: number | undefined;
  readonly source?: SourceReading | undefined;
}

/** Everything read of a job at one time. */
export interface Reading {
  readonly at: number;
  readonly vertices: ReadonlyMap<string, VertexReading>;
  /** Of the fullest TaskManager. */
  readonly heapUsage?: number | undefined;
  /** Share of time that the busiest TaskManager collects garbage. */
  readonly gcPressure?: number | undefined;
}

/** What is remembered of a reading of a vertex; the Flink Kubernetes Operator 1.15 stores the same numbers. */
export interface VertexSample {
  /** Busy share, by the aggregator of the settings (LOAD). */
  readonly load?: number | undefined;
  /** ACCUMULATED_BUSY_TIME. */
  readonly accumulatedBusyMs?: number | undefined;
  /** NUM_RECORDS_IN. */
  readonly recordsIn?: number | undefined;
  /** NUM_RECORDS_IN_PER_SECOND. */
  readonly recordsInPerSecond?: number | undefined;
  /** NUM_RECORDS_OUT. */
  readonly recordsOut?: number | undefined;
  /** Rate seen of a source that catches up, with no back pressure; infinite where nothing comes in (OBSERVED_TPR). */
  readonly observedRate?: number | undefined;
  /** Pending records (LAG); sources only. */
  readonly lag?: number | undefined;
}

/** What is remembered of a reading. */
export interface Sample {
  readonly at: number;
  readonly vertices: ReadonlyMap<string, VertexSample>;
  /** HEAP_MAX_USAGE_RATIO. */
  readonly heapUsage?: number | undefined;
  /** GC_PRESSURE. */
  readonly gcPressure?: number | undefined;
}

/** A scaling of one vertex that was done. */
export interface Scaling {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  /** TRUE_PROCESSING_RATE (average) before it. */
  readonly trueRate: number;
  /** EXPECTED_PROCESSING_RATE (current): what it was to bring. */
  readonly expectedRate: number;
}

/** A scaling of the job and how long it took until the job ran again; absent until it does. */
export interface Restart {
  readonly at: number;
  readonly tookMs?: number | undefined;
}

/** A parallelism below the present one that came out at a time. */
export interface Recommendation {
  readonly at: number;
  readonly parallelism: number;
  /** The vertex was outside of its band. */
  readonly outside: boolean;
}

/** A vertex that waits to be scaled down. */
export interface DelayedScaleDown {
  readonly since: number;
  /** In order of time, parallelism strictly falling: what is smaller than a later one can never be the largest. */
  readonly recommendations: readonly Recommendation[];
}

/** What the autoscaler remembers of a job; vertices by id. */
export interface AutoscalerState {
  /** In order of time. */
  readonly samples: readonly Sample[];
  /** In order of time. */
  readonly history: ReadonlyMap<string, readonly Scaling[]>;
  /** In order of time. */
  readonly restarts: readonly Restart[];
  /** The parallelism it gave the vertices; empty until it has scaled. */
  readonly overrides: ReadonlyMap<string, number>;
  readonly delayed: ReadonlyMap<string, DelayedScaleDown>;
}

/** What a job starts with that was never autoscaled. */
export const NO_STATE: AutoscalerState = {
  samples: [],
  history: new Map(),
  restarts: [],
  overrides: new Map(),
  delayed: new Map(),
};

/** What was worked out for a vertex. The names behind are those of the Flink Kubernetes Operator's gauges. */
export interface EvaluatedVertex {
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** 0 where it is not known (NUM_SOURCE_PARTITIONS). */
  readonly sourcePartitions: number;
  /** LOAD, average. */
  readonly load?: number | undefined;
  /** LAG, current. */
  readonly lag?: number | undefined;
  /** What it could process at full load; infinite where nothing comes in (TRUE_PROCESSING_RATE, average). */
  readonly trueRate?: number | undefined;
  /** What comes in (TARGET_DATA_RATE, average). */
  readonly targetRate: number;
  /** What it must do besides to be rid of its backlog in time (CATCH_UP_DATA_RATE, current). */
  readonly catchUpRate: number;
  /** A true rate below this is too little (SCALE_UP_RATE_THRESHOLD). */
  readonly scaleUpBelow: number;
  /** A true rate above this is too much (SCALE_DOWN_RATE_THRESHOLD). */
  readonly scaleDownAbove: number;
  /** The parallelism it would have; the present one unless a scaling was worked out (RECOMMENDED_PARALLELISM); absent until the window is full. */
  readonly recommended?: number | undefined;
  /** EXPECTED_PROCESSING_RATE. */
  readonly expectedRate?: number | undefined;
}

/** Another parallelism of a vertex. */
export interface VertexChange {
  readonly id: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly trueRate: number;
  readonly expectedRate: number;
  readonly targetRate: number;
}

/** Why the answer is what it is. */
export type ScalingReason =
  /** Fewer than two samples, or no vertices yet. */
  | 'TooFewSamples'
  /** The job runs for less than the stabilization interval. */
  | 'Stabilizing'
  /** The samples do not yet span the window. */
  | 'WindowNotFull'
  /** A source lacks metrics without which nothing can be said. */
  | 'MetricsMissing'
  /** Heap or garbage collection above its threshold (event MemoryPressure). */
  | 'MemoryPressure'
  /** Every vertex has what it needs, or as little as it can have. */
  | 'Balanced'
  /** Some vertices are too small, and get no more: the most they may have is the reason. */
  | 'AtLimit'
  /** Some vertices are too large, and wait for the scale-down interval to pass. */
  | 'ScaleDownDelayed'
  /** Changes were worked out, and `scaling.enabled` is false (event ScalingReport). */
  | 'ScalingDisabled'
  /** Changes were worked out, in an excluded period (event ScalingReport). */
  | 'ExcludedPeriod'
  /** They would take more than the quota (event ResourceQuotaReached). */
  | 'QuotaReached'
  /** They are what was asked for already, and Flink has not done it yet. */
  | 'AskedAlready'
  /** `wanted` says what is to be done (event ScalingReport). */
  | 'Scaling';

/** Something about a vertex that its user should hear of, whatever is done. */
export interface ScalingNote {
  /** The reason of the event, as the Flink Kubernetes Operator has it. */
  readonly reason: 'IneffectiveScaling' | 'ScalingLimited';
  readonly vertex: string;
  readonly message: string;
}

/** The answer to one look at a job. */
export interface ScalingDecision {
  /** What to remember from now on. With `wanted` it says that the scaling was done: store it no later than the scaling. */
  readonly state: AutoscalerState;
  /** By vertex; empty until there are two samples. */
  readonly evaluated: ReadonlyMap<string, EvaluatedVertex>;
  /** The changes that were worked out, done or not. */
  readonly changes: readonly VertexChange[];
  /** Overrides for all vertices of the job, where it is to be scaled now; the same as `state.overrides` then. */
  readonly wanted?: ReadonlyMap<string, number> | undefined;
  readonly why: { readonly reason: ScalingReason; readonly message: string };
  readonly notes: readonly ScalingNote[];
}
