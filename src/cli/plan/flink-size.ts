import type { ClusterResources, PodAmount } from '../../flink/resources.ts';
import type { ClusterSize, ResourcePlan, RoleSize } from './report.ts';

/** What is said of a size that is not known, since the spec is not valid, or that there is none of, since it makes no pods. */
export const UNKNOWN_SIZE: ClusterSize = {
  parallelism: null,
  slotsPerTaskManager: null,
  jobManagers: null,
  taskManagers: null,
  pods: null,
  total: null,
  limits: null,
  perRole: [],
  arithmetic: null,
  guesses: [],
};

/** What is said of a resource of Flink that makes no objects of its own: jobs on a session, and snapshots. */
export const WITHOUT_OBJECTS = {
  ...UNKNOWN_SIZE,
  capacity: null,
  flinkVersion: null,
  mode: null,
  objects: [],
  configuration: [],
} as const satisfies Partial<ResourcePlan>;

/** The numbers of a cluster as they are reported. */
export function sizeOf(resources: ClusterResources): ClusterSize {
  const { parallelism, slotsPerTaskManager, jobManagers, taskManagers, pods, total, limits } = resources;
  const [arithmetic = '', ...guesses] = resources.because.split('; ');
  return {
    parallelism,
    slotsPerTaskManager,
    jobManagers,
    taskManagers,
    pods,
    total,
    limits,
    perRole: [
      roleSize('JobManager', jobManagers, resources.jobManager),
      roleSize('TaskManager', taskManagers, resources.taskManager),
    ],
    arithmetic: withUnit(arithmetic, taskManagers),
    guesses,
  };
}

function roleSize(role: RoleSize['role'], pods: number, { cpu, memoryBytes }: PodAmount): RoleSize {
  const total = { cpu: Math.round(cpu * pods * 1e6) / 1e6, memoryBytes: memoryBytes * pods };
  return { role, pods, each: { cpu, memoryBytes }, total };
}

/** `ceil(10 / 5) = 2` says of what there are two. */
function withUnit(arithmetic: string, taskManagers: number): string {
  if (!/= \d+$/.test(arithmetic)) return arithmetic;
  return `${arithmetic} ${taskManagers === 1 ? 'TaskManager' : 'TaskManagers'}`;
}
