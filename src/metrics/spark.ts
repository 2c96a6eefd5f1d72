import { Counter, Gauge, Histogram, type Registry, Summary } from 'prom-client';

/** What is counted of a SparkApplication; times in milliseconds since the epoch. */
export interface MeasuredApplication {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** status.applicationState.state; empty: nobody has taken it up. */
  readonly state: string;
  /** status.submissionID. */
  readonly submission: string | undefined;
  /** Runs and submissions so far. */
  readonly runs: number;
  readonly submissions: number;
  readonly createdAt: number | undefined;
  readonly submittedAt: number | undefined;
  readonly endedAt: number | undefined;
}

/** What is counted of an executor pod. */
export interface MeasuredExecutor {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The pod's phase. */
  readonly phase: string;
}

/** Told of every change that a watch delivers: what was there under a key, and what is. */
export interface SparkMetrics {
  application(key: string, before: MeasuredApplication | undefined, after: MeasuredApplication | undefined): void;
  executor(key: string, before: MeasuredExecutor | undefined, after: MeasuredExecutor | undefined): void;
}

/** What createSparkMetrics needs. */
export interface SparkMetricsOptions {
  readonly registry: Registry;
  /** Before every name, with an underscore between. */
  readonly prefix: string;
  /** Labels of the resource that become labels of the series; `namespace` is its namespace. */
  readonly labels: readonly string[];
  /** Upper bounds of the buckets of the two latencies, in seconds. */
  readonly submitBuckets: readonly number[];
  readonly startBuckets: readonly number[];
  /** Whether this replica is the one that counts. */
  readonly leads: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Most sets of label values that are told apart; users choose the values, so there could be any number. */
const MAX_SERIES = 1000;
/** What a label says where the resource does not have it (Kubeflow Spark Operator 2.5). */
const ABSENT = 'Unknown';
/** What all labels say beyond MAX_SERIES. */
const BEYOND = 'Other';

/** The metrics of applications under the names of the incumbent (Kubeflow Spark Operator 2.5), on a registry. */
export function createSparkMetrics(options: SparkMetricsOptions): SparkMetrics {
  const { leads, now } = options;
  const seriesOf = seriesBy(options.labels);
  const of = instruments(options);
  const runningApplications = running(options, 'spark_application_running_count', 'SparkApplications that run.');
  const runningExecutors = running(options, 'spark_executor_running_count', 'Executors that run.');
  return {
    application(key, before, after) {
      runningApplications(
        key,
        after === undefined ? undefined : { runs: after.state === 'RUNNING', series: seriesOf(after) },
      );
      if (before !== undefined && after !== undefined && leads()) {
        countApplication(of, { before, after, series: seriesOf(after), now: now() });
      }
    },
    executor(key, before, after) {
      runningExecutors(
        key,
        after === undefined ? undefined : { runs: after.phase === 'Running', series: seriesOf(after) },
      );
      if (before === undefined || after === undefined || before.phase === after.phase || !leads()) return;
      if (after.phase === 'Succeeded') of.executorSuccess.inc(seriesOf(after));
      if (after.phase === 'Failed') of.executorFailure.inc(seriesOf(after));
    },
  };
}

type Series = Record<string, string>;
type Instruments = ReturnType<typeof instruments>;

function instruments({ registry, prefix, labels, submitBuckets, startBuckets }: SparkMetricsOptions) {
  const common = (name: string, help: string) => ({
    name: metricName(prefix, name),
    help,
    labelNames: labels.map(labelName),
    registers: [registry],
  });
  const counter = (name: string, help: string) => new Counter(common(name, help));
  // Without quantiles, as the incumbent's: the sum and how many there were.
  const summary = (name: string, help: string) => new Summary({ ...common(name, help), percentiles: [] });
  const histogram = (name: string, buckets: readonly number[], help: string) =>
    new Histogram({ ...common(name, help), buckets: [...buckets] });
  return {
    count: counter('spark_application_count', 'SparkApplications that were taken up.'),
    submit: counter('spark_application_submit_count', 'Submissions.'),
    failedSubmission: counter('spark_application_failed_submission_count', 'Submissions that were refused.'),
    success: counter('spark_application_success_count', 'SparkApplications that completed.'),
    failure: counter('spark_application_failure_count', 'SparkApplications that failed for good.'),
    successSeconds: summary(
      'spark_application_success_execution_time_seconds',
      'From the last submission to completion.',
    ),
    failureSeconds: summary('spark_application_failure_execution_time_seconds', 'From the last submission to failure.'),
    submitSeconds: summary('spark_application_submit_latency_seconds', 'From creation to the first submission.'),
    submitHistogram: histogram(
      'spark_application_submit_latency_seconds_histogram',
      submitBuckets,
      'The same in buckets.',
    ),
    startSeconds: summary('spark_application_start_latency_seconds', 'From creation until the first run runs.'),
    startHistogram: histogram(
      'spark_application_start_latency_seconds_histogram',
      startBuckets,
      'The same in buckets.',
    ),
    executorSuccess: counter('spark_executor_success_count', 'Executors that ended well.'),
    executorFailure: counter('spark_executor_failure_count', 'Executors that failed.'),
  };
}

interface Change {
  readonly before: MeasuredApplication;
  readonly after: MeasuredApplication;
  readonly series: Series;
  readonly now: number;
}

function countApplication(of: Instruments, change: Change): void {
  const { before, after, series } = change;
  if (before.state === '' && after.state !== '') of.count.inc(series);
  if (after.submission !== undefined && after.submission !== before.submission) submitted(of, change);
  if (before.state === after.state) return;
  switch (after.state) {
    case 'RUNNING':
      started(of, change);
      break;
    case 'SUBMISSION_FAILED':
      of.failedSubmission.inc(series);
      break;
    case 'COMPLETED':
      of.success.inc(series);
      ended(of.successSeconds, change);
      break;
    case 'FAILED':
      of.failure.inc(series);
      ended(of.failureSeconds, change);
      break;
  }
}

/** Latencies are those of an application's first submission and run. */
function submitted(of: Instruments, { after, series, now }: Change): void {
  of.submit.inc(series);
  if (after.submissions !== 1 || after.createdAt === undefined) return;
  const seconds = Math.max(0, now - after.createdAt) / 1000;
  of.submitSeconds.observe(series, seconds);
  of.submitHistogram.observe(series, seconds);
}

function started(of: Instruments, { after, series, now }: Change): void {
  if (after.runs !== 1 || after.createdAt === undefined) return;
  const seconds = Math.max(0, now - after.createdAt) / 1000;
  of.startSeconds.observe(series, seconds);
  of.startHistogram.observe(series, seconds);
}

function ended(summary: Summary<string>, { after: { submittedAt, endedAt }, series }: Change): void {
  if (submittedAt === undefined || endedAt === undefined) return;
  summary.observe(series, Math.max(0, endedAt - submittedAt) / 1000);
}

interface Running {
  readonly runs: boolean;
  readonly series: Series;
}

/** A gauge of how many run, for each set of labels that any object has: a series goes with the last object that had it. */
function running(
  { registry, prefix, labels, leads }: SparkMetricsOptions,
  name: string,
  help: string,
): (key: string, is: Running | undefined) => void {
  const known = new Map<string, Running>();
  new Gauge({
    name: metricName(prefix, name),
    help,
    labelNames: labels.map(labelName),
    registers: [registry],
    collect() {
      this.reset();
      if (!leads()) return;
      for (const { runs, series } of known.values()) this.inc(series, runs ? 1 : 0);
    },
  });
  return (key, is) => {
    if (is === undefined) known.delete(key);
    else known.set(key, is);
  };
}

type Labelled = Pick<MeasuredApplication, 'namespace' | 'labels'>;

/** The labels of an object's series. */
function seriesBy(names: readonly string[]): (object: Labelled) => Series {
  const known = new Set<string>();
  return ({ namespace, labels }) => {
    const values = names.map((name) => (name === 'namespace' ? namespace : (labels[name] ?? ABSENT)));
    const id = JSON.stringify(values);
    if (known.size < MAX_SERIES) known.add(id);
    const told = known.has(id);
    return Object.fromEntries(names.map((name, index) => [labelName(name), told ? (values[index] ?? '') : BEYOND]));
  };
}

function metricName(prefix: string, name: string): string {
  return prefix === '' ? name : `${labelName(prefix)}_${name}`;
}

/** A name as Prometheus takes it. */
function labelName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}
