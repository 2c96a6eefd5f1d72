import { applyRules, overlay, type PropertySource, sorted } from '../core/properties.ts';
import { aroundRules } from './conf/around-rules.ts';
import { clusterRules } from './conf/cluster-rules.ts';
import type { SparkConf, SparkOrigin } from './conf/entry.ts';
import { monitoringRules } from './conf/monitoring.ts';
import { strongRules, weakRules } from './conf/spec-rules.ts';
import type { Submission } from './conf/submission.ts';
import type { SparkApplication, SparkApplicationSpec } from './schema.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from './settings.ts';

export type { SparkConf, SparkProperty } from './conf/entry.ts';

/**
 * Every property the driver of one submission gets, each with its origin, in the incumbent's order of precedence
 * (Kubeflow Spark Operator 2.5): the operator's defaults, a few fields of the spec, sparkConf, hadoopConf, all other fields,
 * and what running on Kubernetes takes. Keys that do not start with `spark.` are dropped, as Spark does.
 */
export function effectiveConf(
  application: SparkApplication,
  submission: Submission,
  settings: SparkSettings = DEFAULT_SETTINGS,
): SparkConf {
  const { spec } = application;
  const weak = applyRules<SparkOrigin>(defaultLayer(submission), weakRules(spec));
  const fields = applyRules(overlay(weak, userLayer(spec)), strongRules(application));
  const strong = applyRules(fields, monitoringRules(application, fields));
  const conf = applyRules(strong, clusterRules(application, strong, submission));
  return sorted(applyRules(conf, aroundRules(application, conf, submission, settings)));
}

function defaultLayer({ defaults = {} }: Submission): SparkConf {
  return new Map(
    Object.entries(defaults).map(([key, value]) => [
      key,
      { value, origin: 'operator default', because: 'spark-defaults.conf' },
    ]),
  );
}

function userLayer({ sparkConf = {}, hadoopConf = {} }: SparkApplicationSpec): [string, PropertySource<SparkOrigin>][] {
  const own = Object.entries(sparkConf).filter(([key]) => key.startsWith('spark.'));
  return [
    ...own.map(([key, value]): [string, PropertySource<SparkOrigin>] => [
      key,
      { value, origin: 'user', because: `spec.sparkConf.${key}` },
    ]),
    ...Object.entries(hadoopConf).map(([key, value]): [string, PropertySource<SparkOrigin>] => [
      `spark.hadoop.${key}`,
      { value, origin: 'user', because: `spec.hadoopConf.${key}` },
    ]),
  ];
}
