import { remembered } from '../lib/remembered.ts';
import { decimalOf, type FlinkConf, integerOf } from './conf/entry.ts';
import { slotsPerTaskManager, taskManagersFor } from './conf/job-rules.ts';
import { jobManagerMemory, type ProcessMemory, taskManagerMemory } from './conf/memory.ts';
import { isStandalone } from './conf/mode.ts';
import { largestVertexParallelism } from './conf/scheduling.ts';
import type { FlinkDeploymentSpec } from './schema.ts';

/** CPU and memory, of one pod or of many. */
export interface Amount {
  readonly cpu: number;
  readonly memoryBytes: number;
}

/** What one kind of pod requests and may use at most. */
export interface PodAmount extends Amount {
  readonly limits: Amount;
}

/** What a cluster asks of Kubernetes, before it is started. */
export interface ClusterResources {
  readonly jobManagers: number;
  readonly taskManagers: number;
  readonly slotsPerTaskManager: number;
  readonly parallelism: number;
  /** Requests of one pod each. */
  readonly jobManager: PodAmount;
  readonly taskManager: PodAmount;
  /** Requests of all TaskManagers, and of the whole cluster. */
  readonly totalTaskManagers: Amount;
  readonly total: Amount;
  /** Limits of the whole cluster. */
  readonly limits: Amount;
  readonly pods: number;
  /** The arithmetic in words, `ceil(10 / 5) = 2`, then what had to be guessed. */
  readonly because: string;
}

/**
 * The pods of a cluster and what they request, from its spec and effective configuration. A native session cluster has
 * no TaskManagers of its own: jobs bring them.
 */
export function clusterResources(spec: FlinkDeploymentSpec, conf: FlinkConf): ClusterResources {
  return resourcesUnder(conf)(spec);
}

/** Most passes see the spec and the configuration of the one before. */
const resourcesUnder = remembered((conf: FlinkConf) =>
  remembered((spec: FlinkDeploymentSpec) => resourcesOf(spec, conf)),
);

function resourcesOf(spec: FlinkDeploymentSpec, conf: FlinkConf): ClusterResources {
  const jobManagers = Math.max(1, integerOf(conf, 'kubernetes.jobmanager.replicas', 1));
  const slots = slotsPerTaskManager(conf);
  const parallelism = Math.max(1, integerOf(conf, 'parallelism.default', 1), largestVertexParallelism(conf));
  const { count, because } = taskManagerCount(spec, conf, { slots, parallelism });
  const memory = { jobManager: jobManagerMemory(conf), taskManager: taskManagerMemory(conf) };
  const jobManager = podAmount(conf, 'jobmanager', memory.jobManager, 1);
  const taskManager = podAmount(conf, 'taskmanager', memory.taskManager, slots);
  const totalTaskManagers = times(taskManager, count);
  return {
    jobManagers,
    taskManagers: count,
    slotsPerTaskManager: slots,
    parallelism,
    jobManager,
    taskManager,
    totalTaskManagers,
    total: plus(times(jobManager, jobManagers), totalTaskManagers),
    limits: plus(times(jobManager.limits, jobManagers), times(taskManager.limits, count)),
    pods: jobManagers + count,
    because: [because, memory.jobManager.guess, memory.taskManager.guess]
      .filter((part) => part !== undefined)
      .join('; '),
  };
}

function taskManagerCount(
  spec: FlinkDeploymentSpec,
  conf: FlinkConf,
  { slots, parallelism }: { readonly slots: number; readonly parallelism: number },
): { readonly count: number; readonly because: string } {
  if (spec.job === undefined && !isStandalone(spec)) return { count: 0, because: 'jobs bring their TaskManagers' };
  const replicas = conf.get('kubernetes.internal.taskmanager.replicas');
  if (replicas !== undefined && (isStandalone(spec) || (spec.taskManager?.replicas ?? 0) > 0)) {
    const count = Math.max(1, integerOf(conf, 'kubernetes.internal.taskmanager.replicas', 1));
    return { count, because: replicas.origin === 'weir' ? replicas.because : `${replicas.because} = ${count}` };
  }
  if (spec.job === undefined)
    return { count: 1, because: 'one TaskManager, since spec.taskManager.replicas is not set' };
  const count = taskManagersFor(parallelism, slots);
  return { count, because: `ceil(${parallelism} / ${slots}) = ${count}` };
}

function podAmount(
  conf: FlinkConf,
  component: 'jobmanager' | 'taskmanager',
  memory: ProcessMemory,
  defaultCpu: number,
): PodAmount {
  const key = `kubernetes.${component}`;
  const cpu = decimalOf(conf, [`${key}.cpu.amount`, `${key}.cpu`], defaultCpu);
  const memoryBytes = wholeMebibytes(memory.bytes);
  const limits = {
    cpu: cpu * decimalOf(conf, [`${key}.cpu.limit-factor`], 1),
    memoryBytes: wholeMebibytes(memoryBytes * decimalOf(conf, [`${key}.memory.limit-factor`], 1)),
  };
  return { cpu, memoryBytes, limits };
}

/** Flink asks Kubernetes for whole MiB; the millionth keeps 3 GiB × (4 / 3) from becoming 4095 MiB. */
function wholeMebibytes(bytes: number): number {
  return Math.floor(bytes / 2 ** 20 + 1e-6) * 2 ** 20;
}

function times({ cpu, memoryBytes }: Amount, count: number): Amount {
  return { cpu: rounded(cpu * count), memoryBytes: memoryBytes * count };
}

function plus(a: Amount, b: Amount): Amount {
  return { cpu: rounded(a.cpu + b.cpu), memoryBytes: a.memoryBytes + b.memoryBytes };
}

function rounded(cores: number): number {
  return Math.round(cores * 1e6) / 1e6;
}
