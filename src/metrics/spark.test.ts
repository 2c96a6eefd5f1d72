import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createSparkMetrics, type MeasuredApplication } from './spark.ts';

const CREATED = Date.parse('2026-02-03T04:00:00Z');
const NEW: MeasuredApplication = {
  namespace: 'shop',
  labels: { 'app-type': 'batch' },
  state: '',
  submission: undefined,
  runs: 0,
  submissions: 0,
  createdAt: CREATED,
  submittedAt: undefined,
  endedAt: undefined,
};
const SUBMITTED = {
  ...NEW,
  state: 'SUBMITTED',
  submission: 'one',
  runs: 1,
  submissions: 1,
  submittedAt: CREATED + 1000,
};
const RUNNING = { ...SUBMITTED, state: 'RUNNING' };
const COMPLETED = { ...RUNNING, state: 'COMPLETED', endedAt: CREATED + 61_000 };

function metricsWith({ labels = [] as string[], prefix = '', leads = true } = {}) {
  const registry = new Registry();
  const lead = { leads };
  const counts = createSparkMetrics({
    registry,
    prefix,
    labels,
    submitBuckets: [2, 4],
    startBuckets: [30],
    leads: () => lead.leads,
    now: () => CREATED + 3000,
  });
  const value = async (line: string): Promise<string | undefined> => {
    const lines = (await registry.metrics()).split('\n');
    return lines.find((text) => text.startsWith(`${line} `))?.slice(line.length + 1);
  };
  const live = (key: string, states: readonly MeasuredApplication[]): void => {
    counts.application(key, undefined, states[0]);
    for (const [index, after] of states.slice(1).entries()) counts.application(key, states[index], after);
  };
  return { ...counts, registry, value, live, lead };
}

describe('metrics of applications', () => {
  it('count a life once, with its times', async () => {
    const { live, value } = metricsWith();
    live('shop/a', [NEW, SUBMITTED, SUBMITTED, RUNNING, RUNNING, COMPLETED, COMPLETED]);
    for (const name of ['count', 'submit_count', 'success_count']) {
      expect(await value(`spark_application_${name}`)).toBe('1');
    }
    expect(await value('spark_application_failure_count')).toBe('0');
    expect(await value('spark_application_failed_submission_count')).toBe('0');
    expect(await value('spark_application_success_execution_time_seconds_sum')).toBe('60');
    expect(await value('spark_application_success_execution_time_seconds_count')).toBe('1');
    expect(await value('spark_application_submit_latency_seconds_sum')).toBe('3');
    expect(await value('spark_application_start_latency_seconds_sum')).toBe('3');
    expect(await value('spark_application_submit_latency_seconds_histogram_bucket{le="2"}')).toBe('0');
    expect(await value('spark_application_submit_latency_seconds_histogram_bucket{le="4"}')).toBe('1');
    expect(await value('spark_application_start_latency_seconds_histogram_bucket{le="30"}')).toBe('1');
  });

  it('count each submission, and latencies only of the first', async () => {
    const { live, value } = metricsWith();
    const again = { ...SUBMITTED, submission: 'two', runs: 2, submissions: 2 };
    const failed = { ...again, state: 'FAILED', endedAt: CREATED + 31_000 };
    live('shop/a', [
      NEW,
      SUBMITTED,
      { ...SUBMITTED, state: 'SUBMISSION_FAILED' },
      again,
      { ...again, state: 'RUNNING' },
      failed,
    ]);
    expect(await value('spark_application_submit_count')).toBe('2');
    expect(await value('spark_application_failed_submission_count')).toBe('1');
    expect(await value('spark_application_failure_count')).toBe('1');
    expect(await value('spark_application_failure_execution_time_seconds_sum')).toBe('30');
    expect(await value('spark_application_submit_latency_seconds_count')).toBe('1');
    expect(await value('spark_application_start_latency_seconds_count')).toBe('0');
  });

  it('count nothing again that is there when the operator starts', async () => {
    const { live, value } = metricsWith();
    live('shop/a', [COMPLETED]);
    live('shop/b', [RUNNING]);
    expect(await value('spark_application_success_count')).toBe('0');
    expect(await value('spark_application_running_count')).toBe('1');
  });

  it('have a gauge of what runs, whose series goes with the last application that had its labels', async () => {
    const { live, application, value } = metricsWith({ labels: ['namespace'] });
    live('shop/a', [RUNNING]);
    live('shop/b', [SUBMITTED, RUNNING]);
    live('other/c', [{ ...COMPLETED, namespace: 'other' }]);
    expect(await value('spark_application_running_count{namespace="shop"}')).toBe('2');
    expect(await value('spark_application_running_count{namespace="other"}')).toBe('0');
    application('shop/a', RUNNING, COMPLETED);
    application('other/c', { ...COMPLETED, namespace: 'other' }, undefined);
    expect(await value('spark_application_running_count{namespace="shop"}')).toBe('1');
    expect(await value('spark_application_running_count{namespace="other"}')).toBeUndefined();
  });

  it('have the labels asked for, in the way Prometheus writes them, and a prefix', async () => {
    const { live, value } = metricsWith({ labels: ['app-type', 'namespace', 'team'], prefix: 'my-op' });
    live('shop/a', [NEW, SUBMITTED]);
    expect(await value('my_op_spark_application_count{app_type="batch",namespace="shop",team="Unknown"}')).toBe('1');
  });

  it('have no more series than a thousand and one, whatever users write into labels', async () => {
    const { live, value, registry } = metricsWith({ labels: ['run'] });
    for (let run = 0; run < 1500; run++) {
      const labels = { run: `${run}` };
      live(`shop/${run}`, [
        { ...NEW, labels },
        { ...SUBMITTED, labels },
      ]);
    }
    expect(await value('spark_application_count{run="Other"}')).toBe('500');
    const lines = (await registry.metrics()).split('\n');
    expect(lines.filter((line) => line.startsWith('spark_application_count{'))).toHaveLength(1001);
  });

  it('are those of the leader only, so that a sum over replicas counts once', async () => {
    const { live, application, lead, value } = metricsWith({ leads: false });
    live('shop/a', [NEW, SUBMITTED, RUNNING]);
    expect(await value('spark_application_count')).toBe('0');
    expect(await value('spark_application_running_count')).not.toBe('1');
    lead.leads = true;
    expect(await value('spark_application_running_count')).toBe('1');
    application('shop/a', RUNNING, COMPLETED);
    expect(await value('spark_application_success_count')).toBe('1');
  });
});

describe('metrics of executors', () => {
  it('count their ends, and how many run', async () => {
    const { executor, value } = metricsWith();
    const pod = (phase: string) => ({ namespace: 'shop', labels: {}, phase });
    for (const key of ['a', 'b', 'c']) {
      executor(key, undefined, pod('Pending'));
      executor(key, pod('Pending'), pod('Running'));
    }
    executor('a', pod('Running'), pod('Succeeded'));
    executor('b', pod('Running'), pod('Failed'));
    executor('b', pod('Failed'), undefined);
    expect(await value('spark_executor_success_count')).toBe('1');
    expect(await value('spark_executor_failure_count')).toBe('1');
    expect(await value('spark_executor_running_count')).toBe('1');
  });
});
