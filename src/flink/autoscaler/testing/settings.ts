import type { FlinkConf } from '../../conf/entry.ts';
import { type AutoscalerSettings, autoscalerSettings } from '../settings.ts';

/** Settings of a job whose flinkConfiguration has these keys, without `job.autoscaler.`; others are the defaults. */
export function settingsOf(options: Readonly<Record<string, string>> = {}): AutoscalerSettings {
  const conf: FlinkConf = new Map(
    Object.entries({ enabled: 'true', ...options }).map(([key, value]) => [
      key.startsWith('kubernetes.') ? key : `job.autoscaler.${key}`,
      { value, origin: 'user' as const, because: 'test' },
    ]),
  );
  return autoscalerSettings(conf);
}
