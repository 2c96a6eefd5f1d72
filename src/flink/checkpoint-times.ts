import { parseFlinkDuration } from '../lib/duration.ts';
import { type FlinkConf, optionOf } from './conf/entry.ts';

/** Flink's defaults of execution.checkpointing.timeout and .tolerable-failed-checkpoints (CheckpointingOptions, 1.15 to 2.3). */
const TIMEOUT_MS = 600_000;
const TOLERABLE_FAILURES = 0;

/** How often a job takes a checkpoint, in milliseconds; undefined where the options do not make it take any. */
export function checkpointIntervalMs(conf: FlinkConf): number | undefined {
  const interval = durationIn(conf, 'execution.checkpointing.interval');
  return interval !== undefined && interval > 0 ? interval : undefined;
}

/** How long the first checkpoint of a job that runs may take, in milliseconds. */
export function firstCheckpointMs(conf: FlinkConf): number {
  return (checkpointIntervalMs(conf) ?? 0) + timeoutMs(conf);
}

/**
 * Time within which a job completes a checkpoint although as many fail as it tolerates, and two more, in milliseconds (Flink
 * Kubernetes Operator 1.15, ClusterHealthEvaluator).
 */
export function checkpointWindowMs(conf: FlinkConf): number {
  const tolerated = Number(
    optionOf(conf, 'execution.checkpointing.tolerable-failed-checkpoints') ?? TOLERABLE_FAILURES,
  );
  const attempts = (Number.isSafeInteger(tolerated) ? tolerated : TOLERABLE_FAILURES) + 2;
  return Math.max(checkpointIntervalMs(conf) ?? 0, timeoutMs(conf)) * attempts;
}

function timeoutMs(conf: FlinkConf): number {
  return durationIn(conf, 'execution.checkpointing.timeout') ?? TIMEOUT_MS;
}

function durationIn(conf: FlinkConf, key: string): number | undefined {
  const text = optionOf(conf, key);
  return text === undefined ? undefined : parseFlinkDuration(text);
}
