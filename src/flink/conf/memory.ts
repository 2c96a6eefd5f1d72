import { formatMemorySize, parseMemorySize } from '../../lib/memory-size.ts';
import { decimalOf, type FlinkConf, optionOf } from './entry.ts';

/** Memory of one Flink process, all of it. */
export interface ProcessMemory {
  readonly bytes: number;
  /** Said when nothing in spec or configuration gives the size: Flink itself will refuse to start so. */
  readonly guess?: string;
}

const MIB = 2 ** 20;

/** Ends the option for all memory of a JVM process: `jobmanager.memory.process.size`, `taskmanager.…`. */
export const PROCESS_SIZE = 'memory.process.size';

/** What the default configuration file of a Flink distribution sets. */
const JOB_MANAGER_DEFAULT = 1600 * MIB;
const TASK_MANAGER_DEFAULT = 1728 * MIB;

/**
 * The JobManager's process memory, as Flink's JobManagerProcessUtils finds it: process size, else Flink size or heap
 * with what comes on top.
 */
export function jobManagerMemory(conf: FlinkConf): ProcessMemory {
  const prefix = 'jobmanager.memory';
  const process = sizeOf(conf, `jobmanager.${PROCESS_SIZE}`) ?? sizeOf(conf, 'jobmanager.heap.size');
  if (process !== undefined) return { bytes: process };
  const heap = sizeOf(conf, `${prefix}.heap.size`);
  const offHeap = sizeOf(conf, `${prefix}.off-heap.size`) ?? 128 * MIB;
  const flink = sizeOf(conf, `${prefix}.flink.size`) ?? (heap === undefined ? undefined : heap + offHeap);
  if (flink !== undefined) return { bytes: withOverhead(conf, prefix, flink) };
  return { bytes: JOB_MANAGER_DEFAULT, guess: guessed('JobManager', JOB_MANAGER_DEFAULT) };
}

/** The TaskManager's, as TaskExecutorProcessUtils finds it: process size, Flink size, or task heap and managed memory. */
export function taskManagerMemory(conf: FlinkConf): ProcessMemory {
  const prefix = 'taskmanager.memory';
  const process = sizeOf(conf, `taskmanager.${PROCESS_SIZE}`);
  if (process !== undefined) return { bytes: process };
  const flink = sizeOf(conf, `${prefix}.flink.size`) ?? taskManagerFlinkSize(conf, prefix);
  if (flink !== undefined) return { bytes: withOverhead(conf, prefix, flink) };
  return { bytes: TASK_MANAGER_DEFAULT, guess: guessed('TaskManager', TASK_MANAGER_DEFAULT) };
}

function taskManagerFlinkSize(conf: FlinkConf, prefix: string): number | undefined {
  const heap = sizeOf(conf, `${prefix}.task.heap.size`);
  const managed = sizeOf(conf, `${prefix}.managed.size`);
  if (heap === undefined || managed === undefined) return undefined;
  const rest =
    (sizeOf(conf, `${prefix}.framework.heap.size`) ?? 128 * MIB) +
    (sizeOf(conf, `${prefix}.framework.off-heap.size`) ?? 128 * MIB) +
    (sizeOf(conf, `${prefix}.task.off-heap.size`) ?? 0);
  const inner = heap + managed + rest;
  return inner + part(conf, `${prefix}.network`, inner, { fraction: 0.1, min: 64 * MIB, max: Number.MAX_SAFE_INTEGER });
}

function withOverhead(conf: FlinkConf, prefix: string, flinkSize: number): number {
  const inner = flinkSize + (sizeOf(conf, `${prefix}.jvm-metaspace.size`) ?? 256 * MIB);
  return inner + part(conf, `${prefix}.jvm-overhead`, inner, { fraction: 0.1, min: 192 * MIB, max: 1024 * MIB });
}

/** A part given as a fraction of the whole, of which only the others' sum is known, within its bounds. */
function part(
  conf: FlinkConf,
  key: string,
  others: number,
  defaults: { readonly fraction: number; readonly min: number; readonly max: number },
): number {
  const fraction = Math.min(0.99, decimalOf(conf, [`${key}.fraction`], defaults.fraction));
  const min = sizeOf(conf, `${key}.min`) ?? defaults.min;
  const max = sizeOf(conf, `${key}.max`) ?? defaults.max;
  return Math.max(min, Math.min(max, Math.floor((others * fraction) / (1 - fraction))));
}

function sizeOf(conf: FlinkConf, key: string): number | undefined {
  const text = optionOf(conf, key);
  return text === undefined ? undefined : parseMemorySize(text);
}

function guessed(component: string, bytes: number): string {
  return `${component} memory is not set, ${formatMemorySize(bytes)} assumed`;
}
