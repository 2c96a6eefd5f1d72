import { describe, expect, it } from 'vitest';
import { type CheckpointedJobs, checkpointMetrics } from './checkpoints.ts';
import { readRegistry } from './testing.ts';

describe('times of checkpoints', () => {
  it('are told of each job, of no more than is allowed, and go with it', async () => {
    const { registry, lines } = readRegistry();
    const job = (name: string, newestAt: number) =>
      [
        { namespace: 'a', name },
        { newestAt, windowMs: 60_000 },
      ] as const;
    let jobs: ReturnType<CheckpointedJobs> = [job('one', 5_500), job('two', 7_000), job('three', 9_000)];
    checkpointMetrics([registry], 2)('flinkdeployment', () => jobs);
    const series = (name: string, value: number) =>
      `{controller="flinkdeployment",namespace="a",name="${name}"} ${value}`;
    expect(await lines('weir_flink_last_checkpoint_timestamp_seconds{')).toEqual(
      [series('one', 5.5), series('two', 7)].map((text) => `weir_flink_last_checkpoint_timestamp_seconds${text}`),
    );
    expect(await lines('weir_flink_checkpoint_window_seconds{')).toEqual(
      [series('one', 60), series('two', 60)].map((text) => `weir_flink_checkpoint_window_seconds${text}`),
    );
    jobs = [];
    expect(await lines('weir_flink_')).toEqual([]);
  });
});
