import type { z } from 'zod';
import type { Issue } from '../../core/issue.ts';
import { issueOf } from '../../core/issues.ts';
import type { KubeObject } from '../../kube/object.ts';
import { schemaProblems, withoutNulls } from '../../kube/parse.ts';
import { condition, field, flag, group, integer, list, nullableText, text } from '../../kube/schema-parts.ts';
import type { DeepReadonly } from '../../lib/deep-readonly.ts';
import { isRecord } from '../../lib/json.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { parseSparkApplicationSpec, SPARK_API_VERSION, SparkApplicationSpec } from '../schema.ts';

/** The kind, as it is watched. */
export const SCHEDULE_KIND = { apiVersion: SPARK_API_VERSION, kind: 'ScheduledSparkApplication' } as const;

/** Label of a run with the name of its ScheduledSparkApplication, as the incumbent writes it. */
export const SCHEDULE_LABEL = 'sparkoperator.k8s.io/scheduled-app-name';

/** Annotation of a ScheduledSparkApplication: any new text runs it once, now. */
export const RUN_NOW_ANNOTATION = 'weir.dev/run-now';

/** status.scheduleState, in the incumbent's words. */
export const SCHEDULE_STATES = ['Scheduled', 'FailedValidation'] as const;

/** One of SCHEDULE_STATES. */
export type ScheduleState = (typeof SCHEDULE_STATES)[number];

/** What happens to a run that is due while another one is not over. */
export const CONCURRENCY_POLICIES = ['Allow', 'Forbid', 'Replace'] as const;

const SCHEDULE_FIELDS = {
  schedule: field(
    text(),
    'When it runs: a cron expression of five fields (minutes, hours, day of month, month, day of week), a descriptor such as @hourly, or @every and a duration. CRON_TZ= and a time zone may stand before it.',
  ),
  timeZone: field(text(), 'The time zone the expression goes by: an IANA name, UTC or Local.', {
    fallback: "Local: the operator's own",
  }),
  suspend: field(
    flag(),
    'Whether no runs are started by the schedule. Times that pass meanwhile are not made up for.',
    {
      fallback: 'false',
    },
  ),
  concurrencyPolicy: field(
    text(),
    'When a run is due and another is not over: Allow starts it beside the other, Forbid skips it, Replace deletes the other first.',
    { fallback: 'Allow' },
  ),
  successfulRunHistoryLimit: field(integer(), 'How many completed runs are kept.', { fallback: '1' }),
  failedRunHistoryLimit: field(integer(), 'How many failed runs are kept.', { fallback: '1' }),
  startingDeadlineSeconds: field(
    integer(),
    'How late a run may start that was missed, for instance while the operator was down; later it is skipped.',
    { fallback: 'no limit', added: true },
  ),
};

const ScheduleFields = group(SCHEDULE_FIELDS);

/** ScheduledSparkApplication.spec. */
export const ScheduledSparkApplicationSpec = group({
  ...SCHEDULE_FIELDS,
  template: field(SparkApplicationSpec, 'The spec of every run.'),
});
export type ScheduledSparkApplicationSpec = DeepReadonly<z.infer<typeof ScheduledSparkApplicationSpec>>;

/** ScheduledSparkApplication.status: the incumbent's fields and, marked as added, Weir's own. */
export const ScheduledSparkApplicationStatus = group({
  lastRun: field(nullableText(), 'When the last run was started.'),
  nextRun: field(nullableText(), 'When the next run is due.'),
  lastRunName: field(text(), "The last run's SparkApplication; recorded before it is made."),
  pastSuccessfulRunNames: field(list(text()), 'Completed runs that are kept, the newest first.'),
  pastFailedRunNames: field(list(text()), 'Failed runs that are kept, the newest first.'),
  scheduleState: field(text(), 'Scheduled, or FailedValidation where the spec cannot be acted on.'),
  reason: field(text(), 'What is wrong with the spec.'),
  lastRunSeen: field(text(), 'The last run whose SparkApplication was seen: from then on it is not made again.', {
    added: true,
  }),
  runNowToken: field(text(), `The value of the annotation \`${RUN_NOW_ANNOTATION}\` last acted on.`, { added: true }),
  observedSchedule: field(text(), 'The schedule and time zone that nextRun follows from.', { added: true }),
  observedGeneration: field(integer(), 'The generation of the spec this status is about.', { added: true }),
  conditions: field(list(condition()), 'Ready, Reconciling, Stalled: for kubectl wait, Flux and Helm.', {
    added: true,
  }),
});
export type ScheduledSparkApplicationStatus = DeepReadonly<z.infer<typeof ScheduledSparkApplicationStatus>>;

/** A ScheduledSparkApplication whose spec fits the schema. */
export interface ScheduledSparkApplication extends KubeObject {
  readonly spec: ScheduledSparkApplicationSpec;
  readonly status?: ScheduledSparkApplicationStatus;
}

/** Checks a spec against the schema; nulls count as absent. Everything that does not fit is reported. */
export function parseScheduleSpec(value: unknown): Result<ScheduledSparkApplicationSpec, readonly Issue[]> {
  if (!isRecord(value)) return err(schemaProblems(ScheduleFields, value ?? undefined, ['spec']).map(issueOf));
  const { template: given, ...rest } = value;
  const fields = withoutNulls(rest, new Set());
  const problems = schemaProblems(ScheduleFields, fields, ['spec']).map(issueOf);
  const template = parseSparkApplicationSpec(given);
  const issues = [...problems, ...(template.ok ? [] : inTemplate(template.error))];
  if (issues.length > 0 || !template.ok) return err(issues);
  return ok({ ...(fields as Omit<ScheduledSparkApplicationSpec, 'template'>), template: template.value });
}

/** Issues of a SparkApplication's spec, as those of the template that has it. */
export function inTemplate(issues: readonly Issue[]): readonly Issue[] {
  return issues.map((issue) => ({ ...issue, path: issue.path.replace(/^spec\b/, 'spec.template') }));
}
