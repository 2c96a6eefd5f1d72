import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../lib/json.ts';
import type { Migration } from './migrate.ts';

type Values = Readonly<Record<string, unknown>>;

/** Where the namespaces are said that are looked after. */
const SCOPE = ['watchNamespaces', 'watchNamespaceSelector'] as const;

/**
 * The migrated values of the Flink operator's chart and of the Spark operator's as one, for a release that looks after both engines. What both say
 * and do not agree on is taken from the first and named; namespaces are added up, since Weir has one scope for both engines.
 */
export function bothOf(flink: Migration, spark: Migration): Migration {
  const differing: string[] = [];
  const values = merged(withoutEngines(flink.values), withoutEngines(spark.values), { path: [], differing });
  const scope = scopeOf(flink.values, spark.values);
  return {
    values: { ...values, ...scope.values },
    dropped: [...flink.dropped, ...spark.dropped, ...differing, ...scope.dropped],
    defaults: flink.defaults + spark.defaults,
  };
}

/** Each was written with the other engine off. */
function withoutEngines({ flink, spark, ...values }: Values): Values {
  const rest = Object.entries({ flink, spark }).map(([engine, given]) => [engine, withoutSwitch(given)] as const);
  const said = rest.filter(([, given]) => Object.keys(given).length > 0);
  return Object.fromEntries(
    [...Object.entries(values), ...said].filter(([name]) => !(SCOPE as readonly string[]).includes(name)),
  );
}

function withoutSwitch(given: unknown): Values {
  if (!isRecord(given)) return {};
  const { enabled: _enabled, ...rest } = given;
  return rest;
}

interface Merge {
  readonly path: readonly string[];
  /** What differs is added here. */
  readonly differing: string[];
}

function merged(first: Values, second: Values, { path, differing }: Merge): Values {
  const both: Record<string, unknown> = { ...first };
  for (const [name, value] of Object.entries(second)) {
    const [here, inner] = [first[name], [...path, name]];
    if (isUnsaid(here)) both[name] = value;
    else if (isUnsaid(value)) continue;
    else if (isRecord(here) && isRecord(value)) both[name] = merged(here, value, { path: inner, differing });
    else if (!isDeepStrictEqual(here, value)) {
      differing.push(
        `${inner.join('.')}: ${JSON.stringify(value)} of the Spark operator, since the Flink operator has ${JSON.stringify(here)}`,
      );
    }
  }
  return both;
}

/** Whether nothing stands there, as in a file that is a copy of all that its chart has. */
function isUnsaid(value: unknown): boolean {
  return value === undefined || value === null || value === '' || isDeepStrictEqual(value, []);
}

/** The namespaces of both. No list, or an empty one, says all of them. */
function scopeOf(flink: Values, spark: Values): { readonly values: Values; readonly dropped: readonly string[] } {
  const [ofFlink, ofSpark] = [listOf(flink), listOf(spark)];
  const { watchNamespaceSelector } = spark;
  if (watchNamespaceSelector !== undefined) {
    const which = ofFlink.length === 0 ? 'every namespace with Flink jobs' : ofFlink.join(', ');
    return {
      values: { watchNamespaceSelector },
      dropped: [`watchNamespaces: the selector stands alone, give ${which} labels that it takes`],
    };
  }
  if (ofFlink.length > 0 && ofSpark.length > 0) {
    return { values: { watchNamespaces: [...new Set([...ofFlink, ...ofSpark])] }, dropped: [] };
  }
  const [wide, narrow, list] = ofFlink.length === 0 ? ['Flink', 'Spark', ofSpark] : ['Spark', 'Flink', ofFlink];
  if (list.length === 0) return { values: { watchNamespaces: [] }, dropped: [] };
  const why = `the ${wide} operator looks after all namespaces, so Weir will look after ${narrow} in all of them, too`;
  return {
    values: { watchNamespaces: [] },
    dropped: [`watchNamespaces: ${JSON.stringify(list)} of the ${narrow} operator: ${why}`],
  };
}

function listOf({ watchNamespaces }: Values): readonly unknown[] {
  return Array.isArray(watchNamespaces) ? watchNamespaces : [];
}

/** Values that leave the accounts of jobs, with their roles, to the old releases, which keep them: Helm would refuse to make them again. */
export function keepingAccounts(values: Values): Values {
  const kept = {
    jobServiceAccount: { create: false },
    rbac: { jobRole: { create: false }, jobRoleBinding: { create: false } },
    spark: { serviceAccount: { create: false }, role: { create: false } },
  };
  return merged(kept, values, { path: [], differing: [] });
}
