import { dueRunName } from '../../spark/schedule/names.ts';
import { scheduleWarnings } from '../../spark/schedule/notices.ts';
import { UNSEEN } from '../../spark/schedule/observed.ts';
import { runOf } from '../../spark/schedule/runs.ts';
import { DEFAULT_SCHEDULE_SETTINGS } from '../../spark/schedule/settings.ts';
import { type ScheduleSituation, scheduleSituation } from '../../spark/schedule/situation.ts';
import { nextRunOf } from '../../spark/schedule/times.ts';
import { changedFields } from './changes.ts';
import { UNKNOWN_SIZE } from './flink-size.ts';
import type { ResourcePlan } from './report.ts';
import { asStored, plannedIssue, planSparkApplication, type SparkPlanContext, type SparkSubject } from './spark.ts';

/** How many runs to come are named. */
const SHOWN_RUNS = 3;

/** What the operator would do with a ScheduledSparkApplication: when it runs, and what each run is. */
export function planScheduledSparkApplication(subject: SparkSubject, context: SparkPlanContext): ResourcePlan {
  const { now, spark } = context;
  const resource = asStored(subject);
  // A file's plan is the same on every machine: Local is the operator's time zone, which is not known here.
  const situation = scheduleSituation(resource, UNSEEN, { ...DEFAULT_SCHEDULE_SETTINGS, batch: spark?.batch }, now);
  const { name, namespace = 'default' } = resource.metadata;
  const times = situation.timetable === undefined ? [] : nextRuns(situation);
  const [next] = times;
  const run = next === undefined ? undefined : planRun(situation, { ...subject, ...context }, next);
  return {
    ...(run ?? { ...UNKNOWN_SIZE, objects: [], configuration: [], warnings: [] }),
    changes: changedFields(subject.wanted, subject.live),
    capacity: null,
    flinkVersion: null,
    mode: null,
    kind: resource.kind,
    namespace,
    name,
    source: subject.source,
    ...verdictOf(situation, subject.compared, times),
    issues: (situation.refusal?.issues ?? []).map(plannedIssue),
  };
}

function planRun(situation: ScheduleSituation, subject: SparkSubject & SparkPlanContext, next: string): ResourcePlan {
  const { resource, spec } = situation;
  const wanted = runOf(resource, spec, dueRunName(resource.metadata.name, Date.parse(next), 'nanos'));
  const run = planSparkApplication({ ...subject, wanted, live: undefined }, subject);
  const objects = [
    { kind: wanted.kind, name: wanted.metadata.name, because: `the run due at ${next}` },
    ...run.objects,
  ];
  const zone = (spec.timeZone ?? '') === '' || spec.timeZone === 'Local';
  const guess = "the operator's time zone is taken to be UTC, since spec.timeZone names none";
  const guesses = [...run.guesses, ...(zone ? [guess] : [])];
  return { ...run, objects, guesses, warnings: scheduleWarnings(spec) };
}

function nextRuns({ timetable, now }: ScheduleSituation): readonly string[] {
  const times: string[] = [];
  for (let at = now.getTime(); timetable !== undefined && times.length < SHOWN_RUNS; ) {
    const next = nextRunOf(timetable.cron, at);
    if (next === undefined) break;
    times.push(next);
    at = Date.parse(next);
  }
  return times;
}

function verdictOf(
  { refusal, spec, status }: ScheduleSituation,
  compared: boolean,
  times: readonly string[],
): Pick<ResourcePlan, 'decision' | 'reason' | 'message'> {
  if (refusal !== undefined) return { decision: 'refuse', reason: refusal.reason, message: refusal.message };
  if (spec.suspend === true) {
    return { decision: 'no-op', reason: 'Suspended', message: 'spec.suspend is true, nothing is run by the clock' };
  }
  const message = `runs at ${times.join(', ')} and so on, each with this template`;
  // The incumbent's status says so too, whatever it does not say.
  const isNew = !compared || (status.scheduleState ?? '') === '';
  return { decision: isNew ? 'create' : 'no-op', reason: 'Scheduled', message };
}
