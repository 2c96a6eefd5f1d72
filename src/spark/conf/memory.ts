import { optionOf } from '../../core/properties.ts';
import { parseSparkMib } from '../../lib/memory-size.ts';
import type { SparkConf } from './entry.ts';
import { sparkAtLeast } from './versions.ts';

/** Least overhead in MiB (ResourceProfile.MEMORY_OVERHEAD_MIN_MIB); from Spark 4.0 on it can be set. */
const MIN_OVERHEAD_MIB = 384;

/** What a pod's memory consists of, in MiB; request and limit are the sum. */
export interface PodMemory {
  readonly heapMib: number;
  readonly overheadMib: number;
  /** Off-heap memory and that of Python workers; executors only. */
  readonly moreMib: number;
  readonly totalMib: number;
  /** The arithmetic in words. */
  readonly because: string;
}

/** Memory of the driver pod (BasicDriverFeatureStep, Spark 3.3 to 4.3). Expects amounts that were validated. */
export function driverMemory(conf: SparkConf, version: string | undefined): PodMemory {
  return podMemory('driver', [], { conf, version });
}

/** Memory of an executor pod of the default resource profile (BasicExecutorFeatureStep, Spark 3.3 to 4.3). */
export function executorMemory(conf: SparkConf, version: string | undefined): PodMemory {
  const python = optionOf(conf, 'spark.kubernetes.resource.type') === 'python';
  const pyspark = python ? mib(optionOf(conf, 'spark.executor.pyspark.memory') ?? '0') : 0;
  const more = [
    { mib: offHeapMib(conf), what: 'off-heap' },
    { mib: pyspark, what: 'Python workers' },
  ];
  return podMemory(
    'executor',
    more.filter((part) => part.mib > 0),
    { conf, version },
  );
}

interface Given {
  readonly conf: SparkConf;
  readonly version: string | undefined;
}

function podMemory(
  role: 'driver' | 'executor',
  more: readonly { readonly mib: number; readonly what: string }[],
  { conf, version }: Given,
): PodMemory {
  const heapMib = mib(optionOf(conf, `spark.${role}.memory`) ?? '1g');
  const overhead = overheadOf(role, heapMib, { conf, version });
  const moreMib = more.reduce((sum, part) => sum + part.mib, 0);
  const totalMib = heapMib + overhead.mib + moreMib;
  const parts = [`heap ${heapMib}`, overhead.because, ...more.map((part) => `${part.what} ${part.mib}`)];
  return { heapMib, overheadMib: overhead.mib, moreMib, totalMib, because: `${parts.join(' + ')} = ${totalMib} MiB` };
}

function overheadOf(
  role: 'driver' | 'executor',
  heapMib: number,
  { conf, version }: Given,
): { readonly mib: number; readonly because: string } {
  const given = optionOf(conf, `spark.${role}.memoryOverhead`);
  if (given !== undefined) return { mib: mib(given), because: `overhead ${mib(given)}` };
  const own = sparkAtLeast(version, 3, 3) ? [`spark.${role}.memoryOverheadFactor`] : [];
  const factor = Number(optionOf(conf, ...own, 'spark.kubernetes.memoryOverheadFactor') ?? '0.1');
  const settable = sparkAtLeast(version, 4, 0) ? optionOf(conf, `spark.${role}.minMemoryOverhead`) : undefined;
  const least = settable === undefined ? MIN_OVERHEAD_MIB : mib(settable);
  const ofHeap = Math.trunc(factor * heapMib);
  return { mib: Math.max(ofHeap, least), because: `overhead max(${factor} × ${heapMib}, ${least})` };
}

/** Off-heap memory counts for executors only, where it is switched on; a bare number is bytes there. */
function offHeapMib(conf: SparkConf): number {
  if (optionOf(conf, 'spark.memory.offHeap.enabled')?.toLowerCase() !== 'true') return 0;
  const size = optionOf(conf, 'spark.memory.offHeap.size') ?? '0';
  return mib(/^\d+$/.test(size) ? `${size}b` : size);
}

function mib(text: string): number {
  return parseSparkMib(text) ?? 0;
}

/** A Java memory text as a quantity; anything else is one already (Kubeflow Spark Operator 2.5). */
export function limitQuantity(text: string): string {
  const match = /^(\d+)([kmgtp])b?$/i.exec(text.trim());
  return match === null ? text.trim() : `${match[1]}${(match[2] ?? '').toUpperCase()}i`;
}
