import { knownValue } from '../core/fact.ts';
import { checkpointIntervalMs } from './checkpoint-times.ts';
import { effectiveConf, type FlinkConf } from './flink-conf.ts';
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
export function confOfRun({ resource, record, defaults }: Situation): FlinkConf {
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
