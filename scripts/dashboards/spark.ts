import type { Dashboard, Row } from './panels.ts';
import { ALL, CHOSEN, lines, spread, stat, table } from './queries.ts';

const total = (metric: string): string => `sum(rate(${metric}{${ALL}}[$__rate_interval]))`;

/** The mean of a summary without quantiles. */
const mean = (summary: string): string => `${total(`${summary}_sum`)} / ${total(`${summary}_count`)}`;

const now: Row = {
  title: 'Now',
  panels: [
    stat('Running', 'Applications that run.', `sum(weir_resources{${CHOSEN},kind="SparkApplication",state="RUNNING"})`),
    stat('Executors', 'Executors that run.', `sum(spark_executor_running_count{${ALL}})`),
    stat(
      'Failed in an hour',
      'Applications that failed for good.',
      `sum(increase(spark_application_failure_count{${ALL}}[1h]))`,
    ),
  ],
};

const APPLICATIONS = 'kind="SparkApplication"';

const states: Row = {
  title: 'States',
  panels: [
    lines('Applications by state', 'SparkApplications that are there.', 'short', [
      { expr: `sum by (state) (weir_resources{${CHOSEN},${APPLICATIONS}})`, legend: '{{state}}' },
    ]),
    lines('Waiting to be submitted', 'By namespace: new ones, and those that are tried again.', 'short', [
      {
        expr: `sum by (namespace) (weir_resources{${CHOSEN},${APPLICATIONS},state=~"New|SUBMISSION_FAILED|PENDING_RERUN"})`,
        legend: '{{namespace}}',
      },
    ]),
    table('Not ready', 'Resources whose condition Ready is not True, with its reason.', [
      { expr: `weir_resource_not_ready{${CHOSEN},kind=~"Spark.*|ScheduledSpark.*"} == 1`, legend: '' },
    ]),
  ],
};

const applications: Row = {
  title: 'Applications, in all namespaces',
  panels: [
    lines('Taken up and ended', 'Applications a second.', 'ops', [
      { expr: total('spark_application_count'), legend: 'taken up' },
      { expr: total('spark_application_success_count'), legend: 'completed' },
      { expr: total('spark_application_failure_count'), legend: 'failed' },
    ]),
    lines('Submissions', 'A second, and those that were refused.', 'ops', [
      { expr: total('spark_application_submit_count'), legend: 'submitted' },
      { expr: total('spark_application_failed_submission_count'), legend: 'refused' },
    ]),
    lines('Time of a run', 'From the last submission to the end, on average.', 's', [
      { expr: mean('spark_application_success_execution_time_seconds'), legend: 'completed' },
      { expr: mean('spark_application_failure_execution_time_seconds'), legend: 'failed' },
    ]),
  ],
};

const waiting: Row = {
  title: 'Waiting, in all namespaces',
  panels: [
    lines('Until submitted', 'From creation to the first submission.', 's', [
      ...spread('spark_application_submit_latency_seconds_histogram', ALL),
    ]),
    lines('Until it runs', 'From creation until the driver runs; the cluster decides most of it.', 's', [
      ...spread('spark_application_start_latency_seconds_histogram', ALL),
    ]),
    lines('Executors that ended', 'A second.', 'ops', [
      { expr: total('spark_executor_success_count'), legend: 'well' },
      { expr: total('spark_executor_failure_count'), legend: 'failed' },
    ]),
  ],
};

/** Applications; times and rates under the metric names of the Kubeflow Spark Operator, whose prefix is not followed. */
export const sparkDashboard: Dashboard = {
  uid: 'weir-spark',
  title: 'Weir / Spark applications',
  description: 'How many applications run and end, and how long they wait. For metrics without a prefix.',
  chosenBy: 'weir_resources',
  rows: [now, states, applications, waiting],
};
