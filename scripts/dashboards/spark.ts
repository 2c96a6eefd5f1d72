import type { Dashboard, Query, Row } from './panels.ts';
import { CHOSEN, lines, rate, stat } from './queries.ts';

const total = (metric: string): string => `sum(${rate(metric)})`;

/** Half and nearly all of a histogram without labels of its own. */
const spread = (histogram: string): readonly Query[] =>
  [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (le) (${rate(`${histogram}_bucket`)}))`,
    legend: `p${quantile * 100}`,
  }));

/** The mean of a summary without quantiles. */
const mean = (summary: string): string => `${total(`${summary}_sum`)} / ${total(`${summary}_count`)}`;

const now: Row = {
  title: 'Now',
  panels: [
    stat('Running', 'Applications that run.', `sum(spark_application_running_count{${CHOSEN}})`),
    stat('Executors', 'Executors that run.', `sum(spark_executor_running_count{${CHOSEN}})`),
    stat(
      'Failed in an hour',
      'Applications that failed for good.',
      `sum(increase(spark_application_failure_count{${CHOSEN}}[1h]))`,
    ),
  ],
};

const applications: Row = {
  title: 'Applications',
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
  title: 'Waiting',
  panels: [
    lines('Until submitted', 'From creation to the first submission.', 's', [
      ...spread('spark_application_submit_latency_seconds_histogram'),
    ]),
    lines('Until it runs', 'From creation until the driver runs; the cluster decides most of it.', 's', [
      ...spread('spark_application_start_latency_seconds_histogram'),
    ]),
    lines('Executors that ended', 'A second.', 'ops', [
      { expr: total('spark_executor_success_count'), legend: 'well' },
      { expr: total('spark_executor_failure_count'), legend: 'failed' },
    ]),
  ],
};

/** Applications under the metric names of the Kubeflow Spark Operator; a prefix for these names is not followed. */
export const sparkDashboard: Dashboard = {
  uid: 'weir-spark',
  title: 'Weir / Spark applications',
  description: 'How many applications run and end, and how long they wait. For metrics without a prefix.',
  chosenBy: 'spark_application_count',
  rows: [now, applications, waiting],
};
