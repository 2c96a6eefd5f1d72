import { Gauge, type Registry } from 'prom-client';

/** How recent the newest checkpoint of a job is; times in milliseconds, `newestAt` since the epoch. */
export interface CheckpointTimes {
  readonly newestAt: number;
  /** Within so long a job that is configured like this completes one. */
  readonly windowMs: number;
}

/** The jobs of one controller that take checkpoints, asked for when metrics are read. */
export type CheckpointedJobs = () => Iterable<
  readonly [resource: { namespace: string; name: string }, CheckpointTimes]
>;

const LABELS = ['controller', 'namespace', 'name'] as const;

/** When each job last completed a checkpoint, and how soon it should: at most `most` jobs of a controller. */
export function checkpointMetrics(
  registers: Registry[],
  most: number,
): (controller: string, jobs: CheckpointedJobs) => void {
  const asked = new Map<string, CheckpointedJobs>();
  const gauge = (name: string, help: string, secondsOf: (times: CheckpointTimes) => number) =>
    new Gauge({
      name,
      help,
      labelNames: LABELS,
      registers,
      collect() {
        this.reset();
        for (const [controller, jobs] of asked) {
          for (const [resource, times] of [...jobs()].slice(0, most)) {
            this.set({ controller, ...resource }, secondsOf(times));
          }
        }
      },
    });
  gauge(
    'weir_flink_last_checkpoint_timestamp_seconds',
    'When a job completed its newest checkpoint, or began where it has completed none, asked once a minute; not of jobs without periodic checkpoints.',
    ({ newestAt }) => newestAt / 1000,
  );
  gauge(
    'weir_flink_checkpoint_window_seconds',
    'Within so long the job completes a checkpoint by its configuration: twice its interval or timeout, and once more for each failure it tolerates.',
    ({ windowMs }) => windowMs / 1000,
  );
  return (controller, jobs) => void asked.set(controller, jobs);
}
