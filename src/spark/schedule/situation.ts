import type { Action, EventDraft } from '../../core/plan.ts';
import { type Refusal, refusalFor } from '../../core/refusal.ts';
import type { KubeObject } from '../../kube/object.ts';
import { isRecord } from '../../lib/json.ts';
import type { StandardCron } from '../../lib/standard-cron.ts';
import type { ScheduleObserved } from './observed.ts';
import type { ScheduleEvent, ScheduleReason } from './reasons.ts';
import { isOver } from './runs.ts';
import {
  parseScheduleSpec,
  type ScheduledSparkApplicationSpec,
  type ScheduledSparkApplicationStatus,
} from './schema.ts';
import type { ScheduleSettings } from './settings.ts';
import { cronOf, validateSchedule } from './validate.ts';

/** A schedule that can be acted on. */
export interface Timetable {
  readonly cron: StandardCron;
  /** Schedule and time zone, as the status records what nextRun follows from. */
  readonly text: string;
}

/** Everything a policy may look at. */
export interface ScheduleSituation {
  readonly resource: KubeObject;
  /** As far as it could be read; what is wrong with it is in `refusal`. */
  readonly spec: ScheduledSparkApplicationSpec;
  readonly refusal: Refusal<ScheduleReason> | undefined;
  /** Undefined where the spec is refused. */
  readonly timetable: Timetable | undefined;
  readonly status: ScheduledSparkApplicationStatus;
  readonly observed: ScheduleObserved;
  readonly settings: ScheduleSettings;
  readonly now: Date;
  /** The run that was recorded and whose SparkApplication was never seen: it is still to be made. */
  readonly pending: string | undefined;
  /** Runs that are not over, without the pending one. */
  readonly active: readonly KubeObject[];
}

/** What a policy wants: a plan without the status, which status.ts derives. */
export interface ScheduleIntent {
  /** A word of ours, or of the API server or the runtime. */
  readonly because: ScheduleReason | (string & {});
  readonly message: string;
  /** settled: as wanted. progressing: on its way. stalled: it will not come about unless something is changed. */
  readonly phase: 'settled' | 'progressing' | 'stalled';
  /** What changes in the status; undefined takes a field away. */
  readonly change?: {
    readonly [Field in keyof ScheduledSparkApplicationStatus]?: ScheduledSparkApplicationStatus[Field] | undefined;
  };
  readonly actions?: readonly Action<never>[];
  readonly events?: readonly EventDraft[];
  readonly requeueAfterMs?: number;
}

/** Puts together what the policies look at. Pure; never throws, whatever the resource holds. */
export function scheduleSituation(
  resource: KubeObject,
  observed: ScheduleObserved,
  settings: ScheduleSettings,
  now: Date,
): ScheduleSituation {
  const parsed = parseScheduleSpec(resource.spec);
  const issues = parsed.ok ? validateSchedule(resource.metadata, parsed.value, settings) : parsed.error;
  const spec = parsed.ok ? parsed.value : {};
  const status = isRecord(resource.status) ? (resource.status as ScheduledSparkApplicationStatus) : {};
  const pending = pendingRun(status, observed);
  return {
    resource,
    spec,
    refusal: issues.length === 0 ? undefined : refusalFor('ValidationError', issues),
    timetable: issues.length === 0 ? timetableOf(spec, settings) : undefined,
    status,
    observed,
    settings,
    now,
    pending,
    active: observed.runs.filter((run) => !isOver(run) && run.metadata.name !== pending),
  };
}

function timetableOf(spec: ScheduledSparkApplicationSpec, { localTimeZone }: ScheduleSettings): Timetable | undefined {
  const cron = cronOf(spec, localTimeZone);
  if (!cron.ok) return undefined;
  const zone = cron.value.kind === 'fields' ? ` ${cron.value.timeZone}` : '';
  return { cron: cron.value, text: `${spec.schedule}${zone}` };
}

/** A status of the incumbent names a run only once it is made. */
function pendingRun(
  { lastRunName = '', lastRunSeen, observedGeneration }: ScheduledSparkApplicationStatus,
  { last }: ScheduleObserved,
): string | undefined {
  const made = lastRunSeen === lastRunName || observedGeneration === undefined || last !== undefined;
  return lastRunName === '' || made ? undefined : lastRunName;
}

/** The schedule that the planned time follows from. A status of the incumbent does not say: the present one. */
export function followedSchedule({ status, timetable }: ScheduleSituation): string | undefined {
  return status.observedSchedule ?? (status.observedGeneration === undefined ? timetable?.text : undefined);
}

/** An event about a schedule: told once for each run, time or text it is about. */
export function scheduleEvent(type: EventDraft['type'], reason: ScheduleEvent, message: string): EventDraft {
  return { type, reason, message, component: 'Operator', dedupe: message, once: true };
}
