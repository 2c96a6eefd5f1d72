import { CAPACITY_REASONS } from '../../src/core/capacity/condition.ts';
import { SHORTAGES } from '../../src/core/capacity/shortages.ts';
import { FLINK_REASONS, type ReasonMeaning } from '../../src/flink/reasons.ts';
import { SESSION_JOB_REASONS, SUBMISSION_FAILURES } from '../../src/flink/session-job/events.ts';
import { SNAPSHOT_REASONS } from '../../src/flink/snapshot/reasons.ts';
import { CONNECT_REASONS } from '../../src/spark/connect/reasons.ts';
import { SPARK_EVENTS, SPARK_REASONS } from '../../src/spark/reasons.ts';
import { SCHEDULE_EVENTS, SCHEDULE_REASONS } from '../../src/spark/schedule/reasons.ts';

const HEAD = `# Conditions and reasons

Why something was done or is waited for is one word, the *reason*: the same in \`status.conditions\`, in events, in the log
(\`because\`) and in metrics. The message beside it has the details. This page is generated from the tables in src/flink and src/spark.

## Conditions

| type | kinds | \`True\` means | when it is not so |
| --- | --- | --- | --- |
| \`Ready\` | all | what the spec asks for is so: the job runs with all its tasks, is suspended, has finished; the snapshot is complete | \`False\`, with the reason |
| \`Reconciling\` | all | something is under way and will go on by itself | the condition is not there |
| \`Stalled\` | all | nothing goes on until somebody changes something | the condition is not there |
| \`Running\` | FlinkDeployment, FlinkSessionJob | the job, or the JobManager of a session, runs, in the words of the Flink Kubernetes Operator | \`False\`, with Flink's state of the job |
| \`CapacityAvailable\` | FlinkDeployment, SparkApplication, SparkConnect | what was to be started last fits the cluster ([capacity](../capacity.md)) | \`False\` with the shortage, \`Unknown\` where it cannot be told |
| \`ServerPodReady\` | SparkConnect | the server takes connections, in the words of the Kubeflow Spark Operator | \`False\` |
| \`ParallelismOverridden\` | FlinkDeployment | the job's code asks for more slots than the spec | the condition is not there |

\`kubectl wait --for=condition=Ready\`, Flux and Helm go by \`Ready\`, \`Reconciling\` and \`Stalled\` together with
\`status.observedGeneration\` (kstatus).

A reason that is not below is one of the API server's (\`Forbidden\`, \`Invalid\`, …), whose words are in the message.
`;

const CAPACITY: Readonly<Record<string, ReasonMeaning>> = {
  [CAPACITY_REASONS.fits]: { means: 'What was to be started fits, or has found its place.' },
  [CAPACITY_REASONS.mayFit]: { means: 'It does not fit now, and an autoscaler may add nodes that it fits on.' },
  [CAPACITY_REASONS.unknown]: { means: 'Whether it fits could not be told; the message says what is not known.' },
};

/** docs/reference/conditions.md: every condition, and every reason with its meaning. */
export function conditionsReference(): string {
  return [
    HEAD,
    '## FlinkDeployment\n',
    table({ ...FLINK_REASONS, ...CAPACITY }),
    '## FlinkSessionJob\n\nThose above as far as they are about jobs, and:\n',
    table({ ...SESSION_JOB_REASONS, ...SUBMISSION_FAILURES }),
    '## FlinkStateSnapshot\n',
    table(SNAPSHOT_REASONS),
    "## SparkApplication\n\nIts events have the incumbent's reasons, below.\n",
    table({ ...SPARK_REASONS, ...SHORTAGES, ...CAPACITY }),
    'Events:\n',
    table(SPARK_EVENTS),
    '## ScheduledSparkApplication\n',
    table({ ...SCHEDULE_EVENTS, ...SCHEDULE_REASONS }),
    '## SparkConnect\n\nThose of a SparkApplication, about its server, and:\n',
    table(CONNECT_REASONS),
  ].join('\n');
}

function table(reasons: Readonly<Record<string, ReasonMeaning>>): string {
  const rows = Object.entries(reasons)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([reason, { means, remedy = '' }]) => `| \`${reason}\` | ${means} | ${remedy} |`);
  return ['| reason | means | what to do |', '| --- | --- | --- |', ...rows, ''].join('\n');
}
