import type { Issue } from '../../core/issue.ts';
import { issueAt } from '../../core/issues.ts';
import { type CronRead, parseStandardCron } from '../../lib/standard-cron.ts';
import { goTimeZone } from '../../lib/time-zone.ts';
import { batchIssues } from '../conf/batch.ts';
import { atLeast, validateName, validateSpec } from '../validate.ts';
import type { Named } from '../validate-conf.ts';
import { askedRunName } from './names.ts';
import { CONCURRENCY_POLICIES, inTemplate, type ScheduledSparkApplicationSpec } from './schema.ts';
import type { ScheduleSettings } from './settings.ts';

/** Every rule a spec breaks; empty when it can be acted on. */
export function validateSchedule(
  metadata: Named,
  spec: ScheduledSparkApplicationSpec,
  settings: ScheduleSettings,
): readonly Issue[] {
  const { concurrencyPolicy = '', template = {} } = spec;
  const policies: readonly string[] = ['', ...CONCURRENCY_POLICIES];
  const run = { ...metadata, name: askedRunName('run', '', '') };
  return [
    ...validateName(metadata.name),
    ...validateTimes(spec, settings.localTimeZone),
    ...(policies.includes(concurrencyPolicy)
      ? []
      : [issueAt(['spec', 'concurrencyPolicy'], concurrencyPolicy, `be one of ${CONCURRENCY_POLICIES.join(', ')}`)]),
    ...atLeast(['spec', 'successfulRunHistoryLimit'], spec.successfulRunHistoryLimit, 0),
    ...atLeast(['spec', 'failedRunHistoryLimit'], spec.failedRunHistoryLimit, 0),
    ...atLeast(['spec', 'startingDeadlineSeconds'], spec.startingDeadlineSeconds, 1),
    ...inTemplate([...validateSpec(run, template), ...batchIssues(template, settings)]),
  ];
}

/** Longest schedule: the status says what it goes by. */
const MAX_CRON = 1000;

const CRON_RULE = 'be a cron expression such as 0 3 * * *, @daily or @every 1h30m';

function validateTimes(spec: ScheduledSparkApplicationSpec, local: string): readonly Issue[] {
  const { schedule, timeZone = '' } = spec;
  if (timeZone !== '' && goTimeZone(timeZone, local) === undefined) {
    const zone = issueAt(['spec', 'timeZone'], timeZone, 'be a time zone such as Europe/Berlin, UTC or Local');
    return [zone, ...validateTimes({ ...spec, timeZone: '' }, local)];
  }
  if (schedule === undefined) return [issueAt(['spec', 'schedule'], schedule, CRON_RULE)];
  if (schedule.length > MAX_CRON) return [issueAt(['spec', 'schedule'], schedule, `be at most ${MAX_CRON} characters`)];
  const read = cronOf(spec, local);
  return read.ok ? [] : [issueAt(['spec', 'schedule'], schedule, `${CRON_RULE}: ${read.error}`)];
}

/** The schedule of a spec, or what is wrong with it. */
export function cronOf({ schedule = '', timeZone = '' }: ScheduledSparkApplicationSpec, local: string): CronRead {
  return parseStandardCron(schedule, { timeZone: timeZone === '' ? 'Local' : timeZone, local });
}
