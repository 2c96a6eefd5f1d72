import { jsonSchemaOf } from '../../src/kube/structural-schema.ts';
import {
  RUN_NOW_ANNOTATION,
  ScheduledSparkApplicationSpec,
  ScheduledSparkApplicationStatus,
} from '../../src/spark/schedule/schema.ts';
import { SPARK_API_VERSION } from '../../src/spark/schema.ts';
import { fieldTables } from './fields.ts';

const HEAD = `# ScheduledSparkApplication

\`apiVersion: ${SPARK_API_VERSION}\`, \`kind: ScheduledSparkApplication\`, short name \`scheduledsparkapp\`. This page is generated
from the schema in src/spark/schedule; \`kubectl explain scheduledsparkapplication.spec\` says the same.

It makes a SparkApplication from \`spec.template\` each time it is due. Everything about a run itself is on
[SparkApplication](sparkapplication.md).

\`\`\`yaml
apiVersion: ${SPARK_API_VERSION}
kind: ScheduledSparkApplication
metadata:
  name: nightly
spec:
  schedule: "0 3 * * *"
  timeZone: Europe/Berlin
  concurrencyPolicy: Forbid
  template:
    type: Python
    sparkVersion: 4.0.1
    # … as spec of a SparkApplication
\`\`\`

## When it runs

\`spec.schedule\` is what the standard parser of robfig/cron v3 takes, as in Kubernetes' CronJobs:

| | |
| --- | --- |
| \`minutes hours day-of-month month day-of-week\` | values, lists \`1,15\`, ranges \`9-17\`, steps \`*/15\`, \`9-17/2\`, \`5/10\` (from 5 on), \`*\` and \`?\` for any; months \`JAN\` … and days \`SUN\` … by name, Sunday is 0. Given both a day of the month and of the week, a day counts that is either |
| \`@yearly\`, \`@annually\`, \`@monthly\`, \`@weekly\`, \`@daily\`, \`@midnight\`, \`@hourly\` | the beginning of each |
| \`@every 1h30m\` | a fixed interval in whole seconds, whatever the clocks do |
| \`CRON_TZ=Asia/Tokyo 0 3 * * *\`, \`TZ=…\` | a time zone of its own, before any of them |

\`spec.timeZone\` is an IANA name, \`UTC\` or \`Local\`, which holds where it is not set: the time zone of the operator.

Where the clocks are changed, an expression that fires once a day fires once on that day too: at half past two that is at three when two
to three is left out, and the first time when it comes twice. One that fires several times a day goes by the clocks: what they leave out
does not happen, what they show twice happens twice.

## How a run is started

1. The status: \`lastRunName\`, \`lastRun\` and the next \`nextRun\`, before anything is made.
2. The SparkApplication of that name, with the labels of the schedule and \`sparkoperator.k8s.io/scheduled-app-name\`; annotations are not
   copied. It is created, never applied, and owned by the schedule.

A run's name is the schedule's and the time the run was due, in nanoseconds since 1970 unless \`--scheduled-spark-application-timestamp-precision\` says otherwise. So the
same run has the same name whatever crashes, and nothing can be started twice for it. Names that would be longer than 63 characters are
cut and have a hash in them.

| what | happens |
| --- | --- |
| another run is not over (neither \`COMPLETED\` nor \`FAILED\`) | \`Allow\`: the next one runs beside it. \`Forbid\`: the next one is skipped, with an event. \`Replace\`: the other is deleted; the next one is made once it and its driver are gone |
| the operator was down when runs were due | one run is started, for the newest of those times; none if that is longer ago than \`startingDeadlineSeconds\`. Condition and event say from when on runs were missed |
| \`spec.suspend\` | nothing is started by the clock, runs that are under way go on, and times that pass are not made up for |
| annotation \`${RUN_NOW_ANNOTATION}: "<any new text>"\` | one run now, also while suspended; once for each text, which \`status.runNowToken\` then shows. With \`Forbid\` it waits for the run that is not over |
| another schedule or time zone | the first time from then on is planned |
| another template | the next run has it; runs that were made are left alone |
| the spec cannot be acted on | \`scheduleState\` is \`FailedValidation\`, \`reason\`, condition and event say every rule that is broken; a mended spec goes on |
| more runs are over than \`successfulRunHistoryLimit\` and \`failedRunHistoryLimit\` say | the oldest are deleted |
| the schedule is deleted | its runs go with it |
| something else has the name of a run | it is left alone, the run does not come about, an event says so |

A schedule of the Kubeflow Spark Operator is taken over as it stands: its last run is not started again, its \`nextRun\` holds.
`;

const RULES = `## What is refused

| about | rule |
| --- | --- |
| \`metadata.name\` | at most 63 characters: lower-case letters, digits and \`-\`, starting with a letter, not ending with \`-\` |
| \`schedule\` | an expression as above that fires at some time |
| \`timeZone\` | known to the operator |
| \`concurrencyPolicy\` | \`Allow\`, \`Forbid\` or \`Replace\` |
| \`successfulRunHistoryLimit\`, \`failedRunHistoryLimit\` | at least 0 |
| \`startingDeadlineSeconds\` | at least 1 |
| \`template\` | as of a SparkApplication |

\`weir plan -f FILE\` says when it would run and what each run would be.
`;

/** docs/reference/scheduledsparkapplication.md: when it runs, rules, then every field of its own and of the status. */
export function scheduledSparkApplicationReference(): string {
  const spec = fieldTables('spec', jsonSchemaOf(ScheduledSparkApplicationSpec.omit({ template: true })));
  const status = fieldTables('status', jsonSchemaOf(ScheduledSparkApplicationStatus));
  const template = '`spec.template` has the fields of the [spec of a SparkApplication](sparkapplication.md).';
  const note = 'Fields marked ⁺ are additions of Weir; all others are those of the Kubeflow Spark Operator.';
  return [HEAD, RULES, spec, `${template}\n`, `${note}\n`, status].join('\n');
}
