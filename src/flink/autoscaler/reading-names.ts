/** Metrics of every task, as Flink names them (1.15 to 2.3). */
export const VERTEX_METRICS = ['busyTimeMsPerSecond', 'backPressuredTimeMsPerSecond', 'numRecordsInPerSecond'] as const;

/** Names of metrics of a vertex: what is asked for, and what of it says what of a source. */
export interface WantedMetrics {
  /** Of VERTEX_METRICS those there are. */
  readonly task: readonly string[];
  /** All of a source's. */
  readonly source: readonly string[];
  readonly recordsIn: readonly string[];
  readonly recordsInPerSecond: readonly string[];
  readonly recordsOut: readonly string[];
  readonly pendingRecords: readonly string[];
}

/** Most names of one kind; a vertex has as many sources chained into it. */
const MAX_NAMES = 16;

/**
 * What of the metrics of a vertex an autoscaler goes by. Those of a source belong to its operators named `Source: …`, and
 * pending records to whatever operator has them (Flink Kubernetes Operator 1.15, FlinkMetric). Names that cannot be asked
 * for, with a comma or two dots in them, are left out.
 */
export function metricNames(all: readonly string[]): WantedMetrics {
  const names = all.filter((name) => !/,|\.\./.test(name));
  const matching = (rule: RegExp): readonly string[] => names.filter((name) => rule.test(name)).slice(0, MAX_NAMES);
  const recordsIn = matching(/^Source__.*\.numRecordsIn$/);
  const recordsInPerSecond = matching(/^Source__.*\.numRecordsInPerSecond$/);
  const recordsOut = matching(/^Source__.*\.numRecordsOut$/);
  const pendingRecords = matching(/\.pendingRecords$/);
  return {
    task: VERTEX_METRICS.filter((name) => names.includes(name)),
    source: [...recordsIn, ...recordsInPerSecond, ...recordsOut, ...pendingRecords],
    recordsIn,
    recordsInPerSecond,
    recordsOut,
    pendingRecords,
  };
}

const KAFKA = /\.KafkaSourceReader\.topic\.(.+)\.partition\.(\d+)\.currentOffset$/;
/** Before it, where a source reads topics of several clusters. */
const KAFKA_CLUSTER = /\.kafkaCluster\.(.+)\.KafkaSourceReader\./;
const PULSAR = /\.PulsarConsumer\.(.+)-partition-(\d+)\..*\.numMsgsReceived$/;
/** Longer names are nobody's partition. */
const MAX_NAME = 1000;

/** Partitions of Kafka or Pulsar that a source reads, by the names of its metrics; undefined where there are none. */
export function partitionsIn(names: readonly string[]): number | undefined {
  const found = new Set(names.filter(({ length }) => length <= MAX_NAME).flatMap(partitionOf));
  return found.size === 0 ? undefined : found.size;
}

function partitionOf(name: string): readonly string[] {
  const [, topic, partition] = KAFKA.exec(name) ?? PULSAR.exec(name) ?? [];
  return topic === undefined ? [] : [[KAFKA_CLUSTER.exec(name)?.[1] ?? '', topic, partition].join('\n')];
}
