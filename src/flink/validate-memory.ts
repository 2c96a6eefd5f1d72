import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { formatMemorySize, parseMemorySize } from '../lib/memory-size.ts';
import { resourceSpec } from './conf/resource-spec.ts';
import { type FlatConfiguration, firstSet } from './configuration.ts';
import type { FlinkDeploymentSpec } from './schema.ts';

const MIB = 2 ** 20;

/** Options with which Flink works from the inside out; with any of them the size of the process may follow from the parts. */
const FROM_INSIDE = {
  jobManager: ['jobmanager.memory.flink.size', 'jobmanager.memory.heap.size'],
  taskManager: ['taskmanager.memory.flink.size', 'taskmanager.memory.task.heap.size'],
} as const;

/**
 * Weir: a process that has no more memory than the JVM needs beside Flink's own ends at its start, and with it the job that
 * ran before (Flink 1.20 and 2.3, ProcessMemoryUtils.deriveJvmMetaspaceAndOverheadWithTotalProcessMemory).
 */
export function validateProcessMemory(
  component: keyof typeof FROM_INSIDE,
  spec: FlinkDeploymentSpec,
  conf: FlatConfiguration,
): readonly Issue[] {
  const prefix = `${component.toLowerCase()}.memory`;
  const { memory } = resourceSpec(spec[component], `spec.${component}`);
  if (memory === undefined || memory.bytes <= 0 || firstSet(conf, FROM_INSIDE[component]) !== undefined) return [];
  const size = (key: string, byDefault: number): number =>
    parseMemorySize(conf.get(`${prefix}.${key}`) ?? '') ?? byDefault;
  const beside = size('jvm-metaspace.size', 256 * MIB) + size('jvm-overhead.min', 192 * MIB);
  if (memory.bytes >= beside) return [];
  const rule = `be at least ${formatMemorySize(beside)}, which the JVM needs beside Flink's own memory (${prefix}.jvm-metaspace.size and ${prefix}.jvm-overhead.min)`;
  return [issueAt(memory.field.split('.'), memory.text, rule)];
}
