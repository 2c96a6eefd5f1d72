import { knownValue } from '../core/fact.ts';
import { parseFlinkDuration } from '../lib/duration.ts';
import { effectiveConf, type FlinkConf, optionOf } from './flink-conf.ts';
import type { JobFacts, JobManagerAnswer } from './observed.ts';
import type { FlinkDeployment, FlinkJobStatus } from './schema.ts';
import type { Intent, Situation } from './situation.ts';
import { isSession } from './validate-change.ts';

/**
 * Whether the recorded spec is proven: its whole job runs and has completed a checkpoint where it takes any, or it has
 * finished, or is suspended as asked; a session whose JobManager answers. Never a spec that was rejected.
 */
export function isStable(situation: Situation, intent: Intent, { state }: FlinkJobStatus): boolean {
  const { record, cluster, observed } = situation;
  const { rejected, scaling } = intent.record ?? record ?? {};
  if (intent.record?.state === 'UPGRADING' || rejected !== undefined || scaling !== undefined) return false;
  if (intent.because === 'Suspended') return true;
  if (record?.state !== 'DEPLOYED' || cluster !== 'current') return false;
  if (isSession(record.spec)) return observed.rest.kind === 'known';
  if (state === 'FINISHED') return true;
  const answer = knownValue(observed.rest);
  return answer !== undefined && provesItself(answer, confOfRun(situation));
}

/** What holds for the recorded run. */
function confOfRun({ resource, record, defaults }: Situation): FlinkConf {
  return effectiveConf({ ...resource, spec: record?.spec ?? {} } as FlinkDeployment, defaults);
}

/** Whether all tasks of a job run and it has completed a checkpoint, where it takes them. */
export function provesItself({ job, snapshotSeen }: JobManagerAnswer, conf: FlinkConf): boolean {
  return job !== undefined && isWhole(job) && (snapshotSeen === true || checkpointIntervalMs(conf) === undefined);
}

/** Whether a job runs with all its tasks. */
export function isWhole({ state, tasks }: JobFacts): boolean {
  return state === 'RUNNING' && tasks.total > 0 && tasks.active === tasks.total;
}

/** How often a job takes a checkpoint, in milliseconds; undefined where the options do not make it take any. */
export function checkpointIntervalMs(conf: FlinkConf): number | undefined {
  const interval = parseFlinkDuration(optionOf(conf, 'execution.checkpointing.interval') ?? '');
  return interval !== undefined && interval > 0 ? interval : undefined;
}

/** Flink's default of execution.checkpointing.timeout (1.15 to 2.3). */
const CHECKPOINT_TIMEOUT_MS = 600_000;

/** How long the first checkpoint of a job that runs may take, in milliseconds. */
export function firstCheckpointMs(conf: FlinkConf): number {
  const timeout = parseFlinkDuration(optionOf(conf, 'execution.checkpointing.timeout') ?? '');
  return (checkpointIntervalMs(conf) ?? 0) + (timeout ?? CHECKPOINT_TIMEOUT_MS);
}
