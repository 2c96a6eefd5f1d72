import { HIGH_AVAILABILITY, isHighAvailabilityMode } from '../configuration.ts';
import type { FlinkDeploymentSpec } from '../schema.ts';
import { type FlinkConf, optionOf } from './entry.ts';

/** Whether TaskManagers come from a Deployment instead of the JobManager. */
export function isStandalone(spec: FlinkDeploymentSpec): boolean {
  return spec.mode === 'standalone';
}

/** Whether high availability is on. */
export function isHighlyAvailable(conf: FlinkConf): boolean {
  return isHighAvailabilityMode(optionOf(conf, ...HIGH_AVAILABILITY));
}
