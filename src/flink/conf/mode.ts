import type { FlinkDeploymentSpec } from '../schema.ts';
import { type FlinkConf, optionOf } from './entry.ts';

/** Whether TaskManagers come from a Deployment instead of the JobManager. */
export function isStandalone(spec: FlinkDeploymentSpec): boolean {
  return spec.mode === 'standalone';
}

/** Whether high availability is on: any mode but NONE, in any of its spellings (Flink HighAvailabilityMode). */
export function isHighlyAvailable(conf: FlinkConf): boolean {
  const mode = optionOf(conf, 'high-availability.type', 'high-availability', 'recovery.mode');
  return mode !== undefined && mode.toLowerCase() !== 'none';
}
