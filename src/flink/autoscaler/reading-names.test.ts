import { describe, expect, it } from 'vitest';
import { metricNames, partitionsIn } from './reading-names.ts';

describe('names of metrics', () => {
  it('are those of the task and of sources, and pending records of any operator', () => {
    const names = metricNames([
      'busyTimeMsPerSecond',
      'numRecordsInPerSecond',
      'idleTimeMsPerSecond',
      'numRecordsIn',
      'Source__orders.numRecordsIn',
      'Source__orders.numRecordsInPerSecond',
      'Source__orders.numRecordsOut',
      'Map.numRecordsIn',
      'orders.pendingRecords',
    ]);
    expect(names).toEqual({
      task: ['busyTimeMsPerSecond', 'numRecordsInPerSecond'],
      source: [
        'Source__orders.numRecordsIn',
        'Source__orders.numRecordsInPerSecond',
        'Source__orders.numRecordsOut',
        'orders.pendingRecords',
      ],
      recordsIn: ['Source__orders.numRecordsIn'],
      recordsInPerSecond: ['Source__orders.numRecordsInPerSecond'],
      recordsOut: ['Source__orders.numRecordsOut'],
      pendingRecords: ['orders.pendingRecords'],
    });
  });

  it('are left out that would be several, or a step up in the path', () => {
    expect(metricNames(['Source__a,b.numRecordsIn', 'Source__../x.numRecordsIn']).source).toEqual([]);
  });

  it.each<[string, readonly string[], number | undefined]>([
    ['none', ['Source__a.numRecordsIn'], undefined],
    [
      'of Kafka, each topic and partition once',
      [
        'Source__a.KafkaSourceReader.topic.t.partition.0.currentOffset',
        'Source__b.KafkaSourceReader.topic.t.partition.0.currentOffset',
        'Source__a.KafkaSourceReader.topic.t.partition.1.currentOffset',
        'Source__a.KafkaSourceReader.topic.u.partition.1.currentOffset',
        'Source__a.KafkaSourceReader.topic.u.partition.1.committedOffset',
      ],
      3,
    ],
    [
      'of one topic on two clusters of Kafka',
      [
        'Source__a.kafkaCluster.east.KafkaSourceReader.topic.t.partition.0.currentOffset',
        'Source__a.kafkaCluster.west.KafkaSourceReader.topic.t.partition.0.currentOffset',
      ],
      2,
    ],
    [
      'of Pulsar',
      [
        'Source__p.PulsarConsumer.persistent_//public/default/t-partition-0.c1.numMsgsReceived',
        'Source__p.PulsarConsumer.persistent_//public/default/t-partition-1.c1.numMsgsReceived',
      ],
      2,
    ],
  ])('tell partitions: %s', (_name, names, partitions) => {
    expect(partitionsIn(names)).toBe(partitions);
  });
});
