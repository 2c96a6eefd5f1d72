import type { SparkSettings } from '../settings.ts';
import type { TimestampPrecision } from './names.ts';

/** What the operator's settings say for every ScheduledSparkApplication. */
export interface ScheduleSettings {
  readonly precision: TimestampPrecision;
  /** The time zone that Local stands for. */
  readonly localTimeZone: string;
  /** Which batch schedulers runs may name. */
  readonly batch: SparkSettings['batch'];
}

/** For who does not know those of the operator: Local is UTC, any batch scheduler may be one. */
export const DEFAULT_SCHEDULE_SETTINGS: ScheduleSettings = {
  precision: 'nanos',
  localTimeZone: 'UTC',
  batch: undefined,
};
