import type { ReasonTable } from '../../core/reasons.ts';
import { SPARK_REASONS } from '../reasons.ts';

const NAME_TAKEN = {
  means: 'Somebody else made a SparkApplication of the name that a run is to have. The run is not made.',
  remedy: 'Delete or rename it, unless it is wanted in place of the run.',
} as const;

/** Every reason of a ScheduledSparkApplication. */
export const SCHEDULE_REASONS = {
  ValidationError: { ...SPARK_REASONS.ValidationError, means: 'The spec breaks a rule: no run is started from it.' },
  Scheduled: { means: 'The next run waits for its time, which the message has.' },
  Suspended: {
    means: '`spec.suspend` is true: no run is started by the clock.',
    remedy: 'Times that pass meanwhile are not made up for.',
  },
  RunStarting: { means: 'A run is recorded, and its SparkApplication is being made.' },
  WaitingForRun: { means: 'A run is due, and `concurrencyPolicy` has it wait for the one before.' },
  NameTaken: NAME_TAKEN,
  Deleting: { means: 'The resource is being deleted; its runs go with it.' },
  Error: SPARK_REASONS.Error,
} as const satisfies ReasonTable<string>;

/** Why a pass did what it did: the one word that is said alike in condition, event, log line and metric. */
export type ScheduleReason = keyof typeof SCHEDULE_REASONS;

/** Every reason of an event about runs. */
export const SCHEDULE_EVENTS = {
  ValidationError: SCHEDULE_REASONS.ValidationError,
  ScheduledRunStarted: { means: 'A run is started; the message has its name.' },
  ScheduledRunSkipped: { means: 'A run was due and is not made; the message says why.' },
  NameTaken: NAME_TAKEN,
} as const satisfies ReasonTable<string>;

/** The reason of an event about runs. */
export type ScheduleEvent = keyof typeof SCHEDULE_EVENTS;
