import type { ContainerStart, SimProcess, Surroundings } from '../process.ts';
import { startJobManager } from './job-manager.ts';
import { startTaskManager } from './task-manager.ts';
import type { FlinkWorld } from './world.ts';

/** Runs Flink in the pods of Flink clusters: a JobManager or a TaskManager, by the pod's label `component`. */
export function flinkProcesses(world: FlinkWorld): (start: ContainerStart, around: Surroundings) => SimProcess {
  return (start, around) => {
    const component = start.pod.metadata.labels?.component;
    const run = component === 'jobmanager' ? startJobManager : startTaskManager;
    return run(world, start, around);
  };
}
