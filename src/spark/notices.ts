import { podTemplateWarnings } from '../kube/pod-template-fields.ts';
import { idleFields } from './idle-fields.ts';
import { idleInTemplate } from './idle-templates.ts';
import { restartNotices } from './restart-notices.ts';
import type { SparkApplicationSpec } from './schema.ts';
import { DEFAULT_SETTINGS, type SparkSettings } from './settings.ts';
import { specConf } from './spec-conf.ts';
import { startNotices } from './start-notices.ts';

/**
 * A sentence about each field of an application that is set in vain, and about what Spark will end its driver for, for who
 * writes the spec. Of what the operator was told only what `settings` know counts.
 */
export function notAppliedWarnings(
  spec: SparkApplicationSpec,
  settings: SparkSettings = DEFAULT_SETTINGS,
): readonly string[] {
  return [...programWarnings(spec, settings), ...idleInTemplate('driver', spec), ...restartNotices(spec.restartPolicy)];
}

/** The same without what another kind says in a way of its own: restarts and the driver's pod template. */
export function programWarnings(spec: SparkApplicationSpec, settings: SparkSettings): readonly string[] {
  const conf = specConf(spec);
  return [
    ...idleFields({ spec, conf, settings }),
    ...startNotices(spec, conf),
    ...podTemplateWarnings(spec.driver?.template, ['spec', 'driver', 'template']),
    ...podTemplateWarnings(spec.executor?.template, ['spec', 'executor', 'template']),
    ...idleInTemplate('executor', spec),
  ];
}
