import type { Issue } from '../core/issue.ts';
import { issueAt } from '../core/issues.ts';
import { parseQuantity } from '../kube/quantity.ts';
import { parseSparkMib } from '../lib/memory-size.ts';
import { limitQuantity } from './conf/memory.ts';
import type { SparkApplicationSpec } from './schema.ts';

type Role = 'driver' | 'executor';

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
const LIMIT: Amount = {
  holds: (text) => (parseQuantity(limitQuantity(text)) ?? 0) > 0,
  rule: 'be an amount of memory above 0, such as 4g or 4Gi',
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

function roleIssues(role: Role, spec: SparkApplicationSpec): readonly Issue[] {
  const fields = spec[role] ?? {};
  const at = (field: string) => ['spec', role, field];
  return [
    ...judged(at('cores'), fields.cores, WHOLE),
    ...judged(at('coreRequest'), fields.coreRequest, CPU),
    ...judged(at('coreLimit'), fields.coreLimit, CPU),
    ...judged(at('memory'), fields.memory, MEMORY),
    ...judged(at('memoryOverhead'), fields.memoryOverhead, OVERHEAD),
    ...judged(at('memoryLimit'), fields.memoryLimit, LIMIT),
    ...limitIssues(role, spec),
  ];
}

/**
 * The API server refuses a limit below the request: of a driver at once, of executors again and again while their driver waits
 * for them. Fields win over properties.
 */
function limitIssues(role: Role, { [role]: fields = {}, sparkConf = {} }: SparkApplicationSpec): readonly Issue[] {
  const key = {
    limit: `spark.kubernetes.${role}.limit.cores`,
    request: `spark.kubernetes.${role}.request.cores`,
    cores: `spark.${role}.cores`,
  };
  const limit = firstSaid<readonly string[]>([
    [fields.coreLimit, ['spec', role, 'coreLimit']],
    [sparkConf[key.limit], ['spec', 'sparkConf', key.limit]],
  ]);
  const request = firstSaid<string>([
    [fields.coreRequest, 'coreRequest'],
    [sparkConf[key.request], key.request],
    [fields.cores, 'cores'],
    [sparkConf[key.cores], key.cores],
  ]);
  if (limit === undefined || request === undefined || !(limit.cpu > 0) || limit.cpu >= request.cpu) return [];
  return [issueAt(limit.place, limit.value, `be at least ${request.place}, which is ${request.value}`)];
}

type Said<Place> = readonly [value: string | number | undefined, place: Place];

/** The first of several places where an amount of cpu is said, with that amount in cores; 0 where it is none. */
function firstSaid<Place>(
  places: readonly Said<Place>[],
): { readonly value: string | number; readonly place: Place; readonly cpu: number } | undefined {
  for (const [value, place] of places) {
    if (value !== undefined) return { value, place, cpu: parseQuantity(value) ?? 0 };
  }
  return undefined;
}

function judged(
  path: readonly PropertyKey[],
  value: string | number | undefined,
  amount: Amount | undefined,
): readonly Issue[] {
  if (value === undefined || amount === undefined || amount.holds(String(value))) return [];
  return [issueAt(path, value, amount.rule)];
}
