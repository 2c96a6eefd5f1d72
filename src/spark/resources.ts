import { integerOf, isTrue, optionOf } from '../core/properties.ts';
import { parseQuantity } from '../kube/quantity.ts';
import type { SparkConf } from './conf/entry.ts';
import { driverMemory, executorMemory, limitQuantity, type PodMemory } from './conf/memory.ts';
import type { SparkApplicationSpec } from './schema.ts';

/** What the Spark container of one pod requests, and may use at most. */
export interface PodAmount {
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly limits: { readonly cpu: number; readonly memoryBytes: number };
}

/** How big an application is when it starts. */
export interface ApplicationResources {
  readonly driver: PodAmount;
  readonly executor: PodAmount;
  /** Executors at the start; with dynamic allocation their number changes. */
  readonly executors: number;
  /** The arithmetic in words. */
  readonly because: string;
  /** What the numbers leave out, one sentence each. */
  readonly notes: readonly string[];
}

const MIB = 1024 ** 2;

/** The size of an application by its effective properties. Expects a spec that was validated. */
export function applicationResources(spec: SparkApplicationSpec, conf: SparkConf): ApplicationResources {
  const driver = driverMemory(conf, spec.sparkVersion);
  const executor = executorMemory(conf, spec.sparkVersion);
  const executors = executorsAtStart(conf);
  const count = executors === 1 ? '1 executor' : `${executors} executors`;
  return {
    driver: amountOf(conf, 'driver', { ...driver, limit: spec.driver?.memoryLimit }),
    executor: amountOf(conf, 'executor', executor),
    executors,
    because: `driver: ${driver.because}; ${count}: ${executor.because}`,
    notes: [...dynamicNote(conf), ...sidecarNote(spec)],
  };
}

function amountOf(
  conf: SparkConf,
  role: 'driver' | 'executor',
  { totalMib, limit: given }: PodMemory & { readonly limit?: string | undefined },
): PodAmount {
  const request = optionOf(conf, `spark.kubernetes.${role}.request.cores`, `spark.${role}.cores`) ?? '1';
  const cpu = parseQuantity(request) ?? 1;
  const limit = parseQuantity(optionOf(conf, `spark.kubernetes.${role}.limit.cores`) ?? '') ?? cpu;
  const memoryBytes = totalMib * MIB;
  const most = given === undefined ? undefined : parseQuantity(limitQuantity(given));
  return { cpu, memoryBytes, limits: { cpu: limit, memoryBytes: most ?? memoryBytes } };
}

/** Spark starts with the largest of the three numbers (Utils.getDynamicAllocationInitialExecutors, 3.3 to 4.3). */
function executorsAtStart(conf: SparkConf): number {
  if (!isDynamic(conf)) return integerOf(conf, 'spark.executor.instances', 1);
  return Math.max(
    integerOf(conf, 'spark.dynamicAllocation.minExecutors', 0),
    integerOf(conf, 'spark.dynamicAllocation.initialExecutors', 0),
    integerOf(conf, 'spark.executor.instances', 0),
  );
}

function isDynamic(conf: SparkConf): boolean {
  return isTrue(conf, 'spark.dynamicAllocation.enabled', false);
}

function dynamicNote(conf: SparkConf): readonly string[] {
  if (!isDynamic(conf)) return [];
  const min = integerOf(conf, 'spark.dynamicAllocation.minExecutors', 0);
  const max = optionOf(conf, 'spark.dynamicAllocation.maxExecutors') ?? 'any number';
  return [`Spark makes between ${min} and ${max} executors as it needs them`];
}

function sidecarNote({ driver = {}, executor = {} }: SparkApplicationSpec): readonly string[] {
  const beside = [driver, executor].some(
    ({ sidecars = [], template }) => sidecars.length > 0 || (template?.spec?.containers ?? []).length > 1,
  );
  return beside ? ['containers beside the Spark containers are not counted'] : [];
}
