import { applyRules, overlay, type PropertySource } from '../core/properties.ts';
import { fieldPath } from '../kube/parse.ts';
import type { SparkConf, SparkOrigin } from './conf/entry.ts';
import { strongRules, weakRules } from './conf/spec-rules.ts';
import type { SparkApplicationSpec } from './schema.ts';

/**
 * The properties a spec alone gives its driver, in the incumbent's order of precedence (Kubeflow Spark Operator 2.5), each
 * with the path of the field it is from. What the resource's name or the operator adds is not in it.
 */
export function specConf(spec: SparkApplicationSpec): SparkConf {
  const weak = applyRules<SparkOrigin>(new Map(), weakRules(spec));
  const conf = applyRules(overlay(weak, sparkConfOf(spec)), strongRules({ metadata: { name: '' }, spec }));
  return new Map([...conf].filter(([key]) => key !== 'spark.app.name'));
}

function sparkConfOf({ sparkConf = {} }: SparkApplicationSpec): readonly [string, PropertySource<SparkOrigin>][] {
  return Object.entries(sparkConf).map(([key, value]) => [
    key,
    { value, origin: 'user', because: fieldPath(['spec', 'sparkConf', key]) },
  ]);
}
