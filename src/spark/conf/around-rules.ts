import type { SparkApplication } from '../schema.ts';
import type { SparkSettings } from '../settings.ts';
import { uiAddress } from './around.ts';
import { batchRules } from './batch.ts';
import { type Rule, type SparkConf, unlessSet } from './entry.ts';
import type { Submission } from './submission.ts';

/** What driver and executors have to know of the objects around them; `conf` is all that is said otherwise. */
export function aroundRules(
  application: SparkApplication,
  conf: SparkConf,
  submission: Submission,
  settings: SparkSettings,
): readonly Rule[] {
  return [...proxyRules(application, submission, settings), ...batchRules(application, conf, settings)];
}

/** Under a path, the UI's links have to begin with it (Kubeflow Spark Operator 2.5). */
function proxyRules(application: SparkApplication, submission: Submission, settings: SparkSettings): readonly Rule[] {
  const path = uiAddress(settings, application, submission.applicationId)?.path ?? '';
  if (path === '') return [];
  const because = "the path of the UI's Ingress";
  return [unlessSet('spark.ui.proxyBase', path, because), unlessSet('spark.ui.proxyRedirectUri', '/', because)];
}
