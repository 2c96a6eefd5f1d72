import { fieldPath } from '../../kube/parse.ts';
import { notAppliedWarnings } from '../notices.ts';
import type { SparkApplicationSpec } from '../schema.ts';
import type { ScheduledSparkApplicationSpec } from './schema.ts';

/** Sentences about what a template has in vain, or what puts its runs in each other's way, for who writes the schedule. */
export function scheduleWarnings(spec: ScheduledSparkApplicationSpec): readonly string[] {
  const { template = {} } = spec;
  const ofTemplate = notAppliedWarnings(template).map((text) => text.replaceAll(/(^|\s)spec\./g, '$1spec.template.'));
  return [...ofTemplate, ...sharedNames(template), ...endlessRuns(spec)];
}

/** With Replace each run ends the one before. */
function endlessRuns({ template, concurrencyPolicy = 'Allow' }: ScheduledSparkApplicationSpec): readonly string[] {
  if (template?.restartPolicy?.type !== 'Always' || concurrencyPolicy === 'Replace') return [];
  const then = concurrencyPolicy === 'Forbid' ? 'no other is started after the first' : 'there is one more each time';
  return [`spec.template.restartPolicy.type: a run that is started again whenever it ends never is over: ${then}`];
}

const POD_NAME = 'spark.kubernetes.driver.pod.name';

/** A driver is kept with its log until its run is deleted, and no other may take its name. */
function sharedNames({ driver, sparkConf }: SparkApplicationSpec): readonly string[] {
  const named = [
    ...(driver?.podName === undefined ? [] : [['driver', 'podName']]),
    ...(sparkConf?.[POD_NAME] === undefined ? [] : [['sparkConf', POD_NAME]]),
  ];
  return named.map(
    (path) =>
      `${fieldPath(['spec', 'template', ...path])}: the drivers of all runs have this one name, so that a run waits until that of the run before is deleted; without it each has its own`,
  );
}
