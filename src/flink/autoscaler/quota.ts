import { describeBytes } from '../../lib/memory-size.ts';
import type { RunningJob } from './model.ts';
import { noiseless } from './numbers.ts';
import type { AutoscalerSettings } from './settings.ts';

/**
 * Why the parallelism given to vertices would take more than the quota, as a clause; undefined where it does not, or takes
 * no more TaskManagers than there are. The vertices of a slot sharing group share slots; those of which Flink names no group
 * are taken to share one.
 */
export function beyondQuota(
  job: RunningJob,
  overrides: ReadonlyMap<string, number>,
  { quota }: AutoscalerSettings,
): string | undefined {
  const now = taskManagers(job, new Map());
  const then = taskManagers(job, overrides);
  if (then <= now) return undefined;
  const cores = noiseless((job.taskManager.cpu ?? 0) * then);
  const bytes = (job.taskManager.memoryBytes ?? 0) * then;
  const { cpu = cores, memoryBytes = bytes } = quota;
  const problems = [
    ...(cores > cpu ? [`${cores} cores, and job.autoscaler.quota.cpu is ${cpu}`] : []),
    ...(bytes > memoryBytes
      ? [`${describeBytes(bytes)} of memory, and job.autoscaler.quota.memory is ${describeBytes(memoryBytes)}`]
      : []),
  ];
  return problems.length === 0 ? undefined : `${then} TaskManagers instead of ${now} have ${problems.join('; ')}`;
}

function taskManagers({ vertices, taskManager }: RunningJob, overrides: ReadonlyMap<string, number>): number {
  const groups = new Map<string, number>();
  for (const { id, slotSharingGroup = '', parallelism } of vertices) {
    groups.set(slotSharingGroup, Math.max(groups.get(slotSharingGroup) ?? 0, overrides.get(id) ?? parallelism));
  }
  const slots = [...groups.values()].reduce((sum, parallelism) => sum + parallelism, 0);
  return Math.ceil(slots / Math.max(1, taskManager.slots));
}
