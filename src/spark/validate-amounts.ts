import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { parseQuantity } from '../kube/quantity.ts';
import { parseSparkMib } from '../lib/memory-size.ts';
import type { DriverSpec, SparkApplicationSpec } from './schema.ts';

/** How amounts are judged: whether a text is one, and the rule in words. */
interface Amount {
  holds(text: string): boolean;
  readonly rule: string;
}

const MEMORY: Amount = {
  holds: (text) => (parseSparkMib(text) ?? 0) >= 1,
  rule: 'be a whole number with a unit b, k, m, g, t or p and at least 1m, such as 512m or 4g',
};
const OVERHEAD: Amount = {
  holds: (text) => parseSparkMib(text) !== undefined,
  rule: 'be a whole number with a unit b, k, m, g, t or p, such as 512m',
};
const FACTOR: Amount = {
  holds: (text) => text.trim() !== '' && Number.isFinite(Number(text)) && Number(text) >= 0,
  rule: 'be a number of at least 0, such as 0.1',
};
const CPU: Amount = {
  holds: (text) => (parseQuantity(text) ?? 0) > 0,
  rule: 'be a quantity above 0, such as 500m or 2',
};
const WHOLE: Amount = {
  holds: (text) => /^\d+$/.test(text.trim()) && Number(text) >= 1,
  rule: 'be a whole number of at least 1',
};
const COUNT: Amount = { holds: (text) => /^\d+$/.test(text.trim()), rule: 'be a whole number of at least 0' };

/** What sizes pods, as fields and as properties; a property that a field wins over is judged all the same. */
const BY_KEY: ReadonlyMap<string, Amount> = new Map(
  ['driver', 'executor'].flatMap((role): [string, Amount][] => [
    [`spark.${role}.cores`, WHOLE],
    [`spark.${role}.memory`, MEMORY],
    [`spark.${role}.memoryOverhead`, OVERHEAD],
    [`spark.${role}.memoryOverheadFactor`, FACTOR],
    [`spark.${role}.minMemoryOverhead`, OVERHEAD],
    [`spark.kubernetes.${role}.request.cores`, CPU],
    [`spark.kubernetes.${role}.limit.cores`, CPU],
  ]),
);
const MORE: ReadonlyMap<string, Amount> = new Map([
  ['spark.kubernetes.memoryOverheadFactor', FACTOR],
  ['spark.executor.instances', COUNT],
  ['spark.executor.pyspark.memory', OVERHEAD],
  ['spark.memory.offHeap.size', OVERHEAD],
]);

/** Every amount that Spark or the API server would refuse. */
export function amountIssues(spec: SparkApplicationSpec): readonly Issue[] {
  return [
    ...judged(['spec', 'memoryOverheadFactor'], spec.memoryOverheadFactor, FACTOR),
    ...(['driver', 'executor'] as const).flatMap((role) => roleIssues(role, spec)),
    ...Object.entries(spec.sparkConf ?? {}).flatMap(([key, value]) =>
      propertyAmountIssues(['spec', 'sparkConf', key], key, value),
    ),
  ];
}

/** The rule for the amount that a property of this key is, if it breaks it. */
export function propertyAmountIssues(path: readonly PropertyKey[], key: string, value: string): readonly Issue[] {
  return judged(path, value, BY_KEY.get(key) ?? MORE.get(key));
}

function roleIssues(role: 'driver' | 'executor', spec: SparkApplicationSpec): readonly Issue[] {
  const fields = spec[role] ?? {};
  const at = (field: string) => ['spec', role, field];
  return [
    ...judged(at('cores'), fields.cores, WHOLE),
    ...judged(at('coreRequest'), fields.coreRequest, CPU),
    ...judged(at('coreLimit'), fields.coreLimit, CPU),
    ...judged(at('memory'), fields.memory, MEMORY),
    ...judged(at('memoryOverhead'), fields.memoryOverhead, OVERHEAD),
    ...limitIssues(role, fields),
  ];
}

/** The API server refuses a limit below the request. */
function limitIssues(
  role: string,
  { cores, coreRequest, coreLimit }: Pick<DriverSpec, 'cores' | 'coreRequest' | 'coreLimit'>,
): readonly Issue[] {
  const limit = parseQuantity(coreLimit ?? '');
  const request = parseQuantity(coreRequest ?? cores ?? '');
  if (limit === undefined || request === undefined || limit <= 0 || limit >= request) return [];
  const what = coreRequest === undefined ? 'cores' : 'coreRequest';
  return [issueAt(['spec', role, 'coreLimit'], coreLimit, `be at least ${what}, which is ${coreRequest ?? cores}`)];
}

function judged(
  path: readonly PropertyKey[],
  value: string | number | undefined,
  amount: Amount | undefined,
): readonly Issue[] {
  if (value === undefined || amount === undefined || amount.holds(String(value))) return [];
  return [issueAt(path, value, amount.rule)];
}
