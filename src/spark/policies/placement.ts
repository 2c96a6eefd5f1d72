import { templateMapName } from '../conf/submission.ts';
import { executorTemplateMap, TEMPLATE_HASH } from '../desired/index.ts';
import type { Situation, SparkAction } from '../situation.ts';
import { effectiveConf } from '../spark-conf.ts';

/**
 * Where executors are placed was changed alone, and that does not run the application anew: its driver gets the new template.
 * Spark reads it for each executor it makes (KubernetesExecutorBuilder, 3.3 to 4.3). A driver that was given no template, or
 * one that cannot be changed, goes on without.
 */
export function placement({ application, record, observed, settings }: Situation): readonly SparkAction[] {
  const { submission } = record;
  if (!settings.partialRestart || application === undefined || submission === undefined) return [];
  const name = templateMapName(submission);
  const there = observed.supports.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
  const hash = there?.metadata.annotations?.[TEMPLATE_HASH];
  if (hash === undefined) return [];
  const conf = effectiveConf(application, submission, settings);
  const object = executorTemplateMap(application, conf, submission, settings);
  if (object.metadata.annotations?.[TEMPLATE_HASH] === hash) return [];
  return [{ kind: 'apply', object, because: 'executors are to be placed otherwise' }];
}
