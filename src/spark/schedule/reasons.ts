/** Why a pass did what it did: the one word that is said alike in condition, event, log line and metric. */
export type ScheduleReason =
  | 'ValidationError'
  | 'Scheduled'
  | 'Suspended'
  | 'RunStarting'
  | 'WaitingForRun'
  | 'NameTaken'
  | 'Deleting'
  | 'Error';

/** Reasons of events that tell of runs. */
export type ScheduleEvent = 'ValidationError' | 'ScheduledRunStarted' | 'ScheduledRunSkipped' | 'NameTaken';
